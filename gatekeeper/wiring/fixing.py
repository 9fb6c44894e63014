"""Fixes for what a review found: proposed, then tried in the sandbox before anybody sees them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gatekeeper.diffs import diff
from gatekeeper.git import trees
from gatekeeper.impact import selection
from gatekeeper.repair import candidate
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A review as far as it has come when fixes are looked for."""

    before: trees.GitTree
    after: trees.GitTree
    head: trees.GitTree
    # before .. after, without what the configuration ignores
    change: diff.Diff
    tests: selection.Selection
    said: Sequence[prediction.Prediction]
    policy: verdict.Policy
    cancelled: Callable[[], bool]


def fixes(broken: Broken) -> tuple[candidate.FixCandidate, ...]:  # noqa: ARG001 - nothing is proposed yet
    """Return the fixes that were tried and found good, best first."""
    return ()
