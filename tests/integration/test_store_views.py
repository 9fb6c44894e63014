"""What pages and the API read from the records: who sees what, filters, pages of lists, figures."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from gatekeeper import evaluation, hosted
from gatekeeper.simulation import prediction
from gatekeeper.store import database, deliveries, evaluations, models, views, workers
from gatekeeper.verdicts import authority, verdict
from gatekeeper.views import audience, repository, reviews
from gatekeeper.workflows import asking
from tests import databases
from tests.integration import outcome_samples, view_samples
from tests.integration.view_samples import EVERYTHING, NOBODY, NOW, READER

pytestmark = pytest.mark.enable_socket

RESULTS = {
    1: reviews.Result.RIGHT,
    2: reviews.Result.FALSE_ALARM,
    3: reviews.Result.RIGHT,
    4: reviews.Result.MISS,
    5: reviews.Result.ABSTAINED,
    6: reviews.Result.UNSETTLED,
}
MONTH = repository.Window(first=NOW.date() - timedelta(days=29), last=NOW.date())


@pytest.fixture(name="engine", params=databases.KINDS, scope="module")
def _engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlalchemy.Engine]:
    """Give records that tests only read."""
    with databases.opened(request.param, tmp_path_factory.mktemp("views")) as engine:
        view_samples.fill(engine)
        yield engine


@pytest.fixture(name="own", params=databases.KINDS)
def _own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sqlalchemy.Engine]:
    """Give records that a test may change."""
    with databases.opened(request.param, tmp_path) as engine:
        view_samples.fill(engine)
        yield engine


def _pulls(page: reviews.ReviewsPage) -> list[int | None]:
    return [line.pull for line in page.lines]


def _found(records: sqlalchemy.Engine, /, **chosen: Any) -> list[int | None]:
    return _pulls(views.reviews(records, READER, reviews.Filter(**chosen)))


def _number(engine: sqlalchemy.Engine, place: hosted.Place) -> int:
    """Return the repository's number in the records."""
    with engine.connect() as connection:
        mine = sqlalchemy.select(models.Repository.id).where(models.Repository.number == place.repository)
        return connection.execute(mine).scalar_one()


def test_a_list_shows_what_may_be_seen_and_nothing_else(engine: sqlalchemy.Engine) -> None:
    everything = views.reviews(engine, EVERYTHING, reviews.Filter())
    assert _pulls(everything) == [8, 6, None, 5, 7, 4, 3, 2, 1]
    assert [name for _, name in everything.repositories] == [view_samples.LOCAL, "acme/open", "acme/secret"]

    mine = views.reviews(engine, READER, reviews.Filter())
    assert _pulls(mine) == [6, 5, 4, 3, 2, 1]
    assert [name for _, name in mine.repositories] == ["acme/open"]
    assert mine.engines == ("sandbox",)

    nothing = views.reviews(engine, NOBODY, reviews.Filter())
    assert (nothing.lines, nothing.repositories, nothing.engines) == ((), (), ())


def test_an_audience_may_hold_more_repositories_than_a_query_has_parameters(engine: sqlalchemy.Engine) -> None:
    many = audience.Audience(numbers=frozenset(range(12, 100_000)) | {2**62})

    assert _pulls(views.reviews(engine, many, reviews.Filter())) == [8, 7]
    assert [line.name for line in views.overview(engine, many, 90, NOW).lines] == ["acme/secret"]


def test_a_verdict_is_compared_with_real_ci(engine: sqlalchemy.Engine) -> None:
    lines = views.reviews(engine, READER, reviews.Filter()).lines

    assert {line.pull: line.result for line in lines} == RESULTS


@pytest.mark.parametrize("result", list(reviews.Result))
def test_a_list_is_filtered_by_result(engine: sqlalchemy.Engine, result: reviews.Result) -> None:
    expected = [pull for pull, known in sorted(RESULTS.items(), reverse=True) if known is result]

    assert _found(engine, result=result) == expected


def test_a_list_is_filtered_by_each_thing_and_by_all_together(engine: sqlalchemy.Engine) -> None:
    ours = _number(engine, view_samples.OPEN)
    day = view_samples.ago(10).date()
    assert _found(engine, repository=ours) == [6, 5, 4, 3, 2, 1]
    assert _found(engine, repository=_number(engine, view_samples.SECRET)) == []
    assert _found(engine, pull=4) == _found(engine, pull=4, repository=ours) == [4]
    assert _found(engine, pull=7) == []
    assert _found(engine, conclusion=verdict.Conclusion.WOULD_FAIL) == [2, 1]
    assert _found(engine, engine="sandbox") == [6, 5, 4, 3, 2, 1]
    assert _found(engine, engine="cwm") == []
    assert _found(engine, first=day) == [6, 5, 4, 3]
    assert _found(engine, last=day) == [3, 2, 1]
    assert _found(engine, first=day, last=day, conclusion=verdict.Conclusion.WOULD_PASS) == [3]


