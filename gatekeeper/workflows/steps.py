"""Steps: done again, after a durable sleep, until GitHub and the database have answered."""

from collections.abc import Callable
from typing import Any, TypedDict

from dbos import DBOS

from gatekeeper import errors

# anything that JSON holds: what steps return is stored as JSON
Json = Any

# seconds that a workflow sleeps in its place after an answer that did not count, one after the other
_PAUSES = (1.0, 2.0, 4.0, 8.0)
# of a rate limit, what is waited for in the workflow's place, and what is waited for at all
_PATIENCE = 10.0
_LONGEST = 3600.0
# seconds after which a workflow that gave its place back begins anew
_LATER = 60.0


class _Answer(TypedDict):
    # seconds after which to ask again; None where the answer counts
    wait: float | None
    value: Json
    # name of the ForgeError that was raised, and its message
    refused: str | None
    message: str


_REFUSALS: dict[str, type[errors.ForgeError]] = {
    one.__name__: one for one in (errors.ForbiddenError, errors.MissingError, errors.RefusedError)
}


class Later(Exception):  # noqa: N818 - no fault: what is to be done is to be begun anew
    """Nothing can be done for so long that the workflow should give back its place; the message says why."""

    def __init__(self, seconds: float, reason: str) -> None:
        """Begin anew after `seconds`."""
        super().__init__(reason)
        self.seconds = seconds


def step(name: str, do: Callable[[], Json]) -> Json:
    """Do what must be idempotent until it is answered; return the result, which is kept.

    Raises ForbiddenError, MissingError, RefusedError, and Later where the answer is long in coming.
    """
    for pause in (*_PAUSES, _LATER):
        said = DBOS.run_step({"name": name}, _answer, do, pause)
        if said["wait"] is None:
            break
        if said["wait"] > _PATIENCE:
            raise Later(said["wait"], f"{name}: {said['message']}")
        DBOS.sleep(said["wait"])
    if said["refused"] is not None:
        raise _REFUSALS[said["refused"]](said["message"])
    return said["value"]


def busy() -> int:
    """Return how many steps are being done in this process now; a workflow that sleeps does none."""
    return len(_doing)


_doing: set[object] = set()


def _answer(do: Callable[[], Json], pause: float) -> _Answer:
    mark = object()
    _doing.add(mark)
    try:
        return {"wait": None, "value": do(), "refused": None, "message": ""}
    except errors.RateLimitError as limit:
        return {"wait": min(limit.seconds, _LONGEST), "value": None, "refused": None, "message": str(limit)}
    except (errors.UnavailableError, errors.StoreError) as absent:
        return {"wait": pause, "value": None, "refused": None, "message": str(absent)}
    except tuple(_REFUSALS.values()) as refusal:
        return {"wait": None, "value": None, "refused": type(refusal).__name__, "message": str(refusal)}
    finally:
        _doing.discard(mark)
