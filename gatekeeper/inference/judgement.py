"""From what a model's samples say, after and before, to what is predicted of a test. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gatekeeper.inference import generation, opinion
from gatekeeper.simulation import agreement, masking, prediction, trace
from gatekeeper.simulation.program import program as programs

# raised when the same answers would be judged otherwise
VERSION = "1"
# frames that a trace keeps at its start and at its end
HEAD, TAIL = 50, 200
# parts that a program lacks of what its test may reach, of which a prediction keeps the first
LEFT_OUT = 20
# characters of an exception, and of a value or a line in a trace
LONGEST, CUT = 500, 300

_PASSES = {
    prediction.Control.EXECUTED: "passes before the change, not after",
    prediction.Control.ASSUMED: "is taken to pass before the change, and does not after",
    prediction.Control.NONE: "new, and does not pass",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What is known beside the samples themselves."""

    engine: str
    model: str
    server: str
    # (module, name of a test) -> why it was selected
    reasons: Mapping[tuple[str, str], str]

    def judged(
        self,
        closed: programs.Closed,
        after: opinion.Opinion,
        before: opinion.Opinion | None,
        control: prediction.Control,
        usage: generation.Usage,
    ) -> prediction.Prediction:
        """Return the prediction for a test whose programs were simulated."""
        agreed = agreement.agree(after.votes, before.votes if before else None, control)
        cost = prediction.Cost(
            seconds=usage.seconds,
            tokens=usage.prompt_tokens + usage.completion_tokens,
            cached_tokens=usage.cached_tokens,
            completion_tokens=usage.completion_tokens,
        )
        left_out = tuple(f"{part.what}: {part.why}"[:CUT] for part in closed.after.left_out[:LEFT_OUT])
        if agreed.score is None:
            unknown = prediction.Outcome.UNKNOWN
            return self._said(closed.test, unknown, agreed.why, control=control, cost=cost, left_out=left_out)
        outcome = prediction.Outcome.FAIL if agreed.fails else prediction.Outcome.PASS
        spokesman = after.spokesman(fails=agreed.fails) or opinion.Said(vote=agreement.Vote(fails=None))
        exception = _shown("", spokesman.exception, LONGEST) if spokesman.exception else None
        return self._said(
            closed.test,
            outcome,
            _PASSES[control] if agreed.fails else self._why(closed.test),
            score=agreed.score,
            exception=exception,
            traceback=spokesman.traceback,
            trace=_trace(closed.test, spokesman.frames),
            control=control,
            cost=cost,
            left_out=left_out,
        )

    def unknown(self, test: str, why: str) -> prediction.Prediction:
        """Return the prediction for a test that could not be asked about."""
        return self._said(test, prediction.Outcome.UNKNOWN, why)

    def _why(self, test: str) -> str:
        path, _, name = test.partition("::")
        known = self.reasons.get((path, name.partition("[")[0])) or self.reasons.get((path, ""))
        return known or "collected from a module with affected tests"

    def _said(
        self,
        test: str,
        outcome: prediction.Outcome,
        reason: str,
        *,
        score: float | None = None,
        exception: str | None = None,
        traceback: tuple[prediction.Location, ...] = (),
        trace: trace.Trace | None = None,
        control: prediction.Control | None = None,
        cost: prediction.Cost | None = None,
        left_out: tuple[str, ...] = (),
    ) -> prediction.Prediction:
        return prediction.Prediction(
            test=test,
            outcome=outcome,
            p_fail=score,
            reason=reason,
            exception=exception,
            at=traceback[-1] if traceback else None,
            traceback=traceback,
            trace=trace,
            cost=cost or prediction.Cost(),
            engine=self.engine,
            model=self.model,
            version=f"{VERSION} {self.server}".strip(),
            raw_score=score,
            imagined=True,
            control=control,
            left_out=left_out,
        )


def _trace(test: str, frames: tuple[trace.Frame, ...]) -> trace.Trace | None:
    # without what was written to call the test
    frames = tuple(_masked(frame) for frame in frames if frame.path)
    if not frames:
        return None
    tail = frames[max(HEAD, len(frames) - TAIL) :]
    return trace.Trace(test=test, head=frames[:HEAD], left_out=max(0, len(frames) - HEAD - len(tail)), tail=tail)


def _masked(frame: trace.Frame) -> trace.Frame:
    locals_ = {name[:100]: _shown(name, value, CUT) for name, value in frame.locals.items()}
    value = None if frame.value is None else _shown("", frame.value, CUT)
    return replace(frame, source=frame.source[:CUT], locals=locals_, value=value)


def _shown(name: str, value: str, most: int) -> str:
    """Return so many characters of a value, or the mask; what begins before the cut is looked at beyond it."""
    return masking.masked(name, value[: 2 * most])[:most]
