"""Words on what is offered beyond a verdict: fixes, and tests of code that no test reaches."""

from collections.abc import Iterable, Sequence

from gatekeeper import offers, review
from gatekeeper.repair import candidate, fate
from gatekeeper.simulation import prediction
from gatekeeper.unreached import proposed
from gatekeeper.verdicts import verdict

# hexadecimal digits of a commit
_DIGITS = 10


def source(fix: candidate.FixCandidate) -> str:
    """Return where a fix comes from."""
    match fix.source:
        case candidate.Source.EDIT:
            return "an edit"
        case candidate.Source.MODEL:
            agree = f", {fix.agreement} samples agree" if fix.agreement > 1 else ""
            return f"written by the model{agree}"
        case candidate.Source.UNDO:
            return "undoing what the change did, as a last resort"


def kind(made: candidate.Source) -> str:
    """Return the source of fixes in a table."""
    match made:
        case candidate.Source.EDIT:
            return "small edits"
        case candidate.Source.MODEL:
            return "written by the model"
        case candidate.Source.UNDO:
            return "undoing, the last resort"


def effect(fix: candidate.FixCandidate) -> str:
    """Return what a fix does to the tests: a predicate without its subject."""
    mends = f"mends {len(fix.mended)} of the failing tests"
    if fix.kept == 1:
        return f"{mends} and does not break the other one"
    return f"{mends} and breaks none of {fix.kept} others" if fix.kept else mends


def imagined(by: str, predictions: Iterable[prediction.Prediction]) -> bool:
    """Whether the engine of that name does not run tests, as its predictions of the same review tell."""
    return any(said.imagined for said in predictions if said.engine == by)


def tried(by: str, predictions: Iterable[prediction.Prediction]) -> str:
    """Return how something was tried by an engine: run, or only imagined; neither where its ways are not known."""
    ways = {said.imagined for said in predictions if said.engine == by}
    if not ways:
        return f"tried with {by}"
    return f"imagined by {by}, not run" if True in ways else f"run in the {by}"


def mends(fixes: Iterable[candidate.FixCandidate]) -> list[candidate.FixCandidate]:
    """Return the fixes that keep what the author meant, best first."""
    return [fix for fix in fixes if fix.source is not candidate.Source.UNDO]


def undoing(fixes: Iterable[candidate.FixCandidate]) -> list[candidate.FixCandidate]:
    """Return the others: what takes a part of the change back."""
    return [fix for fix in fixes if fix.source is candidate.Source.UNDO]


def in_order(fixes: Sequence[candidate.FixCandidate]) -> list[candidate.FixCandidate]:
    """Return all of them in the order in which they are shown: what takes a part of the change back comes last."""
    return [*mends(fixes), *undoing(fixes)]


def became(what: fate.Fate) -> str:
    """Return what became of a fix; logins are as GitHub has them."""
    match what.became:
        case fate.Became.OFFERED:
            return "offered"
        case fate.Became.IGNORED:
            return "ignored"
        case fate.Became.APPLIED:
            at = f" at {what.commit[:_DIGITS]}" if what.commit else ""
            by = f" by {what.by}" if what.by else ""
            return f"applied{at}{by}{_after(what.after)}"


def _after(after: fate.After | None) -> str:
    match after:
        case fate.After.PASSED:
            return "; CI passed with it"
        case fate.After.FAILED:
            return "; CI failed with it"
        case None:
            return "; CI has not said what comes of it"


def author(test: proposed.ProposedTest) -> str:
    """Return who wrote a proposed test."""
    match test.source:
        case proposed.Source.MODEL:
            return "written by the model"
        case proposed.Source.GHOSTWRITER:
            return "written by hypothesis from the signature"
        case proposed.Source.OBSERVED:
            return "written from what the function does with small values"


def ended(how: proposed.Ended | None) -> str:
    """Return how a proposed test ended on one tree."""
    if how is None:
        return "the function was not there"
    return f"{how.outcome.value} ({how.exception})" if how.exception else how.outcome.value


def lacks_tests(done: review.Review, offered: offers.Offers) -> bool:
    """Whether proposed tests are what matters most: there is no verdict for want of tests."""
    return bool(offered.tests) and done.verdict.conclusion is verdict.Conclusion.NOT_ANALYSED
