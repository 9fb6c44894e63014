"""DBOS, set up on the database of records: what is registered in it, started and stopped.

DBOS keeps one instance for a process. Its tables lie beside the records: in the same SQLite file, or in the schema
`dbos` on PostgreSQL.
"""

import functools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy
import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, Serializer

from gatekeeper import errors, hosted
from gatekeeper.store import database
from gatekeeper.workflows import (
    buttons,
    closing,
    mending,
    names,
    ports,
    rerunning,
    reviewing,
    settle,
    showing,
    steps,
    upkeep,
)

# seconds between two looks whether anything is being done still
_LOOK = 0.25
# times that a workflow gives its place back: more than an hour of an absent GitHub; the watchdog comes to what it left
_TURNS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is done at a time."""

    # reviews in one worker, and of one repository in all workers
    reviews: int
    reviews_per_repository: int
    # seconds to wait for a further push before a review starts
    debounce: float
    # other work in one worker, and of one installation
    intake: int = 16
    intake_per_installation: int = 4
    # commits whose CI is read
    outcomes: int = 4
    outcomes_per_installation: int = 2
    # seconds between two looks at a queue
    look: float = 0.2


class _Json(Serializer):
    """Keeps arguments and results as JSON: readable, and nothing that could be code."""

    def serialize(self, data: Any) -> str:  # noqa: ANN401 - DBOS's signature
        return json.dumps(data, default=_error)

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: ANN401, N805 - DBOS's signature
        return json.loads(serialized_data)

    def name(self) -> str:
        return "gatekeeper_json"


def _error(value: object) -> object:
    if isinstance(value, BaseException):
        return {"error": type(value).__name__, "message": str(value)}
    raise TypeError(f"{type(value).__name__} is not kept: steps and workflows return JSON")


def migrate(engine: sqlalchemy.Engine) -> None:
    """Create or update DBOS's tables beside the records. Raises StoreError."""
    with database.explained(engine.url):
        DBOS.migrate(engine.url.render_as_string(hide_password=False))


def client(engine: sqlalchemy.Engine) -> DBOSClient:
    """Return what enqueues work in transactions of `engine`; the tables must be there. Raises StoreError."""
    with database.explained(engine.url):
        return DBOSClient(system_database_engine=_alone(engine), serializer=_Json(), application_name=names.APPLICATION)


def launch(engine: sqlalchemy.Engine, executor: str, using: ports.Ports, limits: Limits) -> None:
    """Start to do durable work as the worker `executor`, whose unfinished work goes on first.

    No two processes may have the same name at a time.
    """
    configuration: DBOSConfig = {
        "name": names.APPLICATION,
        "system_database_url": engine.url.render_as_string(hide_password=False),
        "system_database_engine": _alone(engine),
        "serializer": _Json(),
        "executor_id": executor,
        "application_version": names.PROTOCOL,
        "run_migrations": False,
        "enable_otlp": False,
        "notification_listener_polling_interval_sec": 1.0,
    }
    DBOS(config=configuration)
    _register(using, limits)
    DBOS.launch()
    DBOS.register_queue(
        names.Queue.INTAKE,
        worker_concurrency=limits.intake,
        partition_worker_concurrency=limits.intake_per_installation,
        polling_interval_sec=limits.look,
        on_conflict="always_update",
    )
    DBOS.register_queue(
        names.Queue.OUTCOMES,
        worker_concurrency=limits.outcomes,
        partition_worker_concurrency=limits.outcomes_per_installation,
        polling_interval_sec=limits.look,
        on_conflict="always_update",
    )
    DBOS.register_queue(
        names.Queue.UPKEEP,
        partition_concurrency=1,
        polling_interval_sec=limits.look,
        on_conflict="always_update",
    )
    DBOS.register_queue(
        names.Queue.REVIEWS,
        worker_concurrency=limits.reviews,
        partition_concurrency=limits.reviews_per_repository,
        polling_interval_sec=limits.look,
        on_conflict="always_update",
    )
    DBOS.register_queue(
        names.Queue.OFFERS,
        worker_concurrency=1,
        partition_concurrency=1,
        polling_interval_sec=limits.look,
        on_conflict="always_update",
    )


def stop(grace: float) -> None:
    """Stop taking work, and give the steps that are being done `grace` seconds.

    What sleeps or is not finished then goes on elsewhere, or later: the process has to end without waiting for it.
    """
    stopping = threading.Thread(
        target=DBOS.destroy, kwargs={"workflow_completion_timeout_sec": int(grace)}, daemon=True
    )
    stopping.start()
    until = time.monotonic() + grace
    while stopping.is_alive() and time.monotonic() < until:
        stopping.join(_LOOK)
        if not steps.busy():
            # a workflow may be between two steps
            stopping.join(_LOOK)
            if not steps.busy():
                return


