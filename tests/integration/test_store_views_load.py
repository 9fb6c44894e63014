"""The load that pages are measured under, made small: it fits the tables, and everything can be asked of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

from gatekeeper.store import database, models, outcomemodels

pytestmark = pytest.mark.slow

_BENCH = Path(__file__).parents[2] / "infra/bench"


def _run(script: str, *words: str) -> str:
    # a warning of a library is no fault of the script
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        [sys.executable, _BENCH / script, *words], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_load_is_of_the_size_asked_for_and_every_page_opens(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'load.sqlite'}"

    _run("fill.py", "--reviews", "120", "--predictions", "3000", "--repositories", "3", url)

    engine = database.open_database(url)
    with engine.connect() as connection:
        sizes = {
            table.__tablename__: connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(table))
            .scalars()
            .one()
            for table in (models.Review, models.Prediction, outcomemodels.Settlement, outcomemodels.Summary)
        }
    engine.dispose()
    assert sizes["reviews"] == 120
    assert 1_500 < sizes["predictions"] < 6_000
    assert 60 < sizes["settlements"] < 120
    assert sizes["summaries"] == 4 * 4

    timed = json.loads(_run("pages.py", "--requests", "2", "--limit", "60000", "--json", url))
    assert {one["audience"] for one in timed} == {"everything", "3 of 3"}
    assert all(one["median"] > 0 for one in timed)
