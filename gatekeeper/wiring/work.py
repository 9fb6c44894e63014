"""A worker: durable work with everything that it needs, until it is told to stop."""

import contextlib
import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import prometheus_client
import sqlalchemy
import structlog

from gatekeeper import errors, settings
from gatekeeper.forge import forge, tokens
from gatekeeper.git import mirrors
from gatekeeper.store import database, workers
from gatekeeper.web import metrics
from gatekeeper.wiring import reviewing, slots, ticks
from gatekeeper.workflows import durable, names, ports, recovery

_log = structlog.get_logger(__name__)

_MEBI = 1 << 20
_DAY = 86_400
# to an SQLite file, at a time
_CONNECTIONS = 16
# days after which a mirror that no review used is deleted
_MIRROR_DAYS = 30


def run(chosen: settings.Settings, stop: threading.Event) -> None:
    """Do durable work until `stop` is set; then take no more, and finish what runs or leave it to be gone on with.

    Raises UsageError where no further worker is admitted, and StoreError.
    """
    engine = database.kept_open(database.open_database(chosen.database), connections=_CONNECTIONS)
    durable.migrate(engine)
    kept = mirrors.Mirrors(
        chosen.cache / "mirrors", size_limit=chosen.mirror_size * _MEBI, timeout=chosen.fetch_seconds
    )
    with contextlib.ExitStack() as stack:
        slot = stack.enter_context(slots.held(chosen, engine))
        beat = _Beat(engine, slot)
        beat()
        stack.callback(workers.leave, engine, slot.name)
        using = ports_of(chosen, engine, kept, slot.name)
        durable.launch(engine, slot.name, using, limits(chosen))
        stack.callback(durable.stop, chosen.grace)
        stack.enter_context(
            ticks.running(
                chosen,
                engine,
                using.client,
                beat=beat,
                unblock=lambda: recovery.unblock(using),
                tidy=lambda: _tidy(chosen, kept, stop),
            )
        )
        _log.info("working", worker=slot.name, reviews=chosen.reviews)
        stop.wait()
        _log.info("stopping", worker=slot.name)


def limits(chosen: settings.Settings) -> durable.Limits:
    """Return how much is done at a time."""
    return durable.Limits(
        reviews=chosen.reviews, reviews_per_repository=chosen.reviews_per_repository, debounce=chosen.debounce
    )


def ports_of(chosen: settings.Settings, engine: sqlalchemy.Engine, kept: mirrors.Mirrors, worker: str) -> ports.Ports:
    """Return what the workflows of this worker need, connected to GitHub by the token broker."""
    broker = tokens.Tokens(chosen.broker)
    github = forge.html_url(chosen.github_api)
    counted = metrics.Counted(prometheus_client.CollectorRegistry())
    connected = forge.connect(broker, chosen.github_api, observe=counted.call)
    return ports.Ports(
        checks=connected.checks,
        pulls=connected.pulls,
        comments=connected.comments,
        branches=connected.branches,
        app=connected.app,
        ci=connected.ci,
        reviewer=reviewing.Reviewer(chosen, engine, broker, kept, github),
        database=engine,
        client=durable.client(engine),
        url=chosen.url,
        github=github,
        worker=worker,
        now=lambda: datetime.now(UTC),
        keep_deliveries=timedelta(days=chosen.delivery_days),
        keep_traces=timedelta(days=chosen.trace_days),
    )


class _Beat:
    """Says that this worker is alive, as long as it has its slot."""

    def __init__(self, engine: sqlalchemy.Engine, slot: slots.Slot) -> None:
        self._engine, self._slot = engine, slot
        self._host = f"{socket.gethostname()} {os.getpid()}"

    def __call__(self) -> None:
        try:
            self._slot.check()
        except errors.StoreError as problem:
            # another may have taken it, and two of one name would do the same steps
            _log.critical("the worker's place is lost", worker=self._slot.name, reason=str(problem))
            os._exit(1)
        workers.beat(self._engine, self._slot.name, version=names.PROTOCOL, host=self._host, now=datetime.now(UTC))


def _tidy(chosen: settings.Settings, kept: mirrors.Mirrors, stop: threading.Event) -> None:
    """Delete mirrors that are not used, or more than there is room for, and pack the others."""
    now = time.time()
    kept.prune(unused_since=now - _MIRROR_DAYS * _DAY, total=chosen.mirrors_total * _MEBI)
    for number in kept.numbers():
        kept.collect(number, older_than=now - _MIRROR_DAYS * _DAY, cancelled=stop.is_set)
