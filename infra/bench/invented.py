"""Reviews with predictions and outcomes that nobody made: drawn from seeded distributions, as a load for databases.

Nothing of it was measured, and no figure that comes of it says anything of any engine.
"""

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gatekeeper.accuracy import parts
from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

# the day after the last review
END = datetime(2026, 11, 1, tzinfo=UTC)
# parts of reviews
_SETTLED = 0.85
_BROKEN = 0.18
_NONE = 0.05
# of pull requests that are reviewed again
_AGAIN = 0.4
# of tests: reported by CI, flaky there, asked of the model too where the sandbox decides
_REPORTED, _FLAKY, _ASKED_TWICE = 0.98, 0.001, 0.22
# of tests that nothing is said of, by the sandbox and by the model
_CANNOT, _DOES_NOT_KNOW = 0.015, 0.08
# of broken and of sound tests that the sandbox is not wrong about, and the bar that the model is held to
_RIGHT_ON_BROKEN, _RIGHT_ON_SOUND, _BAR = 0.88, 0.998, 0.8
_MODELS = {"sandbox": "CPython 3.14.0", "cwm": "facebook/cwm"}
_PASS, _FAIL, _UNKNOWN = prediction.Outcome.PASS, prediction.Outcome.FAIL, prediction.Outcome.UNKNOWN
_REAL = {
    (outcome, why): settlement.Outcome(outcome=outcome, uncounted=why)
    for outcome in (_PASS, _FAIL)
    for why in (None, settlement.Uncounted.FLAKY)
}


@dataclass(slots=True, kw_only=True)
class Test:
    """A test with its history."""

    id: str
    seconds: float
    runs: int = 0
    failures: int = 0
    flaky: int = 0
    last: prediction.Outcome | None = None
    predicted: int = 0
    wrong: int = 0

    @property
    def key(self) -> str:
        """Its name in the records of tests."""
        path, _, name = self.id.partition("::")
        return f"{path.removesuffix('.py').replace('/', '.')}::{name}"


