"""What arrives and what is being done, for administrators."""

from dataclasses import dataclass
from datetime import datetime

from gatekeeper import evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook as received."""

    id: str
    event: str
    action: str | None
    repository: str | None
    received: datetime
    # id of the work that it began; None where there was nothing to do
    workflow: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process that does durable work."""

    id: str
    version: str
    host: str
    seen: datetime
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPage:
    """All of it; every list is bounded, newest first."""

    # queued and running, the oldest first
    live: tuple[evaluation.Evaluation, ...]
    # could not be carried out lately
    failed: tuple[evaluation.Evaluation, ...]
    workers: tuple[Worker, ...]
    deliveries: tuple[Delivery, ...]
    # where the next page of deliveries begins; None at the end
    following: str | None
