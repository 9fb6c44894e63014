"""Asking for a review, in a transaction with the durable work that carries it out."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from dbos import DBOSClient, EnqueueOptions
from sqlalchemy import orm

from gatekeeper import evaluation, hosted
from gatekeeper.store import evaluations, hostedmodels
from gatekeeper.workflows import names


def enqueue(
    session: orm.Session,
    client: DBOSClient,
    workflow: names.Workflow,
    identity: str,
    argument: dict[str, Any] | str,
    *,
    installation: int,
    queue: names.Queue = names.Queue.INTAKE,
    delay: float = 0.0,
) -> None:
    """Enqueue work of an installation in the caller's transaction; no installation takes all places.

    It begins `delay` seconds later at the earliest.
    """
    options: EnqueueOptions = {
        "workflow_name": workflow.value,
        "queue_name": queue.value,
        "queue_partition_key": str(installation),
        "workflow_id": identity,
        "app_version": names.PROTOCOL,
    }
    if delay:
        options["delay_seconds"] = delay
    client.enqueue_in_transaction(session, options, argument)


def settle(
    session: orm.Session,
    client: DBOSClient,
    place: hosted.Place,
    sha: str,
    *,
    history: bool = False,
    now: datetime,
    gather: float = 0.0,
) -> str:
    """Ask in the caller's transaction that what CI did on the commit be looked at; return the work's id.

    Jobs, runs and checks of one commit end together, and each is told of: all that is heard within the same `gather`
    seconds is one look, when they are over. `history`: whether the commit is looked at although it was not reviewed.
    """
    seconds = now.timestamp()
    end = (seconds // gather + 1) * gather if gather else seconds
    identity = names.settle(place.repository, sha, f"{end:.3f}", history=history)
    argument = {"place": asdict(place), "sha": sha, "history": history}
    delay = end - seconds
    enqueue(
        session,
        client,
        names.Workflow.SETTLE,
        identity,
        argument,
        installation=place.installation,
        queue=names.Queue.OUTCOMES,
        delay=delay,
    )
    return identity


def of_pull(
    place: hosted.Place, *, number: int, head: str, base: str, base_ref: str, attempt: str = names.PUSHED
) -> evaluation.Asked:
    """Return the review of a pull request at that head, to be merged into the branch `base_ref`, now at `base`."""
    return evaluation.Asked(
        id=names.review(place.repository, number, head, base, attempt),
        place=place,
        pull=number,
        head=head,
        head_ref=f"refs/pull/{number}/head",
        base=base,
        base_ref=base_ref,
    )


def of_group(place: hosted.Place, *, head: str, head_ref: str, base: str, base_ref: str) -> evaluation.Asked:
    """Return the review of a merge group; `head_ref` is its branch's full name, `base_ref` a bare one."""
    return evaluation.Asked(
        id=names.review(place.repository, head_ref, head, base, names.PUSHED),
        place=place,
        pull=None,
        head=head,
        head_ref=head_ref,
        base=base,
        base_ref=base_ref,
    )


def again(asked: evaluation.Asked, attempt: str) -> evaluation.Asked:
    """Return another review of the same; equal attempts are one."""
    subject = asked.head_ref if asked.pull is None else asked.pull
    return replace(asked, id=names.review(asked.place.repository, subject, asked.head, asked.base, attempt))


def enqueue_tick(session: orm.Session, client: DBOSClient, task: str, slot: str) -> None:
    """Enqueue what a task does in the time `slot`; a second time is the same work."""
    options: EnqueueOptions = {
        "workflow_name": names.Workflow.UPKEEP.value,
        "queue_name": names.Queue.UPKEEP.value,
        "queue_partition_key": task,
        "workflow_id": names.tick(task, slot),
        "app_version": names.PROTOCOL,
    }
    client.enqueue_in_transaction(session, options, {"task": task, "slot": slot})


# states after which the same head needs no other review: for an event that somebody caused, and for polling, which
# comes round again and again
AFTER_EVENT = frozenset({*evaluation.LIVE, evaluation.State.DONE})
AFTER_POLL = AFTER_EVENT | {evaluation.State.SKIPPED, evaluation.State.FAILED}


def traits(*, draft: bool, labels: Iterable[str]) -> str:
    """Return what may keep a pull request out, to see whether it has changed."""
    return json.dumps([draft, sorted(labels)])


def ask(
    session: orm.Session,
    client: DBOSClient,
    asked: evaluation.Asked,
    *,
    attempt: str,
    settled: frozenset[evaluation.State],
    now: datetime,
    like: str | None = None,
) -> str | None:
    """Ask for a review unless the current one is of the same, in a `settled` state; return the work's id, if any.

    `attempt` names a review beyond the first of a head and base: a branch that was set back to a former head, or a pull
    request that was aimed back at a former base, has one already. `like`: the pull request's `traits`; one that was
    kept out with others is not settled.
    """
    known = evaluations.current(session, asked)
    if known is not None and _is_settled(known, asked, settled, like):
        return None
    return begin(session, client, again(asked, attempt) if evaluations.is_known(session, asked.id) else asked, now)


def _is_settled(
    known: hostedmodels.Evaluation, asked: evaluation.Asked, settled: frozenset[evaluation.State], like: str | None
) -> bool:
    if not known.open or (known.head, known.base_ref) != (asked.head, asked.base_ref):
        return False
    changed = known.state == evaluation.State.SKIPPED and like is not None and known.traits != like
    return evaluation.State(known.state) in settled and not changed


def begin(session: orm.Session, client: DBOSClient, asked: evaluation.Asked, now: datetime) -> str:
    """Ask for the review whatever is known of its head; return the work's id."""
    evaluations.ask(session, asked, now)
    enqueue(session, client, names.Workflow.REQUEST, asked.id, asked.id, installation=asked.place.installation)
    return asked.id