def test_a_review_is_found_by_how_its_head_or_its_id_begins(engine: sqlalchemy.Engine) -> None:
    assert _found(engine, sha=outcome_samples.head(4)) == [4]
    assert _found(engine, sha=view_samples.identity(3)) == [3]
    assert _found(engine, sha="0000") == [6, 5, 4, 3, 2, 1]
    assert _found(engine, sha=outcome_samples.head(7)) == []
    assert _found(engine, sha="%") == _found(engine, sha="f" * 65) == []


def test_no_number_is_too_large_for_a_filter(engine: sqlalchemy.Engine) -> None:
    assert _found(engine, repository=2**70) == _found(engine, pull=2**70) == []
    assert _found(engine, first=date.min, last=date.max) == [6, 5, 4, 3, 2, 1]


def test_pages_of_a_list_follow_each_other_without_gap_and_without_repetition(engine: sqlalchemy.Engine) -> None:
    seen: list[int | None] = []
    cursor = None
    while True:
        page = views.reviews(engine, EVERYTHING, reviews.Filter(), cursor, 2)
        seen += _pulls(page)
        cursor = page.following
        if cursor is None:
            break
    assert seen == [8, 6, None, 5, 7, 4, 3, 2, 1]


def test_reviews_that_began_at_once_are_all_listed(own: sqlalchemy.Engine) -> None:
    for number in range(20, 25):
        view_samples.reviewed(own, number, "would_pass", None, days=0)

    seen = []
    cursor = None
    for _ in range(3):
        page = views.reviews(own, READER, reviews.Filter(), cursor, 2)
        seen += _pulls(page)
        cursor = page.following

    assert seen == [24, 23, 22, 21, 20, 6]


def test_the_overview_shows_the_figures_made_last(engine: sqlalchemy.Engine) -> None:
    whole = views.overview(engine, EVERYTHING, 90, NOW)
    assert [line.name for line in whole.lines] == ["acme/secret", "acme/open", view_samples.LOCAL]
    assert whole.made == NOW
    assert whole.figures is not None
    assert (whole.figures.true_positives, whole.figures.false_positives, whole.value.reviews) == (2, 1, 9)

    mine = views.overview(engine, READER, 90, NOW)
    (line,) = mine.lines
    assert line.figures is not None
    assert (line.figures.true_positives, line.figures.false_positives, line.figures.false_negatives) == (1, 1, 1)
    assert (line.authority, line.latest, line.value.settled) == (authority.Authority.ADVISE, view_samples.ago(2), 5)
    assert line.labelled == pytest.approx(5 / 6)
    assert mine.figures is None
    assert mine.value.verdict_seconds == line.value.verdict_seconds == pytest.approx(4)


def test_an_overview_before_there_are_figures_has_none(own: sqlalchemy.Engine) -> None:
    with own.begin() as connection:
        connection.exec_driver_sql("DELETE FROM summaries")

    found = views.overview(own, EVERYTHING, 90, NOW)

    assert (found.made, found.figures, {line.figures for line in found.lines}) == (None, None, {None})


def test_what_may_not_be_seen_is_as_what_is_not_there(engine: sqlalchemy.Engine) -> None:
    theirs = _number(engine, view_samples.SECRET)
    review = view_samples.identity(7)
    for hidden in (theirs, 999, -1, 2**70):
        assert views.repository(engine, READER, hidden, MONTH) is None
        assert views.trend(engine, READER, hidden, MONTH) is None
        assert views.calibrators(engine, READER, hidden) is None
        assert views.changes(engine, READER, hidden) is None
        assert views.predictions(engine, READER, hidden, MONTH) is None
    for missing in (review, view_samples.identity(999), "", "\0\udc80"):
        assert views.review(engine, READER, missing) is None
        assert views.prediction(engine, READER, missing, 0) is None
        assert views.predictions_of(engine, READER, missing) is None
    assert views.work(engine, READER) is None

    assert views.review(engine, EVERYTHING, review) is not None
    assert views.prediction(engine, EVERYTHING, review, 0) is not None
    assert views.repository(engine, EVERYTHING, theirs, MONTH) is not None


