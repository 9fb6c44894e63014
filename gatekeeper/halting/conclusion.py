"""What was tried of a function, and what a reasoner said of it -> its HaltingRisk."""

from gatekeeper.halting import asking, backtracking, loops, probing, ranking, risk, spots
from gatekeeper.simulation import prediction

# the engine of what the text alone tells, and the version of how it is read
TEXT, TEXT_VERSION = "text", "1"
# how sure each kind of evidence makes that some call does not end; raw, to be calibrated
_PROVEN, _DEEP, _APART, _ENDLESS, _SLOW, _ENDED = 0.99, 0.9, 0.9, 0.75, 0.2, 0.1
# of a function without annotations, called with what it may not be made for, and is seldom made for
_GUESSED, _ODD = 0.6, 0.35
# the same of what its text tells: it ends, seems to, stays in a loop, seems to; beside calls that ended
_SETTLED, _SUGGESTED, _STAYS, _SEEMS = 0.03, 0.2, 0.8, 0.6
_ENDED_SUGGESTED, _ENDED_SEEMS = 0.07, 0.3
# calls that have to end before it is said that they do
_FEWEST = 3
# times the effort of the longest call that ended, within which one with larger arguments is taken to be slow alone
_APART_BY = 20
# instructions from which a call that ended is said to be slow
_LONG = 100_000_000
# what a search that stands still, or a base case that is not reached, leaves no doubt about once it is entered
_STUCK = frozenset({risk.Course.STANDS, risk.Course.SAME})

_Said = tuple[risk.Kind, float | None, str]


def conclude(
    suspect: loops.Suspect,
    tried: probing.Tried,
    asked: risk.HaltingRisk | None,
    *,
    engine: str,
    version: str,
    told: ranking.Told | None = None,
) -> risk.HaltingRisk:
    """Return what follows: from what was seen, then from what the text tells, then from what a model `asked` said.

    Only a proof makes `does not terminate`. What a model said stays as evidence beside what was seen.
    """
    text = told or ranking.Told()
    kind, probability, reason = _matched(_read(_seen(suspect, tried), tried, text), suspect, tried)
    said = asked.evidence if asked is not None else ()
    if asked is not None and asked.probability is not None and not (_decides(kind, tried) or text.settled):
        weighed = asked.probability if probability is None else (probability + asked.probability) / 2
        may = weighed >= asking.BAR
        kind = risk.Kind.MAY_NOT_TERMINATE if may else risk.Kind.TERMINATES
        probability, reason = weighed, asked.reason if probability is None else f"{reason}; {asked.reason}"
    who = _who(tried, text, asked, (engine, version, version))
    return risk.HaltingRisk(
        path=suspect.path,
        function=suspect.name,
        line=_line(suspect, tried, text, kind),
        kind=kind,
        probability=probability,
        raw_score=probability,
        reason=suspect.told(reason),
        evidence=(*_ordered(tried.evidence, text), *said),
        cost=asked.cost if asked is not None else prediction.Cost(),
        engine=who[0],
        model=who[1],
        version=who[2],
    )


def _who(
    tried: probing.Tried, text: ranking.Told, asked: risk.HaltingRisk | None, own: tuple[str, str, str]
) -> tuple[str, str, str]:
    """Return engine, model and version of the strongest evidence."""
    if tried.evidence:
        return own
    if asked is not None and not text.settled:
        return asked.engine, asked.model, asked.version
    return (TEXT, TEXT_VERSION, TEXT_VERSION) if text.rankings else own


def _line(suspect: loops.Suspect, tried: probing.Tried, text: ranking.Told, kind: risk.Kind) -> int:
    proof = next((item for item in tried.evidence if isinstance(item, risk.Repetition)), None)
    if proof is not None:
        return proof.line
    if kind is risk.Kind.MAY_NOT_TERMINATE and text.against is not None:
        return text.against.line
    return suspect.at


def _ordered(seen: tuple[risk.Evidence, ...], text: ranking.Told) -> tuple[risk.Evidence, ...]:
    """Return the evidence, the strongest first: what calls show of not ending, what the text tells, what ended."""
    strong = tuple(item for item in seen if isinstance(item, risk.Repetition | risk.Recursion | risk.Unended))
    return (*strong, *text.rankings, *(item for item in seen if item not in strong))


