import random
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.simulation import imagined, plausibility, prediction, trace
from gatekeeper.simulation.program import program as programs
from gatekeeper.simulation.trace import Event
from tests import executed, program_maker

_SHOP = """\
def total(prices):
    result = 0
    for price in prices:
        if price < 0:
            raise ValueError("negative")
        result += price
    return result


def safe(prices):
    try:
        return total(prices)
    except ValueError:
        return 0
    finally:
        del prices


class Cart:
    def __init__(self, prices):
        self.prices = prices

    @property
    def sum(self):
        return total(self.prices)


def unused(x):
    while x:
        x -= 1
    return x
"""
# what `main()` runs -> how it ends
_RUNS = {
    "assert total([1, 2]) == 3": "returned",
    "assert total([1, 2]) == 4": "AssertionError",
    "total([1, -2])": "ValueError: negative",
    "assert safe([1, -2]) == 0": "returned",
    "assert Cart([1, 2]).sum == 3": "returned",
    "Cart([-1]).sum": "ValueError: negative",
    "assert getattr(Cart(1), 'sum', 5) == 5": "TypeError: 'int' object is not iterable",
}
_LINES = _SHOP.split("\n")


def _told(main: str) -> tuple[programs.Program, tuple[trace.Frame, ...], tuple[imagined.Step, ...]]:
    closed = executed.program(_SHOP, f"    {main}\n")
    frames = executed.run(closed)
    return closed, frames, executed.steps(frames)


def _place(line: str) -> int:
    return _LINES.index(line) + 1


@pytest.mark.parametrize("main", _RUNS)
def test_an_executed_trace_is_found_in_its_program(main: str) -> None:
    closed, frames, told = _told(main)

    checked = executed.checked(closed, told)

    assert checked.violation is None
    assert [(frame.line, frame.scope) for frame in checked.frames] == [(frame.line, frame.scope) for frame in frames]
    assert {frame.path for frame in checked.frames if frame.scope != "main"} <= {executed.PATH}
    assert {frame.path for frame in checked.frames if frame.scope == "main"} == {""}


@pytest.mark.parametrize(("main", "how"), _RUNS.items())
def test_only_an_exception_out_of_the_entry_point_raises(main: str, how: str) -> None:
    closed, _, told = _told(main)

    match executed.checked(closed, told).end:
        case plausibility.Returned(value=value):
            assert (how, value) == ("returned", "None")
        case plausibility.Raised(exception=exception):
            assert exception == how
        case None:
            pytest.fail("the end is not seen")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("ValueError('it\\'s\\nlong')", "ValueError: it's"),
        ('a.Error("x")', "a.Error: x"),
        ("KeyError('a')", "KeyError: 'a'"),
        ("ValueError(1)", "ValueError: 1"),
        ("ValueError()", "ValueError"),
        ("ValueError(1, 'a')", "ValueError: (1, 'a')"),
        ("ValueError('a', 'b')", "ValueError: ('a', 'b')"),
        ("<strange\nerror>", "<strange"),
        ("E('" + "x" * 5_000, "E('" + "x" * 997),
        ("", ""),
    ],
)
def test_an_exception_is_named_as_python_names_it(told: str, shown: str) -> None:
    closed = executed.program("def test():\n    raise X\n")
    steps = [
        imagined.Step(event=Event.LINE, source="    test()"),
        imagined.Step(event=Event.EXCEPTION, source="    test()", value=told),
    ]

    assert executed.checked(closed, steps).end == plausibility.Raised(exception=shown, traceback=())


@pytest.mark.parametrize("seed", range(40))
def test_whatever_program_is_executed_its_trace_is_possible(seed: int) -> None:
    closed = executed.program(program_maker.program(seed))
    frames = executed.run(closed)

    checked = executed.checked(closed, executed.steps(frames))

    assert checked.violation is None
    raised = frames[-2].event is Event.EXCEPTION
    assert isinstance(checked.end, plausibility.Raised if raised else plausibility.Returned)


@pytest.mark.parametrize("seed", range(10))
def test_a_line_from_elsewhere_is_refused_mostly(seed: int) -> None:
    closed = executed.program(program_maker.program(seed))
    reader = plausibility.Reader(closed)
    told = executed.steps(executed.run(closed))[:200]
    chance = random.Random(seed)
    lines = [line for line in closed.text.split("\n") if line.strip()]

    refused = 0
    places = [place for place, step in enumerate(told) if step.event is Event.LINE]
    for place in places:
        wrong = replace(told[place], source=chance.choice(lines))
        refused += reader.check([*told[:place], wrong]).violation is not None

    assert refused > 0.8 * len(places)


