"""Traces unrolled into calls, laid side by side, moved about in, and shown."""

import random

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from gatekeeper.report import cursor, palette, sidebyside, stepping, unrolled
from gatekeeper.simulation import trace

_SECRET = "ghp_" + "a" * 36


def frame(
    event: str, line: int, scope: str = "f", /, value: str | None = None, path: str = "a.py", **names: str
) -> trace.Frame:
    return trace.Frame(
        event=trace.Event(event), path=path, line=line, scope=scope, source=f"line {line}", locals=names, value=value
    )


# f(2) calls g(2), which calls itself
NESTED = (
    frame("line", 9, "main", path=""),
    frame("call", 1, x="2"),
    frame("line", 2, x=".."),
    frame("call", 5, "g", n="2"),
    frame("line", 6, "g", n=".."),
    frame("call", 5, "g", n="1"),
    frame("line", 6, "g", n=".."),
    frame("return", 6, "g", value="1"),
    frame("return", 6, "g", value="3"),
    frame("line", 3, x="..", y="3"),
    frame("return", 3, value="3"),
    frame("return", 9, "main", path="", value="3"),
)
DEPTHS = [1, 2, 2, 3, 3, 4, 4, 4, 3, 2, 2, 1]


def printed(shown: RenderableType) -> str:
    console = Console(width=120, force_terminal=False)
    with console.capture() as captured:
        console.print(shown)
    return captured.get()


def both(
    executed: tuple[trace.Frame, ...] | None, predicted: tuple[trace.Frame, ...] | None, *, whole: bool = True
) -> sidebyside.Both:
    return sidebyside.Both(executed=executed, predicted=predicted, predicted_whole=whole)


def changed(number: int, new: trace.Frame) -> tuple[trace.Frame, ...]:
    return (*NESTED[:number], new, *NESTED[number + 1 :])


def test_each_moment_knows_its_call_and_those_around_it() -> None:
    moments = list(unrolled.unroll(NESTED))

    assert [moment.depth for moment in moments] == DEPTHS
    assert [place.line for place in moments[6].stack] == [9, 2, 6, 6]
    assert [place.scope for place in moments[6].stack] == ["main", "f", "g", "g"]


def test_values_that_did_not_change_are_those_of_the_same_call() -> None:
    moments = list(unrolled.unroll(NESTED))

    assert [moment.values.get("n") for moment in moments[3:9]] == ["2", "2", "1", "1", "1", "2"]
    assert moments[9].values == {"x": "2", "y": "3"}
    assert [local.changed for local in moments[9].locals] == [False, True]
    assert moments[10].values == {"x": "2", "y": "3"}


def test_an_exception_leaves_calls_with_a_return_told_or_without() -> None:
    start = (frame("call", 1), frame("line", 2), frame("call", 5, "g"), frame("line", 6, "g"))
    raised = frame("exception", 6, "g", value="E()")
    end = (frame("exception", 2, value="E()"), frame("line", 3))

    without = list(unrolled.unroll((*start, raised, *end)))
    told = list(unrolled.unroll((*start, raised, frame("return", 6, "g", value="None"), *end)))

    assert without == told
    assert [moment.depth for moment in told] == [1, 1, 2, 2, 2, 1, 1]


def test_an_exception_leaves_a_function_that_called_itself() -> None:
    frames = [
        *(frame("call", 1), frame("line", 2), frame("call", 1), frame("line", 3)),
        *(frame("exception", 3, value="E()"), frame("exception", 2, value="E()")),
    ]

    assert [moment.depth for moment in unrolled.unroll(frames)] == [1, 1, 2, 2, 2, 1]


def test_imagined_values_are_shown_as_executed_ones_are() -> None:
    (told,) = unrolled.unroll([frame("call", 1, o="<O at 0x7f00aa00bb>", s="'" + "a" * 300 + "'", key=f"'{_SECRET}'")])

    assert told.values["o"] == "<O at 0x…>"
    assert told.values["s"].startswith("'" + "a" * 199 + "… (302 characters, sha256 ")
    assert told.values["key"] == "'***'"
    (again,) = unrolled.unroll([told.frame])
    assert again == told


@given(st.lists(st.sampled_from([*NESTED, frame("exception", 6, "g", value="E()"), frame("line", 4, "h")])))
def test_any_frames_can_be_unrolled(frames: list[trace.Frame]) -> None:
    for moment in unrolled.unroll(frames):
        own = moment.stack[-1]
        assert (own.path, own.scope, own.line) == (moment.frame.path, moment.frame.scope, moment.frame.line)


