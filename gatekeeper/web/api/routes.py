"""The API put together."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import flask
import pydantic
import sqlalchemy

from gatekeeper.web import access as accesses
from gatekeeper.web.api import answers, badge, description, downloads, operations, page, problems, values


@dataclass(frozen=True, slots=True, kw_only=True)
class _Using:
    """What every operation works with."""

    engine: sqlalchemy.Engine
    access: accesses.Access
    now: Callable[[], datetime]
    badges: badge.Badges


def blueprints(
    engine: sqlalchemy.Engine, access: accesses.Access, now: Callable[[], datetime], *, key: bytes
) -> tuple[flask.Blueprint, ...]:
    """Return the API, its page and the exports, for those who may see something, and the badges.

    These are for everybody who has their address, which is signed with `key`.
    """
    badges = badge.Badges(key)
    using = _Using(engine=engine, access=access, now=now, badges=badges)
    return (
        _operations(using),
        page.blueprint(access),
        downloads.blueprint(engine, access, now),
        badges.blueprint(engine),
    )


def _operations(using: _Using) -> flask.Blueprint:
    """Return what answers `GET /api/...`, each viewer with what they may see."""
    made = flask.Blueprint("api", __name__, url_prefix="/api")
    made.before_request(using.access.api)
    for one in operations.OPERATIONS:
        rule = one.path.replace("{", "<").replace("}", ">")
        made.add_url_rule(rule, one.name, functools.partial(_answer, using, one))
    made.add_url_rule("/openapi.json", "description", lambda: answers.of_json(description.openapi()))
    return made


def _answer(using: _Using, one: operations.Operation, **path: str) -> flask.Response:
    try:
        query = one.query.of(flask.request.args.to_dict())
    except pydantic.ValidationError as error:
        return problems.of_query(error)
    asked = values.Asked(now=using.now(), path=path, badge=using.badges.address)
    found = one.call(using.engine, using.access.current().audience, asked, query)
    if found is None:
        flask.abort(404, f"There is no such {one.name.replace('_', ' ')}, or you may not see it.")
    return answers.of_value(one.answer, found)
