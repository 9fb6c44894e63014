import itertools
import textwrap
from collections.abc import Iterable, Iterator

import pytest

from gatekeeper.simulation import flow, flow_graph, flow_scopes

_LOOP = """\
def f(items):
    total = 0
    for item in items:
        if item < 0:
            continue
        elif item > 9:
            break
        total += item
    else:
        total = -1
    return total
"""
_TRY = """\
def f():
    try:
        a()
    except KeyError:
        b()
    except ValueError as error:
        raise
    else:
        c()
    finally:
        d()
    e()
"""
_WITH = """\
def f():
    while ready():
        with a() as opened:
            if opened:
                return 1
            elif a:
                break
        b()
    c()
"""
_MATCH = """\
def f(x):
    match x:
        case 1 if a():
            b()
        case [_, *rest]:
            c()
    d()
"""
_FOREVER = """\
def f():
    while True:
        a()
        if b():
            return 1
    c()
"""
_SPREAD = """\
def f(x):
    y = (
        x +
        1
    )
    if (y
            and x):
        return [
            z
            for z in range(y)
        ]
"""
_ON_ONE_LINE = """\
def f(x):
    if x: a(); b()
    else: c()
    for i in x: d(i)
    e()
"""
_SOURCES = {
    "loop": _LOOP,
    "try": _TRY,
    "with": _WITH,
    "match": _MATCH,
    "forever": _FOREVER,
    "spread": _SPREAD,
    "on one line": _ON_ONE_LINE,
}


def _function(name: str) -> tuple[flow.Flow, flow_scopes.Scope]:
    ways = flow.Flow(_SOURCES[name])
    return ways, next(scope for scope in ways.scopes if scope.name == "f")


def _anywhere(ways: flow.Flow, scope: flow_scopes.Scope, lines: Iterable[int]) -> Iterator[flow.Position]:
    """Yield every place in a scope on one of these lines, whatever it follows."""
    for node, line in itertools.product(ways.nodes(scope), lines):
        if node.holds(line):
            yield flow.Position(scope, node, line)


def _following(name: str, line: int, *, raised: bool = False) -> set[int]:
    """Return the lines that can follow a line, on whatever path that is reached."""
    ways, scope = _function(name)
    numbers = range(1, _SOURCES[name].count("\n") + 1)
    return {
        there.line
        for here in _anywhere(ways, scope, [line])
        for there in ways.followed(here, numbers, raised=raised)
        if not there.node.start
    }


@pytest.mark.parametrize(
    ("name", "line", "following"),
    [
        ("loop", 1, {2}),
        ("loop", 2, {3}),
        ("loop", 3, {4, 10}),
        ("loop", 4, {4, 5, 6}),
        ("loop", 5, {3}),
        ("loop", 6, {6, 7, 8}),
        ("loop", 7, {11}),
        ("loop", 8, {3}),
        ("loop", 10, {11}),
        ("loop", 11, set()),
        ("try", 2, {3}),
        ("try", 3, {9}),
        ("try", 4, {5, 6}),
        ("try", 5, {11}),
        ("try", 6, {7, 11}),
        ("try", 7, {11}),
        ("try", 9, {11}),
        # once more where the exception goes on
        ("try", 11, {11, 12}),
        ("with", 2, {3, 9}),
        ("with", 3, {4, 8, 9}),
        ("with", 5, {3}),
        ("with", 7, {3}),
        ("match", 2, {3}),
        ("match", 3, {4, 5}),
        ("match", 4, {7}),
        ("match", 5, {6, 7}),
        ("forever", 2, {3}),
        ("forever", 4, {2, 3, 5}),
        ("forever", 5, set()),
        ("spread", 2, {2, 3, 4, 5, 6, 7}),
        ("spread", 6, {6, 7, 8, 9, 10, 11}),
        ("on one line", 2, {2, 3, 4}),
        ("on one line", 4, {4, 5}),
    ],
)
def test_a_line_is_followed_by_what_can_run_next(name: str, line: int, following: set[int]) -> None:
    assert _following(name, line) == following


@pytest.mark.parametrize(
    ("name", "line", "following"),
    [
        ("loop", 2, set()),
        # the iterator's end is told as an exception
        ("loop", 3, {3, 4, 10}),
        ("try", 3, {4}),
        ("try", 5, {11}),
        ("try", 9, {11}),
        ("try", 11, {11}),
        ("with", 3, set()),
        ("with", 4, {3}),
        ("with", 8, set()),
    ],
)
def test_an_exception_is_followed_by_what_can_catch_it(name: str, line: int, following: set[int]) -> None:
    assert _following(name, line, raised=True) == following


