"""Periodic work: each replica enqueues a tick under an id made of its name and time, so that it is done once."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import sqlalchemy
import structlog
from apscheduler.schedulers import background
from apscheduler.triggers import interval
from dbos import DBOSClient

from gatekeeper import errors, settings
from gatekeeper.store import database
from gatekeeper.workflows import asking, upkeep

_log = structlog.get_logger(__name__)

# seconds between two ticks of each task; reconciling is set by the operator
_MINUTE, _HOUR = 60, 3600
_WATCH, _REDELIVER, _RETAIN = _MINUTE, 5 * _MINUTE, 6 * _HOUR
_SUMMARISE, _CALIBRATE = 10 * _MINUTE, 24 * _HOUR
# seconds between two heartbeats
_BEAT = 10


@contextlib.contextmanager
def running(
    chosen: settings.Settings,
    engine: sqlalchemy.Engine,
    client: DBOSClient,
    *,
    beat: Callable[[], None],
    unblock: Callable[[], object],
    tidy: Callable[[], None],
) -> Iterator[None]:
    """Tick meanwhile.

    `beat` and `tidy` concern this process and this machine alone: heartbeat, and caches. `unblock` lets ticks be done
    that wait for a worker that is gone, which no tick could.
    """
    scheduler = background.BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
    for task, seconds in _periods(chosen).items():
        job = _Tick(engine, client, task, seconds)
        # on the wall clock's slots, which are the same for every replica, and once at the start
        scheduler.add_job(job, _on_slots(seconds), next_run_time=datetime.now(UTC))
    scheduler.add_job(_explained(beat), interval.IntervalTrigger(seconds=_BEAT), next_run_time=datetime.now(UTC))
    scheduler.add_job(_explained(unblock), interval.IntervalTrigger(seconds=_BEAT))
    scheduler.add_job(_explained(tidy), interval.IntervalTrigger(seconds=_HOUR))
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


def _periods(chosen: settings.Settings) -> dict[upkeep.Task, int]:
    return {
        upkeep.Task.WATCH: _WATCH,
        upkeep.Task.REDELIVER: _REDELIVER,
        upkeep.Task.RECONCILE: chosen.poll_seconds,
        upkeep.Task.SETTLE: chosen.poll_seconds,
        upkeep.Task.SUMMARISE: _SUMMARISE,
        upkeep.Task.CALIBRATE: _CALIBRATE,
        upkeep.Task.RETAIN: _RETAIN,
    }


def _on_slots(seconds: int) -> interval.IntervalTrigger:
    return interval.IntervalTrigger(seconds=seconds, start_date=datetime.fromtimestamp(0, UTC))


def slot(now: datetime, seconds: int) -> str:
    """Return the name of the period of that many seconds that `now` lies in: its start, as in 20261121T120500."""
    start = now.timestamp() // seconds * seconds
    return datetime.fromtimestamp(start, UTC).strftime("%Y%m%dT%H%M%S")


class _Tick:
    def __init__(self, engine: sqlalchemy.Engine, client: DBOSClient, task: upkeep.Task, seconds: int) -> None:
        self._engine, self._client, self._task, self._seconds = engine, client, task, seconds

    def __call__(self) -> None:
        """Enqueue the tick of this time; the second replica's is the same workflow."""
        name = slot(datetime.now(UTC), self._seconds)
        with _logged(), database.writing(self._engine) as session:
            asking.enqueue_tick(session, self._client, self._task.value, name)


def _explained(do: Callable[[], object]) -> Callable[[], None]:
    def done() -> None:
        with _logged():
            do()

    return done


@contextlib.contextmanager
def _logged() -> Iterator[None]:
    """Let one tick fail: there will be another."""
    try:
        yield
    except (errors.GatekeeperError, OSError) as problem:
        _log.warning("upkeep failed", reason=str(problem))