def _read(seen: _Said, tried: probing.Tried, text: ranking.Told) -> _Said:
    """Return what was seen, weighed with what the text tells."""
    kind, probability, reason = seen
    match kind:
        case risk.Kind.DOES_NOT_TERMINATE:
            return seen
        case risk.Kind.MAY_NOT_TERMINATE:
            only_slow = text.settled and any(isinstance(item, risk.Unended) for item in tried.evidence)
            if only_slow and not any(isinstance(item, risk.Recursion | risk.Repetition) for item in tried.evidence):
                return risk.Kind.TERMINATES, _SLOW, f"slow, not endless: {reason}, yet {_course(text.rankings[0])}"
            return (kind, _raised(probability), reason) if text.against is not None else seen
        case risk.Kind.TERMINATES:
            return _read_ended(seen, text)
        case risk.Kind.UNKNOWN:
            return _read_alone(seen, text)


def _read_ended(seen: _Said, text: ranking.Told) -> _Said:
    kind, probability, reason = seen
    against = text.against
    if against is not None and (against.sound or against.course in _STUCK):
        return risk.Kind.MAY_NOT_TERMINATE, _SEEMS, f"{reason}, yet {_course(against)}"
    if against is not None:
        return kind, max(probability or 0.0, _ENDED_SEEMS), reason
    if probability is not None and probability > _ENDED:
        return seen
    if text.settled:
        return kind, min(probability or _SETTLED, _SETTLED), f"{reason}; {_course(text.rankings[0])}"
    return kind, min(probability or _ENDED_SUGGESTED, _ENDED_SUGGESTED) if text.suggested else probability, reason


def _read_alone(seen: _Said, text: ranking.Told) -> _Said:
    """Return what the text tells where nothing was seen that counts."""
    against, why = text.against, seen[2]
    if against is not None:
        return risk.Kind.MAY_NOT_TERMINATE, _STAYS if against.sound else _SEEMS, f"{_course(against)}; {why}"
    if text.settled:
        return risk.Kind.TERMINATES, _SETTLED, f"{_course(text.rankings[0])}; {why}"
    if text.suggested:
        return risk.Kind.TERMINATES, _SUGGESTED, f"{_course(text.rankings[0])}, as far as its text tells; {why}"
    return seen


def _matched(said: _Said, suspect: loops.Suspect, tried: probing.Tried) -> _Said:
    """Return what was said, with what its regular expressions take."""
    kind, probability, _ = said
    measured = [item for item in tried.evidence if isinstance(item, risk.Backtracking)]
    explosive = next(backtracking.slow(measured), None)
    if not measured or kind in {risk.Kind.DOES_NOT_TERMINATE, risk.Kind.MAY_NOT_TERMINATE}:
        return said
    if explosive is not None:
        return risk.Kind.TERMINATES, max(probability or _SLOW, _SLOW), f"slow, not endless: {_backtracks(explosive)}"
    covered = {item.line for item in measured}
    regular = all(spot.cause is spots.Cause.REGEX and spot.line in covered for spot in suspect.spots)
    if kind is risk.Kind.UNKNOWN and regular:
        return risk.Kind.TERMINATES, _ENDED, "its regular expressions take effort in proportion to the text"
    return said


def _backtracks(item: risk.Backtracking) -> str:
    where = f"the regular expression on line {item.line}"
    if item.law is risk.Law.EXPONENTIAL:
        return f"exponential backtracking in {where}: {item.factor:.1f} x per further character, as with {item.text}"
    return (
        f"{item.law.value} backtracking in {where}: {item.factor:.1f} x for a text twice as long, as with {item.text}"
    )


def _raised(probability: float | None) -> float | None:
    """Return a probability that a second, independent ground brings halfway to certainty."""
    return None if probability is None else (1 + probability) / 2


def _course(one: risk.Ranking) -> str:  # noqa: PLR0911 - one arm for each
    """Return what the text tells of a place, as a clause."""
    match one.course:
        case risk.Course.MOVES:
            return f"on line {one.line} {one.what} comes closer to its bound on every path"
        case risk.Course.STANDS:
            return f"the loop on line {one.line} sets {one.what} to the middle, which it may be already"
        case risk.Course.UNCHANGED:
            return f"the loop on line {one.line} changes nothing that its condition `{one.what}` reads"
        case risk.Course.NO_WAY_OUT:
            return f"the loop on line {one.line} has no way out"
        case risk.Course.NO_BASE:
            return f"there is no way around the call of itself on line {one.line}"
        case risk.Course.SAME:
            return f"it calls itself on line {one.line} with {one.what} as before, on which alone the base case depends"
        case risk.Course.OVERSTEPS:
            return f"the calls of itself on line {one.line} can take {one.what} past the base case"