@pytest.mark.parametrize("position", [-1, 2, 2**31, 2**70])
def test_a_test_that_a_review_does_not_have_is_not_there(engine: sqlalchemy.Engine, position: int) -> None:
    assert views.prediction(engine, READER, view_samples.identity(1), position) is None


def test_a_repositorys_page_says_how_good_everyone_is(engine: sqlalchemy.Engine) -> None:
    page = views.repository(engine, READER, _number(engine, view_samples.OPEN), MONTH)

    assert page is not None
    assert [one.engine for one in page.scored] == ["gate", "sandbox", "always pass", "parrot", "historical"]
    gate, sandbox, passing = page.scored[:3]
    assert gate.pull_requests is not None
    assert gate.pull_requests.precision.value == pytest.approx(1 / 2)
    assert gate.pull_requests.recall.value == pytest.approx(1 / 2)
    assert (gate.tests.true_positives, gate.tests.abstained) == (1, 2)
    assert sandbox.pull_requests is None
    assert passing.tests.recall.value == 0
    assert (page.authority, page.why_authority) == (authority.Authority.ADVISE, "it was earned")
    assert (page.matched, page.engines) == (10, ("sandbox",))
    assert page.labelled == pytest.approx(5 / 6)
    assert [line.key for line in page.most_often_wrong] == ["tests.test_sums::test_add"]
    assert sum(day.reviews for day in page.trend) == 6
    assert sum(day.pull_requests.total for day in page.trend) == 5


def test_figures_made_ahead_are_those_made_at_once(own: sqlalchemy.Engine) -> None:
    ours = _number(own, view_samples.OPEN)
    ahead = views.repository(own, READER, ours, MONTH)
    with own.begin() as connection:
        connection.exec_driver_sql("DELETE FROM summaries")

    now = views.repository(own, READER, ours, MONTH)

    assert ahead is not None
    assert now is not None
    assert (ahead.made, now.made) == (NOW, None)
    exact = [(one.engine, one.tests.precision.value, one.tests.counted) for one in ahead.scored]
    assert exact == [(one.engine, one.tests.precision.value, one.tests.counted) for one in now.scored]
    assert replace(ahead.value, verdict_seconds=None) == replace(now.value, verdict_seconds=None)


def test_a_window_leaves_out_what_was_known_outside(engine: sqlalchemy.Engine) -> None:
    day = view_samples.ago(12).date()
    page = views.repository(engine, READER, _number(engine, view_samples.OPEN), repository.Window(first=day, last=day))

    assert page is not None
    (gate,) = [one for one in page.scored if one.engine == "gate"]
    assert gate.pull_requests is not None
    assert (gate.pull_requests.false_positives, gate.pull_requests.counted) == (1, 1)
    assert [one.day for one in page.trend] == [day]


def test_one_engine_is_shown_with_its_versions(engine: sqlalchemy.Engine) -> None:
    page = views.repository(
        engine, READER, _number(engine, view_samples.OPEN), replace(MONTH, engine="sandbox", version="1")
    )
    assert page is not None
    assert [(one.engine, one.model, one.version) for one in page.scored][1:3] == [
        ("sandbox", "", ""),
        ("sandbox", "cpython", "1"),
    ]

    other = views.repository(engine, READER, _number(engine, view_samples.OPEN), replace(MONTH, engine="cwm"))
    assert other is not None
    assert [one.engine for one in other.scored] == ["gate", "always pass", "parrot", "historical"]
    assert other.engines == ("sandbox",)


def test_a_window_that_ends_before_it_begins_holds_nothing(engine: sqlalchemy.Engine) -> None:
    turned = repository.Window(first=MONTH.last, last=MONTH.first)
    page = views.repository(engine, READER, _number(engine, view_samples.OPEN), turned)

    assert page is not None
    assert (page.scored, page.trend, page.labelled, page.value.reviews) == ((), (), None, 0)


def test_a_review_stands_beside_what_ci_made_of_it(engine: sqlalchemy.Engine) -> None:
    page = views.review(engine, READER, view_samples.identity(2))

    assert page is not None
    assert page.settled is not None
    assert page.settled.label == "sound"
    assert {test: one.outcome for test, one in page.outcomes.items()} == {
        "tests/test_sums.py::test_add": prediction.Outcome.PASS,
        "tests/test_sums.py::test_sub": prediction.Outcome.PASS,
    }
    assert [(job.name, job.conclusion, job.reported) for job in page.jobs] == [("test", "success", 2)]
    assert (page.authority, page.line.result, page.line.pull) == (
        authority.Authority.ADVISE,
        reviews.Result.FALSE_ALARM,
        2,
    )


