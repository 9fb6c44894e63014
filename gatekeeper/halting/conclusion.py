"""What was tried of a function, and what a reasoner said of it -> its HaltingRisk."""

from gatekeeper.halting import asking, loops, probing, risk, spots
from gatekeeper.simulation import prediction

# how sure each kind of evidence makes that some call does not end; raw, to be calibrated
_PROVEN, _DEEP, _APART, _ENDLESS, _SLOW, _ENDED = 0.99, 0.9, 0.9, 0.75, 0.2, 0.1
# of a function without annotations, called with what it may not be made for
_GUESSED = 0.6
# calls that have to end before it is said that they do
_FEWEST = 3
_RECURSIVE = frozenset({spots.Cause.RECURSION, spots.Cause.MUTUAL})


def conclude(
    suspect: loops.Suspect, tried: probing.Tried, asked: risk.HaltingRisk | None, *, engine: str, version: str
) -> risk.HaltingRisk:
    """Return what follows: from what was seen, and where nothing was, from what a model `asked` about it said.

    Only a proof makes `does not terminate`. What a model said stays as evidence beside what was seen.
    """
    kind, probability, reason = _seen(suspect, tried)
    said = asked.evidence if asked is not None else ()
    if asked is not None and asked.probability is not None and not _decides(kind, tried):
        weighed = asked.probability if probability is None else (probability + asked.probability) / 2
        may = weighed >= asking.BAR
        kind = risk.Kind.MAY_NOT_TERMINATE if may else risk.Kind.TERMINATES
        probability, reason = weighed, asked.reason if probability is None else f"{reason}; {asked.reason}"
    proof = next((item for item in tried.evidence if isinstance(item, risk.Repetition)), None)
    return risk.HaltingRisk(
        path=suspect.path,
        function=suspect.name,
        line=proof.line if proof else suspect.at,
        kind=kind,
        probability=probability,
        raw_score=probability,
        reason=reason,
        evidence=(*tried.evidence, *said),
        cost=asked.cost if asked is not None else prediction.Cost(),
        engine=asked.engine if asked is not None and not tried.evidence else engine,
        model=asked.model if asked is not None and not tried.evidence else version,
        version=asked.version if asked is not None and not tried.evidence else version,
    )


def _decides(kind: risk.Kind, tried: probing.Tried) -> bool:
    """Whether what was seen leaves no room for a model's word: a call did not end."""
    return kind in {risk.Kind.DOES_NOT_TERMINATE, risk.Kind.MAY_NOT_TERMINATE} and bool(tried.evidence)


def _seen(suspect: loops.Suspect, tried: probing.Tried) -> tuple[risk.Kind, float | None, str]:
    """Return what the calls show: kind, raw probability, one sentence."""
    growth = next((item for item in tried.evidence if isinstance(item, risk.Growth)), None)
    ended = next((item for item in tried.evidence if isinstance(item, risk.Ended)), None)
    for item in tried.evidence:
        match item:
            case risk.Repetition(call=call, line=line, state=state):
                values = ", ".join(f"{name} = {value}" for name, value in state[:4])
                where = f"the loop on line {line} comes back to a state that it was in"
                said = f"{call} never ends: {where}" + (f" ({values})" if values else "")
                return risk.Kind.DOES_NOT_TERMINATE, _PROVEN, said
            case risk.Recursion(call=call, guessed=guessed) if _RECURSIVE & {spot.cause for spot in suspect.spots}:
                return _may(_DEEP, f"{call} goes deeper than the stack allows", guessed=guessed)
            case risk.Unended(call=call, other=str() as other, guessed=guessed):
                said = f"{call} did not end within {_times(item)} times what {other} took"
                return _may(_APART, said, guessed=guessed)
            case risk.Unended():
                return _unended(item, growth, ended)
            case _:
                pass
    if ended is not None and ended.calls >= _FEWEST:
        law = f"; its effort is {growth.law.value} in their size" if growth and growth.law in _GROWING else ""
        return risk.Kind.TERMINATES, _ENDED, f"{ended.calls} calls with small arguments ended{law}"
    return risk.Kind.UNKNOWN, None, _untried(tried)


_GROWING = frozenset({risk.Law.QUADRATIC, risk.Law.CUBIC, risk.Law.EXPONENTIAL})


def _unended(
    item: risk.Unended, growth: risk.Growth | None, ended: risk.Ended | None
) -> tuple[risk.Kind, float | None, str]:
    if growth is not None and growth.law is risk.Law.EXPONENTIAL:
        said = f"slow, not endless: the effort is exponential in the size, and {item.call} is large"
        return risk.Kind.TERMINATES, _SLOW, said
    if item.small:
        said = f"{item.call} did not end within {item.fuel:,} instructions"
        return _may(_ENDLESS if ended else _DEEP, said, guessed=item.guessed)
    return risk.Kind.UNKNOWN, None, f"{item.call} did not end within {item.fuel:,} instructions, and may only be slow"


def _may(probability: float, said: str, *, guessed: bool) -> tuple[risk.Kind, float | None, str]:
    if guessed:
        return risk.Kind.MAY_NOT_TERMINATE, _GUESSED, f"{said}; nothing tells that it takes such values"
    return risk.Kind.MAY_NOT_TERMINATE, probability, said


def _times(item: risk.Unended) -> str:
    return f"{item.fuel // max(item.other_fuel, 1):,}"


def _untried(tried: probing.Tried) -> str:
    if tried.lacking:
        return f"it could not be tried: {tried.why}"
    return tried.why or "too few calls of it could be tried"
