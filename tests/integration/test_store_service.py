"""What the service keeps: evaluations, heads, overrides, on the databases that it may be kept in."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from gatekeeper import evaluation
from gatekeeper.store import database, deliveries, evaluations, heads, overrides, records, workers
from gatekeeper.verdicts import authority, publication
from gatekeeper.workflows import asking
from tests.integration import report_samples
from tests.integration.outcome_samples import NOW, PLACE, RULES

pytestmark = pytest.mark.enable_socket

A, B, C = "a" * 40, "b" * 40, "c" * 40


def _asked(number: int = 7, head: str = A, attempt: str = "0", base_ref: str = "main") -> evaluation.Asked:
    return asking.of_pull(PLACE, number=number, head=head, base=B, base_ref=base_ref, attempt=attempt)


def _ask(engine: sqlalchemy.Engine, asked: evaluation.Asked, after: float = 0) -> evaluation.Asked:
    with database.writing(engine) as session:
        evaluations.ask(session, asked, NOW + timedelta(seconds=after))
    return asked


def _state(engine: sqlalchemy.Engine, asked: evaluation.Asked) -> evaluation.State:
    found = evaluations.get(engine, asked.id)
    assert found is not None
    return found.state


def test_asking_twice_asks_once(engine: sqlalchemy.Engine) -> None:
    asked = _ask(engine, _asked())
    revision = heads.revision(engine, 5, A)

    _ask(engine, asked, after=60)

    found = evaluations.get(engine, asked.id)
    assert found is not None
    assert (found.asked, found.when, found.state) == (asked, NOW, evaluation.State.QUEUED)
    assert heads.revision(engine, 5, A) == revision == 1


def test_a_newer_head_takes_the_place_of_the_pull_requests_live_reviews_alone(engine: sqlalchemy.Engine) -> None:
    old, other = _ask(engine, _asked()), _ask(engine, _asked(number=8))
    finished = _ask(engine, _asked(attempt="x"))
    evaluations.move(engine, finished.id, evaluation.State.FAILED, now=NOW, reason="for a reason")
    newer = _ask(engine, _asked(head=C), after=1)

    assert evaluations.supersede(engine, newer, now=NOW) == (A,)

    assert [_state(engine, one) for one in (old, other, finished, newer)] == [
        evaluation.State.SUPERSEDED,
        evaluation.State.QUEUED,
        evaluation.State.FAILED,
        evaluation.State.QUEUED,
    ]
    found = evaluations.get(engine, old.id)
    assert found is not None
    assert found.superseded_by == C


def test_an_older_head_that_comes_late_takes_nobodys_place(engine: sqlalchemy.Engine) -> None:
    late = _ask(engine, _asked())
    newer = _ask(engine, _asked(head=C), after=1)

    assert evaluations.supersede(engine, late, now=NOW) == ()
    assert _state(engine, newer) is evaluation.State.QUEUED


def test_a_merge_group_takes_nobodys_place(engine: sqlalchemy.Engine) -> None:
    one = _ask(engine, asking.of_group(PLACE, head=A, head_ref="refs/heads/q/1", base=B, base_ref="main"))
    two = _ask(engine, asking.of_group(PLACE, head=C, head_ref="refs/heads/q/2", base=B, base_ref="main"), after=1)

    assert evaluations.supersede(engine, two, now=NOW) == ()
    assert _state(engine, one) is evaluation.State.QUEUED


def test_what_is_no_longer_live_is_not_moved(engine: sqlalchemy.Engine) -> None:
    asked = _ask(engine, _asked())
    evaluations.give_way(engine, asked.id, C, now=NOW)

    assert not evaluations.move(engine, asked.id, evaluation.State.RUNNING, now=NOW)
    assert not evaluations.finish(engine, asked.id, _reviewed(engine), now=NOW)
    assert _state(engine, asked) is evaluation.State.SUPERSEDED


def test_what_a_review_came_to_is_given_back_as_it_was(engine: sqlalchemy.Engine) -> None:
    asked, reviewed = _ask(engine, _asked()), _reviewed(engine)

    assert evaluations.finish(engine, asked.id, reviewed, now=NOW)

    (found,) = evaluations.on_head(engine, 5, A)
    assert (found.state, found.reviewed) == (evaluation.State.DONE, reviewed)


def test_what_a_verdict_was_held_to_is_given_back_with_its_rules(engine: sqlalchemy.Engine) -> None:
    asked, reviewed = _ask(engine, _asked()), _reviewed(engine)
    held_to = replace(reviewed.terms, imagined=authority.Authority.ADVISE, basis="cwm", halting_at=0.75, rules=RULES)

    evaluations.finish(engine, asked.id, replace(reviewed, terms=held_to), now=NOW)

    found = evaluations.get(engine, asked.id)
    assert found is not None
    assert found.terms == held_to


def test_what_gave_way_counts_only_where_there_is_nothing_else(engine: sqlalchemy.Engine) -> None:
    stands, late = _ask(engine, _asked()), _ask(engine, _asked(attempt="late"), after=1)
    evaluations.give_way(engine, late.id, C, now=NOW)

    assert [one.asked for one in evaluations.on_head(engine, 5, A)] == [stands]
    found = evaluations.current_of_pull(engine, 5, 7)
    assert found is not None
    assert found.asked == stands

    evaluations.give_way(engine, stands.id, C, now=NOW)
    assert [one.asked for one in evaluations.on_head(engine, 5, A)] == [late]
    assert evaluations.current_of_pull(engine, 5, 7) is None


def test_a_commit_shows_the_newest_review_of_each_open_pull_request(engine: sqlalchemy.Engine) -> None:
    _ask(engine, _asked())
    again, other = _ask(engine, _asked(attempt="x"), after=1), _ask(engine, _asked(number=8), after=2)

    assert [one.asked for one in evaluations.on_head(engine, 5, A)] == [again, other]

    evaluations.close(engine, 5, pull=8, now=NOW)
    assert [one.asked for one in evaluations.on_head(engine, 5, A)] == [again]

    evaluations.close(engine, 5, pull=7, now=NOW)
    assert [one.asked for one in evaluations.on_head(engine, 5, A)] == [again, other]


def test_pull_requests_that_are_open_no_more_are_closed_and_others_left(engine: sqlalchemy.Engine) -> None:
    gone, there = _ask(engine, _asked()), _ask(engine, _asked(number=8, head=C))
    new = _ask(engine, _asked(number=9), after=100)

    closed = evaluations.close_others(engine, 5, [8], asked_before=NOW + timedelta(seconds=60), now=NOW)

    assert closed == 1
    assert [_state(engine, one) for one in (gone, there, new)] == [
        evaluation.State.ABANDONED,
        evaluation.State.QUEUED,
        evaluation.State.QUEUED,
    ]


def test_a_check_run_is_stale_until_the_newest_state_was_shown(engine: sqlalchemy.Engine) -> None:
    asked = _ask(engine, _asked())
    evaluations.move(engine, asked.id, evaluation.State.RUNNING, now=NOW)

    assert not heads.shown(engine, 5, A, 1)
    assert heads.stale(engine, 10) == ((5, A),)
    assert heads.shown(engine, 5, A, 2)
    assert heads.stale(engine, 10) == ()


def test_an_override_holds_for_its_head_until_it_is_taken_back(engine: sqlalchemy.Engine) -> None:
    asked, next_head = _ask(engine, _asked()), _ask(engine, _asked(head=C), after=1)
    given = evaluation.Override(by="maria", reason="flaky")
    before = heads.revision(engine, 5, A)

    overrides.override(engine, "delivery", asked, given, now=NOW)
    overrides.override(engine, "delivery", asked, given, now=NOW)

    assert overrides.overridden(engine, asked) == given
    assert overrides.overridden(engine, next_head) is None
    assert heads.revision(engine, 5, A) == before + 1
    assert overrides.cancel_override(engine, 5, 7, asked=NOW, now=NOW) == (A,)
    assert overrides.cancel_override(engine, 5, 7, asked=NOW, now=NOW) == (A,), "as often as it is done"
    assert overrides.cancel_override(engine, 5, 7, asked=NOW + timedelta(seconds=1), now=NOW) == ()
    assert overrides.overridden(engine, asked) is None


def test_an_override_ends_with_the_next_push(engine: sqlalchemy.Engine) -> None:
    asked, pushed = _ask(engine, _asked()), _ask(engine, _asked(head=C), after=1)
    overrides.override(engine, "delivery", asked, evaluation.Override(by="maria", reason="flaky"), now=NOW)

    overrides.expire_overrides(engine, asked, now=NOW)
    assert overrides.overridden(engine, asked) is not None

    overrides.expire_overrides(engine, pushed, now=NOW)
    assert overrides.overridden(engine, asked) is None


def test_a_worker_is_alive_until_it_leaves_or_falls_silent(engine: sqlalchemy.Engine) -> None:
    workers.beat(engine, "worker-0", version="1", host="here", now=NOW)
    workers.beat(engine, "worker-0", version="1", host="here", now=NOW + timedelta(seconds=10))
    workers.beat(engine, "worker-1", version="1", host="there", now=NOW)

    assert workers.versions(engine, NOW + timedelta(seconds=5)) == {"worker-0": "1"}
    assert workers.steady_since(engine, "worker-0") == NOW
    workers.beat(engine, "worker-0", version="1", host="here", now=NOW + timedelta(minutes=10))
    assert workers.steady_since(engine, "worker-0") == NOW + timedelta(minutes=10)
    workers.leave(engine, "worker-0")
    assert workers.versions(engine, NOW) == {"worker-1": "1"}


def test_what_a_delivery_said_is_forgotten_and_that_it_came_is_not(engine: sqlalchemy.Engine) -> None:
    given = deliveries.Delivery(id="guid", event="ping", action=None, installation=None, repository=None, workflow=None)
    with database.writing(engine) as session:
        assert deliveries.accept(session, given, b"{}", NOW)

    assert deliveries.forget_bodies(engine, NOW + timedelta(days=1)) == 1
    assert deliveries.forget_bodies(engine, NOW + timedelta(days=1)) == 0
    with database.writing(engine) as session:
        assert not deliveries.accept(session, given, b"{}", NOW)
    assert deliveries.known(engine, ["guid", "other"]) == {"guid"}


_REVIEW = report_samples.realistic().id


def _reviewed(engine: sqlalchemy.Engine) -> evaluation.Reviewed:
    records.record(engine, report_samples.realistic())
    return evaluation.Reviewed(
        review=_REVIEW,
        terms=evaluation.Terms(
            authority=authority.Authority.BLOCK, why_authority="Set by hand", fail_not_analysed=True
        ),
        annotations=(
            publication.Annotation(
                path="a.py", start_line=1, end_line=2, level=publication.Level.FAILURE, title="t", message="m"
            ),
        ),
        comments=publication.PullReview(
            head=A,
            body="body",
            comments=(publication.Comment(fingerprint="f" * 64, path="a.py", line=2, start_line=1, body="b"),),
        ),
    )


def test_comments_are_drafted_anew_and_the_check_is_to_be_shown_again(engine: sqlalchemy.Engine) -> None:
    asked, reviewed = _ask(engine, _asked()), _reviewed(engine)
    evaluations.finish(engine, asked.id, reviewed, now=NOW)
    before = heads.revision(engine, 5, A)
    again = publication.PullReview(head=A, body="with a fix", comments=())

    assert evaluations.redraft(engine, asked.id, again)

    (found,) = evaluations.on_head(engine, 5, A)
    assert found.reviewed is not None
    assert (found.reviewed.comments, found.reviewed.annotations) == (again, reviewed.annotations)
    assert heads.revision(engine, 5, A) == before + 1


def test_what_never_had_comments_is_not_drafted_anew(engine: sqlalchemy.Engine) -> None:
    asked = _ask(engine, _asked())
    again = publication.PullReview(head=A, body="with a fix", comments=())

    assert not evaluations.redraft(engine, asked.id, again)
    assert not evaluations.redraft(engine, "never asked for", again)


def test_a_review_stands_until_another_is_asked_for_or_it_is_closed(engine: sqlalchemy.Engine) -> None:
    asked = _ask(engine, _asked())
    other = _ask(engine, _asked(number=8))
    assert evaluations.stands(engine, asked)

    newer = _ask(engine, _asked(head=C), after=1)
    assert (evaluations.stands(engine, asked), evaluations.stands(engine, newer)) == (False, True)

    evaluations.close(engine, 5, pull=7, now=NOW)
    assert (evaluations.stands(engine, newer), evaluations.stands(engine, other)) == (False, True)