def _decides(kind: risk.Kind, tried: probing.Tried) -> bool:
    """Whether what was seen leaves no room for a model's word: a call did not end."""
    return kind in {risk.Kind.DOES_NOT_TERMINATE, risk.Kind.MAY_NOT_TERMINATE} and bool(tried.evidence)


def _seen(suspect: loops.Suspect, tried: probing.Tried) -> _Said:
    """Return what the calls show: kind, raw probability, one sentence."""
    growth = next((item for item in tried.evidence if isinstance(item, risk.Growth)), None)
    ended = next((item for item in tried.evidence if isinstance(item, risk.Ended)), None)
    for item in tried.evidence:
        match item:
            case risk.Repetition(call=call, line=line, state=state):
                values = ", ".join(f"{name} = {value}" for name, value in state[:4])
                where = f"the loop on line {line} comes back to a state that it was in"
                said = f"{call} never ends: {where}" + (f" ({values})" if values else "")
                proven = (risk.Kind.DOES_NOT_TERMINATE, _PROVEN, said)
                return _may(_DEEP, said, item, ended) if item.guessed else proven
            case risk.Recursion(call=call) if suspect.recursive:
                return _may(_DEEP, f"{call} goes deeper than the stack allows", item, ended)
            case risk.Unended(call=call, other=str() as other):
                said = f"{call} did not end within {_times(item)} times what {other} took"
                return _may(_APART, said, item, ended)
            case risk.Unended():
                return _unended(item, growth, ended)
            case _:
                pass
    if ended is not None and ended.calls >= _FEWEST:
        law = f"; its effort is {growth.law.value} in their size" if growth and growth.law in _GROWING else ""
        if ended.longest is not None and ended.fuel >= _LONG:
            law += f"; {ended.longest} is slow, and ended after {ended.fuel / 1e6:,.0f} million instructions"
        return risk.Kind.TERMINATES, _ENDED, f"{ended.calls} calls with small arguments ended{law}"
    return risk.Kind.UNKNOWN, None, _untried(tried)


_GROWING = frozenset({risk.Law.QUADRATIC, risk.Law.CUBIC, risk.Law.EXPONENTIAL})


def _unended(item: risk.Unended, growth: risk.Growth | None, ended: risk.Ended | None) -> _Said:
    if growth is not None and growth.law is risk.Law.EXPONENTIAL:
        times = f", {growth.factor:.1f} x for one more" if growth.factor else ""
        said = f"slow, not endless: the effort is exponential in the size{times}, and {item.call} is large"
        return risk.Kind.TERMINATES, _SLOW, said
    if item.small:
        said = f"{item.call} did not end within {item.fuel:,} instructions"
        return _may(_ENDLESS if ended else _DEEP, said, item, ended)
    larger = f"{item.call} did not end within {item.fuel:,} instructions"
    took = max((fuel for _, fuel in growth.points), default=0) if growth is not None else 0
    took = max(took, ended.fuel if ended is not None else 0)
    if ended is not None and ended.calls >= _FEWEST and took * _APART_BY > item.fuel:
        said = (
            f"slow, not endless: {larger}, and is larger than others, which ended after up to {took / 1e6:,.0f} million"
        )
        return risk.Kind.TERMINATES, _SLOW, said
    return risk.Kind.UNKNOWN, None, f"{larger}, and may only be slow"


def _may(
    probability: float,
    said: str,
    item: risk.Repetition | risk.Recursion | risk.Unended,
    ended: risk.Ended | None,
) -> _Said:
    """Return what a call that did not end shows, by how much tells that the function takes what the call gives."""
    if not item.guessed:
        return risk.Kind.MAY_NOT_TERMINATE, probability, said
    unfit = f"{said}; nothing tells that it takes such values"
    seldom = item.odd and ended is not None and ended.calls >= _FEWEST
    if seldom and isinstance(item, risk.Repetition):
        return risk.Kind.MAY_NOT_TERMINATE, asking.BAR, unfit
    if seldom and ended is not None:
        return risk.Kind.TERMINATES, _ODD, f"{ended.calls} calls with small arguments ended, yet {unfit}"
    return risk.Kind.MAY_NOT_TERMINATE, _GUESSED, unfit


def _times(item: risk.Unended) -> str:
    return f"{item.fuel // max(item.other_fuel, 1):,}"


def _untried(tried: probing.Tried) -> str:
    if tried.lacking:
        return f"it could not be tried: {tried.why}"
    return tried.why or "too few calls of it could be tried"
