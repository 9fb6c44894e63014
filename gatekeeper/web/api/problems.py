"""Failures as problem details, RFC 9457."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus

import flask
import pydantic

from gatekeeper.web.api import values

TYPE = "application/problem+json"


def wanted(request: flask.Request) -> bool:
    """Return whether a failure of `request` is to be told so: the API was asked."""
    return request.path.startswith("/api/")


def response(code: int, reason: str, errors: Sequence[values.Invalid] = ()) -> flask.Response:
    """Answer that a request failed, and why."""
    problem = values.Problem(
        # nothing more is to be read of it than its status says
        type="about:blank",
        title=HTTPStatus(code).phrase,
        status=code,
        detail=reason,
        errors=tuple(errors),
    )
    return flask.Response(json.dumps(asdict(problem)), status=code, content_type=TYPE)


def of_query(error: pydantic.ValidationError) -> flask.Response:
    """Answer that parameters cannot be read, each with the reason."""
    found = [
        values.Invalid(parameter=".".join(map(str, one["loc"][:1])), reason=one["msg"])
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    names = ", ".join(dict.fromkeys(one.parameter for one in found))
    return response(400, f"The query cannot be read: correct {names}, or leave it out.", found)
