"""What is left of a pull request when all work is done: on GitHub and in the records, without names that chance gave.

Two pull requests to which the same happened have equal final states, whatever was killed or failed on the way.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy.orm

from gatekeeper.store import database, hostedmodels
from gatekeeper.verdicts import publication
from tests.fakes.github import state, world

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# an action is answered on each pull request that its commit is in
_OF_GUID = re.compile(r"(?<=<guid>/)\d+\b")
_RUN = re.compile(r"run \d+")
_REVIEW = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_SECONDS = re.compile(r"\b\d+(?:\.\d+)? s\b")
_STEADY = [(_SECONDS, "<seconds>"), (_RUN, "run <id>"), (_REVIEW, "<review>"), (_ADDRESS, "<address>")]

State = dict[str, Any]


def of(here: world.World, app: state.App, engine: sqlalchemy.Engine, pull: state.Pull) -> State:
    """Return it. AssertionError where a commit shows two unfinished check runs, or one that is not its newest."""
    rows = _evaluations(engine, pull)
    heads = list(dict.fromkeys(row.head for row in rows))
    with here.lock:
        found = {
            "checks": [_check(here, app, pull, head) for head in heads],
            "reviews": [(review.author.login, review.body, review.state, review.commit_id) for review in pull.reviews],
            "review comments": sorted(map(_review_comment, _comments_of(pull)), key=repr),
            "comments": [
                (one.author.login, one.body, sorted((who.login, what) for _, who, what in one.reactions))
                for one in pull.comments.values()
            ],
            "head": pull.head_sha,
            "open": pull.open,
        }
    found["evaluations"] = [_evaluation(row) for row in rows]
    found["commands"] = _commands(engine, pull)
    found["overrides"] = _overrides(engine, pull)
    named = _named(found, _names(pull, heads, list(dict.fromkeys(row.base for row in rows))))
    assert isinstance(named, dict)
    return named


def differences(one: object, other: object, where: str = "") -> list[str]:
    """Return where the two differ, a line each."""
    match one, other:
        case dict(), dict():
            pairs = [(name, one.get(name), other.get(name)) for name in {**one, **other}]
        case list(), list() if len(one) == len(other):
            pairs = [(position, *pair) for position, pair in enumerate(zip(one, other, strict=True))]
        case _:
            return [] if one == other else [f"{where}: {one!r}, disturbed: {other!r}"]
    return [line for name, first, second in pairs for line in differences(first, second, f"{where}/{name}")]


def heads_of(engine: sqlalchemy.Engine, pull: state.Pull) -> list[str]:
    """Return the heads that were to be reviewed, in their order."""
    return list(dict.fromkeys(row.head for row in _evaluations(engine, pull)))


def _evaluations(engine: sqlalchemy.Engine, pull: state.Pull) -> list[hostedmodels.Evaluation]:
    row = hostedmodels.Evaluation
    with database.session(engine) as session:
        mine = sqlalchemy.select(row).where(row.repository == pull.repository.id, row.pull == pull.number)
        return list(session.scalars(mine.options(sqlalchemy.orm.undefer(row.draft)).order_by(row.asked, row.id)))


def _check(here: world.World, app: state.App, pull: state.Pull, head: str) -> Any:
    runs = [one for one in here.runs_at(pull.repository, head, app) if one.name == publication.CHECK_NAME]
    if not runs:
        return None
    visible, *hidden = sorted(runs, key=lambda one: -one.id)
    assert all(one.status == "completed" for one in hidden), f"{len(hidden)} hidden runs, not all of them completed"
    said = [_steady(annotation) for annotation in visible.annotations]
    assert len({repr(one) for one in said}) == len(said), "an annotation was made twice"
    return {
        "head": head,
        "external id": visible.external_id,
        "status": visible.status,
        "conclusion": visible.conclusion,
        "title": visible.title,
        "summary": visible.summary,
        "text": visible.text,
        "annotations": said,
        "actions": visible.actions,
        "details": visible.details_url,
    }


def _steady(annotation: Mapping[str, object]) -> list[tuple[str, object]]:
    return sorted((name, value) for name, value in annotation.items() if "href" not in name)


def _comments_of(pull: state.Pull) -> list[tuple[state.ReviewComment, bool]]:
    """Return the comments on lines and files, and whether the thread of each is resolved."""
    return [(one, (one.reply_to or one.id) in pull.resolved) for one in pull.review_comments.values()]


def _review_comment(given: tuple[state.ReviewComment, bool]) -> tuple[object, ...]:
    one, resolved = given
    lines = (one.original_start_line, one.original_line, one.line, one.start_line)
    return (one.path, one.subject, one.side, lines, one.author.login, one.body, one.original_commit_id, resolved)


def _evaluation(row: hostedmodels.Evaluation) -> State:
    values = {column.name: getattr(row, column.name) for column in hostedmodels.Evaluation.__table__.columns}
    return {name: isinstance(value, datetime) or value for name, value in values.items()}


def _commands(engine: sqlalchemy.Engine, pull: state.Pull) -> list[tuple[object, ...]]:
    row = hostedmodels.Command
    with database.session(engine) as session:
        mine = sqlalchemy.select(row).where(row.repository == pull.repository.id, row.pull == pull.number)
        return [
            (one.id, one.sender, one.permission, one.command, one.answer)
            for one in session.scalars(mine.order_by(row.at))
        ]


def _overrides(engine: sqlalchemy.Engine, pull: state.Pull) -> list[tuple[object, ...]]:
    row = hostedmodels.Override
    with database.session(engine) as session:
        mine = sqlalchemy.select(row).where(row.repository == pull.repository.id, row.pull == pull.number)
        return [
            (one.id, one.head, one.by, one.reason, one.cancelled is None)
            for one in session.scalars(mine.order_by(row.made))
        ]


def _names(pull: state.Pull, heads: list[str], bases: list[str]) -> list[tuple[re.Pattern[str], str]]:
    """Return what chance called things, and what they are called here."""
    number = re.compile(
        rf"(?<=pull/){pull.number}\b|(?<=#){pull.number}\b|(?<=review/{pull.repository.id}/){pull.number}\b"
    )
    commits = [(f"head {position}", head) for position, head in enumerate(heads, 1)]
    commits += [(f"base {position}", base) for position, base in enumerate(bases, 1)]
    shas = [(re.compile(rf"\b{sha[:7]}(?:{sha[7:10]})?(?:{sha[10:]})?\b"), f"<{name}>") for name, sha in commits]
    return [*shas, (number, "<number>"), (_GUID, "<guid>"), (_OF_GUID, "<number>"), *_STEADY]


def _named(value: object, names: list[tuple[re.Pattern[str], str]]) -> object:
    match value:
        case str():
            for pattern, name in names:
                value = pattern.sub(name, value)
            return value
        case dict():
            return {key: _named(one, names) for key, one in value.items() if key != "pull"}
        case list() | tuple():
            return [_named(one, names) for one in value]
        case _:
            return value
