"""Two versions of a small project -> the selection that the difference leads to."""

from collections.abc import Mapping

from gatekeeper.diffs import diff
from gatekeeper.impact import affected, selection
from tests.fakes import memory_tree

Files = Mapping[str, str | bytes]


def select(before: Files, changed: Mapping[str, str | bytes | None]) -> selection.Selection:
    """Return the selection for `before` with the files of `changed` written over it (None: deleted)."""
    later = {path: data for path, data in {**before, **changed}.items() if data is not None}
    trees = memory_tree.MemoryTree(before), memory_tree.MemoryTree(later)
    return affected.select(difference(*trees), *trees)


def names(before: Files, changed: Mapping[str, str | bytes | None]) -> set[str]:
    """Return the affected tests as `path::name`, or `path` for a module as a whole."""
    return ids(select(before, changed))


def ids(chosen: selection.Selection) -> set[str]:
    """Return the affected tests of a selection as `path::name`, or `path` for a module as a whole."""
    return {f"{test.path}::{test.name}".removesuffix("::") for test in chosen.affected}


def difference(before: memory_tree.MemoryTree, after: memory_tree.MemoryTree) -> diff.Diff:
    """Return the change between two trees, without hunks."""
    files = []
    for path in sorted(before.entries.keys() | after.entries.keys()):
        earlier, later = before.entries.get(path), after.entries.get(path)
        if earlier == later:
            continue
        kind = diff.Kind.ADDED if earlier is None else diff.Kind.DELETED if later is None else diff.Kind.MODIFIED
        files.append(
            diff.FileChange(
                kind=kind,
                before=path if earlier else None,
                after=path if later else None,
                binary=False,
                hunks=(),
            )
        )
    return diff.Diff(files=tuple(files), text="")