def test_a_prediction_says_what_was_known_before_and_what_came_of_it(engine: sqlalchemy.Engine) -> None:
    page = views.prediction(engine, READER, view_samples.identity(4), 0)

    assert page is not None
    assert (page.position, page.of, page.said.test) == (0, 2, "tests/test_sums.py::test_add")
    assert page.outcome is not None
    assert page.outcome.outcome is prediction.Outcome.FAIL
    assert page.last_outcome is prediction.Outcome.PASS
    assert page.failure_rate == pytest.approx(1 / 3)


def test_a_reviews_tests_are_read_a_piece_at_a_time(engine: sqlalchemy.Engine) -> None:
    first = views.predictions_of(engine, READER, view_samples.identity(1), limit=1)
    assert first is not None
    rest = views.predictions_of(engine, READER, view_samples.identity(1), first[-1].position)
    assert rest is not None

    assert [one.test.partition("::")[2] for one in (*first, *rest)] == ["test_add", "test_sub"]
    assert views.predictions_of(engine, READER, view_samples.identity(1), 2**70) == ()


def test_an_export_has_every_prediction_of_what_may_be_seen(engine: sqlalchemy.Engine) -> None:
    found = views.predictions(engine, READER, _number(engine, view_samples.OPEN), MONTH)
    assert found is not None
    assert len({(one.review, one.test) for one in found}) == 12

    cwm = views.predictions(engine, READER, _number(engine, view_samples.OPEN), replace(MONTH, engine="cwm"))
    assert cwm is not None
    assert list(cwm) == []
    assert [line.pull for line in views.review_lines(engine, READER, reviews.Filter())] == [6, 5, 4, 3, 2, 1]


def test_the_badges_figure_is_that_of_the_summary(own: sqlalchemy.Engine) -> None:
    found = views.badge(own, _number(own, view_samples.OPEN))
    assert found is not None
    assert found.value == pytest.approx(1 / 2)
    assert views.badge(own, 999) is None

    with own.begin() as connection:
        connection.exec_driver_sql("DELETE FROM summaries")
    unknown = views.badge(own, _number(own, view_samples.OPEN))
    assert unknown is not None
    assert unknown.value is None


def test_administrators_see_deliveries_and_work(own: sqlalchemy.Engine) -> None:
    asked = asking.of_pull(view_samples.OPEN, number=50, head="a" * 40, base="b" * 40, base_ref="main")
    broken = asking.of_pull(view_samples.OPEN, number=51, head="d" * 40, base="b" * 40, base_ref="main")
    with database.writing(own) as session:
        evaluations.ask(session, asked, NOW)
        evaluations.ask(session, broken, NOW)
        for number in range(150):
            given = deliveries.Delivery(
                id=f"guid-{number:03}", event="push", action=None, installation=3, repository=11, workflow=None
            )
            deliveries.accept(session, given, b"{}", NOW + timedelta(seconds=number // 2))
    evaluations.fail(own, broken.id, "the disk is full", None, now=NOW)
    workers.beat(own, "worker-0", version="1", host="here", now=NOW)

    first = views.work(own, EVERYTHING)
    assert first is not None
    rest = views.work(own, EVERYTHING, first.following)
    assert rest is not None

    assert [one.asked for one in first.live] == [asked]
    assert [(one.asked, one.state, one.reason) for one in first.failed] == [
        (broken, evaluation.State.FAILED, "the disk is full")
    ]
    assert [one.id for one in first.workers] == ["worker-0"]
    ids = [one.id for one in (*first.deliveries, *rest.deliveries)]
    assert ids == [f"guid-{number:03}" for number in reversed(range(150))]
    assert {one.repository for one in first.deliveries} == {"acme/open"}
    assert (rest.following, views.work(own, EVERYTHING, "nonsense")) == (None, first)


def test_hostile_texts_come_back_as_they_were(own: sqlalchemy.Engine) -> None:
    identity = view_samples.hostile(own)

    page = views.review(own, READER, identity)
    assert page is not None
    assert all(view_samples.ATTACK in one.test for one in page.done.predictions)
    said = views.prediction(own, READER, identity, 0)
    assert said is not None
    assert view_samples.ATTACK in said.said.reason
    assert identity in [line.listed.id for line in views.review_lines(own, READER, reviews.Filter())]
