"""Exports: everything that a list's filters let through, as CSV or JSON, row by row."""

import csv
import functools
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import flask
import sqlalchemy

from gatekeeper.store import views
from gatekeeper.views import exports, reviews
from gatekeeper.web import access as accesses
from gatekeeper.web.pages import addresses

# how a cell begins that spreadsheets would carry out
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
# rows that are sent at once
_PIECE = 200

_Row = Mapping[str, Any]


def blueprint(engine: sqlalchemy.Engine, access: accesses.Access, now: Callable[[], datetime]) -> flask.Blueprint:
    """Return what answers `/reviews.csv|json` and `/repositories/{id}/predictions.csv|json`.

    Filters and windows are those of the pages' addresses. In CSV a cell that a spreadsheet would carry out as a formula
    begins with an apostrophe more.
    """
    made = flask.Blueprint("downloads", __name__)
    made.before_request(functools.partial(_guard, access))

    def lines(form: str) -> flask.Response:
        wanted = addresses.chosen(flask.request.args)
        found = views.review_lines(engine, access.current().audience, wanted)
        return _answer(form, "reviews", _REVIEW, map(_of_review, found))

    def predictions(identity: int, form: str) -> flask.Response:
        window = addresses.window(flask.request.args, now().date())
        found = views.predictions(engine, access.current().audience, identity, window)
        if found is None:
            flask.abort(404, "There is no such repository, or you may not see it.")
        return _answer(form, f"predictions-{identity}", _PREDICTION, map(_of_prediction, found))

    made.add_url_rule("/reviews.<any(csv, json):form>", "reviews", lines)
    made.add_url_rule("/repositories/<int:identity>/predictions.<any(csv, json):form>", "predictions", predictions)
    return made


def _guard(access: accesses.Access) -> Any:  # noqa: ANN401 - what guards return
    """Let programs with a token on as well as signed-in people."""
    return access.api() if "Authorization" in flask.request.headers else access.page()


_REVIEW = (
    "review",
    "repository",
    "pull",
    "started",
    "seconds",
    "engine",
    "base",
    "head",
    "conclusion",
    "reason",
    "selected",
    "of",
    "would_fail",
    "label",
    "result",
)


def _of_review(line: reviews.Line) -> _Row:
    listed = line.listed
    return {
        "review": listed.id,
        "repository": listed.repository,
        "pull": line.pull,
        "started": listed.started.isoformat(),
        "seconds": listed.seconds,
        "engine": listed.engine,
        "base": listed.base,
        "head": listed.head,
        "conclusion": listed.conclusion.value,
        "reason": listed.reason,
        "selected": listed.selected,
        "of": listed.of,
        "would_fail": listed.would_fail,
        "label": line.label,
        "result": line.result.value,
    }


_PREDICTION = tuple(exports.PredictionLine.__dataclass_fields__)


def _of_prediction(line: exports.PredictionLine) -> _Row:
    row = {name: getattr(line, name) for name in _PREDICTION}
    return {**row, "started": line.started.isoformat()}


def _answer(form: str, name: str, columns: tuple[str, ...], rows: Iterator[_Row]) -> flask.Response:
    """Stream the rows; what fails before the first is answered as a failure."""
    first = list(itertools.islice(rows, 1))
    every = itertools.chain(first, rows)
    if form == "csv":
        sent, kind = _csv(columns, every), "text/csv; charset=utf-8; header=present"
    else:
        sent, kind = _json(every), "application/json"
    response = flask.Response(sent, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _csv(columns: tuple[str, ...], rows: Iterable[_Row]) -> Iterator[bytes]:
    head: list[list[object]] = [list(columns)]
    written = itertools.chain(head, ([_cell(row[name]) for name in columns] for row in rows))
    for piece in _pieces(written):
        text = io.StringIO()
        csv.writer(text).writerows(piece)
        # bytes of names that are not UTF-8 have no letters
        yield text.getvalue().encode("utf-8", "backslashreplace")


def _json(rows: Iterable[_Row]) -> Iterator[bytes]:
    yield b"["
    for number, row in enumerate(rows):
        yield (",\n" if number else "\n").encode() + json.dumps(row).encode("ascii")
    yield b"\n]\n"


def _pieces(rows: Iterator[list[object]]) -> Iterator[list[list[object]]]:
    while piece := list(itertools.islice(rows, _PIECE)):
        yield piece


def _cell(value: object) -> object:
    match value:
        case str():
            return f"'{value}" if value.startswith(_FORMULAS) else value
        case bool():
            return str(value).lower()
        case _:
            return value
