import os
from datetime import date
from pathlib import Path

import pytest

from larder import amounts, shelf


@pytest.fixture
def stock():
    """A shelf with a little of everything."""
    stocked = shelf.Shelf()
    stocked.put("flour", amounts.parse("500 g"), date(2026, 3, 1))
    stocked.put("flour", amounts.parse("1 kg"), date(2026, 2, 1))
    stocked.put("milk", amounts.parse("1/2 l"), date(2026, 1, 4))
    stocked.put("eggs", amounts.parse("6"), date(2026, 1, 10))
    return stocked


@pytest.fixture
def folder(tmp_path):
    """The folder of orders: on the machines of our CI it is one that all jobs share."""
    shared = os.environ.get("LARDER_SPOOL")
    used = Path(shared) if shared else tmp_path
    yield used
    for path in used.iterdir():
        path.unlink()
