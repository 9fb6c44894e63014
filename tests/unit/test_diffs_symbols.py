"""Two versions of a source -> the symbols that differ."""

import hypothesis
import pytest
from hypothesis import strategies

from gatekeeper.diffs import symbols

SOURCE = '''\
"""About."""
import os
from a import (
    b,
    c,
)

X = 1
Y = f(X)


def free(x, y=1):
    """Say."""
    return x


class Thing(Base):
    """Thing."""

    kind = 1

    def method(self):
        def inner():
            return 1
        return inner

    @property
    def shape(self):
        return 2

    class Inner:
        def deep(self):
            return 3


if X:
    def conditional():
        return 4
else:
    conditional = None

try:
    import fast
except ImportError:
    fast = None
'''
A, R, M = symbols.Change.ADDED, symbols.Change.REMOVED, symbols.Change.MODIFIED
IMPORT = True


def changes(*edits: tuple[str, str], source: str = SOURCE) -> list[tuple[str, symbols.Change, bool]]:
    after = source
    for old, new in edits:
        assert old in after
        after = after.replace(old, new, 1)
    found = symbols.changed_symbols(source.encode(), after.encode())
    assert (found.before_error, found.after_error) == (None, None)
    return [(change.name, change.kind, change.at_import) for change in found.symbols]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x\n", "return (x)  # said\n"),
        ("X = 1\n", "X = 1\n\n\n\n"),
        ("    return x\n", "    # a comment\n    return x\n"),
        ('"""Say."""', "'Say.'"),
        ("    b,\n    c,\n", "    b, c\n"),
        ("def free(x, y=1):", "def free(\n    x,\n    y=1,\n):"),
    ],
)
def test_comments_blank_lines_and_formatting_are_no_change(old: str, new: str) -> None:
    assert changes((old, new)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("return x\n", "return y\n", ("free", M, False)),
        ('"""Say."""', '"""Tell."""', ("free", M, False)),
        ("y=1", "y=2", ("free", M, False)),
        ("y=1", "y=f()", ("free", M, IMPORT)),
        ("return 1\n", "return 11\n", ("Thing.method", M, False)),
        ("return 3\n", "return 33\n", ("Thing.Inner.deep", M, False)),
        ("return 4\n", "return 44\n", ("conditional", M, False)),
        ("@property\n    ", "", ("Thing.shape", M, IMPORT)),
        ("kind = 1", "kind = 2", ("Thing.kind", M, False)),
        ("kind = 1", "kind = g()", ("Thing.kind", M, IMPORT)),
        ("Thing(Base)", "Thing(Other)", ("Thing", M, IMPORT)),
        ('"""Thing."""', '"""A thing."""', ("Thing.__doc__", M, False)),
        ('"""About."""', '"""More."""', ("__doc__", M, False)),
        ("X = 1\n", "X = 2\n", ("X", M, False)),
        ("Y = f(X)", "Y = g(X)", ("Y", M, IMPORT)),
        ("import os\n", "import os\nimport sys\n", ("sys", A, False)),
        ("import os\n", "import os\nimport other\n", ("other", A, IMPORT)),
        ("    c,\n", "", ("c", R, False)),
        ("from a import", "from z import", ("b", M, IMPORT)),
        ("Y = f(X)", "Y = f(X)\nprint(Y)", ("", M, IMPORT)),
        ("if X:", "if Y:", ("", M, IMPORT)),
        ("except ImportError:", "except KeyError:", ("", M, IMPORT)),
        ("\n\nclass Thing", "\n\ndef new():\n    pass\n\n\nclass Thing", ("new", A, False)),
    ],
)
def test_a_change_is_that_of_the_smallest_symbol_around_it(
    old: str, new: str, expected: tuple[str, symbols.Change, bool]
) -> None:
    assert expected in changes((old, new))
    assert len(changes((old, new))) == (2 if old == "from a import" else 1)


def test_a_definition_that_moves_changes_what_runs_on_import() -> None:
    moved = [("X = 1\n", ""), ("Y = f(X)\n", "Y = f(X)\nX = 1\n")]

    assert changes(*moved) == [("", M, IMPORT)]


def test_a_renamed_method_is_removed_and_added() -> None:
    assert changes(("def method", "def other")) == [("Thing.method", R, False), ("Thing.other", A, False)]


@pytest.mark.parametrize(("before", "after", "kind"), [(SOURCE.encode(), None, R), (None, SOURCE.encode(), A)])
def test_a_whole_file_is_added_or_removed_with_all_its_symbols(
    before: bytes | None, after: bytes | None, kind: symbols.Change
) -> None:
    found = symbols.changed_symbols(before, after)

    assert {"free", "Thing", "Thing.method", "X", "conditional", ""} <= {change.name for change in found.symbols}
    assert {change.kind for change in found.symbols if change.name} == {kind}


def test_a_file_that_does_not_parse_says_why_and_where() -> None:
    found = symbols.changed_symbols(SOURCE.encode(), b"x = 1\ndef (:\n")

    assert found == symbols.Changes(symbols=(), before_error=None, after_error="invalid syntax (line 2)")


@pytest.mark.parametrize(
    "source", [b"\0", b"# coding: nonsense\n", b"x = '\xff'\n", b"(" * 5000, b"-" * 100_000 + b"1", b"x = 1\n\xff"]
)
def test_sources_that_cannot_be_read_are_reported(source: bytes) -> None:
    assert symbols.changed_symbols(b"x = 1\n", source).after_error


def test_syntax_that_is_too_deep_to_compare_is_reported() -> None:
    before, after = (b"x = " + b"-" * 900 + digit for digit in (b"1\n", b"2\n"))

    found = symbols.changed_symbols(before, after)

    assert found.symbols or (found.before_error and found.after_error)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"# coding: latin-1\nx = '\xe9'\n", "x = 'é'\n".encode()),
        (b"\xef\xbb\xbfx = 1\n", b"x = 1\n"),
        (b"x = 1\r\ndef f():\r\n    pass\r\n", b"x = 1\ndef f():\n    pass\n"),
    ],
)
def test_encodings_and_line_endings_alone_are_no_change(before: bytes, after: bytes) -> None:
    assert symbols.changed_symbols(before, after).symbols == ()


def test_a_change_on_an_unchanged_line_is_seen() -> None:
    before = "from a import (\n    b,\n)\nwith one(\n    2\n): pass\n"

    assert changes(("from a", "from z"), source=before) == [("b", M, IMPORT)]
    assert changes(("one(", "two("), source=before) == [("", M, IMPORT)]


_LINES = strategies.lists(
    strategies.sampled_from(
        [
            "x = 1",
            "y = x",
            "import os",
            "from a import b as x",
            "def f(): pass",
            "def f(a=g()): return a",
            "class C: x = 1",
            "class C(B):\n    def m(self): return 1",
            "if x:\n    y = 2\nelse:\n    def f(): ...",
            "print(x)",
            "# note",
            "",
        ]
    ),
    max_size=8,
)


@hypothesis.given(before=_LINES, after=_LINES)
def test_sources_with_different_code_always_differ(before: list[str], after: list[str]) -> None:
    def code(lines: list[str]) -> list[str]:
        return [line for line in lines if line and not line.startswith("#")]

    earlier, later = ("\n".join(lines).encode() for lines in (before, after))

    assert bool(symbols.changed_symbols(earlier, later).symbols) == (code(before) != code(after))
