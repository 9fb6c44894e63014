"""Diffs of files in memory, as git makes them."""

from collections.abc import Mapping

import pygit2


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the unified diff of two sets of files."""
    paths = sorted({*before, *after})
    made = (pygit2.Patch.create_from(*_sides(path, before, after), path, path) for path in paths)
    return "".join(
        one.data.decode() for path, one in zip(paths, made, strict=True) if before.get(path) != after.get(path)
    )


def _sides(path: str, before: Mapping[str, str], after: Mapping[str, str]) -> tuple[bytes | None, bytes | None]:
    old, new = (side.get(path) for side in (before, after))
    return None if old is None else old.encode(), None if new is None else new.encode()
