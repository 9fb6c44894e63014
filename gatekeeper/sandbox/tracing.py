"""Traces of tests: a first run counts frames and tells where it is, a second one describes the frames that are kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gatekeeper.sandbox import process, running, session, workspace
from gatekeeper.simulation import masking, prediction, trace

HEAD = 50
TAIL = 200
# share of a test's fuel that a trace may burn: a hang is seen in it as well, a long test as far as it goes
SHARE = 6

Run = Callable[[session.Plan, session.Limits], session.Runs]


def runner(space: workspace.Workspace, workers: Sequence[process.Process], over: running.Over) -> Run:
    """Return what runs a plan in `space`."""

    def run(plan: session.Plan, limits: session.Limits) -> session.Runs:
        return running.run(space, plan, limits, workers, over=over)

    return run


def where(run: Run, plan: session.Plan, limits: session.Limits) -> dict[str, prediction.Location]:
    """Return the line that each hanging test of the plan was in when its fuel ended."""
    found = run(replace(plan, trace={"windows": None}), _share(limits))
    places = {}
    for test, events in found.traced.items():
        reached = [event for event in events if event["event"] == "reached"]
        if reached:
            places[test] = prediction.Location(path=str(reached[-1]["path"]), line=int(reached[-1]["line"]))
    return places


def traces(run: Run, plan: session.Plan, limits: session.Limits) -> dict[str, trace.Trace]:
    """Return the trace of each test of the plan: its first frames and its last ones."""
    counted = run(replace(plan, trace={"windows": None}), _share(limits))
    windows = {test: _window(events) for test, events in counted.traced.items() if test in _tests(plan)}
    if not windows:
        return {}
    described = run(replace(plan, trace={"windows": windows}), _share(limits))
    return {
        test: _trace(test, window, described.traced[test])
        for test, window in windows.items()
        if test in described.traced
    }


def beginnings(run: Run, plan: session.Plan, limits: session.Limits, frames: int) -> dict[str, trace.Trace]:
    """Return the first `frames` frames of each test of the plan, in one run: the tests are ended there."""
    window = (frames, frames, frames)
    described = run(replace(plan, trace={"windows": dict.fromkeys(sorted(_tests(plan)), window)}), _share(limits))
    return {test: _trace(test, window, events) for test, events in described.traced.items() if test in _tests(plan)}


def _share(limits: session.Limits) -> session.Limits:
    return replace(limits, fuel=limits.fuel // SHARE)


def _tests(plan: session.Plan) -> frozenset[str]:
    return frozenset(test for tests in plan.only.values() for test in tests)


def _window(events: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Return (frames of the head, first frame of the tail, frames in all)."""
    # a test that hung never told its count: what it reached last stands for its end
    count = max(int(event["frames"]) + (event["event"] == "reached") for event in events)
    head = min(HEAD, count)
    return head, max(head, count - TAIL), count


def _trace(test: str, window: tuple[int, int, int], events: Sequence[Mapping[str, Any]]) -> trace.Trace:
    head, tail, count = window
    frames = {int(event["number"]): frame_of(event["frame"]) for event in events if event["event"] == "frame"}
    return trace.Trace(
        test=test,
        head=tuple(frames[number] for number in range(head) if number in frames),
        left_out=max(0, tail - head),
        tail=tuple(frames[number] for number in range(max(head, tail), count) if number in frames),
    )


def frame_of(told: Mapping[str, Any]) -> trace.Frame:
    """Return a frame as the guest told it, bounded and without secrets.

    Raises KeyError, TypeError or ValueError where a hostile guest told something else.
    """
    names = {str(name)[:100]: str(value)[:300] for name, value in told["locals"].items()}
    value = told.get("value")
    return trace.Frame(
        event=trace.Event(told["event"]),
        path=str(told["path"])[:1000],
        line=int(told["line"]),
        scope=str(told["scope"])[:200],
        source=str(told["source"])[:300],
        locals={name: masking.masked(name, value) for name, value in names.items()},
        value=None if value is None else masking.masked("", str(value)[:300]),
    )
