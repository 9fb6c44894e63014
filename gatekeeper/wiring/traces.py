"""The traces of a review: of what was run by running it again, of what was imagined as the model wrote it."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from gatekeeper import errors
from gatekeeper.diffs import tree as trees
from gatekeeper.sandbox import engine
from gatekeeper.simulation import prediction, representatives, trace

# seconds of wall clock for the traces of one review
SECONDS = 60.0


def traced(
    said: Sequence[prediction.Prediction],
    asked: Sequence[str],
    sandbox: engine.SandboxEngine | None,
    after: trees.Tree,
    cancelled: Callable[[], bool],
) -> tuple[prediction.Prediction, ...]:
    """Return the predictions with a trace where one was asked for, or stands for a group of failures.

    Raises UsageError where a test was asked for that is not among them.
    """
    known = [one.test for one in said]
    for test in asked:
        if test not in known:
            raise errors.UsageError(
                f"--trace {test}: it is not among the {len(known)} affected tests{_near(test, known)}"
            )
    wanted = tuple(dict.fromkeys((*asked, *representatives.choose(said))))
    run = [one.test for one in said if one.test in wanted and not one.imagined]
    traces = sandbox.trace(run, after, SECONDS, cancelled) if sandbox else {}
    return tuple(_with_trace(one, traces, kept=one.test in wanted) for one in said)


def missing(said: Sequence[prediction.Prediction], asked: Sequence[str]) -> Iterator[str]:
    """Yield a note for each test whose trace was asked for and is not there."""
    for one in said:
        if one.test in asked and one.trace is None:
            why = "nothing was run, and the model wrote none that can be believed" if one.imagined else "it was not run"
            yield f"--trace {one.test}: it has no trace: {why}"


def _near(test: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(test, known, n=3, cutoff=0.5)
    return f"; near it: {', '.join(near)}" if near else ""


def _with_trace(said: prediction.Prediction, traces: Mapping[str, trace.Trace], *, kept: bool) -> prediction.Prediction:
    """Return the prediction with the trace of its run, and of what else was said only where traces are kept."""
    attempts = tuple(_with_trace(other, {}, kept=kept) for other in said.attempts)
    imagined = said.trace if kept else None
    return replace(said, trace=traces.get(said.test, imagined), attempts=attempts)
