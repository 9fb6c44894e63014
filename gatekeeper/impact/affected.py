"""Diff + trees -> Selection."""

from gatekeeper.diffs import diff, tree
from gatekeeper.impact import selection


def select(change: diff.Diff, before: tree.Tree, after: tree.Tree) -> selection.Selection:
    """Return the tests of `after` that `change` can affect: as yet, every test module."""
    modules = sorted(
        path
        for path in after.entries
        if path.endswith("_test.py") or (path.rpartition("/")[2].startswith("test_") and path.endswith(".py"))
    )
    del before
    affected = tuple(
        selection.AffectedTest(path=path, name="", reason="every test is selected") for path in modules if change.files
    )
    return selection.Selection(affected=affected, unaffected={}, total=len(modules), unparsable={})
