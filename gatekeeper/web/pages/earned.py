"""What a standing still lacks for the next level of authority."""

from dataclasses import dataclass

from gatekeeper.accuracy import earning
from gatekeeper.verdicts import authority
from gatekeeper.views import repository

# right verdicts in a row beyond which the number tells nothing
_FAR = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The next level, and the way there."""

    level: authority.Authority
    # what the lower bound of the precision must reach, in 0..1
    bar: float
    # its value now; None where nothing would have been blocked
    bound: float | None
    # right verdicts to fail, one after the other, that would reach the bar; None: more than can be told
    more: int | None


def next_level(standing: repository.Standing) -> Next | None:
    """Return what the next level asks for; None where the highest is held, or the terms are not known."""
    levels = list(authority.Authority)
    place = levels.index(standing.level) + 1
    bar = standing.terms.get(levels[place].value) if place < len(levels) else None
    if bar is None:
        return None
    right, blocked = (int(standing.figures.get(name) or 0) for name in ("right", "blocked"))
    bound = standing.figures.get("lower_bound")
    return Next(level=levels[place], bar=bar, bound=bound, more=_more(right, blocked, bar))


def _more(right: int, blocked: int, bar: float) -> int | None:
    for more in range(_FAR + 1):
        bound = earning.lower_bound(right + more, blocked + more)
        if bound is not None and bound >= bar:
            return more
    return None