def test_traces_that_agree_have_no_departure() -> None:
    assert both(NESTED, NESTED).departure is None
    assert both(NESTED, None).departure is None
    assert not both(NESTED, None).differs(0)


def test_the_first_departure_is_the_first_value_place_or_end_that_differs() -> None:
    assert both(NESTED, changed(9, frame("line", 3, x="..", y="4"))).departure == 9
    assert both(NESTED, changed(9, frame("line", 3, x=".."))).departure == 9
    assert both(NESTED, changed(6, frame("line", 7, "g", n=".."))).departure == 6
    assert both(NESTED, changed(8, frame("return", 6, "g", value="4"))).departure == 8
    assert both(NESTED, NESTED[:5]).departure == 5
    assert both(NESTED[:5], NESTED).departure == 5


def test_beyond_a_trace_that_was_cut_nothing_is_known() -> None:
    assert both(NESTED, NESTED[:5], whole=False).departure is None
    assert both(NESTED, (*NESTED[:4], frame("line", 7, "g", n="..")), whole=False).departure == 4


def test_the_names_that_differ_are_told() -> None:
    pair = both(NESTED, changed(9, frame("line", 3, x="..", z="3"))).pairs[9]

    assert pair.differing == {"y", "z"}
    assert both(NESTED, changed(9, frame("line", 4, x="1"))).pairs[9].differing == frozenset()


def test_moves_follow_calls() -> None:
    start = cursor.Cursor(depths=tuple(DEPTHS))

    assert [start.to(number).step().at for number in (0, 2, 11)] == [1, 3, 11]
    assert [start.to(number).back().at for number in (0, 2)] == [0, 1]
    # over the call of g, within g, and over its call of itself
    assert [start.to(number).over().at for number in (2, 3, 4, 10, 11)] == [9, 4, 8, 11, 11]
    assert [start.to(number).out().at for number in (6, 4, 2, 0)] == [8, 9, 11, 11]
    assert start.end().at == 11
    assert [start.to(number).at for number in (-5, 99)] == [0, 11]


def test_any_moves_stay_inside() -> None:
    drawn = random.Random(1)
    here = cursor.Cursor(depths=tuple(DEPTHS))
    for _ in range(200):
        move = drawn.choice(
            [cursor.Cursor.step, cursor.Cursor.back, cursor.Cursor.over, cursor.Cursor.out, cursor.Cursor.end]
        )
        here = move(here)
        assert 0 <= here.at <= here.last


def sources(path: str) -> list[str]:
    return [f"{path or 'program'} {number}" for number in range(1, 20)]


def test_a_step_shows_source_locals_and_stack_of_both_sides() -> None:
    predicted = changed(9, frame("line", 3, x="..", y="4"))

    shown = printed(stepping.view(both(NESTED, predicted), 9, sources))

    assert "step 10 of 12  a.py f:3 is about to run this line  the first departure ≠" in shown
    assert f"{palette.HERE}     3  a.py 3" in shown
    assert shown.split("executed")[1].split()[:8] == ["predicted", "x", "2", "2", "≠", "y", "3", "4"]
    assert "stack, innermost first\n  a.py f:3\n  the call, main:9" in shown


def test_the_line_that_the_model_is_on_is_marked_too() -> None:
    predicted = changed(6, frame("line", 8, "g", n=".."))

    shown = printed(stepping.view(both(NESTED, predicted), 6, sources))

    assert f"{palette.HERE}     6  a.py 6" in shown
    assert "≠     8  a.py 8" in shown


def test_one_side_alone_is_one_column_without_marks() -> None:
    shown = printed(stepping.table(both(None, NESTED)))

    assert "predicted" in shown
    assert "executed" not in shown
    assert "≠" not in shown
    assert shown.count("line 6") == 4


def test_a_table_shows_where_both_differ() -> None:
    shown = printed(stepping.table(both(NESTED, changed(9, frame("line", 3, x="..", y="4")))))

    line, later = (line for line in shown.splitlines() if line.startswith("≠"))
    assert line.split() == ["≠", "10", "3", "line", "3", "y", "=", "3", "y", "=", "4"]
    # the value stays another one
    assert later.split()[1] == "11"


def test_nothing_that_a_trace_holds_moves_the_cursor() -> None:
    hostile = "\x1b[2J\u202e[red]"
    frames = (
        frame("call", 1, hostile, path=f"{hostile}.py", **{hostile: hostile}),
        frame("return", 1, hostile, path=f"{hostile}.py", value=hostile),
    )
    told = both(frames, frames[:1])

    for shown in (stepping.table(told), *(stepping.view(told, number, lambda _path: [hostile]) for number in (0, 1))):
        text = printed(shown)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\x1b[2J\\u202e[red]" in text