@dataclass(slots=True, kw_only=True)
class Repository:
    """A repository with its tests."""

    id: int
    name: str
    engine: str
    tests: list[Test]
    pull: int = 0

    @property
    def number(self) -> int:
        """GitHub's number."""
        return 1_000_000 + self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review, what was said in it, and what CI made of it."""

    id: str
    repository: Repository
    pull: int
    head: str
    started: datetime
    seconds: float
    conclusion: verdict.Conclusion
    # what decided comes last of each test's
    said: list[parts.Said]
    settled: settlement.Settlement | None
    ci_seconds: float
    # test -> real outcome, with why it does not count
    real: dict[str, settlement.Outcome] = field(default_factory=dict)

    @property
    def decided(self) -> list[parts.Said]:
        """What decided each test."""
        return [one for one in self.said if one.decided]


def repositories(count: int, rng: random.Random) -> list[Repository]:
    """Return so many repositories of 150 to 1,500 tests."""
    return [
        Repository(
            id=number,
            name=f"organisation-{number % 7}/project-{number:02}",
            engine=rng.choices(("sandbox", "cascade", "cwm"), (6, 3, 1))[0],
            tests=_tests(rng.randint(150, 1_500), rng),
        )
        for number in range(1, count + 1)
    ]


def _tests(count: int, rng: random.Random) -> list[Test]:
    return [
        Test(
            id=f"tests/part{number % 23}/test_module{number % 61}.py::test_case_{number}[{rng.randint(0, 99)}]",
            seconds=rng.lognormvariate(-3, 1.5),
        )
        for number in range(count)
    ]


def reviews(owners: list[Repository], count: int, predictions: int, rng: random.Random) -> Iterator[Review]:
    """Yield so many reviews over a year, oldest first, with about so many predictions in all."""
    weights = list(itertools.accumulate(1 / math.sqrt(owner.id) for owner in owners))
    for number in range(count):
        owner = rng.choices(owners, cum_weights=weights)[0]
        began = END - timedelta(days=365) * (1 - (number + rng.random()) / count)
        # what comes by chance is 1 on the average
        size = predictions / count * rng.lognormvariate(-0.32, 0.8) / (1.25 if owner.engine == "cascade" else 1)
        yield _review(owner, began, max(1, min(round(size), len(owner.tests))), rng)


def _review(owner: Repository, began: datetime, size: int, rng: random.Random) -> Review:
    owner.pull += owner.pull == 0 or rng.random() > _AGAIN
    first = rng.randrange(len(owner.tests))
    chosen = [owner.tests[(first + step) % len(owner.tests)] for step in range(size)]
    breaks = rng.random() < _BROKEN
    broken = {test.id for test in rng.sample(chosen, min(size, 1 + int(rng.expovariate(0.4))))} if breaks else set()
    said = [one for test in chosen for one in _said(owner, test, rng, broken=test.id in broken)]
    decided = [one for one in said if one.decided]
    conclusion = _conclusion(decided)
    ci_seconds = rng.lognormvariate(6.2, 0.7)
    seconds = rng.lognormvariate(2.5, 0.8)
    settled, real = None, {}
    if rng.random() < _SETTLED:
        real = {test.id: _real(test, rng, broken=test.id in broken) for test in chosen if rng.random() < _REPORTED}
        settled = _settlement(real, began + timedelta(seconds=ci_seconds), rng, breaks=breaks)
        _note(chosen, {one.test: one for one in decided}, real)
    return Review(
        id=f"{rng.getrandbits(128):032x}",
        repository=owner,
        pull=owner.pull,
        head=f"{rng.getrandbits(160):040x}",
        started=began,
        seconds=seconds,
        conclusion=conclusion,
        said=said,
        settled=settled,
        ci_seconds=ci_seconds,
        real=real,
    )


def _said(owner: Repository, test: Test, rng: random.Random, *, broken: bool) -> Iterator[parts.Said]:
    match owner.engine:
        case "sandbox":
            yield _one("sandbox", test, *_executed(rng, broken=broken), decided=True)
        case "cwm":
            yield _one("cwm", test, *_imagined(rng, broken=broken), decided=True)
        case _:
            # what the sandbox knows decides; the model was asked of every fourth too
            outcome, p_fail = _executed(rng, broken=broken)
            if outcome is _UNKNOWN or rng.random() < _ASKED_TWICE:
                yield _one("cwm", test, *_imagined(rng, broken=broken), decided=False)
            yield _one("sandbox", test, outcome, p_fail, decided=True)


def _executed(rng: random.Random, *, broken: bool) -> tuple[prediction.Outcome, float | None]:
    if rng.random() < _CANNOT:
        return _UNKNOWN, None
    right = rng.random() < (_RIGHT_ON_BROKEN if broken else _RIGHT_ON_SOUND)
    return (_FAIL, 1.0) if right == broken else (_PASS, 0.0)


def _imagined(rng: random.Random, *, broken: bool) -> tuple[prediction.Outcome, float | None]:
    if rng.random() < _DOES_NOT_KNOW:
        return _UNKNOWN, None
    score = rng.betavariate(5, 2) if broken else rng.betavariate(0.3, 9)
    return (_FAIL if score >= _BAR else _PASS), round(score, 3)


def _one(engine: str, test: Test, outcome: prediction.Outcome, p_fail: float | None, *, decided: bool) -> parts.Said:
    return parts.Said(
        test=test.id,
        engine=engine,
        model=_MODELS[engine],
        version="1",
        outcome=outcome,
        p_fail=p_fail,
        would_fail=outcome is _FAIL,
        already_failing=False,
        decided=decided,
        last_outcome=test.last,
        failure_rate=test.failures / test.runs if test.runs else None,
    )


def _conclusion(decided: list[parts.Said]) -> verdict.Conclusion:
    if any(one.would_fail for one in decided):
        return verdict.Conclusion.WOULD_FAIL
    known = sum(one.p_fail is not None for one in decided)
    return verdict.Conclusion.WOULD_PASS if known >= 0.95 * len(decided) else verdict.Conclusion.NOT_ANALYSED


def _real(test: Test, rng: random.Random, *, broken: bool) -> settlement.Outcome:
    flaky = rng.random() < _FLAKY
    test.flaky += flaky
    return _REAL[_FAIL if broken or flaky else _PASS, settlement.Uncounted.FLAKY if flaky else None]


def _settlement(
    real: dict[str, settlement.Outcome], known: datetime, rng: random.Random, *, breaks: bool
) -> settlement.Settlement:
    kept_out = tuple(
        settlement.Kept(kind=one.uncounted, what=test, why="both results on one commit")
        for test, one in real.items()
        if one.uncounted is not None
    )
    counts = any(one.uncounted is None and one.outcome.broken for one in real.values())
    nothing = rng.random() < _NONE or (breaks and not counts)
    label = settlement.Label.BROKEN if counts else settlement.Label.SOUND
    return settlement.Settlement(
        label=settlement.Label.NONE if nothing else label,
        why="drawn by chance",
        known=known,
        outcomes=real,
        kept_out=kept_out,
        unselected=rng.randint(0, 500),
        unreported=rng.randint(0, 3),
        unmatched=rng.randint(0, 2),
        missed=(),
        timed_out=False,
        began=known - timedelta(seconds=120),
        ended=known,
        job_seconds=rng.lognormvariate(6.5, 0.7),
        first_broken=known if counts else None,
    )


def _note(chosen: list[Test], decided: dict[str, parts.Said], real: dict[str, settlement.Outcome]) -> None:
    for test in chosen:
        became = real.get(test.id)
        if became is None:
            continue
        test.runs += 1
        test.failures += became.outcome.broken
        test.last = became.outcome
        said = decided[test.id]
        if became.uncounted is None and said.p_fail is not None:
            test.predicted += 1
            test.wrong += became.outcome.broken != said.would_fail


def kept_out(review: Review) -> dict[str, Any]:
    """Return the counts of a settled review's tests, as settlements keep them."""
    assert review.settled is not None
    counted = [one for one in review.real.values() if one.uncounted is None]
    return {
        "predicted": len(review.decided),
        "would_fail": sum(one.would_fail for one in review.decided),
        "matched": len(review.real),
        "counted": len(counted),
        "broken": sum(one.outcome.broken for one in counted),
        "unselected": review.settled.unselected,
        "unreported": review.settled.unreported,
        "unmatched": review.settled.unmatched,
        "missed": 0,
        "uncounted": {"flaky": len(review.settled.kept_out)} if review.settled.kept_out else {},
    }
