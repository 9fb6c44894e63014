"""`gatekeeper serve` and `gatekeeper work`: the processes of the service under one supervisor."""

import os
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy
import structlog

import gatekeeper
from gatekeeper import errors, settings
from gatekeeper.store import database
from gatekeeper.wiring import broker, child, credentials, environments, logs, streams, supervisor

# seconds between two looks for pull requests, of a service that GitHub cannot reach
_POLLED = 60
# seconds beyond its grace until a process is taken for stuck
_STUCK = 5.0
# bytes of a socket's path that every system takes
_LONGEST_SOCKET = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which parts of the service run here."""

    web: bool = True
    work: bool = True
    # whether pull requests are looked for, instead of waiting for deliveries
    polling: bool = False
    # whether an App is to be created in place of the one that is stored
    replacing: bool = False
    # whether everything that is recorded is shown to this machine's own browsers, without an App
    open: bool = False


class Service:
    """What is to run, as the settings are now."""

    def __init__(self, chosen: settings.Settings, wanted: Wanted, environ: Mapping[str, str]) -> None:
        """Prepare to run what is `wanted`; `environ` is what the processes' environments are made from."""
        if wanted.polling:
            chosen = replace(chosen, poll_seconds=min(chosen.poll_seconds, _POLLED))
        if wanted.replacing:
            chosen = replace(chosen, app=None, webhook_secrets=())
        self.chosen, self.wanted, self._environ = chosen, wanted, environ
        self._stored = credentials.mark(chosen.data)
        # whoever creates the App must know it: a proxy on this machine makes every visitor look local
        self.setup_token = secrets.token_urlsafe(18)
        # counters begin at 0 with the service, and those of another one on this machine are its own
        self.counters = chosen.data / "run" / f"metrics-{os.getpid()}"

    def check(self) -> None:
        """Raise UsageError or StoreError where the service cannot run as it is set up."""
        chosen, wanted = self.chosen, self.wanted
        if wanted.open:
            _require_closed(chosen, wanted)
        if wanted.replacing and self._environ.get("GATEKEEPER_APP_ID"):
            raise errors.UsageError("GATEKEEPER_APP_ID names the App, so that none can take its place: unset it first")
        if chosen.app is None and not wanted.web:
            raise errors.UsageError(
                "no App is set up: run `gatekeeper serve` and open the page that it names, or set GATEKEEPER_APP_ID"
            )
        if chosen.app is not None and wanted.web and not wanted.polling and not chosen.webhook_secrets:
            raise errors.UsageError(
                "GATEKEEPER_WEBHOOK_SECRET is not set, so that anybody could send deliveries: set it to the secret "
                "on the App's page on GitHub, or run `gatekeeper serve --poll`"
            )
        if not wanted.open and len(os.fsencode(chosen.broker)) > _LONGEST_SOCKET:
            raise errors.UsageError(
                f"{chosen.broker} is too long for a socket: name a shorter one in GATEKEEPER_BROKER"
            )
        if chosen.app is not None and wanted.work and chosen.app.key_file is None and not broker.answers(chosen.broker):
            raise errors.UsageError(
                f"GATEKEEPER_APP_KEY_FILE is not set, and no token broker answers on {chosen.broker}: set it, or start "
                "`gatekeeper broker` first"
            )
        self._prepare()

    def _prepare(self) -> None:
        """Bring the records, and DBOS's tables beside them, up to date before anybody works with them."""
        engine = database.open_database(self.chosen.database)
        if self.chosen.app is not None:
            from gatekeeper.workflows import durable

            durable.migrate(engine)
        engine.dispose()

    def programs(self) -> list[supervisor.Program]:
        """Return the processes to run."""
        chosen, wanted = self.chosen, self.wanted
        _make_empty(self.counters)
        found = []
        if wanted.work and chosen.app is not None:
            if not broker.answers(chosen.broker):
                found.append(self._program("broker", stage=1))
            found.append(self._program("worker", counted=True, grace=chosen.grace + _STUCK))
        if wanted.web:
            words = [*([] if wanted.work else ["--no-work"]), *(["--open"] if wanted.open else [])]
            found.append(self._program("web", *words, counted=True, grace=chosen.grace + _STUCK, drain=chosen.drain))
        return found

    def reconsidered(self) -> list[supervisor.Program] | None:
        """Return what is to run instead, once the setup page has stored an App."""
        if self.chosen.app is not None or self.wanted.open or credentials.mark(self.chosen.data) == self._stored:
            return None
        found = settings.read(self._environ)
        if not found.webhook_secrets or found.url is None:
            # created without an address that GitHub could reach
            self.wanted = replace(self.wanted, polling=True)
        pause = min(found.poll_seconds, _POLLED) if self.wanted.polling else found.poll_seconds
        self.chosen = replace(found, database=self.chosen.database, listen=self.chosen.listen, poll_seconds=pause)
        self._prepare()
        return self.programs()

    def _program(
        self,
        role: environments.Role,
        *words: str,
        counted: bool = False,
        grace: float = _STUCK,
        drain: float = 0,
        stage: int = 0,
    ) -> supervisor.Program:
        environment = environments.of(role, self.chosen, self._environ)
        if counted:
            environment["PROMETHEUS_MULTIPROC_DIR"] = str(self.counters)
        if role == "web" and self.chosen.app is None and not self.wanted.open:
            environment["GATEKEEPER_SETUP_TOKEN"] = self.setup_token
        return supervisor.Program(
            name=role,
            command=child.command(role, *words),
            environment=environment,
            grace=grace,
            drain=drain,
            stage=stage,
        )

    def described(self) -> list[str]:
        """Return what the service is, for people: what it serves, where, with what, and what is missing."""
        chosen, wanted = self.chosen, self.wanted
        lines = [f"Gatekeeper {gatekeeper.__version__}"]
        if wanted.web:
            lines.append(f"  address     http://{chosen.listen}")
        lines.append(f"  records     {sqlalchemy.make_url(chosen.database).render_as_string(hide_password=True)}")
        if wanted.open:
            return [*lines, "  shown to    whoever reaches the address: everything that is recorded"]
        if chosen.app is None:
            return [*lines, "  App         none yet: to create it, open", f"              {self.setup_page()}"]
        lines.append(f"  App         {chosen.app.slug or 'number'} {chosen.app.id} at {chosen.github_api}")
        if wanted.web:
            lines.append(f"  deliveries  {self._deliveries()}")
        if wanted.work:
            lines.append(f"  work        {chosen.reviews} at a time; token broker on {chosen.broker}")
        if chosen.url is None:
            lines.append("  missing     GATEKEEPER_URL: without it, comments have no links to full reports")
        return lines

    def setup_page(self) -> str:
        """Return the address of the page on which the App is created."""
        host, _, port = self.chosen.listen.rpartition(":")
        near = "127.0.0.1" if host in {"0.0.0.0", "[::]", "::"} else host  # noqa: S104 - compared, not bound
        return f"{self.chosen.url or f'http://{near}:{port}'}/setup?token={self.setup_token}"

    def _deliveries(self) -> str:
        polled = f"open pull requests are looked for every {self.chosen.poll_seconds} s"
        if self.wanted.polling:
            return f"not needed: {polled}"
        return f"{self.chosen.url or f'http://{self.chosen.listen}'}/webhooks; {polled} too"


