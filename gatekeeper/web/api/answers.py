"""Values -> JSON answers that a client may keep, and ask whether they still hold."""

import hashlib
import json
from typing import Any

import flask
import pydantic


def of_value(adapter: pydantic.TypeAdapter[Any], value: object) -> flask.Response:
    """Answer with the value as JSON; 304 where the client has it already."""
    return of_json(adapter.dump_python(value, mode="json"))


def of_json(values: object) -> flask.Response:
    """Answer with values that JSON holds; 304 where the client has them already."""
    # ASCII: what is no valid Unicode, as bytes of names that are not UTF-8, stays the same through escapes
    body = json.dumps(values, separators=(",", ":"), allow_nan=False)
    response = flask.Response(body, content_type="application/json")
    # what one may see another may not: no shared cache keeps it, and no own one uses it without asking
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Authorization", "Cookie"))
    response.set_etag(hashlib.sha256(body.encode("ascii")).hexdigest()[:32])
    return response.make_conditional(flask.request)  # type: ignore[return-value] # it is the same object
