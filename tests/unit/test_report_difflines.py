from gatekeeper.diffs import parse
from gatekeeper.report import difflines
from gatekeeper.simulation import prediction

_TEXT = """\
diff --git a/empty.py b/empty.py
new file mode 100644
index 0000000..e69de29
diff --git a/a.py b/b.py
similarity index 60%
rename from a.py
rename to b.py
--- a/a.py
+++ b/b.py
@@ -1,3 +1,3 @@
 one
-two
+deux
 three
\\ No newline at end of file
@@ -10,2 +10,3 @@ def scope():
 ten
+diff --git a/trick b/trick
 eleven
"""


def test_lines_have_their_numbers_on_both_sides() -> None:
    empty, renamed = difflines.parts(parse.parse(_TEXT))

    assert (empty.change.path, empty.hunks) == ("empty.py", ())
    assert (renamed.change.before, renamed.change.after) == ("a.py", "b.py")
    assert [(line.mark, line.before, line.after, line.text) for line in renamed.hunks[0].lines] == [
        (" ", 1, 1, "one"),
        ("-", 2, None, "two"),
        ("+", None, 2, "deux"),
        (" ", 3, 3, "three"),
    ]
    assert renamed.hunks[1].scope == "def scope():"
    assert renamed.hunks[1].lines[-1].after == 12


def test_a_diff_of_nothing_has_no_parts() -> None:
    assert list(difflines.parts(parse.parse(""))) == []


def test_an_excerpt_has_the_lines_around_on_the_after_side() -> None:
    parts = tuple(difflines.parts(parse.parse(_TEXT)))

    lines = difflines.excerpt(parts, prediction.Location(path="b.py", line=2), around=1)

    assert [line.text for line in lines] == ["one", "deux", "three"]


def test_there_is_no_excerpt_of_what_the_diff_does_not_show() -> None:
    parts = tuple(difflines.parts(parse.parse(_TEXT)))

    for path, line in (("b.py", 7), ("a.py", 2), ("c.py", 1)):
        assert difflines.excerpt(parts, prediction.Location(path=path, line=line), around=1) == ()
