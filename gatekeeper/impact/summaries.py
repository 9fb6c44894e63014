"""A tree -> the summaries of its Python files, from the cache where they are there."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from gatekeeper.diffs import tree
from gatekeeper.impact import summarise, summary

_REGULAR = frozenset({tree.Mode.FILE, tree.Mode.EXECUTABLE})
# bytes; larger files are data in the form of code, and are not looked into
_LARGEST = 2_000_000


class Map(Protocol):
    """What the built-in `map` and an executor's `map` have in common."""

    def __call__(self, function: Callable[[bytes], bytes], sources: Iterable[bytes], /) -> Iterator[bytes]:
        """Return `function` of each of the sources, in their order."""


def read(files: tree.Tree, cache: summary.SymbolCache | None, spread: Map) -> dict[str, summary.Summary]:
    """Return the summary of every Python file of the tree by path; equal files share one."""
    blobs = {path: entry.blob for path, entry in files.entries.items() if is_source(path, entry)}
    # a path for each blob, as only paths can be read
    wanted = {blob: path for path, blob in blobs.items()}
    known = _decoded(cache.get_many(list(wanted), summary.VERSION)) if cache else {}
    missing = [blob for blob in wanted if blob not in known]
    made = dict(zip(missing, spread(summarise.encoded, [files.read(wanted[blob]) for blob in missing]), strict=True))
    if cache and made:
        cache.put_many(made, summary.VERSION)
    known |= _decoded(made)
    return {path: known[blob] for path, blob in blobs.items()}


def _decoded(encoded: dict[str, bytes]) -> dict[str, summary.Summary]:
    """Return the summaries that can be decoded; a damaged one is made anew."""
    found: dict[str, summary.Summary] = {}
    for blob, data in encoded.items():
        with contextlib.suppress(ValueError, TypeError):
            found[blob] = summary.decode(data)
    return found


def is_source(path: str, entry: tree.Entry) -> bool:
    """Whether the file is Python source that is looked into."""
    return path.endswith(".py") and entry.mode in _REGULAR and entry.size <= _LARGEST


def one(files: tree.Tree, path: str) -> dict[str, summary.Summary]:
    """Return the summary of one file by its path; nothing where it is no source that is looked into."""
    return {path: summarise.summarise(files.read(path))} if is_source(path, files.entries[path]) else {}
