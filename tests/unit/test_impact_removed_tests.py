"""A test that the change removes need not be reached by another."""

from gatekeeper.diffs import diff, parse
from gatekeeper.impact import affected, selection
from tests.fakes import memory_tree

TEST = "def test_one():\n    pass\n"
REMOVED = "\n\ndef test_two():\n    pass\n"


def select(before: dict[str, str | bytes], after: dict[str, str | bytes], text: str) -> selection.Selection:
    change: diff.Diff = parse.parse(text)
    return affected.select(change, memory_tree.MemoryTree(before), memory_tree.MemoryTree(after))


def test_a_removed_test_leaves_nothing_to_reach() -> None:
    text = (
        "diff --git a/test_it.py b/test_it.py\n--- a/test_it.py\n+++ b/test_it.py\n"
        "@@ -1,6 +1,2 @@\n def test_one():\n     pass\n-\n-\n-def test_two():\n-    pass\n"
    )
    found = select({"test_it.py": TEST + REMOVED}, {"test_it.py": TEST}, text)
    assert found.unreached == ()
    assert not found.executable


def test_a_removed_test_file_leaves_nothing_to_reach() -> None:
    text = (
        "diff --git a/test_it.py b/test_it.py\ndeleted file mode 100644\n--- a/test_it.py\n+++ /dev/null\n"
        "@@ -1,2 +0,0 @@\n-def test_one():\n-    pass\n"
    )
    found = select({"test_it.py": TEST, "test_far.py": TEST}, {"test_far.py": TEST}, text)
    assert found.affected == ()
    assert found.unreached == ()
    assert not found.executable
