"""Labels against halting risks. Positive means that the function does not halt for some input."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatekeeper.accuracy import confusion
from gatekeeper.halting import risk
from gatekeeper.inference import generation
from gatekeeper.wiring.bench.halting import labels

_POSITIVE = frozenset({risk.Kind.MAY_NOT_TERMINATE, risk.Kind.DOES_NOT_TERMINATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One labelled function and what was said of it."""

    label: labels.Label
    risk: risk.HaltingRisk

    @property
    def right(self) -> bool | None:
        """Whether it was said as labelled; None where nothing was said."""
        if self.risk.kind is risk.Kind.UNKNOWN:
            return None
        return (self.risk.kind in _POSITIVE) != self.label.halts


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """All labelled functions of one run."""

    said: tuple[Said, ...]
    # of all queries together; `seconds` adds those that ran at the same time
    usage: generation.Usage
    # wall-clock seconds of the run
    seconds: float
    # US dollars, by the profile's prices
    dollars: float

    def kinds(self) -> Mapping[str, Sequence[Said]]:
        """Return kind of label -> its functions, in the list's order."""
        found: dict[str, list[Said]] = {}
        for one in self.said:
            found.setdefault(one.label.kind, []).append(one)
        return found


def counted(said: Sequence[Said]) -> confusion.Confusion:
    """Return the confusion; a function that does not halt counts as a miss also where nothing was said of it."""
    return confusion.Confusion(
        true_positives=sum(one.right is True and not one.label.halts for one in said),
        false_positives=sum(one.right is False and one.label.halts for one in said),
        false_negatives=sum(one.right is not True and not one.label.halts for one in said),
        true_negatives=sum(one.right is True and one.label.halts for one in said),
    )


def abstention(said: Sequence[Said]) -> float | None:
    """Return the share (0..1) of functions of which nothing was said; None of no functions."""
    return sum(one.right is None for one in said) / len(said) if said else None


def brier(said: Sequence[Said]) -> float | None:
    """Return the mean squared distance (0..1) of probabilities from labels; None where no probability was given."""
    told = [(one.risk.probability, one.label.halts) for one in said if one.risk.probability is not None]
    return sum((probability - (not halts)) ** 2 for probability, halts in told) / len(told) if told else None


def table(said: Sequence[Said]) -> Mapping[tuple[bool, risk.Kind], int]:
    """Return (label: it halts, what was said) -> how many functions."""
    return Counter((one.label.halts, one.risk.kind) for one in said)
