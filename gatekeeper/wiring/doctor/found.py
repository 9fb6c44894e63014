"""What a look at one part of an installation came to."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a part is."""

    OK = "ok"
    # works, or may work, yet not as it should
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One line of the doctor's."""

    part: str
    state: State
    said: str
    # what to do; empty where nothing is to be done
    mend: str = ""


def ok(part: str, said: str) -> Found:
    """Return that the part is as it should be."""
    return Found(part=part, state=State.OK, said=said)


def warn(part: str, said: str, mend: str = "") -> Found:
    """Return that the part could be better."""
    return Found(part=part, state=State.WARN, said=said, mend=mend)


def fail(part: str, said: str, mend: str) -> Found:
    """Return that the part does not work."""
    return Found(part=part, state=State.FAIL, said=said, mend=mend)
