"""The way of a pull request, as one value: what was judged, what was selected, what was said."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gatekeeper.diffs import diff
from gatekeeper.halting import risk
from gatekeeper.impact import selection
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

# what a verdict rests on where a test that would fail was run
EXECUTED = "executed"


class Judged(StrEnum):
    """Which tree stands for the pull request."""

    # base's tip merged with head: what CI tests on `pull_request`
    MERGE = "merge"
    # head itself, against the merge base
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The pull request as object ids (40 or 64 hex digits)."""

    # what people call the repository: `owner/name`, or a folder's absolute path
    repository: str
    base: str
    merge_base: str
    head: str
    judged: Judged
    # ids of the two trees that are compared
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One evaluation of a pull request, finished."""

    id: str
    subject: Subject
    started: datetime
    # wall-clock seconds from start to verdict
    seconds: float
    engine: str
    # what was neutralised, left out or assumed, for people to read
    notes: tuple[str, ...]
    diff: diff.Diff
    selection: selection.Selection
    predictions: tuple[prediction.Prediction, ...]
    # tests in the repository, of which `predictions` are those that the change can affect
    of: int
    # what the verdict was held to
    policy: verdict.Policy = field(default_factory=verdict.Policy)
    verdict: verdict.Verdict
    # whether the changed functions that can loop end; empty where nobody was asked
    halting: tuple[risk.HaltingRisk, ...] = ()
    # stage -> seconds
    timings: dict[str, float]

    @property
    def proven(self) -> bool:
        """Whether a test that would fail was run, and not only imagined."""
        return verdict.proven(self.predictions, self.policy)

    @property
    def basis(self) -> str | None:
        """What would block: `executed`, or the engine that imagined every test that would fail; None: nothing."""
        if self.verdict.conclusion is not verdict.Conclusion.WOULD_FAIL:
            return None
        if self.proven:
            return EXECUTED
        return min(said.engine for said in self.predictions if verdict.fails(said, self.policy))

    @property
    def rests_on(self) -> str:
        """What the verdict rests on, whatever it is: `executed`, or the engine that imagined every test."""
        imagined = {said.engine for said in self.predictions if said.imagined}
        ran = any(not said.imagined for said in self.predictions)
        return self.basis or (min(imagined) if imagined and not ran else EXECUTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A review as one line of a list."""

    id: str
    repository: str
    started: datetime
    seconds: float
    engine: str
    base: str
    head: str
    conclusion: verdict.Conclusion
    reason: str
    # tests: predicted, in the repository, held against the change
    selected: int
    of: int
    would_fail: int


def listed(done: Review) -> Listed:
    """Return `done` as a list shows it."""
    return Listed(
        id=done.id,
        repository=done.subject.repository,
        started=done.started,
        seconds=done.seconds,
        engine=done.engine,
        base=done.subject.base,
        head=done.subject.head,
        conclusion=done.verdict.conclusion,
        reason=done.verdict.reason,
        selected=len(done.predictions),
        of=done.of,
        would_fail=sum(verdict.fails(said, done.policy) for said in done.predictions),
    )
