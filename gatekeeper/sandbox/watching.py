"""Loops that are watched for a state that comes back: what the guest is told of them, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatekeeper.halting import purity


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A loop that came to a state that it had been in."""

    # file of the tree
    path: str
    # 1-based line of the loop
    line: int
    # name -> `repr` of the values then, the first of them
    state: Mapping[str, str]


def told(loop: purity.Loop) -> dict[str, Any]:
    """Return a loop as the guest takes it."""
    return {
        "first": loop.first,
        "last": loop.last,
        "lines": sorted(loop.lines),
        "names": sorted(loop.names),
        "added_to": sorted(loop.added_to),
        "sets": loop.sets,
    }


def heard(event: Mapping[str, Any]) -> Repeated:
    """Return what an event of the guest says. Raises what its nonsense does: KeyError, TypeError and the like."""
    state = {str(name)[:100]: str(value)[:200] for name, value in event["state"].items()}
    return Repeated(path=str(event["path"])[:1000], line=int(event["line"]), state=state)
