"""A GitHub, a token broker, an intake and a database, around workers that are killed."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import flask
import sqlalchemy
from dbos import DBOSClient
from flask import testing

from gatekeeper.store import database
from gatekeeper.web import intake
from gatekeeper.workflows import asking, durable, names, upkeep
from tests.acceptance.crashing import boundaries, worker
from tests.fakes.github import state, world
from tests.integration import forge_setting
from webhooks import receiver

_SECRET = "a secret of the hook"
_LOOK = 0.02
_PATIENCE = 60.0
_UNFINISHED = ("ENQUEUED", "DELAYED", "PENDING")


@dataclass(slots=True, kw_only=True)
class Stage:
    """What a test of crashes stands in."""

    folder: Path
    setting: forge_setting.Setting
    engine: sqlalchemy.Engine
    client: DBOSClient
    web: testing.FlaskClient
    environ: dict[str, str]
    # deliveries that were handed in, or left lying on purpose
    seen: int = 0
    ticks: list[tuple[upkeep.Task, str]] = field(default_factory=list)
    pulls: list[state.Pull] = field(default_factory=list)
    # whether there is anybody who works
    alive: Callable[[], bool] = lambda: True

    @property
    def world(self) -> world.World:
        """GitHub."""
        return self.setting.world

    def life(self, protocol: int = worker.PROTOCOL, timeout: float = 15.0) -> worker.Life:
        """Return how a worker lives here."""
        return worker.Life(environ=self.environ, protocol=protocol, timeout=timeout)

    def open_pull(self, *, draft: bool = False) -> state.Pull:
        """Open a pull request, of a commit of its own, that changes the first lines of a file."""
        number = len(self.pulls) + 1
        changed = forge_setting.FILES["calc.py"].replace("line1 = 1\n", "line1 = 100\n").replace("= 3\n", "= 300\n")
        self.world.push(self.setting.hello, f"topic-{number}", {"calc.py": changed}, message=f"change {number}")
        pull = self.world.open_pull(self.setting.hello, f"topic-{number}", author="ada", draft=draft)
        self.pulls.append(pull)
        return pull

    def push(self, pull: state.Pull) -> None:
        """Push another commit."""
        git = pull.head_repository.git
        found = git.find(pull.head_sha, "calc.py")
        assert found is not None
        changed = git.read(str(found.id)).decode() + "last = 41\n"
        self.world.push(self.setting.hello, pull.head_ref, {"calc.py": changed}, message=f"again {pull.number}")

    def deliver(self) -> bool:
        """Hand in what GitHub sent meanwhile; return whether there was anything."""
        with self.world.lock:
            new = self.world.deliveries[self.seen :]
            self.seen += len(new)
        for one in new:
            if one.status == "pending":
                answer = self.web.post("/webhooks", data=one.body, headers=one.headers)
                assert answer.status_code in {200, 202}, answer.text
                one.status_code, one.status = answer.status_code, "OK"
        for task, slot in self.ticks:
            with database.writing(self.engine) as session:
                asking.enqueue_tick(session, self.client, task.value, slot)
        self.ticks.clear()
        return bool(new)

    def lose(self) -> None:
        """Let what GitHub sent meanwhile be lost."""
        with self.world.lock:
            lost = self.world.deliveries[self.seen :]
            self.seen += len(lost)
        for one in lost:
            one.status_code, one.status = 200, "OK"

    def tick(self, task: upkeep.Task, slot: str) -> None:
        """Have a tick of the upkeep enqueued with the next deliveries."""
        self.ticks.append((task, slot))

    def unfinished(self) -> list[str]:
        """Return the ids of the work that is not done."""
        # DBOS's own list would take the database's lock, which the worker needs
        schema = "" if self.engine.dialect.name == "sqlite" else "dbos."
        query = f"SELECT workflow_uuid, status, application_version, executor_id FROM {schema}workflow_status"
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"{query} WHERE status IN {_UNFINISHED}").all()
        return [" ".join(map(str, row)) for row in rows]

    def is_reviewed(self, pull: state.Pull) -> bool:
        """Return whether the review of the pull request is under way, and nothing else."""
        recorded = {
            passed.step
            for identity, passed in boundaries.passed(self.folder, 0)
            if pull.head_sha in identity
            and passed.workflow == names.Workflow.PERFORM
            and passed.moment == boundaries.RECORDED
        }
        # in whatever order these come before it is carried out
        return {"name the review", "look"} <= recorded and len(self.unfinished()) == 1

    def is_mended(self, pull: state.Pull) -> bool:
        """Return whether the pull request was reviewed, fixes are looked for, and nothing else is under way."""
        left = self.unfinished()
        ended = any(
            pull.head_sha in identity and passed.step == "enqueue" and passed.workflow == names.Workflow.PERFORM
            for identity, passed in boundaries.passed(self.folder, 0)
        )
        return ended and len(left) == 1 and left[0].startswith("mend/") and " PENDING " in left[0]

    def settle(self) -> None:
        """Return once everything was handed in and done. AssertionError where nobody works, and for slowness."""
        left: list[str] = []

        def settled() -> bool:
            nonlocal left
            assert self.alive(), f"nobody is left to do {self.unfinished()}"
            if self.deliver():
                return False
            left = self.unfinished()
            return not left and not self.deliver()

        await_(settled, lambda: f"not done: {left}")


def await_(true: Callable[[], bool], problem: Callable[[], str]) -> None:
    """Wait until it is so."""
    until = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < until, problem()
        time.sleep(_LOOK)


@contextlib.contextmanager
def stand(folder: Path, url: str | None = None) -> Iterator[Stage]:
    """Give a stage, on SQLite unless `url` says otherwise; all of it ends with the block."""
    permissions = {**forge_setting.PERMISSIONS, "contents": "write"}
    with contextlib.ExitStack() as unwinding:
        setting = unwinding.enter_context(forge_setting.stand(folder, permissions))
        _lift_limits(setting.world)
        records = url or f"sqlite:///{folder / 'records.sqlite'}"
        if url:
            database.upgrade(url)
        engine = database.open_database(records)
        unwinding.callback(engine.dispose)
        durable.migrate(engine)
        client = durable.client(engine)
        unwinding.callback(client.destroy)
        yield Stage(
            folder=folder,
            setting=setting,
            engine=engine,
            client=client,
            web=_web(engine, client),
            environ=_environ(folder, setting, records),
        )


def _lift_limits(here: world.World) -> None:
    limits = here.limits
    limits.requests_an_hour = limits.points_a_minute = limits.creations_a_minute = limits.creations_an_hour = 10**9


def _web(engine: sqlalchemy.Engine, client: DBOSClient) -> testing.FlaskClient:
    app = flask.Flask(__name__)
    taken = intake.Intake(engine, client, lambda: datetime.now(UTC), gather=0.5)
    app.register_blueprint(receiver.blueprint([_SECRET.encode()], taken.accept))
    return app.test_client()


def _environ(folder: Path, setting: forge_setting.Setting, records: str) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "GATEKEEPER_CACHE": str(folder / "cache"),
        "GATEKEEPER_DATA": str(folder / "data"),
        "GATEKEEPER_DATABASE": records,
        "GATEKEEPER_APP_ID": str(setting.app.id),
        "GATEKEEPER_GITHUB_API": setting.api_url,
        "GATEKEEPER_BROKER": str(setting.socket_path),
        "GATEKEEPER_DEBOUNCE": "0",
        "GATEKEEPER_REVIEWS": "8",
        "GATEKEEPER_REVIEWS_PER_REPOSITORY": "8",
        "GATEKEEPER_POLL_SECONDS": "100000",
    }
