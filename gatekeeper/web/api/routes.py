"""The API put together."""

import functools
from collections.abc import Callable
from datetime import datetime

import flask
import pydantic
import sqlalchemy

from gatekeeper.web import access as accesses
from gatekeeper.web.api import answers, description, operations, problems, values


def blueprint(engine: sqlalchemy.Engine, access: accesses.Access, now: Callable[[], datetime]) -> flask.Blueprint:
    """Return what answers `GET /api/...` for those with a token or signed in, each with what they may see."""
    made = flask.Blueprint("api", __name__, url_prefix="/api")
    made.before_request(access.api)
    for one in operations.OPERATIONS:
        rule = one.path.replace("{", "<").replace("}", ">")
        made.add_url_rule(rule, one.name, functools.partial(_answer, one, engine, access, now))
    made.add_url_rule("/openapi.json", "description", lambda: answers.of_json(description.openapi()))
    return made


def _answer(
    one: operations.Operation,
    engine: sqlalchemy.Engine,
    access: accesses.Access,
    now: Callable[[], datetime],
    **path: str,
) -> flask.Response:
    try:
        query = one.query.of(flask.request.args.to_dict())
    except pydantic.ValidationError as error:
        return problems.of_query(error)
    found = one.call(engine, access.current().audience, values.Asked(now=now(), path=path), query)
    if found is None:
        flask.abort(404, f"There is no such {one.name.replace('_', ' ')}, or you may not see it.")
    return answers.of_value(one.answer, found)
