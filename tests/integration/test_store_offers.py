"""What is offered beyond verdicts: kept, given back, and what became of it counted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from gatekeeper import evaluation
from gatekeeper import offers as values
from gatekeeper.outcomes import job
from gatekeeper.repair import candidate, fate
from gatekeeper.simulation import prediction
from gatekeeper.store import database, evaluations, fates, offers, records, repositories
from gatekeeper.store.views import overviews, repositorypages
from gatekeeper.views import fixes as views
from gatekeeper.views import repository as pages
from gatekeeper.workflows import settling
from tests.integration import offer_samples, report_samples, view_samples
from tests.integration import outcome_samples as samples
from tests.integration.outcome_samples import FAIL, NOW, PASS, PLACE

pytestmark = pytest.mark.enable_socket

_DONE = report_samples.realistic()
EDIT, MODEL, UNDO = candidate.Source.EDIT, candidate.Source.MODEL, candidate.Source.UNDO
OFFERED, APPLIED, IGNORED = fate.Became.OFFERED, fate.Became.APPLIED, fate.Became.IGNORED


def _fix(source: candidate.Source, *mends: str, text: str = "x = 1\n") -> candidate.FixCandidate:
    return candidate.FixCandidate(
        source=source,
        replacement=candidate.Replacement(path="sums.py", start=1, end=1, text=text),
        diff="--- a/sums.py\n+++ b/sums.py\n",
        mends=mends or ("one",),
        mended=("tests/test_sums.py::test_add", "tests/test_sums.py::test_sub"),
        kept=3,
        tried_by="sandbox",
    )


def _offer(engine: sqlalchemy.Engine, number: int, *fixes: candidate.FixCandidate, pull: int = 7, days: int = 0) -> str:
    """Record the review of the pull request's head of that number, `days` days later, and its fixes; return its id."""
    at = NOW + timedelta(days=days)
    done = samples.reviewed(number, [samples.said("test_add", FAIL), samples.said("test_sub", FAIL)], at=at)
    samples.record(engine, done, pull=pull)
    offers.record(engine, done.id, values.Offers(fixes=fixes))
    return done.id


def _became(engine: sqlalchemy.Engine, review: str) -> list[fate.Became]:
    return [one.became for one in _fates(engine, review)]


def _fates(engine: sqlalchemy.Engine, review: str) -> tuple[fate.Fate, ...]:
    with database.session(engine) as session:
        return fates.read(session, review)


def _figures(engine: sqlalchemy.Engine, days: int = 7) -> Sequence[views.FixFigures]:
    return overviews.overview(engine, view_samples.EVERYTHING, days, NOW).fixes


def _counted(engine: sqlalchemy.Engine) -> list[tuple[candidate.Source, int, int, int]]:
    return [(one.source, one.offered, one.applied, one.ignored) for one in _figures(engine)]


def test_whatever_is_offered_comes_back_as_it_was(engine: sqlalchemy.Engine) -> None:
    records.record(engine, _DONE)
    kept = offer_samples.offered(_DONE)

    offers.record(engine, _DONE.id, kept)

    assert offers.of_review(engine, _DONE.id) == kept
    assert _became(engine, _DONE.id) == [OFFERED] * len(kept.fixes)


def test_what_was_offered_first_stays_whatever_is_found_the_second_time(engine: sqlalchemy.Engine) -> None:
    records.record(engine, _DONE)
    first = values.Offers(fixes=(_fix(EDIT),))

    offers.record(engine, _DONE.id, first)
    offers.record(engine, _DONE.id, offer_samples.offered(_DONE))

    assert offers.of_review(engine, _DONE.id) == first


def test_what_no_database_takes_comes_back_as_it_was(engine: sqlalchemy.Engine) -> None:
    records.record(engine, _DONE)
    attacked = values.Offers(fixes=(_fix(EDIT, view_samples.ATTACK, text=view_samples.ATTACK),))

    offers.record(engine, _DONE.id, attacked)

    assert offers.of_review(engine, _DONE.id) == attacked


@pytest.mark.parametrize(("kind", "wanted"), [("would_fail", True), ("would_pass", False), ("not_analysed", False)])
def test_fixes_are_wanted_for_failures(engine: sqlalchemy.Engine, kind: str, *, wanted: bool) -> None:
    review = view_samples.reviewed(engine, 1, kind, None, days=1)

    assert offers.is_wanted(engine, review) is wanted


