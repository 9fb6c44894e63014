"""Whether what failed is to be asked again, and after how long. Decides, and does nothing."""

from enum import StrEnum

# seconds
_FIRST, _LONGEST = 0.25, 8.0


class Trouble(StrEnum):
    """What may pass by itself."""

    # no connection: the server is down, or is being started
    UNREACHED = "unreached"
    # the connection ended before any answer
    RESET = "reset"
    # the server, or what stands before it, says that it cannot now
    BUSY = "busy"


# a request that ends servers is not to end all of them
_TRIES = {Trouble.UNREACHED: 4, Trouble.RESET: 1, Trouble.BUSY: 6}
BUSY_STATUSES = frozenset({429, 502, 503, 504})


def pause(trouble: Trouble, before: int, chance: float, told: float | None = None) -> float | None:
    """Return the seconds to wait before asking again, or None where asking again is of no use.

    `before` counts the earlier troubles of the kind; `chance`, from 0 to 1, keeps many clients from asking at once;
    `told` is what the server asked for.
    """
    if before >= _TRIES[trouble]:
        return None
    grown = min(_LONGEST, _FIRST * 2.0**before)
    return max(told or 0.0, grown * (0.5 + chance / 2))


def told(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header (RFC 9110, 10.2.3) asks for; its dates are not read."""
    return float(header) if header is not None and header.isdecimal() and len(header) <= len("86400") else None