def _require_closed(chosen: settings.Settings, wanted: Wanted) -> None:
    """Raise UsageError where `--open` would show more, or to others, than it is for."""
    # not at the start of every command
    from gatekeeper.web import protection

    if chosen.app is not None:
        raise errors.UsageError(
            "an App is set up, whose repositories are for those to see whom GitHub lets: leave --open out and sign in, "
            "or name another folder in GATEKEEPER_DATA"
        )
    if not protection.is_near(chosen.listen.rpartition(":")[0]):
        raise errors.UsageError(
            f"--open shows everything to whoever reaches {chosen.listen}, which is not this machine alone: listen on "
            "127.0.0.1"
        )
    if wanted.polling or wanted.replacing or not wanted.work:
        raise errors.UsageError("--open is for looking alone: leave --poll, --no-work and --replace-app out")


def run(chosen: settings.Settings, wanted: Wanted, environ: Mapping[str, str]) -> int:
    """Run the service until it is asked to stop; return the exit code. Raises UsageError and StoreError."""
    logs.configure(sys.stderr, process="supervisor", terminal=sys.stderr.isatty())
    log = structlog.get_logger(__name__)
    service = Service(chosen, wanted, environ)
    service.check()
    if wanted.web:
        require_free(chosen.listen)
    streams.say("\n".join([*service.described(), ""]))

    def reconsider() -> Sequence[supervisor.Program] | None:
        programs = service.reconsidered()
        if programs is not None:
            log.info("an App is set up", app=service.chosen.app.id if service.chosen.app else None)
            streams.say("\n".join([*service.described(), ""]))
        return programs

    try:
        why = supervisor.Supervisor(service.programs(), reconsider=reconsider, say=log.warning).run()
    finally:
        shutil.rmtree(service.counters, ignore_errors=True)
    if why is None:
        log.info("stopped")
        return 0
    log.critical("given up", reason=why)
    return 1


def _make_empty(folder: Path) -> None:
    """Make the folder anew, and remove its like that services left behind when they were killed."""
    for one in folder.parent.glob("metrics-*"):
        if one == folder or not _lives(one.name.removeprefix("metrics-")):
            shutil.rmtree(one, ignore_errors=True)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)


def _lives(number: str) -> bool:
    try:
        os.kill(int(number), 0)
    except PermissionError:
        return True
    except (ValueError, OSError):
        return False
    return True


def require_free(listen: str) -> None:
    """Raise UsageError where nobody can listen at the address, which the web server would try for long."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise errors.UsageError(
                f"the web server cannot listen on {listen}: {error.strerror}: stop what does, or name another address "
                "with --listen or GATEKEEPER_LISTEN"
            ) from error