def test_tests_are_wanted_for_what_none_reaches(engine: sqlalchemy.Engine) -> None:
    done = samples.reviewed(1, [samples.said("test_add")])
    unreached = replace(done, selection=replace(done.selection, unreached=("pack.sums.more",)))
    records.record(engine, unreached)

    assert offers.is_wanted(engine, done.id)
    assert not offers.is_wanted(engine, "never recorded")


def test_each_finding_of_a_pull_request_is_counted_once(engine: sqlalchemy.Engine) -> None:
    _offer(engine, 1, _fix(EDIT, "one"), _fix(UNDO, "one"), _fix(MODEL, "two"))
    _offer(engine, 2, _fix(EDIT, "one"))
    _offer(engine, 3, _fix(UNDO, "one"), pull=8)

    assert _counted(engine) == [(EDIT, 1, 0, 0), (MODEL, 1, 0, 0), (UNDO, 1, 0, 0)]


def test_the_fix_that_was_applied_counts_in_the_place_of_the_best(engine: sqlalchemy.Engine) -> None:
    review = _offer(engine, 1, _fix(EDIT), _fix(UNDO))

    fates.apply(engine, [(review, 1)], samples.head(2), by="ada", now=NOW)
    fates.apply(engine, [(review, 1)], samples.head(3), now=NOW + timedelta(hours=1))

    assert _counted(engine) == [(UNDO, 1, 1, 0)]
    assert _fates(engine, review)[1] == fate.Fate(became=APPLIED, commit=samples.head(2), by="ada", at=NOW)


def test_what_was_ignored_may_come_to_be_applied_and_not_the_other_way(engine: sqlalchemy.Engine) -> None:
    review = _offer(engine, 1, _fix(EDIT))

    fates.ignore(engine, [(review, 0)], now=NOW)
    assert _counted(engine) == [(EDIT, 1, 0, 1)]
    fates.apply(engine, [(review, 0)], samples.head(2), now=NOW)
    fates.ignore(engine, [(review, 0)], now=NOW)

    assert _counted(engine) == [(EDIT, 1, 1, 0)]


def test_what_is_not_applied_is_told_with_the_head_that_it_was_offered_for(engine: sqlalchemy.Engine) -> None:
    first, second = _offer(engine, 1, _fix(EDIT), _fix(UNDO)), _offer(engine, 2, _fix(MODEL), days=1)
    _offer(engine, 3, _fix(EDIT), pull=8)
    fates.apply(engine, [(first, 0)], samples.head(2), now=NOW)

    found = fates.not_applied(engine, PLACE.repository, 7)

    assert [(one.review, one.position, one.head) for one in found] == [
        (first, 1, samples.head(1)),
        (second, 0, samples.head(2)),
    ]
    assert found[0].replacement == _fix(UNDO).replacement


def test_a_pull_request_that_is_closed_ignored_what_its_reviewed_head_lacks(engine: sqlalchemy.Engine) -> None:
    review, other = _offer(engine, 1, _fix(EDIT)), _offer(engine, 2, _fix(EDIT), pull=8)

    evaluations.close(engine, PLACE.repository, pull=7, now=NOW)

    assert (_became(engine, review), _became(engine, other)) == ([IGNORED], [OFFERED])
    assert _fates(engine, review)[0].at == NOW


def test_nothing_is_known_where_the_head_that_was_closed_was_not_reviewed(engine: sqlalchemy.Engine) -> None:
    review = _offer(engine, 1, _fix(EDIT))
    done = samples.reviewed(2, [samples.said("test_add")], at=NOW + timedelta(days=1))
    with database.writing(engine) as session:
        newer = evaluation.Asked(
            id="newer",
            place=PLACE,
            pull=7,
            head=done.subject.head,
            head_ref="refs/pull/7/head",
            base="b" * 40,
            base_ref="main",
        )
        evaluations.ask(session, newer, done.started)

    evaluations.close(engine, PLACE.repository, pull=7, now=NOW)

    assert _became(engine, review) == [OFFERED]


