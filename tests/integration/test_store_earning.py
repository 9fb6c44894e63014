"""Authority that is earned and lost, what waits for CI, figures and calibrators, on both databases."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy

from gatekeeper import configuration, evaluation
from gatekeeper.accuracy import earning
from gatekeeper.outcomes import job
from gatekeeper.store import awaiting, calibrators, database, evaluations, heads, outcomemodels, repositories, standings
from gatekeeper.store import summaries as made
from gatekeeper.verdicts import authority
from gatekeeper.wiring import calibrating as applying
from gatekeeper.wiring import standing
from gatekeeper.workflows import asking, calibrating, settling, summarising
from tests.integration import outcome_samples as samples
from tests.integration.outcome_samples import FAIL, NOW, PASS, PLACE, head, ran, said

pytestmark = pytest.mark.enable_socket

SHADOW, ADVISE, BLOCK = authority.Authority
# what is asked of few
EASY = evaluation.Rules(ceiling=BLOCK, earn=True, earning=earning.Terms(pulls=10, advise=0.3, block=0.6, margin=0.05))


def _repository(engine: sqlalchemy.Engine) -> int:
    with database.writing(engine) as session:
        return repositories.known(session, PLACE.name, PLACE.repository)


def _settled(
    engine: sqlalchemy.Engine,
    numbers: Sequence[int],
    *,
    right: bool,
    imagined: bool = False,
    pull: int | None = None,
    level: authority.Authority = SHADOW,
) -> None:
    """Record reviews that would have been blocked, and let CI end on each."""
    repository = _repository(engine)
    for number in numbers:
        at = NOW + timedelta(minutes=number)
        done = samples.reviewed(number, [said("test_add", FAIL, imagined=imagined), said("test_sub")], at=at)
        samples.record(engine, done, pull=pull or number, rules=EASY, level=level)
        results = {"test_add": FAIL if right else PASS, "test_sub": PASS}
        settling.keep(engine, repository, [ran(head(number), results, after=timedelta(minutes=number + 10))])
        settling.settle_commit(engine, repository, head(number), at + timedelta(hours=1))


def _rows(engine: sqlalchemy.Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sqlalchemy.text(query))]


def _terms(
    engine: sqlalchemy.Engine,
    *,
    basis: str = "executed",
    earn: bool = True,
    ceiling: authority.Authority = BLOCK,
) -> evaluation.Terms:
    configured = configuration.Configuration(authority=ceiling, earn=earn, earning=EASY.earning)
    asked = asking.of_pull(PLACE, number=99, head=head(99), base=samples.BASE, base_ref="main")
    return standing.terms(engine, asked, configured, basis, NOW + timedelta(days=1))


def test_enough_right_ones_earn_a_level_and_the_log_says_by_what(engine: sqlalchemy.Engine) -> None:
    _settled(engine, range(1, 4), right=True)
    assert _terms(engine).authority is ADVISE

    _settled(engine, range(4, 8), right=True)

    terms = _terms(engine)
    assert terms.authority is BLOCK
    assert "7 of the latest 7 pull requests" in terms.why_authority
    changes = _rows(engine, "SELECT basis, before, after FROM authority_changes WHERE basis = 'executed' ORDER BY at")
    assert changes == [("executed", "shadow", "advise"), ("executed", "advise", "block")]


def test_wrong_ones_take_it_back_and_it_is_told_for_as_long_as_it_is_down(engine: sqlalchemy.Engine) -> None:
    _settled(engine, range(1, 8), right=True)
    _settled(engine, range(8, 12), right=False)

    terms = _terms(engine)

    assert terms.authority is not BLOCK
    assert "tepped down from `" in terms.why_authority
    # and is told again at the next review
    assert _terms(engine).why_authority == terms.why_authority
    changes = _rows(engine, "SELECT before, after FROM authority_changes WHERE basis = 'executed' ORDER BY id")
    assert changes == [("shadow", "advise"), ("advise", "block"), ("block", "advise")]


def test_what_is_shown_as_blocking_stops_doing_so_when_that_is_lost(engine: sqlalchemy.Engine) -> None:
    _settled(engine, range(1, 8), right=True, level=BLOCK)
    open_before = evaluations.on_head(engine, PLACE.repository, head(1))
    assert open_before[0].terms is not None
    assert open_before[0].terms.authority is BLOCK
    before = heads.revision(engine, PLACE.repository, head(1))

    _settled(engine, range(8, 12), right=False, level=BLOCK)

    (found,) = evaluations.on_head(engine, PLACE.repository, head(1))
    assert found.terms is not None
    assert found.terms.authority is not BLOCK
    assert found.terms.why_authority.startswith("stepped down from")
    assert heads.revision(engine, PLACE.repository, head(1)) > before


def test_what_was_set_by_hand_is_not_taken(engine: sqlalchemy.Engine) -> None:
    by_hand = evaluation.Rules(ceiling=BLOCK, earn=False, earning=EASY.earning)
    done = samples.reviewed(50, [said("test_add", FAIL)])
    samples.record(engine, done, pull=50, rules=by_hand, level=BLOCK)

    _settled(engine, range(1, 8), right=True)
    _settled(engine, range(8, 14), right=False)

    (found,) = evaluations.on_head(engine, PLACE.repository, head(50))
    assert found.terms is not None
    assert found.terms.authority is BLOCK
    assert _terms(engine, earn=False).authority is BLOCK


def test_each_basis_earns_for_itself(engine: sqlalchemy.Engine) -> None:
    _settled(engine, range(1, 8), right=True)
    assert (_terms(engine).authority, _terms(engine, basis="cwm").authority) == (BLOCK, SHADOW)

    _settled(engine, range(8, 15), right=True, imagined=True)

    terms = _terms(engine, basis="cwm")
    assert (terms.authority, terms.imagined) == (BLOCK, BLOCK)
    # what is set by hand lets nothing block that was only imagined, unless its engine has earned it
    assert _terms(engine, basis="reasoning", earn=False).imagined is SHADOW


def test_many_pushes_to_one_pull_request_are_one(engine: sqlalchemy.Engine) -> None:
    _settled(engine, range(1, 12), right=True, pull=7)

    (figures,) = _rows(engine, "SELECT level FROM standings")
    assert figures == ("shadow",)


def test_the_ceiling_holds_whatever_is_earned(engine: sqlalchemy.Engine) -> None:
    _settled(engine, range(1, 8), right=True)

    assert _terms(engine, ceiling=ADVISE).authority is ADVISE
    assert _terms(engine, ceiling=SHADOW).authority is SHADOW


def test_a_configuration_that_changes_is_logged_once(engine: sqlalchemy.Engine) -> None:
    for _ in range(2):
        _terms(engine, ceiling=BLOCK)
    _terms(engine, ceiling=BLOCK, earn=False)
    _terms(engine, ceiling=SHADOW, earn=True)

    query = "SELECT before, after, why FROM authority_changes WHERE basis = 'configuration' ORDER BY id"
    assert _rows(engine, query) == [
        ("shadow", "block", "the configuration of `main` sets `block`, which has to be earned"),
        ("block", "block", "the configuration of `main` sets `block`, which holds by hand"),
        ("block", "shadow", "the configuration of `main` sets `shadow`, which has to be earned"),
    ]


def _held(engine: sqlalchemy.Engine) -> evaluation.Evaluation:
    (found,) = evaluations.on_head(engine, PLACE.repository, head(1))
    return found


def test_a_review_that_is_held_back_is_released_when_ci_has_ended(engine: sqlalchemy.Engine) -> None:
    asked = samples.record(engine, samples.reviewed(1, [said("test_add", FAIL)]), pull=1, held_back=True)
    assert _held(engine).held_until == NOW + timedelta(hours=2, seconds=2)

    assert awaiting.waiting(engine, PLACE.repository, head(1), ended=False, now=NOW + timedelta(hours=1)) == ()
    assert awaiting.waiting(engine, PLACE.repository, head(1), ended=True, now=NOW) == (asked.id,)

    for _ in range(2):
        awaiting.release(engine, asked.id)
    assert awaiting.waiting(engine, PLACE.repository, head(1), ended=True, now=NOW) == ()
    assert _held(engine).held_until is None


def test_a_review_is_not_held_back_for_longer_than_it_was_said(engine: sqlalchemy.Engine) -> None:
    asked = samples.record(engine, samples.reviewed(1, [said("test_add", FAIL)]), pull=1, held_back=True)

    late = NOW + timedelta(hours=3)
    assert [one.asked.id for one in _due(engine, late)] == [asked.id]
    assert awaiting.waiting(engine, PLACE.repository, head(1), ended=False, now=late) == (asked.id,)


def _due(engine: sqlalchemy.Engine, now: datetime) -> tuple[evaluation.Evaluation, ...]:
    return awaiting.to_be_sought(engine, finished_since=now - timedelta(days=3), now=now, limit=10)


def test_ci_is_looked_for_more_and_more_seldom_until_it_has_ended(engine: sqlalchemy.Engine) -> None:
    samples.record(engine, samples.reviewed(1, [said("test_add")]), pull=1)
    assert len(_due(engine, NOW + timedelta(seconds=5))) == 1

    looked = NOW + timedelta(hours=1)
    awaiting.sought(engine, PLACE.repository, head(1), ended=False, now=looked)
    assert _due(engine, looked + timedelta(minutes=20)) == ()
    assert len(_due(engine, looked + timedelta(hours=2))) == 1

    awaiting.sought(engine, PLACE.repository, head(1), ended=True, now=looked)
    assert _due(engine, looked + timedelta(hours=2)) == ()


def test_what_is_older_than_three_days_is_given_up(engine: sqlalchemy.Engine) -> None:
    samples.record(engine, samples.reviewed(1, [said("test_add")]), pull=1)

    assert _due(engine, NOW + timedelta(days=4)) == ()


def test_figures_are_made_where_something_is_new_and_not_elsewhere(engine: sqlalchemy.Engine) -> None:
    _settled(engine, range(1, 7), right=True)
    _settled(engine, range(7, 9), right=False)
    now = NOW + timedelta(hours=5)

    assert summarising.summarise(engine, now) == {"repositories": 1}
    assert summarising.summarise(engine, now + timedelta(hours=1)) == {"repositories": 0}

    with database.session(engine) as session:
        assert made.stale(session, now + timedelta(days=1)) == (_repository(engine),)
    with database.session(engine) as session:
        row = outcomemodels.Summary
        for scope in (str(_repository(engine)), "all"):
            found = session.get_one(row, (scope, "30")).figures
            precision = found["pull_requests"]["precision"]
            assert (found["pull_requests"]["true_positives"], found["pull_requests"]["pulls"]) == (6, 8)
            assert precision["low"] <= precision["value"] == 0.75 <= precision["high"]
            assert (found["value"]["reviews"], found["value"]["settled"], found["labelled"]) == (8, 8, 1.0)


def test_scores_become_probabilities_where_that_is_better(engine: sqlalchemy.Engine) -> None:
    repository = _repository(engine)
    # what it is 90 % sure of breaks three times in ten
    for number in range(1, 41):
        at = NOW + timedelta(minutes=number)
        done = samples.reviewed(number, [said("test_add", FAIL, imagined=True), said("test_sub", imagined=True)], at=at)
        samples.record(engine, done, pull=number)
        results = {"test_add": FAIL if number % 10 < 3 else PASS, "test_sub": PASS}
        found = ran(head(number), results, after=timedelta(minutes=number + 10))
        settling.keep(engine, repository, [found])
        settling.settle_commit(engine, repository, head(number), at + timedelta(hours=1))

    assert calibrating.calibrate(engine, NOW + timedelta(days=1)) == {"fitted": 1, "kept": 1}
    # nothing new is known since
    assert calibrating.calibrate(engine, NOW + timedelta(days=2)) == {"fitted": 0, "kept": 0}

    kept = calibrators.all_in_use(engine, PLACE.name)
    assert list(kept) == [("cwm", "cwm-32b")]
    (sure,) = applying.Calibrated(engine, PLACE.name)((said("test_add", FAIL, imagined=True),))
    assert sure.p_fail == pytest.approx(0.3, abs=0.1)
    assert (sure.raw_score, sure.calibrator) == (0.9, kept["cwm", "cwm-32b"].version)


def test_other_engines_scores_stay_as_they_are(engine: sqlalchemy.Engine) -> None:
    before = (said("test_add", FAIL),)

    assert applying.Calibrated(engine, PLACE.name)(before) == before


def test_a_merge_groups_jobs_settle_its_review(engine: sqlalchemy.Engine) -> None:
    done = samples.reviewed(1, [said("test_add", FAIL)])
    asked = asking.of_group(
        PLACE, head=head(1), head_ref="refs/heads/gh-readonly-queue/main/pr-1", base=samples.BASE, base_ref="main"
    )
    samples.record(engine, done, pull=1, asked=asked)
    repository = _repository(engine)
    settling.keep(engine, repository, [ran(head(1), {"test_add": FAIL}, tested=job.Tested.GROUP)])

    (settled,) = settling.settle_commit(engine, repository, head(1), NOW)

    assert settled.label == "broken"


def test_the_standing_of_a_repository_is_there_to_be_read(engine: sqlalchemy.Engine) -> None:
    _settled(engine, range(1, 8), right=True)

    with database.session(engine) as session:
        assert standings.terms_of(session, _repository(engine), "executed") == EASY.earning
        assert standings.terms_of(session, _repository(engine), "cwm") is None
