from gatekeeper.report import steps
from gatekeeper.simulation import trace


def _frame(event: trace.Event, *, value: str | None = None, scope: str = "f", **values: str) -> trace.Frame:
    return trace.Frame(event=event, path="a.py", line=1, scope=scope, source="", locals=values, value=value)


def _seen(run: trace.Trace) -> list[int | list[tuple[str, str, bool]]]:
    return [
        step if isinstance(step, int) else [(local.name, local.value, local.changed) for local in step.locals]
        for step in steps.steps(run)
    ]


def test_unchanged_values_are_those_of_the_frame_before() -> None:
    run = trace.Trace(
        test="t",
        head=(
            _frame(trace.Event.CALL, x="1"),
            _frame(trace.Event.LINE, x="..", y="2"),
            _frame(trace.Event.LINE, x="3", y=".."),
        ),
        left_out=0,
        tail=(),
    )

    assert _seen(run) == [
        [("x", "1", True)],
        [("x", "1", False), ("y", "2", True)],
        [("x", "3", True), ("y", "2", False)],
    ]


def test_values_from_before_the_gap_are_not_guessed() -> None:
    line = _frame(trace.Event.LINE, x="..", y="2")
    run = trace.Trace(test="t", head=(_frame(trace.Event.CALL, x="1"),), left_out=5, tail=(line,))

    assert _seen(run) == [[("x", "1", True)], 5, [("y", "2", True)]]
    assert [step.number for step in steps.steps(run) if isinstance(step, steps.Step)] == [1, 7]


def test_an_inner_calls_values_are_not_taken_for_the_outer_ones() -> None:
    run = trace.Trace(
        test="t",
        head=(
            _frame(trace.Event.CALL, n="1"),
            _frame(trace.Event.CALL, n="0"),
            _frame(trace.Event.RETURN, value="0"),
            _frame(trace.Event.LINE, n=".."),
        ),
        left_out=0,
        tail=(),
    )

    assert _seen(run) == [[("n", "1", True)], [("n", "0", True)], [], []]
