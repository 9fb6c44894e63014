"""A reviewer that knows its review beforehand, so that a worker can be killed many times."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace

import sqlalchemy

from gatekeeper import evaluation
from gatekeeper import offers as values
from gatekeeper.repair import candidate
from gatekeeper.store import database as databases
from gatekeeper.store import evaluations, hostedmodels, offers, records
from gatekeeper.verdicts import authority, publication
from tests.integration import report_samples

# label of a pull request whose review waits for CI
HELD_BACK = "held back"
# of one in whose first head fixes are looked for until something newer takes its place
ENDLESS = "endless"
# in more than two requests
_ANNOTATIONS = 60
_LOOK = 0.02
_MENDED = " A fix was tried."
_ENDLESSLY = "Some tests would fail, and it takes long to say how to mend them."


class Reviewer:
    """Takes the real one's place; says other things of a pull request's second head than of its first.

    The first head of a draft is reviewed until something newer takes its place.
    """

    def __init__(
        self, _chosen: object, engine: sqlalchemy.Engine, _broker: object, _kept: object, _github: str
    ) -> None:
        """Record in `engine`'s database."""
        self._engine = engine

    def review(
        self, assignment: evaluation.Assignment, progress: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> evaluation.Reviewed | evaluation.NotReviewed | evaluation.Stopped:
        """Record the review, or wait to be cancelled."""
        asked = assignment.asked
        progress("60 of at least 128 affected tests pre-executed")
        first = self._is_first(asked)
        if first and assignment.draft:
            while not cancelled():
                time.sleep(_LOOK)
            return evaluation.Stopped()
        done = report_samples.realistic()
        subject = replace(done.subject, repository=asked.place.name, base=asked.base, head=asked.head)
        records.record(self._engine, replace(done, id=assignment.review, subject=subject))
        return evaluation.Reviewed(
            review=assignment.review,
            terms=_TERMS,
            annotations=tuple(_annotation(number) for number in range(_ANNOTATIONS)),
            comments=publication.PullReview(
                head=asked.head,
                body=_ENDLESSLY if first and ENDLESS in (assignment.labels or ()) else "Some tests would fail.",
                comments=_of_first() if first else _of_second(),
            ),
            held_back=HELD_BACK in (assignment.labels or ()),
        )

    def offer(
        self, asked: evaluation.Asked, identity: str, cancelled: Callable[[], bool]
    ) -> publication.PullReview | None:
        """Record a fix, and say so in the first comment; or wait to be cancelled."""
        found = evaluations.get(self._engine, asked.id)
        assert found is not None
        assert found.reviewed is not None
        assert found.reviewed.comments is not None
        while found.reviewed.comments.body == _ENDLESSLY and not cancelled():
            time.sleep(_LOOK)
        if cancelled():
            return None
        offers.record(self._engine, identity, values.Offers(fixes=(_fix(),)))
        first, *others = found.reviewed.comments.comments
        mended = replace(first, body=f"{first.body.removesuffix(_MENDED)}{_MENDED}")
        return replace(found.reviewed.comments, comments=(mended, *others))

    def terms(self, assignment: evaluation.Assignment) -> evaluation.Terms:
        """Return what all reviews are held to."""
        return _TERMS

    def _is_first(self, asked: evaluation.Asked) -> bool:
        row = hostedmodels.Evaluation
        same = (row.repository == asked.place.repository, row.pull == asked.pull)
        with databases.session(self._engine) as session:
            query = sqlalchemy.select(row.head).where(*same).order_by(row.asked, row.id)
            return session.scalars(query).first() == asked.head


_TERMS = evaluation.Terms(authority=authority.Authority.BLOCK, why_authority="Set by hand", fail_not_analysed=False)


def _of_first() -> tuple[publication.Comment, ...]:
    return (
        _comment("a single line", 2, None, "It ends too early."),
        _comment("several lines", 3, 1, "It divides by nobody."),
        _comment("the file", None, None, "It runs out of fuel."),
    )


def _of_second() -> tuple[publication.Comment, ...]:
    return (
        _comment("several lines", 3, 1, "It still divides by nobody."),
        _comment("a new one", 1, None, "It does not parse."),
    )


def _comment(finding: str, line: int | None, start: int | None, body: str) -> publication.Comment:
    fingerprint = hashlib.sha256(finding.encode()).hexdigest()
    return publication.Comment(fingerprint=fingerprint, path="calc.py", line=line, start_line=start, body=body)


def _annotation(number: int) -> publication.Annotation:
    line = number % 40 + 1
    return publication.Annotation(
        path="calc.py",
        start_line=line,
        end_line=line,
        level=publication.Level.FAILURE,
        title=f"test_{number} would fail",
        message="AssertionError",
    )


def _fix() -> candidate.FixCandidate:
    return candidate.FixCandidate(
        source=candidate.Source.UNDO,
        replacement=candidate.Replacement(path="calc.py", start=1, end=1, text="line1 = 1\n"),
        diff="--- a/calc.py\n+++ b/calc.py\n@@ -1 +1 @@\n-line1 = 100\n+line1 = 1\n",
        mends=("0" * 64,),
        mended=("tests/test_split.py::test_nobody",),
        kept=12,
        tried_by="sandbox",
    )
