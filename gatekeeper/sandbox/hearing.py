"""What the guest of one session tells, taken in as far as it can be trusted."""

import time
from typing import Any

from gatekeeper.sandbox import dealing, session, workspace
from gatekeeper.simulation import prediction


class Hearing:
    """Listens to one session of one worker."""

    def __init__(self, board: dealing.Board, group: dealing.Group, *, fuel: int, seconds: float) -> None:
        """Prepare to listen to a session of `group`, one of whose tests may burn `fuel` and take `seconds`."""
        self._board, self._group, self._seconds = board, group, seconds
        # what one test may burn
        self.fuel = fuel
        self._since = time.monotonic()
        # the test that is running
        self.test: str | None = None
        # how the session broke; None: it came to its end
        self.broke: str | None = None

    def elapsed(self) -> float:
        """Seconds since the test, or the session, began."""
        return time.monotonic() - self._since

    def patience(self) -> float:
        """Return the seconds of silence after which the worker is killed."""
        return self._seconds if self.test is not None else self._seconds * session.COLLECTION

    def hear(self, event: dict[str, Any], left: int) -> dict[str, Any] | None:
        """Take one event in; return the answer to one that asks."""
        match event.get("event"):
            case "start":
                return self._start(str(event.get("id")))
            case "result":
                self._result(event, left)
            case "collected" if self.test is None:
                self._board.collected(self._group, [str(test) for test in event["ids"]])
            case "deselected":
                # whoever helps collects less
                self._board.runs.deselected.setdefault(self._group.modules, int(event["ids"]))
            case "reached" | "counted" | "frame" | "repeated":
                self._board.runs.traced.setdefault(str(event["test"]), []).append(event)
            case "collect error":
                path = str(event["id"]).partition("::")[0]
                self._board.runs.modules.setdefault(path, ran(event, how="error"))
            case "conftest error":
                folder = str(event.get("path")).removeprefix(f"{workspace.TREE}/").rpartition("/")[0]
                self._board.unusable(self._group, ran(event, how="error"), below=folder)
            case "unusable":
                self._board.unusable(self._group, session.Ran(how="unusable", exception=str(event.get("why"))[-1000:]))
        return None

    def _start(self, test: str) -> dict[str, Any]:
        admitted = self._board.claim(self._group, test)
        if admitted:
            self.test, self._since = test, time.monotonic()
        elif test not in self._group.collected:
            self._board.runs.oddities.append(f"a report of {test}, which was never collected")
        return {"run": admitted}

    def _result(self, event: dict[str, Any], left: int) -> None:
        test = str(event.get("id"))
        if test != self.test:
            self._board.runs.oddities.append(f"a result of {test}, which was not running")
            return
        spent = self.fuel - left
        self.test = None
        self._board.ended(test, ran(event, how=str(event.get("outcome")), seconds=self.elapsed(), fuel=spent))
        self._since = time.monotonic()


def ran(event: dict[str, Any], *, how: str, seconds: float = 0.0, fuel: int = 0) -> session.Ran:
    """Return what an event of the guest says, in types that can be trusted."""
    return session.Ran(
        how=how if how in {"pass", "fail", "error", "skip"} else "error",
        exception=_text(event.get("exception")),
        at=_places(event.get("at")),
        touched=_places(event.get("touched")),
        limit=_text(event.get("limit")),
        missing=_text(event.get("missing")),
        noted=tuple(str(reason)[:200] for reason in event.get("noted") or ()),
        seconds=seconds,
        fuel=max(fuel, 0),
    )


def _places(told: Any) -> tuple[prediction.Location, ...]:  # noqa: ANN401 - what a guest said
    return tuple(prediction.Location(path=str(path)[:1000], line=int(line)) for path, line in told or ())


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:500]
