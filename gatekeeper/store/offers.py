"""What is offered beyond a verdict: kept, and read back."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper import offers
from gatekeeper.repair import candidate, cause, fate
from gatekeeper.simulation import prediction
from gatekeeper.store import database, fates, hostedmodels, models, offermodels
from gatekeeper.unreached import proposed
from gatekeeper.verdicts import verdict

_Fix, _Cause, _Proposed = hostedmodels.Fix, offermodels.Cause, offermodels.ProposedTest


def record(engine: sqlalchemy.Engine, review: str, offered: offers.Offers) -> None:
    """Keep what is offered for a recorded review, in its order; where there is something already, that is left.

    Raises StoreError.
    """
    with database.writing(engine) as session:
        if read(session, review).anything:
            return
        row = models.Review
        of_review = sqlalchemy.select(row.repository_id, row.started).where(row.id == review)
        repository, started = session.execute(of_review).one()
        of_fixes = {"repository_id": repository, "offered": started}
        for table, values in _rows(offered):
            more = of_fixes if table is _Fix else {}
            database.insert_new(session, table, {"review_id": review, **values, **more})
        fates.recount(session, review)


def is_wanted(engine: sqlalchemy.Engine, review: str) -> bool:
    """Whether the recorded review leaves anything to look for: failures, or code that no test reaches.

    Raises StoreError.
    """
    row = models.Review
    with database.session(engine) as session:
        found = session.execute(sqlalchemy.select(row.conclusion, row.unreached).where(row.id == review)).first()
        return found is not None and (found.conclusion == verdict.Conclusion.WOULD_FAIL or bool(found.unreached))


def of_review(engine: sqlalchemy.Engine, review: str) -> offers.Offers:
    """Return what is offered for the review. Raises StoreError."""
    with database.session(engine) as session:
        return read(session, review)


def read(session: orm.Session, review: str) -> offers.Offers:
    """Return what is offered for the review."""
    fixes = sqlalchemy.select(_Fix).where(_Fix.review_id == review).order_by(_Fix.position)
    causes = sqlalchemy.select(_Cause).where(_Cause.review_id == review).order_by(_Cause.position)
    tests = sqlalchemy.select(_Proposed).where(_Proposed.review_id == review).order_by(_Proposed.position)
    return offers.Offers(
        causes=tuple(map(_cause, session.scalars(causes))),
        fixes=tuple(map(_fix, session.scalars(fixes))),
        tests=tuple(map(_test, session.scalars(tests))),
    )


def _rows(offered: offers.Offers) -> Iterator[tuple[type[models.Table], dict[str, Any]]]:
    for position, one in enumerate(offered.causes):
        yield _Cause, {"position": position, **_of_cause(one)}
    for position, fix in enumerate(offered.fixes):
        yield _Fix, {"position": position, **_of_fix(fix)}
    for position, test in enumerate(offered.tests):
        yield _Proposed, {"position": position, **_of_test(test)}


def _of_cause(one: cause.Cause) -> dict[str, Any]:
    departed = one.departure
    return {
        "fingerprint": one.fingerprint,
        "test": one.test,
        "lines": [[part.path, part.start, part.end, list(part.old)] for part in one.lines],
        "exact": one.exact,
        "why": one.why,
        "departure": []
        if departed is None
        else [departed.test, departed.path, departed.line, departed.name, departed.before, departed.after],
    }


def _cause(row: offermodels.Cause) -> cause.Cause:
    return cause.Cause(
        fingerprint=row.fingerprint,
        test=row.test,
        lines=tuple(
            cause.Lines(path=path, start=start, end=end, old=tuple(old)) for path, start, end, old in row.lines
        ),
        exact=row.exact,
        why=row.why,
        departure=_departure(*row.departure) if row.departure else None,
    )


def _departure(test: str, path: str, line: int, name: str, before: str, after: str) -> cause.Departure:
    return cause.Departure(test=test, path=path, line=line, name=name, before=before, after=after)


def _of_fix(fix: candidate.FixCandidate) -> dict[str, Any]:
    return {
        "source": fix.source.value,
        "path": fix.replacement.path,
        "start": fix.replacement.start,
        "end": fix.replacement.end,
        "text": fix.replacement.text,
        "diff": fix.diff,
        "mends": list(fix.mends),
        "mended": list(fix.mended),
        "kept": fix.kept,
        "tried_by": fix.tried_by,
        "agreement": fix.agreement,
        "became": fate.Became.OFFERED.value,
        "counted": False,
    }


def _fix(row: hostedmodels.Fix) -> candidate.FixCandidate:
    return candidate.FixCandidate(
        source=candidate.Source(row.source),
        replacement=candidate.Replacement(path=row.path, start=row.start, end=row.end, text=row.text),
        diff=row.diff,
        mends=tuple(row.mends),
        mended=tuple(row.mended),
        kept=row.kept,
        tried_by=row.tried_by,
        agreement=row.agreement,
    )


def _of_test(test: proposed.ProposedTest) -> dict[str, Any]:
    return {
        "symbol": test.symbol,
        "path": test.path,
        "text": test.text,
        "source": test.source.value,
        "before": None if test.before is None else test.before.outcome.value,
        "before_exception": "" if test.before is None else test.before.exception,
        "after": test.after.outcome.value,
        "after_exception": test.after.exception,
        "found": test.found,
        "tried_by": test.tried_by,
    }


def _test(row: offermodels.ProposedTest) -> proposed.ProposedTest:
    return proposed.ProposedTest(
        symbol=row.symbol,
        path=row.path,
        text=row.text,
        source=proposed.Source(row.source),
        before=None if row.before is None else _ended(row.before, row.before_exception),
        after=_ended(row.after, row.after_exception),
        found=row.found,
        tried_by=row.tried_by,
    )


def _ended(outcome: str, exception: str) -> proposed.Ended:
    return proposed.Ended(outcome=prediction.Outcome(outcome), exception=exception)
