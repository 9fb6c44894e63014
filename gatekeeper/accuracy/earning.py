"""What a gate has measurably earned: the terms, the evidence, the level."""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.verdicts import authority


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What authority is held to: `earning` in the repository's configuration."""

    # how many of the latest pull requests that would have been blocked are looked at
    pulls: int = 100
    # what the lower bound of the precision must reach for each level
    advise: float = 0.7
    block: float = 0.9
    # how far below that it may come before a level that is held is lost
    margin: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The latest pull requests that would have been blocked and count."""

    blocked: int
    # of these, those that real CI found broken too
    right: int
    # lower bound of the precision (one-sided, 95 %); None where nothing would have been blocked
    lower_bound: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """The level that the evidence carries."""

    level: authority.Authority
    evidence: Evidence
    # one sentence, for the check and the report
    why: str


def decide(latest: Sequence[bool], terms: Terms, held: authority.Authority) -> Earned:
    """Return the level that the latest pull requests that would have been blocked and count carry.

    `latest`: oldest first; True: real CI found the pull request broken too. More than `terms.pulls` may be given, the
    newest are looked at. `held`: the earned level so far. A level is won at its bar, and one that is held is lost only
    below its bar less the margin; without evidence there is none.
    """
    seen = tuple(latest[-terms.pulls :])
    evidence = Evidence(blocked=len(seen), right=sum(seen), lower_bound=lower_bound(sum(seen), len(seen)))
    level = _level(evidence.lower_bound, terms, held)
    return Earned(level=level, evidence=evidence, why=_why(seen, evidence, level, terms, held))


def lower_bound(right: int, blocked: int) -> float | None:
    """Return the lower bound of the precision (one-sided, 95 %); None where nothing would have been blocked.

    Clopper and Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial" (1934), as a
    quantile of the beta distribution. It holds for few pull requests and for no error, where the bootstrap does not.
    """
    if not blocked:
        return None
    if not right:
        return 0.0
    # what `scipy.stats.beta.ppf` is made of, which is slow to import
    from scipy import special

    return float(special.betaincinv(right, blocked - right + 1, _RISK))


def needed(latest: Sequence[bool], bar: float, *, pulls: int) -> int | None:
    """Return how many more, all right, bring the lower bound of the latest so many `pulls` to `bar`.

    None where that cannot be, however many there are.
    """

    def reached(more: int) -> bool:
        seen = [*latest, *[True] * more][-pulls:]
        bound = lower_bound(sum(seen), len(seen))
        return bound is not None and bound >= bar

    # one more that is right never lowers the bound, whichever it takes the place of
    found = bisect.bisect_left(range(pulls + 1), x=True, key=reached)
    return found if found <= pulls else None


_RISK = 0.05
_LEVELS = tuple(authority.Authority)


def _bar(level: authority.Authority, terms: Terms) -> float:
    """Return what the lower bound must reach for a level: for blocking no less than for advice."""
    match level:
        case authority.Authority.SHADOW:
            return 0.0
        case authority.Authority.ADVISE:
            return terms.advise
        case authority.Authority.BLOCK:
            return max(terms.block, terms.advise)


def _level(bound: float | None, terms: Terms, held: authority.Authority) -> authority.Authority:
    def carries(level: authority.Authority) -> bool:
        kept = _LEVELS.index(level) <= _LEVELS.index(held)
        return bound is not None and bound >= _bar(level, terms) - (terms.margin if kept else 0)

    return next((level for level in reversed(_LEVELS) if carries(level)), authority.Authority.SHADOW)


def _why(
    seen: Sequence[bool], evidence: Evidence, level: authority.Authority, terms: Terms, held: authority.Authority
) -> str:
    standing = f"{_standing(evidence, level, terms, held)}: {_found(evidence)}"
    following = _LEVELS[_LEVELS.index(level) + 1 :][:1]
    return "; ".join([standing, *(_missing(seen, name, terms) for name in following)])


def _standing(evidence: Evidence, level: authority.Authority, terms: Terms, held: authority.Authority) -> str:
    if _LEVELS.index(level) < _LEVELS.index(held):
        return f"{held} is lost, since keeping it takes {_bar(held, terms) - terms.margin:.2f}"
    if level is authority.Authority.SHADOW:
        return "nothing is earned yet"
    asked = _bar(level, terms)
    if evidence.lower_bound is not None and evidence.lower_bound < asked:
        return f"{level} is kept, since keeping it takes {asked - terms.margin:.2f}"
    return f"{level} is earned, for which {asked:.2f} is asked"


def _found(evidence: Evidence) -> str:
    if evidence.lower_bound is None:
        return "no pull request that counts would have been blocked"
    latest = "1 pull request" if evidence.blocked == 1 else f"{evidence.blocked} pull requests"
    return (
        f"{evidence.right} of the latest {latest} that would have been blocked really broke, "
        f"so that at least {_floor(evidence.lower_bound)} of such do (95 % sure)"
    )


def _missing(seen: Sequence[bool], level: authority.Authority, terms: Terms) -> str:
    more = needed(seen, _bar(level, terms), pulls=terms.pulls)
    if more is None:
        return f"{level} asks {_bar(level, terms):.2f}, which {terms.pulls} pull requests cannot show"
    return f"{level} asks {_bar(level, terms):.2f}: {more} more right in a row would do"


def _floor(share: float) -> str:
    """Return two digits that say no more than is so."""
    return f"{math.floor(share * 100) / 100:.2f}"
