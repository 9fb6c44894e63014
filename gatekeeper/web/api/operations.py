"""The operations of the API: each a path, what it may be asked, and the query that answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import pydantic
import sqlalchemy

from gatekeeper.store import views
from gatekeeper.views import audience as audiences
from gatekeeper.views import overview, reviewpage
from gatekeeper.web.api import parameters, values

_IN_RECORDS = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_REVIEW = {"type": "string", "pattern": "^[0-9a-f]{8,64}$"}
_POSITION = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}

# the database, who asks, what about, the query as one of `parameters` -> the answer; None: not there, or not theirs
Call = Callable[[sqlalchemy.Engine, audiences.Audience, values.Asked, Any], object | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One of them; all read."""

    # as in OpenAPI, under /api
    path: str
    name: str
    summary: str
    call: Call
    query: type[parameters.Nothing]
    answer: pydantic.TypeAdapter[Any]
    # names in the path -> JSON schema
    places: Mapping[str, Mapping[str, Any]]


def _overview(
    engine: sqlalchemy.Engine, audience: audiences.Audience, asked: values.Asked, query: parameters.Recent
) -> overview.Overview:
    return views.overview(engine, audience, query.days, asked.now)


def _repositories(
    engine: sqlalchemy.Engine, audience: audiences.Audience, asked: values.Asked, query: parameters.Recent
) -> values.Repositories:
    found = views.overview(engine, audience, query.days, asked.now)
    return values.Repositories(window=found.window, repositories=found.lines)


def _repository(
    engine: sqlalchemy.Engine, audience: audiences.Audience, asked: values.Asked, query: parameters.Window
) -> values.Repository | None:
    found = views.repository(engine, audience, asked.number("repository"), query.value(asked.now.date()))
    if found is None:
        return None
    same = {one.name: getattr(found, one.name) for one in fields(values.Repository) if one.name != "badge"}
    return values.Repository(**same, badge=asked.badge(found.id))


def _trend(
    engine: sqlalchemy.Engine, audience: audiences.Audience, asked: values.Asked, query: parameters.Window
) -> values.Trend | None:
    found = views.trend(engine, audience, asked.number("repository"), query.value(asked.now.date()))
    return None if found is None else values.Trend(days=found)


def _calibrators(
    engine: sqlalchemy.Engine, audience: audiences.Audience, asked: values.Asked, _: parameters.Nothing
) -> values.Calibrators | None:
    found = views.calibrators(engine, audience, asked.number("repository"))
    return None if found is None else values.Calibrators(calibrators=found)


def _changes(
    engine: sqlalchemy.Engine, audience: audiences.Audience, asked: values.Asked, _: parameters.Nothing
) -> values.Changes | None:
    found = views.changes(engine, audience, asked.number("repository"))
    return None if found is None else values.Changes(changes=found)


def _reviews(
    engine: sqlalchemy.Engine, audience: audiences.Audience, _: values.Asked, query: parameters.Listing
) -> values.Reviews:
    found = views.reviews(engine, audience, query.value(), query.cursor(), query.limit)
    following = None if found.following is None else parameters.cursor(found.following)
    return values.Reviews(reviews=found.lines, following=following)


def _review(
    engine: sqlalchemy.Engine, audience: audiences.Audience, asked: values.Asked, _: parameters.Nothing
) -> values.Review | None:
    found = views.review(engine, audience, asked.path["review"])
    if found is None:
        return None
    done = found.done
    return values.Review(
        line=found.line,
        subject=done.subject,
        policy=done.policy,
        verdict=done.verdict,
        notes=done.notes,
        timings=done.timings,
        affected=done.selection.affected,
        unreached=done.selection.unreached,
        unparsable=done.selection.unparsable,
        halting=done.halting,
        diff=done.diff.text,
        authority=found.authority,
        why_authority=found.why_authority,
        settled=found.settled,
        jobs=found.jobs,
        offered=found.offered,
        fates=found.fates,
    )


def _predictions(
    engine: sqlalchemy.Engine, audience: audiences.Audience, asked: values.Asked, query: parameters.Paging
) -> values.Predictions | None:
    after = -1 if query.after is None else query.after
    found = views.predictions_of(engine, audience, asked.path["review"], after, query.limit + 1)
    if found is None:
        return None
    shown = found[: query.limit]
    return values.Predictions(predictions=shown, following=shown[-1].position if len(found) > query.limit else None)


def _prediction(
    engine: sqlalchemy.Engine, audience: audiences.Audience, asked: values.Asked, _: parameters.Nothing
) -> reviewpage.PredictionPage | None:
    return views.prediction(engine, audience, asked.path["review"], asked.number("position"))


def _operation(
    path: str,
    name: str,
    summary: str,
    call: Call,
    query: type[parameters.Nothing],
    answer: type[object],
) -> Operation:
    schemas: Mapping[str, Mapping[str, Any]] = {"repository": _IN_RECORDS, "review": _REVIEW, "position": _POSITION}
    return Operation(
        path=path,
        name=name,
        summary=summary,
        call=call,
        query=query,
        answer=pydantic.TypeAdapter(answer),
        places={place: schema for place, schema in schemas.items() if f"{{{place}}}" in path},
    )


OPERATIONS = (
    _operation(
        "/overview",
        "overview",
        "All repositories, with what they come to together.",
        _overview,
        parameters.Recent,
        overview.Overview,
    ),
    _operation(
        "/repositories",
        "repositories",
        "All repositories, the one reviewed last first.",
        _repositories,
        parameters.Recent,
        values.Repositories,
    ),
    _operation(
        "/repositories/{repository}",
        "repository",
        "How good a repository's gate is, what it may do, and why.",
        _repository,
        parameters.Window,
        values.Repository,
    ),
    _operation(
        "/repositories/{repository}/trend",
        "trend",
        "A repository's reviews and outcomes day by day.",
        _trend,
        parameters.Window,
        values.Trend,
    ),
    _operation(
        "/repositories/{repository}/calibrators",
        "calibrators",
        "What turned raw scores into probabilities, kept or not.",
        _calibrators,
        parameters.Nothing,
        values.Calibrators,
    ),
    _operation(
        "/repositories/{repository}/authority-changes",
        "authority_changes",
        "The audit log of what a repository's gate was allowed to do.",
        _changes,
        parameters.Nothing,
        values.Changes,
    ),
    _operation(
        "/reviews",
        "reviews",
        "Reviews, newest first, a page at a time.",
        _reviews,
        parameters.Listing,
        values.Reviews,
    ),
    _operation(
        "/reviews/{review}",
        "review",
        "One review beside what real CI did.",
        _review,
        parameters.Nothing,
        values.Review,
    ),
    _operation(
        "/reviews/{review}/predictions",
        "predictions",
        "The tests of a review, predicted and real, a page at a time.",
        _predictions,
        parameters.Paging,
        values.Predictions,
    ),
    _operation(
        "/reviews/{review}/predictions/{position}",
        "prediction",
        "One test of a review, with the traces behind it.",
        _prediction,
        parameters.Nothing,
        reviewpage.PredictionPage,
    ),
)
