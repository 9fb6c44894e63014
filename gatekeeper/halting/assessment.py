"""Functions that can loop -> their halting risks, on the word of a reasoner."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gatekeeper.halting import asking, listing, loops, risk
from gatekeeper.simulation import agreement, prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """The answers about head's version of a function, and about base's where it has one."""

    head: asking.Answer
    base: asking.Answer | None


def of_suspects(
    suspects: Sequence[loops.Suspect],
    reasoner: asking.Reasoner,
    budget: asking.Budget,
    cancelled: Callable[[], bool],
) -> tuple[risk.HaltingRisk, ...]:
    """Ask about each function at head, and at base for the control; return one risk for each."""
    within = [suspect for suspect in suspects[: budget.functions] if not suspect.after.too_long]
    answers = iter(reasoner.ask(list(_questions(within)), budget, cancelled))
    pairs = {id(one): _Pair(head=next(answers), base=next(answers) if _control(one) else None) for one in within}
    return tuple(
        decide(suspect, pairs[id(suspect)].head, pairs[id(suspect)].base, reasoner)
        if id(suspect) in pairs
        else _unknown(suspect, _not_asked(suspect, budget), reasoner)
        for suspect in suspects
    )


def decide(
    suspect: loops.Suspect, head: asking.Answer, base: asking.Answer | None, who: asking.Reasoner
) -> risk.HaltingRisk:
    """Return what the answers about head's version say, unless those about base's deny what is presumed there."""
    cost = head.cost + base.cost if base is not None else head.cost
    match head:
        case asking.NotAnswered(why=why):
            return _unknown(suspect, why, who, cost)
        case asking.Answered():
            counted, score = replace(asking.votes(head), control=asking.control(base)), asking.score(head)
    if counted.line is not None and not suspect.after.has(counted.line):
        counted = replace(counted, line=None)
    denied = _disbelieved(counted, score)
    if denied is not None or score is None:
        return replace(_unknown(suspect, denied or "", who, cost), evidence=(counted,))
    return replace(
        _unknown(suspect, _reason(suspect, counted), who, cost),
        kind=risk.Kind.MAY_NOT_TERMINATE if score >= asking.BAR else risk.Kind.TERMINATES,
        probability=score,
        raw_score=score,
        evidence=(counted,),
    )


def _questions(suspects: Iterable[loops.Suspect]) -> Iterator[asking.Question]:
    for suspect in suspects:
        for code in (suspect.after, _control(suspect)):
            if code is not None:
                yield asking.Question(function=suspect.name, code=code)


def _control(suspect: loops.Suspect) -> listing.Listing | None:
    return suspect.before if suspect.before is not None and not suspect.before.too_long else None


def _not_asked(suspect: loops.Suspect, budget: asking.Budget) -> str:
    if suspect.after.too_long:
        return "it is too long to be asked about"
    return f"not asked: it is beyond the {budget.functions} functions that are asked about in one review"


def _disbelieved(counted: risk.Votes, score: float | None) -> str | None:
    """Return why nothing follows from the answers, in one sentence; None where something does."""
    if score is None:
        why = "; ".join(f"{number} {reason}" for reason, number in counted.uncounted)
        return f"only {counted.valid} of {counted.samples} answers count: {why}"
    if counted.control is risk.Control.FAILED:
        return "the model says of base's version too that it does not end, so it is not believed"
    if abs(score - asking.BAR) < agreement.UNSURE:
        return f"the answers do not agree: {counted.diverging} of {counted.valid} say that it may not end"
    return None


def _reason(suspect: loops.Suspect, counted: risk.Votes) -> str:
    what = suspect.spots[0].cause.value if suspect.spots else "its loops"
    said = suspect.told(f"{counted.diverging} of {counted.valid} answers say that {what} may not end")
    if suspect.newly_reached:
        return said
    match counted.control:
        case risk.Control.PASSED:
            return f"{said}, and not so of base's version"
        case risk.Control.NONE:
            return f"{said}; the function is new, so nothing is compared"
        case _:
            return f"{said}; about base's version there is no answer"


def _unknown(
    suspect: loops.Suspect, why: str, who: asking.Reasoner, cost: prediction.Cost | None = None
) -> risk.HaltingRisk:
    return risk.HaltingRisk(
        path=suspect.path,
        function=suspect.name,
        line=suspect.at,
        kind=risk.Kind.UNKNOWN,
        probability=None,
        reason=why,
        cost=cost or prediction.Cost(),
        engine=who.engine,
        model=who.model,
        version=who.version,
    )
