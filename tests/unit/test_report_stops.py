"""Steps of a run and of what was imagined of it, one by one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.report import difflines, stops
from gatekeeper.simulation import trace
from tests.integration import report_samples

_RUN = replace(report_samples.run_of_shares(), left_out=0)
_CUT = report_samples.run_of_shares()
_CHANGED = tuple(difflines.parts(report_samples.realistic().diff))


def _run(executed: trace.Trace | None = _RUN, imagined: trace.Trace | None = None) -> stops.Run:
    return stops.Run(executed=executed, imagined=imagined, changed=_CHANGED)


def _with(run: trace.Trace, place: int, **fields: object) -> trace.Trace:
    """Return a run whose frame at `place` is another."""
    frames = [*run.head, *run.tail]
    frames[place] = replace(frames[place], **fields)  # type: ignore[arg-type]
    return replace(run, head=tuple(frames), tail=())


def test_a_run_that_was_imagined_as_it_was_does_not_depart() -> None:
    run = _run(imagined=_RUN)

    assert run.departure is None
    assert not any(stop.differs for stop in run.stops)


def test_the_first_departure_is_where_a_value_differs_first() -> None:
    run = _run(imagined=_with(_RUN, 5, locals={**_RUN.tail[1].locals, "rest": "7"}))
    named = {one.name: one for one in stops.values(run.stops[5])}

    assert run.departure == 5
    assert (named["rest"].executed, named["rest"].predicted, named["rest"].differs) == ("1", "7", True)
    assert not named["total"].differs


def test_what_is_returned_otherwise_is_a_difference_of_the_outcome() -> None:
    run = _run(imagined=_with(_RUN, 7, value="[34, 33, 33]"))
    outcome = stops.outcome(run.stops[7])

    assert run.departure == 7
    assert outcome is not None
    assert (outcome.name, outcome.executed, outcome.predicted) == ("returned", "[34]", "[34, 33, 33]")
    assert outcome.differs
    raised = stops.outcome(run.stops[8])
    assert raised is not None
    assert raised.name == "raised"


def test_a_model_that_stops_early_departs_where_it_stops_and_one_that_was_cut_does_not() -> None:
    short = replace(_RUN, tail=_RUN.tail[:2])
    cut = replace(_RUN, head=_RUN.head[:3], left_out=9, tail=_RUN.tail)

    assert _run(imagined=short).departure == 6
    assert _run(imagined=cut).departure is None
    assert not any(stop.differs for stop in _run(imagined=cut).stops)


def test_steps_are_numbered_over_frames_that_were_not_kept() -> None:
    run = _run(_CUT)

    assert [stop.number for stop in run.stops] == [1, 2, 3, 4, 7, 8, 9, 10, 11]
    assert (run.gap, run.left_out) == (4, 2)
    # what was in a frame that was not kept is not guessed
    assert {one.name for one in stops.values(run.stops[4])} == {"rest", "index"}


def test_lines_around_a_step_come_from_frames_and_from_the_change() -> None:
    run = _run()
    lines = stops.around(run, run.stops[4], 4)

    assert [line.number for line in lines if line.here] == [17]
    assert [line.number for line in lines] == [13, 14, 15, 16, 17, 18, 19, 20, 21]
    assert {line.number for line in lines if line.added} == {15, 16, 17, 18, 19, 20}


def test_lines_of_which_nothing_is_known_are_one_gap() -> None:
    frames = (replace(_RUN.head[1], line=3), replace(_RUN.head[1], line=9))
    run = stops.Run(executed=replace(_RUN, head=frames, tail=()), imagined=None)

    assert [line.number for line in stops.around(run, run.stops[0], 8)] == [3, None, 9]


def test_where_the_model_is_elsewhere_in_the_file_its_line_is_marked() -> None:
    run = _run(imagined=_with(_RUN, 4, line=20, source="    return parts[:index]"))
    marked = [line.number for line in stops.around(run, run.stops[4], 8) if line.predicted]

    assert run.departure == 4
    assert marked == [20]


@pytest.mark.parametrize("imagined", [None, _RUN])
def test_either_side_may_be_absent(imagined: trace.Trace | None) -> None:
    run = _run(None if imagined else _RUN, imagined)

    assert not run.compared
    assert run.departure is None
    assert len(run.stops) == 9


@given(st.none() | report_samples.TRACES, report_samples.TRACES)
def test_whatever_was_recorded_can_be_stepped_through(executed: trace.Trace | None, imagined: trace.Trace) -> None:
    run = stops.Run(executed=executed, imagined=imagined, changed=_CHANGED)
    for stop in run.stops:
        stops.values(stop)
        stops.outcome(stop)
        stops.around(run, stop, 5)
    assert run.departure is None or run.stops[run.departure].differs
    assert len(run.stops) <= max(len(side.head) + len(side.tail) for side in (executed, imagined) if side) + max(
        len(side.tail) for side in (executed, imagined) if side
    )