def test_the_innermost_line_of_the_tree_is_at_fault() -> None:
    closed, _, told = _told("Cart([-1]).sum")

    end = executed.checked(closed, told).end

    assert isinstance(end, plausibility.Raised)
    lines = [_place("        return total(self.prices)"), _place('            raise ValueError("negative")')]
    assert end.traceback == tuple(prediction.Location(path=executed.PATH, line=line) for line in lines)
    assert end.at == end.traceback[-1]


def test_another_exception_begins_another_traceback() -> None:
    source = (
        "def f():\n    try:\n        g()\n    except KeyError:\n        raise ValueError\n"
        "def g():\n    raise KeyError\n"
    )
    closed = executed.program(source, "    f()\n")

    end = executed.checked(closed, executed.steps(executed.run(closed))).end

    assert isinstance(end, plausibility.Raised)
    assert (end.exception, end.traceback) == ("ValueError", (prediction.Location(path=executed.PATH, line=5),))


def test_an_exception_that_c_code_swallowed_is_not_at_fault() -> None:
    source = (
        "class A:\n    @property\n    def x(self):\n        raise AttributeError\n"
        "def f():\n    assert getattr(A(), 'x', 1) == 2\n"
    )
    closed = executed.program(source, "    f()\n")

    end = executed.checked(closed, executed.steps(executed.run(closed))).end

    assert isinstance(end, plausibility.Raised)
    assert (end.exception, end.at) == ("AssertionError", prediction.Location(path=executed.PATH, line=6))


def test_an_exception_that_left_without_return_frames_is_followed() -> None:
    closed, _, told = _told("Cart([-1]).sum")
    ended = tuple(
        step
        for before, step in zip((told[0], *told), told, strict=False)
        if not (step.event is Event.RETURN and before.event is Event.EXCEPTION)
    )
    assert len(ended) == len(told) - 3

    assert executed.checked(closed, ended).end == executed.checked(closed, told).end
    assert plausibility.Reader(closed).check(ended).end is None


@pytest.mark.parametrize("main", _RUNS)
def test_the_entry_points_call_may_be_in_the_prompt(main: str) -> None:
    closed, _, told = _told(main)

    whole, rest = executed.checked(closed, told), executed.checked(closed, told[1:])

    assert told[0] == imagined.Step(event=Event.CALL, source="def main():")
    assert rest == replace(whole, frames=whole.frames[1:])


@pytest.mark.parametrize("main", _RUNS)
def test_a_truncated_trace_has_no_end(main: str) -> None:
    closed, _, told = _told(main)
    reader = plausibility.Reader(closed)

    for kept in range(len(told)):
        checked = reader.check(told[:kept])
        assert (checked.violation, checked.end, len(checked.frames)) == (None, None, kept)


@pytest.mark.parametrize("stepped_over", ["def total(prices):", "    return result"])
def test_a_call_may_be_stepped_over(stepped_over: str) -> None:
    closed, _, told = _told("assert total([1, 2]) == 3")
    entered = next(place for place, step in enumerate(told) if step.source == "def total(prices):")
    left = next(place for place, step in enumerate(told) if step.source == "    return result" and step.value)
    over = (*told[: entered + 1], replace(told[left], source=stepped_over), *told[left + 1 :])

    assert executed.checked(closed, over).violation is None


def test_a_call_may_be_left_out() -> None:
    closed, _, told = _told("assert total([1, 2]) == 3")
    skipped = [step for step in told if step.source.strip() in {"def main():", "assert total([1, 2]) == 3"}]

    checked = executed.checked(closed, tuple(skipped))

    assert (checked.violation, checked.end) == (None, plausibility.Returned(value="None"))


