"""Steps: done again, after a durable sleep, until GitHub and the database have answered."""

from collections.abc import Callable
from typing import Any, TypedDict

from dbos import DBOS

from gatekeeper import errors

# anything that JSON holds: what steps return is stored as JSON
Json = Any

# seconds to wait after an answer that did not count, one after the other; the last is repeated
_PAUSES = (1, 2, 4, 8, 15, 30, 60)
# about an hour and a half of an absent GitHub; the watchdog comes back to what was given up
_MOST = 100
_LONGEST = 3600.0
# seconds that a workflow sleeps in its place
_PATIENCE = 10.0


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
    """Nothing can be done for so long that the workflow should give back its place."""

    def __init__(self, seconds: float) -> None:
        """Begin anew after `seconds`."""
        super().__init__(seconds)
        self.seconds = seconds


def step(name: str, do: Callable[[], Json]) -> Json:
    """Do what must be idempotent until it is answered; return the result, which is kept.

    Raises ForbiddenError, MissingError, RefusedError, UnavailableError after too many attempts, and Later.
    """
    for attempt in range(_MOST):
        said = DBOS.run_step({"name": name}, _answer, do, attempt)
        if said["wait"] is not None and said["wait"] > _PATIENCE:
            raise Later(said["wait"])
        if said["wait"] is not None:
            DBOS.sleep(said["wait"])
        elif said["refused"] is not None:
            raise _REFUSALS[said["refused"]](said["message"])
        else:
            return said["value"]
    raise errors.UnavailableError(f"{name}: not answered {_MOST} times; the last answer: {said['message']}")


def busy() -> int:
    """Return how many steps are being done in this process now; a workflow that sleeps does none."""
    return len(_doing)


_doing: set[object] = set()


def _answer(do: Callable[[], Json], attempt: int) -> _Answer:
    mark = object()
    _doing.add(mark)
    try:
        return {"wait": None, "value": do(), "refused": None, "message": ""}
    except errors.RateLimitError as limit:
        return {"wait": min(limit.seconds, _LONGEST), "value": None, "refused": None, "message": str(limit)}
    except (errors.UnavailableError, errors.StoreError) as absent:
        pause = float(_PAUSES[min(attempt, len(_PAUSES) - 1)])
        return {"wait": pause, "value": None, "refused": None, "message": str(absent)}
    except tuple(_REFUSALS.values()) as refusal:
        return {"wait": None, "value": None, "refused": type(refusal).__name__, "message": str(refusal)}
    finally:
        _doing.discard(mark)