def _alone(engine: sqlalchemy.Engine) -> sqlalchemy.Engine:
    """Return the engine with transactions that may read before they write: DBOS's do."""
    return engine.execution_options(begin="BEGIN IMMEDIATE")


def _giving_back(client: DBOSClient) -> Callable[[Callable[..., steps.Json]], Callable[..., steps.Json]]:
    """Return what lets a workflow that has to wait for long begin anew later, on its queue.

    What it did is found again, and not done again.
    """

    def giving_back(do: Callable[..., steps.Json]) -> Callable[..., steps.Json]:
        @functools.wraps(do)
        def done(*given: Any) -> steps.Json:  # noqa: ANN401 - whatever the workflow takes
            identity = DBOS.workflow_id
            assert identity is not None
            try:
                # whatever is logged meanwhile says of which review or delivery it is
                with structlog.contextvars.bound_contextvars(work=identity):
                    return do(*given)
            except steps.Later as later:
                wait, reason = later.seconds, str(later)
            first, _, turn = identity.partition("+")
            following = int(turn or 0) + 1
            if following > _TURNS:
                raise errors.UnavailableError(f"given up after {_TURNS} turns: {reason}")
            same = steps.step("queue", lambda: _queue(client, identity))
            options: EnqueueOptions = {
                "workflow_name": same["name"],
                "queue_name": same["queue"],
                "queue_partition_key": same["partition"],
                "workflow_id": f"{first}+{following}",
                "app_version": names.PROTOCOL,
                "delay_seconds": wait,
            }
            DBOS.enqueue_workflow_with_options(options, *given)
            return {"begins anew after": wait}

        return done

    return giving_back


def _queue(client: DBOSClient, identity: str) -> dict[str, str | None]:
    (found,) = client.list_workflows(workflow_ids=[identity], load_input=False, load_output=False)
    return {"name": found.name, "queue": found.queue_name, "partition": found.queue_partition_key}


def _register(using: ports.Ports, limits: Limits) -> None:  # noqa: C901 - one function for each workflow
    """Register the workflows; each takes what JSON holds, and gets its ports from here."""
    giving_back = _giving_back(using.client)

    @DBOS.workflow(name=names.Workflow.REQUEST)
    @giving_back
    def request(identity: str) -> str:
        return reviewing.request(using, identity, limits.debounce)

    @DBOS.workflow(name=names.Workflow.PERFORM)
    @giving_back
    def perform(identity: str, turn: int) -> str:
        return reviewing.perform(using, identity, turn)

    @DBOS.workflow(name=names.Workflow.MEND)
    @giving_back
    def mend(identity: str) -> bool:
        return mending.mend(using, identity)

    @DBOS.workflow(name=names.Workflow.CLOSE)
    @giving_back
    def close(given: dict[str, Any]) -> None:
        closing.close(using, hosted.Place(**given["place"]), pull=given["pull"], head=given["head"])

    @DBOS.workflow(name=names.Workflow.RERUN)
    @giving_back
    def rerun(given: dict[str, Any]) -> int:
        return rerunning.rerun(using, hosted.Place(**given["place"]), given["head"], given["delivery"])

    @DBOS.workflow(name=names.Workflow.SHOW)
    @giving_back
    def show(given: dict[str, Any]) -> None:
        place = hosted.Place(**given["place"])
        showing.show_or_give_up(using, place, given["head"])

    @DBOS.workflow(name=names.Workflow.COMMAND)
    @giving_back
    def command(given: dict[str, Any]) -> str:
        return buttons.command(using, given)

    @DBOS.workflow(name=names.Workflow.ACTION)
    @giving_back
    def action(given: dict[str, Any]) -> str:
        return buttons.action(using, given)

    @DBOS.workflow(name=names.Workflow.INSTALL)
    @giving_back
    def install(given: dict[str, Any]) -> int:
        return upkeep.install(using, given["installation"], given["delivery"])

    @DBOS.workflow(name=names.Workflow.SETTLE)
    @giving_back
    def settle_commit(given: dict[str, Any]) -> steps.Json:
        place = hosted.Place(**given["place"])
        return settle.settle(using, place, given["sha"], history=given["history"])

    @DBOS.workflow(name=names.Workflow.UPKEEP)
    def tick(given: dict[str, Any]) -> steps.Json:
        return upkeep.tick(using, upkeep.Task(given["task"]), given["slot"])