@pytest.mark.parametrize(
    ("name", "returning"),
    [
        ("loop", {11}),
        ("try", {12}),
        # the exit of `with` runs behind its `return`
        ("with", {3, 9}),
        ("match", {7}),
        ("forever", {5}),
        ("on one line", {5}),
    ],
)
def test_a_function_returns_from_its_ends_alone(name: str, returning: set[int]) -> None:
    ways, scope = _function(name)
    numbers = range(1, _SOURCES[name].count("\n") + 1)

    places = [place for place in _anywhere(ways, scope, numbers) if not place.node.start]

    assert {place.line for place in places if ways.reach(place, raised=False).leaves} == returning


def test_the_path_tells_whether_a_finally_was_reached_by_an_exception() -> None:
    ways, _ = _function("try")
    (start,) = ways.entered([1])
    (tried,) = [
        there for body in ways.followed(start, [2], raised=False) for there in ways.followed(body, [3], raised=False)
    ]

    (otherwise,) = ways.followed(tried, [9], raised=False)
    (done,) = ways.followed(otherwise, [11], raised=False)
    (caught,) = ways.followed(tried, [4], raised=True)
    (unmatched,) = ways.followed(caught, [6], raised=False)
    (passing,) = ways.followed(unmatched, [11], raised=False)

    assert [there.line for there in ways.followed(done, [12], raised=False)] == [12]
    assert not list(ways.followed(passing, [12], raised=False))
    assert ways.left(done, [11], raised=False) is None
    assert ways.left(passing, [11], raised=False) == flow.Left(11, returns=False, raises=True)


def test_scopes_are_named_and_entered_as_the_tracer_tells() -> None:
    source = textwrap.dedent(
        """\
        @one
        @two(
            3)
        def f(x=lambda: 1):
            class C:
                def m(self):
                    yield (a for a in x)
        async def g():
            return [await b for b in x]
        """
    )
    found = {
        scope.name: (scope.calls, sorted(scope.resumes)) for scope in flow_scopes.scopes(flow_scopes.parse(source))
    }

    assert found == {
        "<module>": ((0,), []),
        "f": ((4, 1, 2), []),
        "<lambda>": ((4,), []),
        "f.<locals>.C": ((5,), []),
        "f.<locals>.C.m": ((6,), [7]),
        "f.<locals>.C.m.<locals>.<genexpr>": ((7,), [7]),
        "g": ((8,), [9]),
        "g.<locals>.<listcomp>": ((9,), [9]),
    }


def test_a_generator_goes_on_where_it_rested() -> None:
    ways = flow.Flow("def f():\n    yield 1\n    a()\n    x = yield 2\n")

    assert [(place.line, place.node.start) for place in ways.entered([1, 2, 3, 4])] == [
        (1, True),
        (2, False),
        (4, False),
    ]


@pytest.mark.parametrize("source", ["def f(:\n", "a = 1\rb = 2\n", "a\0b\n", "(" * 10_000, "\ud800\n"])
def test_what_is_no_python_is_refused_with_a_reason(source: str) -> None:
    with pytest.raises(flow_scopes.UnreadableError, match=r"\w"):
        flow.Flow(source)


def test_nested_finally_is_not_copied_without_end() -> None:
    depth = 19
    lines = ["def f():"]
    for level in range(depth):
        lines += ["    " * (level + 1) + "try: a()", "    " * (level + 1) + "finally:"]
    lines.append("    " * (depth + 1) + "b()")
    ways = flow.Flow("\n".join(lines))

    assert len(ways.nodes(ways.scopes[1])) < 2_000


def test_thousands_of_elifs_are_followed() -> None:
    # more of them are beyond what CPython itself parses
    source = "def f(x):\n    if x: a()\n" + "    elif x: a()\n" * 1_000 + "    else: b()\n"
    ways = flow.Flow(source)

    (last,) = {place.line for place in _anywhere(ways, ways.scopes[1], [1_003])}
    assert last == 1_003


def test_the_ends_of_a_scope_are_no_lines() -> None:
    assert not any(flow_graph.LEAVE.holds(line) or flow_graph.OUT.holds(line) for line in range(3))
