"""What is said of one finding, wherever it is shown."""

from collections.abc import Iterator, Mapping, Sequence

from gatekeeper import review
from gatekeeper.repair import candidate, cause
from gatekeeper.report import culprits, offered
from gatekeeper.report.github import markdown, places
from gatekeeper.simulation import prediction
from gatekeeper.unreached import proposed as proposals
from gatekeeper.verdicts import findings

# tests named under one finding before the rest is counted
NAMED = 5
# places of a culprit
_PLACES = 3
# characters of one sentence, and of a departure
_LONG = 600
# bytes of a proposed test
_TEST = 6_000


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


def fix(tried: candidate.FixCandidate, done: review.Review) -> str:
    """Return what a fix does, and what was seen when it was tried."""
    match tried.source:
        case candidate.Source.EDIT:
            does = "This edit"
        case candidate.Source.MODEL:
            agree = f" ({markdown.counted(tried.agreement, 'sample')} agree)" if tried.agreement > 1 else ""
            does = f"This edit, written by the model{agree},"
        case candidate.Source.UNDO:
            does = "**As a last resort:** taking this part of the change back"
    kept = f" and breaks none of {markdown.counted(tried.kept, 'other affected test')}" if tried.kept else ""
    return f"{does} mends {markdown.counted(len(tried.mended), 'test')}{kept}, {_tried(tried.tried_by, done)}."


def due(found: cause.Cause, done: review.Review, where: places.Places) -> str:
    """Return what a finding is due to: the lines as a diff, and where the run departs."""
    return "\n\n".join(_due(found, done, where))


def _due(found: cause.Cause, done: review.Review, where: places.Places) -> Iterator[str]:
    yield f"**Where the fault is:** {markdown.prose(found.why, _LONG).rstrip('.')}."
    for part in found.lines[:_PLACES]:
        shown = culprits.marked(part, done.diff)
        yield where.shown(culprits.location(part))
        if shown:
            yield markdown.block("\n".join(shown[: culprits.MOST]), "diff")
        yield from markdown.more(len(shown) - culprits.MOST, "line")
    yield from markdown.more(len(found.lines) - _PLACES, "place")
    if (departed := found.departure) is not None:
        at = prediction.Location(path=departed.path, line=departed.line)
        yield f"At {where.shown(at)}: {markdown.code(str(departed), _LONG)}"


def proposed(test: proposals.ProposedTest, done: review.Review) -> str:
    """Return a proposed test: what it found, and the file, folded."""
    says = f"{markdown.code(test.symbol)}: {markdown.prose(test.found, _LONG).rstrip('.')}."
    ends = f"After the change {_ended(test.after)}; before it {_ended(test.before)}."
    by = f"{_capital(offered.author(test))}, {_tried(test.tried_by, done)}: {markdown.code(test.path)}"
    folded = markdown.details("A test that would reach it", markdown.block(test.text, "python", largest=_TEST))
    return f"{says} {ends}\n\n{by}\n\n{folded}"


def _ended(how: proposals.Ended | None) -> str:
    if how is None:
        return "the function was not there"
    return f"{how.outcome.value} ({markdown.code(how.exception)})" if how.exception else how.outcome.value


def _tried(by: str, done: review.Review) -> str:
    if offered.imagined(by, done.predictions):
        return f"imagined by {markdown.code(by)}, not run"
    return f"tried with {markdown.code(by)}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
