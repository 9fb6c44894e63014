"""Deliveries in: each is kept, and the work it asks for enqueued, in one transaction before it is acknowledged."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy
import structlog

from gatekeeper import errors
from gatekeeper.store import database, deliveries
from gatekeeper.web import work
from gatekeeper.workflows import asking
from webhooks import delivery, events, receiver

_log = structlog.get_logger(__name__)


class Intake:
    """Takes deliveries for `webhooks.receiver`."""

    def __init__(self, engine: sqlalchemy.Engine, client: asking.Enqueuer, now: Callable[[], datetime]) -> None:
        """Keep them in the database of records, in which `client` enqueues."""
        self._engine, self._client, self._now = engine, client, now

    def accept(self, given: delivery.Delivery, event: events.Event) -> receiver.Accepted:
        """Keep the delivery with its work, or say that it was kept before. Raises receiver.Unavailable."""
        try:
            return self._accept(given, event)
        except errors.StoreError as problem:
            # the store's own words are the operator's
            _log.error("delivery not kept", delivery=given.id, reason=str(problem))
            raise receiver.Unavailable("The delivery could not be kept: the log tells why.") from problem

    def _accept(self, given: delivery.Delivery, event: events.Event) -> receiver.Accepted:
        asked_for = work.of(event)
        now = self._now()
        with database.writing(self._engine) as session:
            if not deliveries.accept(session, _kept(given, event), given.body, now):
                return receiver.Accepted.DUPLICATE
            match asked_for:
                case work.Ask(asked=asked):
                    begun = asking.ask(
                        session, self._client, asked, attempt=given.id, settled=asking.AFTER_EVENT, now=now
                    )
                case work.Begin(workflow=workflow, argument=argument):
                    begun = f"{workflow.value}/{given.id}"
                    asking.enqueue(session, self._client, workflow, begun, {"delivery": given.id, **argument})
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
