"""Work whose worker is gone, or was of an older version: handed to those that are there."""

from datetime import datetime, timedelta

from dbos import DBOSClient

from gatekeeper.store import workers
from gatekeeper.workflows import names, ports

# seconds after which a worker that says nothing is gone; it speaks every ten
SILENCE = 60
_UNFINISHED = ["ENQUEUED", "DELAYED", "PENDING"]
_ENDED = ["SUCCESS", "ERROR", "CANCELLED"]
_AT_ONCE = 1000
# the task that calls what is below
_WATCH = "watch"


def resume(using: ports.Ports) -> int:
    """Put the running work of workers that are gone back into its queue; return how many workflows that are.

    They go on after their last finished step. (On PostgreSQL another worker does nothing of the kind by itself.)
    """
    if not _is_steady(using):
        return 0
    alive = _alive(using)
    running = using.client.list_workflows(
        status="PENDING", app_version=names.PROTOCOL, load_input=False, load_output=False
    )
    orphans = [one for one in running if (one.executor_id, one.app_version) not in alive]
    for one in orphans:
        using.client.resume_workflow(one.workflow_id, queue_name=one.queue_name)
    return len(orphans)


def unblock(using: ports.Ports) -> int:
    """Cancel the watches of workers that are gone; return how many.

    One is done at a time, and the next, which would resume all that such a worker left, waits for it to end.
    """
    if not _is_steady(using):
        return 0
    alive = _alive(using)
    running = using.client.list_workflows(
        status="PENDING", workflow_id_prefix=names.tick(_WATCH, ""), load_input=False, load_output=False
    )
    orphans = [one for one in running if (one.executor_id, one.app_version) not in alive]
    for one in orphans:
        using.client.cancel_workflow(one.workflow_id)
    return len(orphans)


def renew(using: ports.Ports) -> int:
    """Begin anew what was begun by a version with other steps, under the same id; return how many workflows that are.

    Whatever they did is found again and not done twice. A newer version's work is left to it.
    """
    alive, steady = _alive(using), _is_steady(using)
    listed = using.client.list_workflows(status=_UNFINISHED, load_input=False, load_output=False)
    older = [one for one in listed if _is_older(one.app_version)]
    # who had this worker's slot before is gone, whatever can be said of the others
    left = [
        one
        for one in older
        if one.status != "PENDING"
        or one.executor_id == using.worker
        or (steady and (one.executor_id, one.app_version) not in alive)
    ]
    for one in left:
        using.client.cancel_workflow(one.workflow_id)
        using.client.rewind_workflow(
            one.workflow_id,
            application_version=names.PROTOCOL,
            queue_name=one.queue_name,
            queue_partition_key=one.queue_partition_key,
        )
    return len(left)


def is_under_way(client: DBOSClient, identity: str) -> bool:
    """Whether there is unfinished work for the review: asked for, or to be carried out, in whatever turn."""
    begun = [identity, names.perform(identity)]
    return bool(client.list_workflows(workflow_id_prefix=begun, status=_UNFINISHED, limit=1, load_input=False))


def forget(client: DBOSClient, before: datetime) -> int:
    """Delete what is kept of workflows that ended before that time; return how many."""
    until, forgotten = before.isoformat(), 0
    while ended := client.list_workflows(
        status=_ENDED, completed_before=until, limit=_AT_ONCE, load_input=False, load_output=False
    ):
        client.delete_workflows([one.workflow_id for one in ended])
        forgotten += len(ended)
    return forgotten


def _is_steady(using: ports.Ports) -> bool:
    """Whether others' silence means something: after a gap in this worker's own heartbeats it may be the database's."""
    since = workers.steady_since(using.database, using.worker)
    return since is not None and since <= using.now() - timedelta(seconds=SILENCE)


def _alive(using: ports.Ports) -> frozenset[tuple[str | None, str | None]]:
    """Return who works: slot and version, since a slot's next worker may be of another one."""
    return frozenset(workers.versions(using.database, using.now() - timedelta(seconds=SILENCE)).items())


def _is_older(version: str | None) -> bool:
    return version is not None and version.isdecimal() and int(version) < int(names.PROTOCOL)
