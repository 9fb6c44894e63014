"""Words that every form of a report uses."""

from collections import Counter
from collections.abc import Iterable, Sequence

from gatekeeper import review
from gatekeeper.halting import risk
from gatekeeper.report import evidence
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

_MINUTE = 60
_ENDS = {
    risk.Kind.TERMINATES: "expected to end",
    risk.Kind.MAY_NOT_TERMINATE: "may not end",
    risk.Kind.DOES_NOT_TERMINATE: "do not end",
    risk.Kind.UNKNOWN: "not known to end",
}


def conclusion(reached: verdict.Conclusion) -> str:
    """Return the conclusion as people read it."""
    return reached.value.replace("_", " ").capitalize()


def outcome(row: review.Listed) -> str:
    """Return the conclusion of a review in a list, with the number of tests that would fail."""
    number = f"{row.would_fail} " if row.would_fail else ""
    return f"{number}{row.conclusion.value.replace('_', ' ')}"


def judged(tree: review.Judged) -> str:
    """Return which two trees were compared."""
    match tree:
        case review.Judged.MERGE:
            return "head merged into base"
        case review.Judged.HEAD:
            return "head against the merge base"


def counts(predictions: Iterable[prediction.Prediction]) -> str:
    """Return how many tests have each outcome, `already failing` apart; empty for none."""
    known = Counter("already failing" if said.already_failing else said.outcome.value for said in predictions)
    order = [*(outcome.value for outcome in prediction.Outcome), "already failing"]
    return ", ".join(f"{known[name]} {name}" for name in order if known[name])


def doubtful(risks: Iterable[risk.HaltingRisk]) -> list[risk.HaltingRisk]:
    """Return the functions that may not end, the surest first."""
    doubted = [said for said in risks if said.kind in {risk.Kind.MAY_NOT_TERMINATE, risk.Kind.DOES_NOT_TERMINATE}]
    return sorted(doubted, key=lambda said: -(said.probability or 0))


def slow(risks: Iterable[risk.HaltingRisk]) -> list[risk.HaltingRisk]:
    """Return the functions that end, and yet take more and more as what they are given grows."""
    return [said for said in risks if said.slow]


def endless(risks: Sequence[risk.HaltingRisk]) -> str:
    """Return how many functions do not halt, or may not, for which a check fails."""
    proven = all(said.kind is risk.Kind.DOES_NOT_TERMINATE for said in risks)
    many = f"{len(risks)} functions {'do' if proven else 'may'} not halt"
    return many if len(risks) > 1 else f"1 function {'does' if proven else 'may'} not halt"


def halting(risks: Sequence[risk.HaltingRisk]) -> str:
    """Return how many of the changed functions that can loop end; empty where nobody was asked."""
    counted = Counter(said.kind for said in risks)
    return ", ".join(f"{counted[kind]} {_ENDS[kind]}" for kind in risk.Kind if counted[kind])


def settled(risks: Iterable[risk.HaltingRisk]) -> list[risk.HaltingRisk]:
    """Return the functions of which no trouble was seen: they end, or nothing is known of them."""
    return [said for said in risks if said.kind in {risk.Kind.TERMINATES, risk.Kind.UNKNOWN} and not said.slow]


def effort(said: risk.HaltingRisk) -> str:
    """Return how the effort of a function grows with the size of its arguments, drawn; empty where it does not."""
    growing = (one for one in said.evidence if isinstance(one, risk.Growth) and one.law is not risk.Law.CONSTANT)
    return next(map(evidence.said, growing), "")


def imagined(predictions: Iterable[prediction.Prediction]) -> str:
    """Return how many of the outcomes nobody saw; empty where all were run."""
    number = sum(said.imagined and said.outcome is not prediction.Outcome.UNKNOWN for said in predictions)
    return f"{number} imagined by a model, not run" if number else ""


def disagreements(predictions: Iterable[prediction.Prediction]) -> list[tuple[prediction.Prediction, str]]:
    """Return the predictions that another engine contradicts, each with what every engine says."""
    return [(said, "; ".join(map(_engine, (said, *said.attempts)))) for said in predictions if said.disagreed]


def _engine(said: prediction.Prediction) -> str:
    sure = f" ({said.p_fail:.0%} failing)" if said.imagined and said.p_fail is not None else ""
    return f"{said.engine} says {said.outcome.value}{sure}"


def of(said: prediction.Prediction) -> str:
    """Return what is worth saying of a prediction: what ended the test, or else the reason."""
    ended = said.exception or said.reason
    return f"already failing: {ended}" if said.already_failing else ended


def by_reason(parts: Sequence[verdict.NotAnalysedPart]) -> list[tuple[str, list[str]]]:
    """Return the parts that were not analysed by reason, the commonest reason first."""
    grouped: dict[str, list[str]] = {}
    for part in parts:
        grouped.setdefault(part.why, []).append(part.what)
    return sorted(grouped.items(), key=lambda group: -len(group[1]))


def seconds(taken: float) -> str:
    """Return a duration with the digits that matter."""
    if taken < 1:
        return f"{taken:.2f} s"
    if taken < _MINUTE:
        return f"{taken:.1f} s"
    minutes, rest = divmod(round(taken), _MINUTE)
    return f"{minutes} min {rest} s"
