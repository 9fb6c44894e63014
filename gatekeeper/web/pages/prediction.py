"""`GET /reviews/{id}/tests/{position}`: one test of a review, and its run step by step."""

from collections.abc import Iterator
from dataclasses import dataclass

import flask

from gatekeeper.report import difflines, stops
from gatekeeper.simulation import trace
from gatekeeper.views import reviewpage
from gatekeeper.web.pages import addresses, review
from gatekeeper.web.pages.using import Using

# lines of source around a step, steps around it in the list, open calls
_AROUND, _NEAR, _DEEP = 8, 5, 12
# characters
_LONGEST_DIFF = 500_000
# of the strip of steps, in its own units
_HIGH, _DEEPEST, _WIDEST = 36, 10, 24
_SAID = {
    trace.Event.CALL: "is called",
    trace.Event.LINE: "is about to run this line",
    trace.Event.RETURN: "returns",
    trace.Event.EXCEPTION: "raises",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One step in the strip, as high as calls are open."""

    # 0-based place of the step
    at: int
    x: float
    width: float
    y: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """0-based places that the viewer's keys go to; None where there is nowhere to go."""

    first: int | None
    before: int | None
    after: int | None
    last: int | None
    departure: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that the viewer shows at one step."""

    run: stops.Run
    # 0-based place of the step among `of`
    at: int
    of: int
    stop: stops.Stop
    event: str
    moves: Moves
    lines: tuple[stops.Line, ...]
    values: tuple[stops.Value, ...]
    outcome: stops.Value | None
    # 0-based place and step
    near: tuple[tuple[int, stops.Stop], ...]
    ticks: tuple[Tick, ...]
    deep: int = _DEEP


def answer(using: Using, identity: str, position: int) -> flask.Response:
    """Answer with the test at `position`, at the step that the address names; 404 where there is none."""
    found = using.queries.prediction(using.audience, identity, position) if review.is_id(identity) else None
    if found is None:
        flask.abort(404, "There is no such test of a review here; it may have been deleted.")
    return using.render("pages/prediction.html", here="reviews", found=found, view=_view(found))


def _view(found: reviewpage.PredictionPage) -> View | None:
    run = _run(found)
    if run is None or not run.stops:
        return None
    last = len(run.stops) - 1
    wanted = addresses.step(flask.request.args, last)
    at = _opening(run) if wanted is None else wanted
    stop = run.stops[at]
    near = range(max(0, at - _NEAR), min(last, at + _NEAR) + 1)
    return View(
        run=run,
        at=at,
        of=len(run.stops),
        stop=stop,
        event=_SAID[stop.pair.leading.frame.event],
        moves=Moves(
            first=0 if at else None,
            before=at - 1 if at else None,
            after=at + 1 if at < last else None,
            last=last if at < last else None,
            departure=run.departure,
        ),
        lines=stops.around(run, stop, _AROUND),
        values=stops.values(stop),
        outcome=stops.outcome(stop),
        near=tuple((place, run.stops[place]) for place in near),
        ticks=tuple(_ticks(run)),
    )


def _opening(run: stops.Run) -> int:
    """Return where the two sides depart, else where a line that the change added is come to first, else the start."""
    if run.departure is not None:
        return run.departure
    places = ((stop.pair.leading.frame.path, stop.pair.leading.frame.line) for stop in run.stops)
    return next((at for at, place in enumerate(places) if place in run.added), 0)


def _run(found: reviewpage.PredictionPage) -> stops.Run | None:
    executed = found.executed.trace if found.executed else None
    imagined = found.imagined.trace if found.imagined else None
    if executed is None and imagined is None:
        return None
    return stops.Run(executed=executed, imagined=imagined, changed=_changed(found))


def _changed(found: reviewpage.PredictionPage) -> tuple[difflines.Part, ...]:
    """Return the changed files; none of a diff so long that every step would wait for it."""
    if found.diff is None or len(found.diff.text) > _LONGEST_DIFF:
        return ()
    return tuple(difflines.parts(found.diff))


def _ticks(run: stops.Run) -> Iterator[Tick]:
    width = min(1000 / len(run.stops), _WIDEST)
    for at, stop in enumerate(run.stops):
        depth = min(stop.pair.leading.depth, _DEEPEST)
        height = _HIGH * (0.25 + 0.75 * depth / _DEEPEST)
        event = stop.pair.leading.frame.event
        kind = "differs" if stop.differs else "raises" if event is trace.Event.EXCEPTION else "plain"
        yield Tick(
            at=at,
            x=round(at * width, 2),
            width=round(max(width * 0.86, width - 2), 2),
            y=round(_HIGH - height, 2),
            height=round(height, 2),
            kind=kind,
        )
