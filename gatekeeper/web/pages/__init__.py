"""The web report: overview, repository, reviews, one review, one prediction, work."""

import functools
from collections.abc import Callable
from datetime import datetime

import flask

from gatekeeper.web import access as accesses
from gatekeeper.web.pages import assets, overview, prediction, repository, review, reviews, work
from gatekeeper.web.pages.queries import Queries
from gatekeeper.web.pages.using import Using

__all__ = ["Queries", "blueprint", "files"]


def blueprint(
    queries: Queries,
    access: accesses.Access,
    now: Callable[[], datetime],
    badge: Callable[[int], str] | None = None,
) -> flask.Blueprint:
    """Return the pages, for those who are signed in: each shows what its viewer may see, and 404 for all else.

    `badge` gives the path of a repository's badge.
    """
    made = flask.Blueprint("pages", __name__)
    made.before_request(access.page)
    using = Using(queries=queries, access=access, now=now, badge=badge)
    rules: dict[str, tuple[str, Callable[..., flask.Response]]] = {
        "/": ("overview", overview.answer),
        "/repositories/<int:identity>": ("repository", repository.answer),
        "/repositories/<int:identity>/plots/<name>.svg": ("plot", repository.plot),
        "/reviews": ("reviews", reviews.answer),
        "/reviews/<identity>": ("review", review.answer),
        "/reviews/<identity>/tests/<int:position>": ("prediction", prediction.answer),
    }
    for rule, (name, view) in rules.items():
        made.add_url_rule(rule, name, functools.partial(view, using))
    made.add_url_rule("/work", "work", accesses.only(access.administrator)(functools.partial(work.answer, using)))
    return made


def files() -> flask.Blueprint:
    """Return what serves the files that pages load, to everybody: they hold nothing of anybody's."""
    made = flask.Blueprint("files", __name__)
    made.add_url_rule("/static/<digest>/<name>", "file", assets.file)
    return made
