"""Diffs of files in memory, as git makes them."""

from collections.abc import Mapping

import pygit2


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the unified diff of two sets of files."""
    paths = sorted({*before, *after})
    return "".join(_of(path, before, after) for path in paths if before.get(path) != after.get(path))


def _of(path: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    # the patch points into these without keeping them
    old, new = (None if (text := side.get(path)) is None else text.encode() for side in (before, after))
    return pygit2.Patch.create_from(old, new, path, path).data.decode()
