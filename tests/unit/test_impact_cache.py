"""Summaries of unchanged files are kept, by what is in them."""

import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from pathlib import Path

import pytest

from gatekeeper.impact import affected, selection, summarise, summary
from gatekeeper.store import symbols
from tests import impact_cases
from tests.fakes import memory_tree

BEFORE = memory_tree.MemoryTree(
    {
        "pkg/core.py": "def one():\n    return 1\n",
        "pkg/copy.py": "def one():\n    return 1\n",
        "tests/test_core.py": "from pkg.core import one\n\ndef test_one():\n    one()\n",
    }
)
AFTER = memory_tree.MemoryTree(
    {
        path: BEFORE.read(path).replace(b"return 1", b"return 2" if path == "pkg/core.py" else b"return 1")
        for path in BEFORE.entries
    }
)
CHANGE = impact_cases.difference(BEFORE, AFTER)


class Counting:
    """Like `map`, and remembers what it was given."""

    def __init__(self) -> None:
        self.sources: list[bytes] = []

    def __call__(self, function: Callable[[bytes], bytes], sources: Iterable[bytes], /) -> Iterator[bytes]:
        self.sources = list(sources)
        return map(function, self.sources)


def select(folder: Path) -> tuple[selection.Selection, int]:
    counting = Counting()
    chosen = affected.select(CHANGE, BEFORE, AFTER, symbols.SymbolFile(folder), counting)
    return chosen, len(counting.sources)


def test_what_is_kept_is_not_read_again_and_gives_the_same_selection(tmp_path: Path) -> None:
    first, read = select(tmp_path)
    second, read_again = select(tmp_path)

    assert (read, read_again) == (3, 0)
    assert first == second == affected.select(CHANGE, BEFORE, AFTER)
    assert impact_cases.ids(first) == {"tests/test_core.py::test_one"}


def test_summaries_may_be_made_in_other_processes(tmp_path: Path) -> None:
    with futures.ProcessPoolExecutor(1) as executor:
        chosen = affected.select(CHANGE, BEFORE, AFTER, symbols.SymbolFile(tmp_path), executor.map)

    assert chosen == affected.select(CHANGE, BEFORE, AFTER)


def test_the_file_is_private(tmp_path: Path) -> None:
    select(tmp_path / "cache")

    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "cache/symbols.sqlite").stat().st_mode) == 0o600


def test_another_version_of_summaries_is_not_used(tmp_path: Path) -> None:
    kept = symbols.SymbolFile(tmp_path)
    kept.put_many({"a": b"old"}, "1")

    assert kept.get_many(["a"], "2") == {}
    assert kept.get_many(["a", "b"], "1") == {"a": b"old"}


@pytest.mark.parametrize(
    "content", [b"", b"no database at all, and rather long" * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "symbols.sqlite").write_bytes(content)

    assert select(tmp_path)[1] == 3
    assert select(tmp_path)[1] == 0


def test_a_damaged_row_is_made_anew(tmp_path: Path) -> None:
    select(tmp_path)
    with sqlite3.connect(tmp_path / "symbols.sqlite") as connection:
        connection.execute("UPDATE summaries SET summary = substr(summary, 1, 20)")
    connection.close()

    chosen, read = select(tmp_path)

    assert read == 3
    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_one"}


def test_a_row_that_is_no_summary_is_made_anew(tmp_path: Path) -> None:
    symbols.SymbolFile(tmp_path).put_many({entry.blob: b"[1,2]" for entry in AFTER.entries.values()}, summary.VERSION)

    assert select(tmp_path)[1] == 3


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    chosen, read = select(tmp_path / "file/cache")

    assert read == 3
    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_one"}


def test_a_summary_survives_being_written_and_read() -> None:
    source = (
        b"import a.b as c\nfrom .d import *\n\nclass E(c.F):\n    def g(self):\n        return self.h, 'x.y', c.z\n"
    )

    made = summarise.summarise(source)

    assert summary.decode(summary.encode(made)) == made
    assert made.error is None
    assert [unit.name for unit in made.units] == ["", "E", "E.g"]
    assert made.opened().uses["h"] == [2, "~", 1]
