"""What is left behind by work that ended without a word."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy

from gatekeeper import evaluation
from gatekeeper.store import awaiting, database, evaluations, heads
from gatekeeper.workflows import asking, durable, ports, upkeep
from tests.integration import outcome_samples
from tests.integration.outcome_samples import NOW, PLACE

HEAD = "a" * 40


@pytest.fixture(name="using")
def _using(tmp_path: Path) -> Iterator[ports.Ports]:
    engine = database.open_database(f"sqlite:///{tmp_path / 'records.sqlite'}")
    durable.migrate(engine)
    client = durable.client(engine)
    # upkeep of the records asks GitHub nothing
    absent = cast("Any", None)
    yield ports.Ports(
        checks=absent,
        pulls=absent,
        comments=absent,
        branches=absent,
        app=absent,
        ci=absent,
        reviewer=absent,
        database=engine,
        client=client,
        url=None,
        github="https://github.com",
        worker="worker-0",
        now=lambda: NOW,
        keep_deliveries=timedelta(days=30),
        keep_traces=timedelta(days=90),
    )
    client.destroy()
    engine.dispose()


def _asked(using: ports.Ports, *, before: timedelta, enqueued: bool) -> evaluation.Asked:
    asked = asking.of_pull(PLACE, number=7, head=HEAD, base="b" * 40, base_ref="main")
    with database.writing(using.database) as session:
        if enqueued:
            asking.begin(session, using.client, asked, NOW - before)
        else:
            evaluations.ask(session, asked, NOW - before)
    return asked


def _enqueued(using: ports.Ports) -> list[tuple[str, str]]:
    query = "SELECT name, workflow_uuid FROM workflow_status ORDER BY created_at"
    with using.database.connect() as connection:
        return [tuple(row) for row in connection.execute(sqlalchemy.text(query))]


def test_a_review_whose_work_is_gone_is_given_up_and_shown(using: ports.Ports) -> None:
    asked = _asked(using, before=timedelta(minutes=10), enqueued=False)

    done = upkeep.watch(using, "slot")

    found = evaluations.get(using.database, asked.id)
    assert found is not None
    assert (found.state, "ask for the review again" in found.reason) == (evaluation.State.FAILED, True)
    assert done["given up"] == 1
    assert _enqueued(using) == [("show", f"show/5/{HEAD}/slot")]


def test_a_review_whose_work_waits_is_left_alone(using: ports.Ports) -> None:
    asked = _asked(using, before=timedelta(minutes=10), enqueued=True)

    assert upkeep.watch(using, "slot")["given up"] == 0

    found = evaluations.get(using.database, asked.id)
    assert found is not None
    assert found.state is evaluation.State.QUEUED


def test_a_check_run_that_was_just_asked_for_is_left_to_its_own_work(using: ports.Ports) -> None:
    _asked(using, before=timedelta(seconds=5), enqueued=True)

    upkeep.watch(using, "slot")

    assert [name for name, _ in _enqueued(using)] == ["request"]


def test_a_check_run_that_shows_the_newest_is_not_shown_again(using: ports.Ports) -> None:
    _asked(using, before=timedelta(minutes=10), enqueued=True)
    heads.shown(using.database, 5, HEAD, heads.revision(using.database, 5, HEAD))

    upkeep.watch(using, "slot")

    assert [name for name, _ in _enqueued(using)] == ["request"]


def test_a_tick_of_two_replicas_is_done_once(using: ports.Ports) -> None:
    _asked(using, before=timedelta(minutes=10), enqueued=False)

    upkeep.watch(using, "slot")
    upkeep.watch(using, "slot")

    assert _enqueued(using) == [("show", f"show/5/{HEAD}/slot")]


def test_a_reviewed_commit_whose_ci_was_not_seen_to_end_is_looked_at(using: ports.Ports) -> None:
    done = outcome_samples.reviewed(1, [outcome_samples.said("test_add")], at=NOW - timedelta(hours=1))
    outcome_samples.record(using.database, done, pull=7)
    ended = outcome_samples.reviewed(2, [outcome_samples.said("test_add")], at=NOW - timedelta(hours=1))
    outcome_samples.record(using.database, ended, pull=8)
    awaiting.sought(using.database, 5, ended.subject.head, ended=True, now=NOW)

    assert upkeep.seek(using) == {"asked for": 1}

    ((name, identity),) = _enqueued(using)
    assert name == "settle"
    assert identity.startswith(f"settle/5/{done.subject.head}/")


def test_what_is_heard_of_a_commit_within_a_while_is_one_look_when_that_is_over(using: ports.Ports) -> None:
    with database.writing(using.database) as session:
        for second in (0, 3, 9, 10):
            asking.settle(session, using.client, PLACE, HEAD, now=NOW + timedelta(seconds=second), gather=10)

    query = "SELECT workflow_uuid, status FROM workflow_status ORDER BY created_at"
    with using.database.connect() as connection:
        found = connection.execute(sqlalchemy.text(query)).all()
    assert len({identity for identity, _ in found}) == len(found) == 2
    assert {status for _, status in found} == {"DELAYED"}
