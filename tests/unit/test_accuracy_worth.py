from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest

from gatekeeper.accuracy import worth
from gatekeeper.outcomes import job, settlement
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

Label: TypeAlias = settlement.Label

FAILS, PASSES = verdict.Conclusion.WOULD_FAIL, verdict.Conclusion.WOULD_PASS
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def ran(started: datetime | None, completed: datetime | None) -> job.Job:
    return job.Job(
        id="actions/1/1/1",
        sha="5" * 40,
        tested=job.Tested.MERGE,
        name="test",
        conclusion=job.Conclusion.FAILURE,
        started=started,
        completed=completed,
        report=job.Report(source=job.Source.NONE),
        known=NOON,
    )


def settled(label: Label, ended: datetime | None = None) -> settlement.Settlement:
    return settlement.Settlement(
        label=label,
        why="because",
        known=NOON,
        outcomes={},
        kept_out=(),
        unselected=0,
        unreported=0,
        unmatched=0,
        missed=(),
        timed_out=False,
        began=None,
        ended=ended,
        job_seconds=0.0,
        first_broken=None,
    )


# before the verdict at 5; across it; after it; never run; damaged
JOBS = (ran(at(1), at(4)), ran(at(1), at(15)), ran(at(10), at(30)), ran(None, at(40)), ran(at(9), at(8)))


def test_a_verdict_that_was_right_to_fail_saves_what_ran_after_it() -> None:
    found = worth.of_review(settled(Label.BROKEN, at(30)), JOBS, FAILS, requested=NOON, published=at(5))
    assert found == worth.Worth(verdict_seconds=300, ci_seconds=1800, saved_seconds=600 + 1200)


@pytest.mark.parametrize(
    ("label", "conclusion"),
    [
        (Label.SOUND, FAILS),
        (Label.NONE, FAILS),
        (Label.BROKEN, PASSES),
        (Label.BROKEN, verdict.Conclusion.NOT_ANALYSED),
    ],
)
def test_any_other_verdict_saves_nothing(label: Label, conclusion: verdict.Conclusion) -> None:
    found = worth.of_review(settled(label), JOBS, conclusion, requested=NOON, published=at(5))
    assert found == worth.Worth(verdict_seconds=300, ci_seconds=None, saved_seconds=0)


def test_a_verdict_after_ci_saves_nothing() -> None:
    found = worth.of_review(settled(Label.BROKEN, at(30)), JOBS, FAILS, requested=NOON, published=at(31))
    assert found.saved_seconds == 0


def test_costs_are_told_apart_by_who_was_asked() -> None:
    ran_it, asked = prediction.Cost(seconds=2, fuel=9), prediction.Cost(seconds=3, tokens=50, cached_tokens=20)
    found = worth.spent([(False, ran_it), (True, asked), (True, asked)])
    assert found == worth.Spent(cpu_seconds=2, gpu_seconds=6, tokens=100)
    assert worth.spent([]) == worth.Spent()
