"""What is said of one finding, wherever it is shown."""

from collections.abc import Mapping, Sequence

from gatekeeper import review
from gatekeeper.repair import candidate
from gatekeeper.report.github import markdown
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings

# tests named under one finding before the rest is counted
NAMED = 5


def by_test(done: review.Review) -> dict[str, prediction.Prediction]:
    """Return the predictions by their tests."""
    return {said.test: said for said in done.predictions}


def tests_of(found: findings.Finding, said: Mapping[str, prediction.Prediction]) -> list[prediction.Prediction]:
    """Return the predictions that a finding stands for."""
    return [said[test] for test in found.tests if test in said]


def halts_not(tests: Sequence[prediction.Prediction]) -> bool:
    """Whether the finding is that tests may not halt."""
    return bool(tests) and all(test.outcome is prediction.Outcome.HANG for test in tests)


def title(found: findings.Finding, tests: Sequence[prediction.Prediction]) -> str:
    """Return a finding in a few words of ours, which are safe anywhere."""
    failing = f"{markdown.counted(len(tests), 'affected test')} would fail"
    if found.kind is findings.Kind.UNPARSABLE:
        return f"Does not parse: {failing}" if tests else "Does not parse"
    return f"May not halt: {failing}" if halts_not(tests) else failing


def named(tests: Sequence[prediction.Prediction]) -> str:
    """Return the tests of a finding as a list, the rest counted."""
    return markdown.named([markdown.code(test.test) for test in tests], NAMED, "test")


def fix(tried: candidate.FixCandidate) -> str:
    """Return what a fix does, and what was seen when it was tried."""
    match tried.source:
        case candidate.Source.EDIT:
            does = "This edit"
        case candidate.Source.UNDO:
            does = "Taking this part of the change back"
    kept = f" and breaks none of {markdown.counted(tried.kept, 'other affected test')}" if tried.kept else ""
    return (
        f"{does} mends {markdown.counted(len(tried.mended), 'test')}{kept}, tried with {markdown.code(tried.tried_by)}."
    )