@pytest.mark.parametrize(
    ("real", "after"),
    [
        pytest.param({"test_add": PASS, "test_sub": PASS}, fate.After.PASSED, id="all that it mends pass"),
        pytest.param({"test_add": PASS, "test_sub": FAIL}, fate.After.FAILED, id="one does not"),
        pytest.param({"test_add": PASS}, None, id="of one nothing is known"),
        pytest.param({"test_mul": FAIL}, None, id="of none anything is known"),
        pytest.param({"test_sub": FAIL}, fate.After.FAILED, id="one fails, and of the other nothing is known"),
    ],
)
def test_what_ci_says_of_the_commit_that_has_the_fix_is_noted(
    engine: sqlalchemy.Engine, real: dict[str, prediction.Outcome], after: fate.After | None
) -> None:
    review = _offer(engine, 1, _fix(EDIT))
    fates.apply(engine, [(review, 0)], samples.head(2), now=NOW)
    # undone by now, so that its tests are not affected any more
    mended = samples.reviewed(2, [samples.said("test_mul")])
    samples.record(engine, mended, pull=7)
    _keep(engine, samples.ran(mended.subject.head, real))

    settling.settle(engine, mended.id, NOW)

    assert _fates(engine, review)[0].after is after
    (figures,) = _figures(engine)
    assert (figures.passed, figures.failed) == (after is fate.After.PASSED, after is fate.After.FAILED)
    assert (figures.unknown, figures.open) == (after is None, 0)


def test_ci_on_another_commit_says_nothing_of_the_fix(engine: sqlalchemy.Engine) -> None:
    review = _offer(engine, 1, _fix(EDIT))
    fates.apply(engine, [(review, 0)], samples.head(2), now=NOW)
    _keep(engine, samples.ran(samples.head(1), {"test_add": FAIL, "test_sub": FAIL}))

    settling.settle(engine, review, NOW)

    assert _fates(engine, review)[0].after is None


def test_a_re_run_of_ci_has_the_last_word(engine: sqlalchemy.Engine) -> None:
    review = _offer(engine, 1, _fix(EDIT))
    fates.apply(engine, [(review, 0)], samples.head(2), now=NOW)
    mended = samples.reviewed(2, [samples.said("test_add"), samples.said("test_sub")])
    samples.record(engine, mended, pull=7)
    _keep(engine, samples.ran(mended.subject.head, {"test_add": PASS}))
    settling.settle(engine, mended.id, NOW)
    assert _fates(engine, review)[0].after is None

    _keep(engine, samples.ran(mended.subject.head, {"test_add": PASS, "test_sub": PASS}, name="all"))
    settling.settle(engine, mended.id, NOW)

    assert _fates(engine, review)[0].after is fate.After.PASSED


def _keep(engine: sqlalchemy.Engine, found: job.Job) -> None:
    with database.session(engine) as session:
        repository = repositories.find(session, PLACE.name, PLACE.repository)
    assert repository is not None
    settling.keep(engine, repository, [found])


def test_figures_are_of_what_may_be_seen_and_of_the_window(engine: sqlalchemy.Engine) -> None:
    mine = view_samples.reviewed(engine, 1, "would_fail", None, days=1)
    old = view_samples.reviewed(engine, 2, "would_fail", None, days=20)
    secret = view_samples.reviewed(engine, 3, "would_fail", None, days=1, place=view_samples.SECRET)
    for review, source in ((mine, EDIT), (old, MODEL), (secret, UNDO)):
        offers.record(engine, review, values.Offers(fixes=(_fix(source),)))

    def sources(audience: object, days: int) -> list[candidate.Source]:
        return [one.source for one in overviews.overview(engine, audience, days, NOW).fixes]  # type: ignore[arg-type]

    assert sources(view_samples.EVERYTHING, 7) == [EDIT, UNDO]
    assert sources(view_samples.READER, 7) == [EDIT]
    assert sources(view_samples.READER, 30) == [EDIT, MODEL]
    assert sources(view_samples.NOBODY, 30) == []
    with database.session(engine) as session:
        identity = repositories.find(session, view_samples.OPEN.name, view_samples.OPEN.repository)
    assert identity is not None
    window = pages.Window(first=view_samples.ago(7).date(), last=NOW.date())
    page = repositorypages.repository(engine, view_samples.EVERYTHING, identity, window)
    assert page is not None
    assert [one.source for one in page.fixes] == [EDIT]


def test_what_is_offered_for_a_review_that_is_forgotten_goes_with_it(engine: sqlalchemy.Engine) -> None:
    records.record(engine, _DONE)
    offers.record(engine, _DONE.id, offer_samples.offered(_DONE))

    with database.writing(engine) as session:
        session.execute(sqlalchemy.text("DELETE FROM reviews WHERE id = :id"), {"id": _DONE.id})

    assert not offers.of_review(engine, _DONE.id).anything
