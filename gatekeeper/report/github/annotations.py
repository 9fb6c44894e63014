"""The findings of a review as annotations of its check run."""

from collections.abc import Callable, Iterator, Sequence

from gatekeeper import review
from gatekeeper.halting import risk
from gatekeeper.report import words
from gatekeeper.report.github import markdown, telling
from gatekeeper.report.visible import visible
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import authority as authorities
from gatekeeper.verdicts import conclusion, findings, publication

# annotations of one run, the rest being in its summary: GitHub takes 50 a request
MOST = 200
# characters of a title, of a line of the message, and tests that it names
_TITLE = 200
_LONG = 500
_NAMED = 20


# path and 1-based line of the judged tree -> head's line, or None where it has none
ToHead = Callable[[str, int], int | None]


def annotate(
    done: review.Review, *, authority: authorities.Authority, to_head: ToHead, halting_at: float | None = None
) -> tuple[publication.Annotation, ...]:
    """Return an annotation for each finding and halting risk whose line is at head, at most MOST.

    `to_head` takes a path and a 1-based line of the judged tree and returns head's line, or None where it has none.
    `halting_at`: the probability from which on a function that may not halt fails the check in block. Title and
    message are plain text, which GitHub shows as it is.
    """
    blocks = authority is authorities.Authority.BLOCK
    level = publication.Level.FAILURE if blocks else publication.Level.WARNING
    endless = conclusion.endless(done.halting, halting_at if blocks else None)
    return (*_findings(done, level, to_head), *_halting(done, endless, to_head), *_slow(done, to_head))[:MOST]


def _findings(done: review.Review, level: publication.Level, to_head: ToHead) -> Iterator[publication.Annotation]:
    said = telling.by_test(done)
    for one in findings.find(done.predictions, done.selection, done.policy):
        line = to_head(one.at.path, one.at.line) if one.at else None
        if one.at and line is not None:
            yield publication.Annotation(
                path=one.at.path,
                start_line=line,
                end_line=line,
                level=level,
                title=telling.title(one, telling.tests_of(one, said)),
                message="\n".join(_message(one, telling.tests_of(one, said))),
            )


def _halting(
    done: review.Review, endless: Sequence[risk.HaltingRisk], to_head: ToHead
) -> Iterator[publication.Annotation]:
    """Yield a warning for each function that may not end, a failure where the check fails for it."""
    for one in words.doubtful(done.halting):
        level = publication.Level.FAILURE if one in endless else publication.Level.WARNING
        yield from _function(one, one.kind.value, level, to_head)


def _slow(done: review.Review, to_head: ToHead) -> Iterator[publication.Annotation]:
    for one in words.slow(done.halting):
        yield from _function(one, "is slow for some inputs", publication.Level.WARNING, to_head)


def _function(
    one: risk.HaltingRisk, what: str, level: publication.Level, to_head: ToHead
) -> Iterator[publication.Annotation]:
    line = to_head(one.path, one.line)
    if line is not None:
        yield publication.Annotation(
            path=one.path,
            start_line=line,
            end_line=line,
            level=level,
            title=markdown.cut(visible(f"{one.function} {what}"), _TITLE),
            message=_line(one.reason),
        )


def _message(found: findings.Finding, tests: list[prediction.Prediction]) -> Iterator[str]:
    yield _line(found.message)
    for said in tests[:_NAMED]:
        yield ""
        yield f"{said.outcome.value}: {_line(said.test)}"
        if (own := words.of(said)) != found.message:
            yield f"  {_line(own)}"
    yield from markdown.more(len(tests) - _NAMED, "test")


def _line(text: str) -> str:
    return markdown.cut(visible(text[: _LONG + 1]), _LONG)
