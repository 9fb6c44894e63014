"""The findings of a review as annotations of its check run."""

from collections.abc import Callable, Iterator

from gatekeeper import review
from gatekeeper.report import words
from gatekeeper.report.github import markdown, telling
from gatekeeper.report.visible import visible
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import authority as authorities
from gatekeeper.verdicts import findings, publication

# annotations of one run, the rest being in its summary: GitHub takes 50 a request
MOST = 200
# characters of a line of the message, and tests that it names
_LONG = 500
_NAMED = 20


def annotate(
    done: review.Review, *, authority: authorities.Authority, to_head: Callable[[str, int], int | None]
) -> tuple[publication.Annotation, ...]:
    """Return an annotation for each finding whose line is at head, at most MOST; several may be on one line.

    `to_head` takes a path and a 1-based line of the judged tree and returns head's line, or None where it has none.
    Title and message are plain text, which GitHub shows as it is.
    """
    level = publication.Level.FAILURE if authority is authorities.Authority.BLOCK else publication.Level.WARNING
    said = telling.by_test(done)
    found = findings.find(done.predictions, done.selection, done.policy)
    placed = ((one, one.at, to_head(one.at.path, one.at.line)) for one in found if one.at)
    return tuple(
        publication.Annotation(
            path=at.path,
            start_line=line,
            end_line=line,
            level=level,
            title=telling.title(one, telling.tests_of(one, said)),
            message="\n".join(_message(one, telling.tests_of(one, said))),
        )
        for one, at, line in placed
        if line is not None
    )[:MOST]


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
