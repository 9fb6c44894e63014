"""A review beside what real CI did -> its part in the accuracy of everyone who predicted.

Positive means broken: the test, or the pull request, does not pass after the change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.accuracy import counts
from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

# who is scored besides the engines: the decisions, and the baselines
GATE = "gate"
# says what the test's last outcome was
PARROT = "parrot"
# says the share of the test's runs that failed
HISTORICAL = "historical"


class Unit(StrEnum):
    """What is counted."""

    TEST = "test"
    PULL_REQUEST = "pull_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Whose accuracy, and of what."""

    # an engine's name, or one of the names above, for which model and version are empty
    engine: str
    model: str = ""
    version: str = ""
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one attempt of an engine said of one test, as published."""

    # pytest's node id
    test: str
    engine: str
    model: str
    version: str
    outcome: prediction.Outcome
    # in 0..1; None: nothing was said
    p_fail: float | None
    # whether `p_fail` reached the bar that held then, and the test was not said to be failing already
    would_fail: bool
    already_failing: bool
    # whether the review's decision on the test points here
    decided: bool
    # the test's last outcome in CI and the share of its runs that did not pass, as known then; None where none was
    last_outcome: prediction.Outcome | None = None
    failure_rate: float | None = None


def of_review(
    settled: settlement.Settlement,
    said: Sequence[Said],
    conclusion: verdict.Conclusion,
    *,
    loops: bool = False,
) -> Mapping[Key, counts.Counts]:
    """Return one review's counts for the gate, each engine and both baselines; those without anything are left out.

    `said`: every attempt of the review, in the order in which it was made. `loops`: whether the review named a
    function of the change that does not end, or may not.
    """
    raise NotImplementedError
