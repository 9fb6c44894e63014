"""What people and programs look at: the pages, the API, signing in, put together over one database."""

import functools
import importlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import flask
import sqlalchemy

from gatekeeper import settings
from gatekeeper.forge import forge, people, wire
from gatekeeper.store import views
from gatekeeper.web import access, api, keys, pages, protection, reach, sessions, signin, tokens
from gatekeeper.web.api import badge, problems
from gatekeeper.web.pages import failures
from gatekeeper.wiring import webkey

Now = Callable[[], datetime]

# they take a second to load, numpy and matplotlib with them: at the start, not in somebody's first look
_SLOW = ("gatekeeper.accuracy.resampling", "gatekeeper.web.plots")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Parts of the application, and what has to hold for all of it."""

    parts: tuple[flask.Blueprint, ...]
    # adds what looks at every request first; in the blueprints that are named, no cookie counts
    protect: Callable[[flask.Flask, Sequence[flask.Blueprint]], None]
    access: access.Access
    # which repositories a request may send outcomes of
    authorise_upload: Callable[[flask.Request], frozenset[str]]

    def failed(self, code: int, reason: str) -> flask.Response | None:
        """Return the page for a failure, or for the API its problem; None where another program asked."""
        if problems.wanted(flask.request):
            return problems.response(code, reason)
        return failures.page(code, reason, self.access.known()) if failures.wanted(flask.request) else None


def signed_in(chosen: settings.Settings, engine: sqlalchemy.Engine, now: Now, observe: wire.Observe) -> Looking:
    """Return what those who sign in with GitHub look at. Raises UsageError where the keys cannot be kept."""
    made = webkey.of(chosen)
    protecting = protection.Protection(made, https=(chosen.url or "").startswith("https://"))
    github = people.People(
        wire.Wire(chosen.github_api, now=lambda: now().timestamp(), observe=observe),
        forge.html_url(chosen.github_api),
        chosen.client_id,
        chosen.client_secret,
    )
    known = reach.Reach(engine, github, made, now)
    browsers = sessions.Sessions(engine, known, chosen.admins, now)
    bearers = tokens.Bearers(engine, known, browsers, protecting, now)
    allowed = access.Access(browsers.viewer, bearers.viewer)
    able = github if chosen.client_id and chosen.client_secret else None
    way_in = signin.SignIn(able, known, browsers, protecting, now, url=chosen.url)
    return Looking(
        parts=(
            *_report(engine, allowed, now, made),
            way_in.blueprint(),
            tokens.Pages(engine, allowed, now).blueprint(),
        ),
        protect=protecting.guard,
        access=allowed,
        authorise_upload=bearers.authorise_upload,
    )


def opened(engine: sqlalchemy.Engine, now: Now) -> Looking:
    """Return what whoever reaches the service looks at: everything, from this machine alone."""
    made = keys.derived(secrets.token_hex())
    protecting = protection.Protection(made, https=False)
    allowed = access.Access(lambda: access.OPEN, lambda _: access.OPEN)

    def protect(app: flask.Flask, programs: Sequence[flask.Blueprint]) -> None:
        app.before_request(protection.refuse_strangers)
        protecting.guard(app, programs)

    return Looking(
        parts=tuple(_report(engine, allowed, now, made)),
        protect=protect,
        access=allowed,
        authorise_upload=lambda _: frozenset(),
    )


def _report(engine: sqlalchemy.Engine, allowed: access.Access, now: Now, made: keys.Keys) -> list[flask.Blueprint]:
    queries = pages.Queries(
        overview=functools.partial(views.overview, engine),
        repository=functools.partial(views.repository, engine),
        plotted=functools.partial(views.plotted, engine),
        reviews=functools.partial(views.reviews, engine),
        review=functools.partial(views.review, engine),
        prediction=functools.partial(views.prediction, engine),
        work=functools.partial(views.work, engine),
    )
    for slow in _SLOW:
        importlib.import_module(slow)
    programs = api.blueprints(engine, allowed, now, key=made.address)
    badges = badge.Badges(made.address)
    return [pages.blueprint(queries, allowed, now, badges.address), pages.files(), *programs]
