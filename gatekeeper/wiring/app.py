"""The web server: gunicorn around the application, with everything that the application needs."""

import functools
import gc
import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import flask
import prometheus_client
import sqlalchemy
from gunicorn import glogging
from gunicorn.app import base

from gatekeeper import errors, settings
from gatekeeper.forge import forge, manifest, wire
from gatekeeper.store import census, database, schema
from gatekeeper.web import app, health, metrics, setup, watching
from gatekeeper.wiring import broker, credentials
from webhooks import receiver

# seconds that a kept connection may be idle
_KEEPALIVE = 15


def _now() -> datetime:
    return datetime.now(UTC)


def serve(chosen: settings.Settings, running: int, words: Sequence[str]) -> None:
    """Serve until SIGTERM; not ready any more once the descriptor `running` ends.

    `words` may hold `--no-work`: others work, and this machine's broker and worker are not waited for; or `--open`:
    there is no App, and everything is shown to this machine's browsers.
    """
    if "--open" in words:
        host(chosen, functools.partial(show, chosen, running))
    else:
        host(chosen, functools.partial(create, chosen, running, here="--no-work" not in words))


def host(chosen: settings.Settings, load: Callable[[], flask.Flask]) -> None:
    """Serve the application that `load` returns, in each of the web processes, until SIGTERM."""
    _Server(chosen, load).run()


def create(chosen: settings.Settings, running: int, *, here: bool, now: Callable[[], datetime] = _now) -> flask.Flask:
    """Return the application; only the setup page where that is asked for. Raises UsageError and StoreError."""
    token = os.environ.get("GATEKEEPER_SETUP_TOKEN")
    if token:
        return app.create_app(_setting_up(chosen, token), proxies=chosen.proxies)
    # the setup page needs none of it, and is the first that people wait for
    from gatekeeper.web import intake, uploads
    from gatekeeper.wiring import looking
    from gatekeeper.workflows import durable, uploading

    engine = database.open_database(chosen.database)
    counted = metrics.Counted(prometheus_client.CollectorRegistry())
    looked = looking.signed_in(chosen, engine, now, counted.call)
    programs = [
        watching.blueprint(counted.delivery),
        health.blueprint(_checks(chosen, engine, running, here=here)),
        metrics.blueprint(counted, lambda: census.take(engine, now()), token=chosen.metrics_token),
        uploads.blueprint(
            lambda report, given: uploading.take(engine, (report,), given, now()), looked.authorise_upload
        ),
    ]
    if chosen.webhook_secrets:
        durable.migrate(engine)
        kept = database.kept_open(engine)
        taken = intake.Intake(kept, durable.client(kept), now, gather=2 * chosen.debounce)
        programs.append(receiver.blueprint([secret.encode() for secret in chosen.webhook_secrets], taken.accept))
    return app.create_app(
        [*programs, *looked.parts],
        proxies=chosen.proxies,
        protect=lambda made: looked.protect(made, programs),
        look=looked.failed,
    )


def show(chosen: settings.Settings, running: int) -> flask.Flask:
    """Return the application that shows everything to this machine's own browsers. Raises StoreError."""
    from gatekeeper.wiring import looking

    engine = database.open_database(chosen.database)
    looked = looking.opened(engine, _now)
    checks = {"process": lambda: _stopping(running), "database": lambda: _database(engine)}
    # no proxy is believed: what it says of the host would open everything to everybody
    programs = [health.blueprint(checks)]
    return app.create_app(
        [*programs, *looked.parts], protect=lambda made: looked.protect(made, programs), look=looked.failed
    )


def _setting_up(chosen: settings.Settings, token: str) -> list[flask.Blueprint]:
    before = credentials.mark(chosen.data)

    def create_app(wanted: manifest.Wanted, code: str) -> manifest.Created:
        api = manifest.api(wanted.github)
        created = manifest.convert(wire.Wire(api), code)
        # another that was created meanwhile stays
        replaced = before is not None and credentials.mark(chosen.data) == before
        credentials.write(chosen.data, created, api=api, url=wanted.url, replace=replaced)
        return created

    github = forge.html_url(chosen.github_api)
    page = setup.blueprint(token, create_app, time.monotonic, url=chosen.url, github=github)
    refusing = flask.Blueprint("webhooks", __name__)
    refusing.add_url_rule("/webhooks", view_func=_not_yet, methods=["POST"])
    return [page, refusing, health.blueprint({"App": lambda: "none is set up yet: open the setup page"})]


def _not_yet() -> flask.Response:
    response = flask.jsonify(status="unavailable", reason="No App is set up yet.")
    response.status_code = 503
    response.headers["Retry-After"] = "60"
    return response


def _checks(
    chosen: settings.Settings, engine: sqlalchemy.Engine, running: int, *, here: bool
) -> Mapping[str, health.Check]:
    checks: dict[str, health.Check] = {
        "process": lambda: _stopping(running),
        "database": lambda: _database(engine),
    }
    if here:
        checks["broker"] = lambda: None if broker.answers(chosen.broker) else "it does not answer"
        checks["worker"] = lambda: _worker(engine)
    return checks


def _stopping(running: int) -> str | None:
    return "it is stopping" if select.select([running], [], [], 0)[0] else None


def _database(engine: sqlalchemy.Engine) -> str | None:
    try:
        with database.explained(engine.url):
            schema.require_current(engine)
    except errors.StoreError as error:
        return str(error)
    return None


def _worker(engine: sqlalchemy.Engine) -> str | None:
    try:
        alive = census.take(engine, _now()).workers
    except errors.StoreError:
        return "unknown, without the database"
    return None if alive else "none was heard of within a minute"


class _Log(glogging.Logger):  # type: ignore[misc] # as above
    """Lets gunicorn's messages go where this process's log goes."""

    def _set_handler(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - gunicorn is untyped
        """Add nothing: the process's own log handles them."""


class _Server(base.BaseApplication):  # type: ignore[misc] # gunicorn is untyped
    def __init__(self, chosen: settings.Settings, load: Callable[[], flask.Flask]) -> None:
        self._chosen, self._load = chosen, load
        super().__init__()

    def load_config(self) -> None:
        chosen = self._chosen
        wanted = {
            "bind": chosen.listen,
            # until there is an App, one process remembers what was begun
            "workers": chosen.web_workers if chosen.app else 1,
            "threads": chosen.web_threads,
            "worker_class": "gthread",
            "graceful_timeout": chosen.grace,
            "keepalive": _KEEPALIVE,
            "logger_class": _Log,
            # whoever sends the header could otherwise say that the connection is encrypted
            "forwarded_allow_ips": "",
            "control_socket_disable": True,
            "child_exit": _forget,
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        loaded = self._load()
        # what is there now stays: to look through it for garbage again and again made some answers late
        gc.collect()
        gc.freeze()
        return loaded


def _forget(_server: object, worker: Any) -> None:  # noqa: ANN401 - gunicorn is untyped
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # as above
