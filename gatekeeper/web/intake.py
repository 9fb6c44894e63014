"""Deliveries in: each is kept, and the work it asks for enqueued, in one transaction before it is acknowledged."""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy
import structlog
from dbos import DBOSClient
from sqlalchemy import orm

from gatekeeper import errors
from gatekeeper.store import database, deliveries
from gatekeeper.web import work
from gatekeeper.workflows import asking
from webhooks import delivery, events, receiver

_log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class _Waiting:
    """A delivery that is to be kept, and what became of it."""

    given: delivery.Delivery
    event: events.Event
    tried: bool = False
    accepted: receiver.Accepted | None = None


class Intake:
    """Takes deliveries for `webhooks.receiver`.

    Those that come while a transaction runs wait for the next one, which one of their threads makes for all of them.
    Measured by infra/bench/flood.py on two busy cores, two or three runs each: about 390 in a second on SQLite instead
    of 305 with a transaction each, and 460 instead of 310 on PostgreSQL.
    """

    def __init__(
        self, engine: sqlalchemy.Engine, client: DBOSClient, now: Callable[[], datetime], *, gather: float = 10.0
    ) -> None:
        """Keep them in the database of records, in which `client` enqueues.

        What CI does on a commit within the same `gather` seconds is looked at once.
        """
        self._engine, self._client, self._now, self._gather = engine, client, now, gather
        self._line: deque[_Waiting] = deque()
        self._turn = threading.Lock()

    def accept(self, given: delivery.Delivery, event: events.Event) -> receiver.Accepted:
        """Keep the delivery with its work, or say that it was kept before. Raises receiver.Unavailable."""
        try:
            return self._accept(_Waiting(given=given, event=event))
        except errors.StoreError as problem:
            # the store's own words are the operator's
            _log.error("delivery not kept", delivery=given.id, reason=str(problem))
            raise receiver.Unavailable("The delivery could not be kept: the log tells why.") from problem

    def _accept(self, mine: _Waiting) -> receiver.Accepted:
        self._line.append(mine)
        with self._turn:
            if not mine.tried:
                self._try_all()
            return mine.accepted or self._keep_all([mine])[0]

    def _try_all(self) -> None:
        """Keep all that wait, or none of them."""
        # each process in the same order: on PostgreSQL two could otherwise wait for each other
        waiting = sorted((self._line.popleft() for _ in range(len(self._line))), key=lambda one: one.given.id)
        for one in waiting:
            one.tried = True
        if len(waiting) > 1:
            # whatever it is, whoever's it is meets it again, alone, and the others do not
            with contextlib.suppress(Exception):
                self._keep_all(waiting)

    def _keep_all(self, waiting: Sequence[_Waiting]) -> list[receiver.Accepted]:
        with database.writing(self._engine) as session:
            done = [self._keep(session, one.given, one.event) for one in waiting]
        for one, accepted in zip(waiting, done, strict=True):
            one.accepted = accepted
        return done

    def _keep(self, session: orm.Session, given: delivery.Delivery, event: events.Event) -> receiver.Accepted:
        now = self._now()
        if not deliveries.accept(session, _kept(given, event), given.body, now):
            return receiver.Accepted.DUPLICATE
        match work.of(event):
            case work.Ask(asked=asked):
                begun = asking.ask(session, self._client, asked, attempt=given.id, settled=asking.AFTER_EVENT, now=now)
            case work.Begin(workflow=workflow, argument=argument):
                begun = f"{workflow.value}/{given.id}"
                argument = {"delivery": given.id, **argument}
                installation = getattr(event, "installation", None) or 0
                asking.enqueue(session, self._client, workflow, begun, argument, installation=installation)
            case work.Settle(place=place, sha=sha, history=history):
                begun = asking.settle(session, self._client, place, sha, history=history, now=now, gather=self._gather)
            case None:
                begun = None
        deliveries.began(session, given.id, begun)
        return receiver.Accepted.NEW


def _kept(given: delivery.Delivery, event: events.Event) -> deliveries.Delivery:
    repository = getattr(event, "repository", None)
    return deliveries.Delivery(
        id=given.id,
        event=given.event,
        action=given.action,
        installation=getattr(event, "installation", None),
        repository=repository.id if repository is not None else None,
        workflow=None,
    )