def _mutated(told: Sequence[imagined.Step], at: str, changed: dict[str, object]) -> tuple[list[imagined.Step], int]:
    """Return the steps with the first LINE of that source changed, and its place."""
    place = next(place for place, step in enumerate(told) if step.event is Event.LINE and step.source.strip() == at)
    return [*told[:place], replace(told[place], **changed), *told[place + 1 :]], place  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "changed", "violation"),
    [
        ("result = 0", {"source": "    result = 7"}, "the line `result = 7` is not in the program"),
        ("result = 0", {"source": "    # result = 0"}, "the line `# result = 0` is not in the program"),
        ("result = 0", {"source": "result = 0"}, "the line `result = 0` is not in the program"),
        ("result += price", {"source": "    return result"}, "`return result` cannot follow `if price < 0:`"),
        ("result += price", {"source": "        x -= 1"}, "`x -= 1` cannot follow `if price < 0:`"),
        ("result = 0", {"source": "    return result"}, "`return result` cannot follow `def total(prices):`"),
        ("result = 0", {"locals": {"taxes": ".."}}, "`taxes` is said to be unchanged, and was never set"),
        (
            "result = 0",
            {"event": Event.RETURN, "source": "    return x", "value": "1"},
            "a scope returned at `return x` that was never entered",
        ),
        ("result = 0", {"event": Event.RETURN, "value": "1"}, "`result = 0` cannot follow `def total(prices):`"),
        ("result = 0", {"event": Event.CALL}, "no call begins at `result = 0`"),
        (
            "result = 0",
            {"event": Event.EXCEPTION, "source": "    while x:"},
            "`while x:` cannot follow `def total(prices):`",
        ),
    ],
)
def test_an_impossible_frame_is_refused_and_those_before_are_kept(
    source: str, changed: dict[str, object], violation: str
) -> None:
    closed, frames, told = _told("assert total([1, 2]) == 3")
    wrong, place = _mutated(told, source, changed)

    checked = executed.checked(closed, tuple(wrong))

    assert (checked.violation, checked.end) == (violation, None)
    assert [frame.line for frame in checked.frames[1:]] == [
        closed.text.split("\n").index(frame.source) + 1 for frame in frames[1:place]
    ]


def test_frames_behind_the_entry_points_end_are_refused() -> None:
    closed, _, told = _told("assert total([1, 2]) == 4")

    checked = executed.checked(closed, (*told, told[1]))

    assert checked.violation == "`assert total([1, 2]) == 4` comes after the entry point was left"
    assert checked.end is None


def test_without_an_entry_point_a_trace_begins_with_a_call() -> None:
    piece = programs.Piece(kind=programs.Kind.UNCHANGED, text=_SHOP, path=executed.PATH, first=1)
    program = programs.Program(pieces=(piece,), shared=1)
    line = imagined.Step(event=Event.LINE, source="    result = 0")
    call = imagined.Step(event=Event.CALL, source="def total(prices):", locals={"prices": "[]"})

    reader = plausibility.Reader(program)
    assert reader.check([line]).violation == "the trace begins with `result = 0`, which is no call"
    assert reader.check([call, line]).violation is None


def test_a_handler_is_reached_by_an_exception_alone() -> None:
    closed, _, told = _told("assert safe([1, -2]) == 0")
    raised = [step for step in told if step.event is not Event.EXCEPTION]

    violation = executed.checked(closed, tuple(raised)).violation

    line = '`raise ValueError("negative")`'
    assert violation == f"{line} cannot follow {line}"


def test_lines_that_read_alike_are_told_apart_by_what_follows() -> None:
    source = (
        "class A:\n    def run(self):\n        x = 1\n        return x\n"
        "class B:\n    def run(self):\n        x = 1\n        return x + 1\n"
    )
    closed = executed.program(source, "    B().run()\n    A().run()\n")

    checked = executed.checked(closed, executed.steps(executed.run(closed)))

    assert [(frame.scope, frame.line) for frame in checked.frames if frame.path] == [
        *[("B.run", line) for line in (6, 7, 8, 8)],
        *[("A.run", line) for line in (2, 3, 4, 4)],
    ]


def test_a_stepped_over_call_is_named_after_the_line_that_calls() -> None:
    source = "class A:\n    def __init__(self):\n        x = 1\nclass B:\n    def __init__(self):\n        x = 1\n"
    closed = executed.program(source, "    y = B()\n    z = A()\n")
    told = []
    for line in ("    y = B()", "    z = A()"):
        told += [
            imagined.Step(event=Event.LINE, source=line),
            imagined.Step(event=Event.CALL, source="    def __init__(self):"),
            imagined.Step(event=Event.RETURN, source="    def __init__(self):", value="None"),
        ]

    checked = plausibility.Reader(closed).check(told)

    assert checked.violation is None
    assert [frame.scope for frame in checked.frames] == [
        *("main", "B.__init__", "B.__init__"),
        *("main", "A.__init__", "A.__init__"),
    ]


def test_what_a_with_does_to_an_exception_is_told_by_what_comes_next() -> None:
    source = (
        "import contextlib\ndef swallows():\n    with contextlib.suppress(KeyError):\n        raise KeyError\n"
        "def passes():\n    with contextlib.suppress(KeyError):\n        raise ValueError\n"
    )
    ends = []
    for name in ("swallows", "passes"):
        closed = executed.program(source, f"    {name}()\n")
        ends.append(executed.checked(closed, executed.steps(executed.run(closed))).end)

    assert ends == [
        plausibility.Returned(value="None"),
        plausibility.Raised(exception="ValueError", traceback=(prediction.Location(path=executed.PATH, line=7),)),
    ]


