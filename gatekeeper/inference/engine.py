"""The engine that imagines: a model's samples of each affected test, after the change and before it as the control."""

import contextlib
import queue
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass, field

from gatekeeper import errors
from gatekeeper.diffs import tree as trees
from gatekeeper.impact import selection
from gatekeeper.inference import asking, generation, judgement, loop
from gatekeeper.inference.profiles import profile as profiles
from gatekeeper.simulation import engine, prediction
from gatekeeper.simulation.program import closing, project
from gatekeeper.simulation.program import program as programs

# seconds between two looks whether the review was cancelled
POLL = 0.1
# characters of a token, where the server does not count them: code has about three and a half
CHARACTERS = 3
# tokens that are left for an answer behind a program, at least
ANSWER = 4096

Connect = Callable[[], contextlib.AbstractAsyncContextManager[generation.Model]]


@dataclass(slots=True, kw_only=True)
class NeuralEngine:
    """Asks a model; implements `simulation.engine.Engine`."""

    # gives the model, checked; raises ModelError
    connect: Connect
    profile: profiles.Profile
    # of each program
    samples: int
    # test -> whether it was seen to pass before the change; where nobody looked that is assumed
    known: Mapping[str, bool] = field(default_factory=dict)
    # what looked wrong, for people
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The profile's name."""
        return self.profile.name

    def predict(
        self,
        tests: selection.Selection,
        before: trees.Tree,
        after: trees.Tree,
        budget: engine.Budget,
        cancelled: Callable[[], bool],
    ) -> Iterator[prediction.Prediction]:
        """Yield a prediction for each affected test that can be closed, and unknown with the reason for the others."""
        if not tests.affected:
            return
        patience = _Patience(end=time.monotonic() + budget.seconds, cancelled=cancelled)
        reasons = {(test.path, test.name): test.reason for test in tests.affected}
        with loop.Running() as running, contextlib.ExitStack() as stack:
            try:
                model = stack.enter_context(running.entered(self.connect(), patience.over))
            except (errors.ModelError, futures.CancelledError) as problem:
                if isinstance(problem, errors.ModelError):
                    self.notes = (str(problem),)
                judge = judgement.Judge(engine=self.name, model="", server="", reasons=reasons)
                yield from (judge.unknown(_name(test), patience.why(problem)) for test in tests.affected)
                return
            served = model.served
            judge = judgement.Judge(engine=self.name, model=served.model, server=served.server, reasons=reasons)
            review = _Review(asked=self, running=running, model=model, judge=judge, patience=patience)
            yield from review.predict(tests, before, after, budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patience:
    """How long answers are waited for."""

    # of the clock that only grows
    end: float
    cancelled: Callable[[], bool]

    def over(self) -> bool:
        return self.cancelled() or time.monotonic() >= self.end

    def why(self, problem: Exception | None = None) -> str:
        """Return why there is no answer, by the model's own failure where that is the reason."""
        if isinstance(problem, errors.ModelError):
            return str(problem)
        return "the review was cancelled" if self.cancelled() else "the review's time was over"


@dataclass(slots=True, kw_only=True)
class _Review:
    """One review, once the model is there."""

    asked: NeuralEngine
    running: loop.Running
    model: generation.Model
    judge: judgement.Judge
    patience: _Patience

    def predict(
        self, tests: selection.Selection, before: trees.Tree, after: trees.Tree, budget: engine.Budget
    ) -> Iterator[prediction.Prediction]:
        """Close the tests, then ask about those that could be."""
        groups: list[list[programs.Closed]] = []
        left = budget.tests
        both = project.Trees(before, after)
        for group in closing.groups(tests.affected):
            closed: list[programs.Closed] = []
            for one in self._closed(group, both):
                if isinstance(one, programs.NotClosed):
                    yield self.judge.unknown(one.test, one.why)
                elif left:
                    left -= 1
                    closed.append(one)
                else:
                    yield self.judge.unknown(one.test, f"beyond the review's budget of {budget.tests} tests")
            groups.append(closed)
        yield from self._answers([group for group in groups if group], budget.tokens)

    def _closed(self, group: closing.Group, both: project.Trees) -> Iterator[programs.Closed | programs.NotClosed]:
        """Yield the tests of a group, none of them closed where the model cannot count or nobody waits any more."""
        why = self.patience.why() if self.patience.over() else None
        if why is None:
            try:
                yield from closing.close(group, both, self._count, self._room())
            except (errors.ModelError, futures.CancelledError) as problem:
                # it counts before the first is yielded
                why = self.patience.why(problem)
                self._note(problem)
        if why is not None:
            yield from (programs.NotClosed(test=_name(test), why=why) for test in group)

    def _answers(
        self, groups: Sequence[Sequence[programs.Closed]], tokens: int | None
    ) -> Iterator[prediction.Prediction]:
        """Yield predictions as they come, until all are there, the time is over or the review is cancelled."""
        told: queue.SimpleQueue[prediction.Prediction | None] = queue.SimpleQueue()
        waiting = dict.fromkeys(closed.test for group in groups for closed in group)
        asker = asking.Asker(
            model=self.model,
            profile=self.asked.profile,
            samples=self.asked.samples,
            judge=self.judge,
            known=self.asked.known,
            tokens=tokens,
            tell=told.put,
        )
        work = self.running.submit(asker.ask(groups))
        work.add_done_callback(lambda _: told.put(None))
        try:
            while not self.patience.over():
                with contextlib.suppress(queue.Empty):
                    if (one := told.get(timeout=POLL)) is None:
                        break
                    waiting.pop(one.test, None)
                    yield one
            if work.done() and not work.cancelled():
                # a fault of this program, which would otherwise pass for time that was over
                work.result()
        finally:
            work.cancel()
            self._note(asker.problem)
        yield from (self.judge.unknown(test, self.patience.why()) for test in waiting)

    def _note(self, problem: Exception | None) -> None:
        """Tell people of the model's first failure, which may be no test's reason where another engine decides."""
        if isinstance(problem, errors.ModelError) and not self.asked.notes:
            self.asked.notes = (str(problem),)

    def _count(self, texts: Sequence[str]) -> list[int]:
        match self.asked.profile.way:
            case profiles.Way.TOKENS:
                return [len(ids) for ids in self.running.result(self.model.encode(texts), self.patience.over)]
            case profiles.Way.MESSAGES:
                return [1 + len(text) // CHARACTERS for text in texts]

    def _room(self) -> int:
        """Return how many tokens a program may have."""
        context = min(self.model.served.context, self.asked.profile.context)
        return max(context // 2, context - max(ANSWER, context // 4))


def _name(test: selection.AffectedTest) -> str:
    return f"{test.path}::{test.name}" if test.name else test.path
