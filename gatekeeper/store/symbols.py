"""Summaries of source files, kept between reviews in one SQLite file: `gatekeeper.impact.summary.SymbolCache`.

What is kept was made by parsing, is plain JSON and is checked when it is decoded: a file that somebody else wrote can
cost time, and nothing else. Whatever goes wrong with the file, the summaries are made anew.
"""

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS summaries"
    " (version TEXT NOT NULL, blob TEXT NOT NULL, checksum INTEGER NOT NULL, summary BLOB NOT NULL,"
    " PRIMARY KEY (version, blob))"
)
# rows; about 4 KB each. The oldest go first
_MOST = 100_000
# SQLite's limit on variables in one statement is 32,766 since 3.32
_AT_ONCE = 10_000


class SymbolFile:
    """A cache of summaries under the folder `cache`, readable by its owner alone."""

    def __init__(self, cache: Path) -> None:
        self._path = cache / "symbols.sqlite"

    def get_many(self, blobs: list[str], version: str) -> dict[str, bytes]:
        """Return what is known, by blob id; nothing where the file cannot be read."""
        rows: list[tuple[str, int, bytes]] = []
        with contextlib.suppress(sqlite3.Error, OSError), self._opened() as connection:
            for start in range(0, len(blobs), _AT_ONCE):
                part = blobs[start : start + _AT_ONCE]
                places = ",".join("?" * len(part))
                query = f"SELECT blob, checksum, summary FROM summaries WHERE version = ? AND blob IN ({places})"  # noqa: S608
                rows += connection.execute(query, (version, *part))
        return {blob: summary for blob, checksum, summary in rows if zlib.crc32(summary) == checksum}

    def put_many(self, summaries: dict[str, bytes], version: str) -> None:
        """Keep encoded summaries by blob id. Where they cannot be kept, the next review makes them anew."""
        rows = [(version, blob, zlib.crc32(summary), summary) for blob, summary in summaries.items()]
        with contextlib.suppress(sqlite3.Error, OSError), self._opened() as connection:
            connection.executemany("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?)", rows)
            newest = "SELECT max(rowid) FROM summaries"
            connection.execute(f"DELETE FROM summaries WHERE rowid <= ({newest}) - ?", (_MOST,))  # noqa: S608

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open the file, made private where it is new, and replaced where it is no database."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600)
        try:
            connection = _connect(self._path)
        except sqlite3.DatabaseError:
            self._path.unlink()
            self._path.touch(mode=0o600)
            connection = _connect(self._path)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=2.0)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