def test_an_end_that_the_frames_do_not_tell_is_no_end() -> None:
    main = "    with contextlib.suppress(KeyError):\n        raise KeyError\n"
    closed = executed.program("import contextlib\n", main)

    checked = executed.checked(closed, executed.steps(executed.run(closed)))

    assert (checked.violation, checked.end) == (None, None)


def test_a_program_that_is_no_python_is_said_to_be_none() -> None:
    closed = executed.program("def f(:\n")

    checked = plausibility.Reader(closed).check([imagined.Step(event=Event.LINE, source="def f(:")])

    assert checked.violation == "the program is not Python that can be read: invalid syntax (line 1)"
    assert (checked.frames, checked.end) == ((), None)


def test_a_hostile_line_is_shown_short_and_printable() -> None:
    closed, _, told = _told("assert total([1, 2]) == 3")
    hostile = imagined.Step(event=Event.LINE, source="\x1b[31m`" + "x" * 10_000)

    violation = plausibility.Reader(closed).check([told[0], hostile]).violation

    assert violation is not None
    assert violation.startswith("the line `\N{REPLACEMENT CHARACTER}[31m'xxx")
    assert len(violation) < 150


def test_a_long_trace_takes_time_in_proportion() -> None:
    source = "def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n"
    closed = executed.program(source, "    assert fib(17) == 1597\n")
    told = executed.steps(executed.run(closed))[:16_000]
    assert len(told) == 16_000

    begun = time.process_time()
    checked = plausibility.Reader(closed).check(told)

    assert (checked.violation, len(checked.frames)) == (None, len(told))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "line", ["    x = 1\n", "    x = 1; y = 2\n", "    yield 1\n", "    global x\n", "    if x: pass\n"]
)
def test_a_program_of_lines_that_read_alike_costs_no_more(line: str) -> None:
    closed = executed.program("def test():\n" + line * 5_000)
    told = [
        imagined.Step(event=Event.LINE, source="    test()"),
        imagined.Step(event=Event.CALL, source="def test():"),
        *[imagined.Step(event=Event.LINE, source=line.rstrip())] * 4_000,
        *[imagined.Step(event=Event.CALL, source=line.rstrip())] * 10,
    ]

    begun = time.process_time()
    plausibility.Reader(closed).check(told)

    assert time.process_time() - begun < 10


_ANY_LINE = st.sampled_from([*_LINES, "def main():", "    safe([1])", "", "nowhere"])
_NAMES = st.sampled_from(["x", "prices", "result", "`"])
_ANY_STEP = st.builds(
    imagined.Step,
    event=st.sampled_from(Event),
    source=_ANY_LINE,
    locals=st.dictionaries(_NAMES, st.sampled_from(["1", trace.UNCHANGED]), max_size=2),
    value=st.sampled_from([None, "None", "3", "ValueError('x')", "StopIteration()"]),
)
_READER = plausibility.Reader(executed.program(_SHOP, "    safe([1])\n"))
_EXECUTED = executed.steps(executed.run(executed.program(_SHOP, "    safe([1])\n")))


_BEGUN = st.integers(0, len(_EXECUTED)).map(lambda kept: _EXECUTED[:kept])


@given(
    steps=st.builds(lambda begun, rest: [*begun, *rest], _BEGUN, st.lists(_ANY_STEP, max_size=9)),
    ended=st.booleans(),
)
@settings(max_examples=300)
def test_any_steps_give_frames_or_a_reason(steps: list[imagined.Step], *, ended: bool) -> None:
    checked = _READER.check(steps, ended=ended)

    assert len(checked.frames) == len(steps) if checked.violation is None else len(checked.frames) < len(steps)
    assert checked.violation is None or checked.end is None
    assert [frame.source for frame in checked.frames] == [step.source for step in steps[: len(checked.frames)]]


@given(st.text(st.characters(), max_size=60) | st.lists(_ANY_LINE).map("\n".join))
def test_any_program_can_be_read(source: str) -> None:
    text = source + "\n"
    piece = programs.Piece(kind=programs.Kind.UNCHANGED, text=text, path="a.py", first=1)
    reader = plausibility.Reader(programs.Program(pieces=(piece,), shared=0))

    for event in Event:
        for line in text.split("\n"):
            reader.check([imagined.Step(event=event, source=line)])
