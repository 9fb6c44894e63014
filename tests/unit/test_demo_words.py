"""What the demo says of what it did."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper import review
from gatekeeper.outcomes import job, settlement
from gatekeeper.verdicts import verdict
from gatekeeper.views import reviews
from gatekeeper.wiring.demo import changes, ci, playing, words
from gatekeeper.workflows import uploading

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PASS, FAIL, QUIET = verdict.Conclusion.WOULD_PASS, verdict.Conclusion.WOULD_FAIL, verdict.Conclusion.NOT_ANALYSED
BROKEN, SOUND, NONE = settlement.Label.BROKEN, settlement.Label.SOUND, settlement.Label.NONE


def ran(conclusion: job.Conclusion, report: bytes | None, attempt: int = 1) -> ci.Ran:
    return ci.Ran(attempt=attempt, conclusion=conclusion, started=NOW, completed=NOW, report=report)


def taken(broken: int, tests: int) -> uploading.Taken:
    return uploading.Taken(job="upload/1", known=False, tests=tests, broken=broken, settled=("1",))


def played(
    conclusion: verdict.Conclusion,
    label: settlement.Label,
    attempts: tuple[tuple[ci.Ran, uploading.Taken], ...] = (),
    *,
    known: bool = False,
) -> playing.Played:
    listed = review.Listed(
        id="1",
        repository=playing.NAME,
        started=NOW,
        seconds=1,
        engine="sandbox",
        base="a",
        head="b",
        conclusion=conclusion,
        reason="",
        selected=9,
        of=99,
        would_fail=2 if conclusion is FAIL else 0,
    )
    result = reviews.result(label, conclusion)
    return playing.Played(
        change=changes.drawn(2),
        line=reviews.Line(listed=listed, repository_id=1, pull=None, label=label, result=result),
        ran=tuple(one for one, _ in attempts),
        taken=tuple(one for _, one in attempts),
        known=known,
    )


def test_a_line_tells_verdict_ci_and_how_they_compare() -> None:
    failed = ran(job.Conclusion.FAILURE, b"")
    said = words.line(played(FAIL, BROKEN, ((failed, taken(3, 99)),)), 24)
    assert said == (
        " 2/24  Simplify the condition of shortened (mistake): would fail (2 of 9); CI: 3 of 99 red: right\n"
    )


@pytest.mark.parametrize(
    ("conclusion", "label", "compared"),
    [
        (PASS, SOUND, "right"),
        (PASS, BROKEN, "missed"),
        (FAIL, SOUND, "false alarm"),
        (QUIET, BROKEN, "no verdict"),
        (PASS, NONE, "does not count"),
    ],
)
def test_a_line_says_how_verdict_and_ci_compare(
    conclusion: verdict.Conclusion, label: settlement.Label, compared: str
) -> None:
    assert words.line(played(conclusion, label), 24).endswith(f": {compared}\n")


@pytest.mark.parametrize(
    ("conclusion", "said"),
    [
        (job.Conclusion.TIMED_OUT, "ended by its time limit"),
        (job.Conclusion.CANCELLED, "cancelled"),
        (job.Conclusion.ERROR, "no report (error)"),
    ],
)
def test_a_line_says_why_ci_has_no_report(conclusion: job.Conclusion, said: str) -> None:
    assert f"CI: {said}: " in words.line(played(PASS, NONE, ((ran(conclusion, None), taken(0, 0)),)), 9)


def test_a_line_tells_of_every_attempt() -> None:
    both = ((ran(job.Conclusion.FAILURE, b""), taken(2, 99)), (ran(job.Conclusion.FAILURE, b"", 2), taken(1, 99)))
    assert "CI: 2 of 99 red; then 1 of 99 red: " in words.line(played(PASS, SOUND, both), 9)


def test_a_line_says_that_it_was_there_before() -> None:
    assert words.line(played(PASS, SOUND, known=True), 9).endswith(": right, as before\n")


def test_the_end_counts_everything_once() -> None:
    all_of_them = [
        played(FAIL, BROKEN),
        played(FAIL, BROKEN),
        played(PASS, BROKEN),
        played(QUIET, BROKEN),
        played(PASS, SOUND),
        played(FAIL, SOUND),
        played(QUIET, SOUND),
        played(PASS, NONE),
    ]
    said = words.ending(all_of_them, Path("/demo"))
    assert "CI found 4 of 8 broken: 2 of them were foreseen, 1 missed.\n" in said
    assert "It found 3 sound: 1 of them were let pass, 1 called broken.\n" in said
    assert "2 got no verdict.\n" in said
    assert "1 do not count" in said
    assert "tell nothing of other\nprojects" in said


def test_the_end_is_silent_about_what_there_was_not() -> None:
    said = words.ending([played(PASS, SOUND)], Path("/demo"))
    assert "no verdict" not in said
    assert "not count" not in said
