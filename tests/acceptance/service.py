"""The whole service as an operator runs it, `gatekeeper serve`, beside a GitHub of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.fakes import github
from tests.fakes.github import state

SECRET = "what deliveries are signed with"
# seconds that anything may take on a busy machine
PATIENCE = 30.0
_Found = TypeVar("_Found")


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running service, and the GitHub that it serves."""

    world: github.World
    app: state.App
    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    def repository(self, name: str, files: Mapping[str, str | bytes]) -> state.Repository:
        """Make a repository and install the App on it."""
        made = self.world.create_repository(name, dict(files))
        self.world.install(self.app, name.partition("/")[0], [made])
        return made

    def run_on(self, repository: state.Repository, sha: str) -> state.Run:
        """Return the App's only check run on the commit."""
        runs = self.world.runs_at(repository, sha, self.app)
        assert len(runs) == 1, runs
        return runs[0]

    def completed(self, repository: state.Repository, sha: str, *conclusions: str) -> state.Run:
        """Wait for the commit's check run to be completed, with one of the conclusions if any is given."""

        def look() -> state.Run | None:
            runs = self.world.runs_at(repository, sha, self.app)
            done = [run for run in runs if run.status == "completed"]
            return done[-1] if done and (not conclusions or done[-1].conclusion in conclusions) else None

        return self.wait(look, lambda: f"the runs are {self.world.runs_at(repository, sha, self.app)}")

    def wait(self, look: Callable[[], _Found | None], tell: Callable[[], str] = lambda: "") -> _Found:
        """Return what `look` finds, once it finds something."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.process.poll() is None, f"the service ended: {self.log()}"
            if found := look():
                return found
            time.sleep(0.05)
        raise AssertionError(f"nothing came of it in {PATIENCE} s; {tell()}\n{self.log()}")

    def get(self, path: str) -> tuple[int, str]:
        """Return the status and the body of a page of the service."""
        try:
            with urllib.request.urlopen(f"{self.address}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def log(self) -> str:
        """Return the end of what the service logged."""
        return (self.folder / "log").read_text()[-6000:]


@contextmanager
def started(
    folder: Path,
    cache: Path,
    *words: str,
    before: Callable[[github.World, state.App], object] = lambda _world, _app: None,
    **environment: str,
) -> Iterator[Service]:
    """Run `gatekeeper serve` with `words`, ready, after `before` has happened on GitHub.

    Everything that it started must have ended with it.
    """
    port = _free_port()
    world = github.World(folder / "github")
    address = f"http://127.0.0.1:{port}"
    app = world.create_app(hook_url=f"{address}/webhooks", webhook_secret=SECRET)
    key = folder / "key.pem"
    key.touch(mode=0o600)
    key.write_text(app.pem)
    with github.serve(world) as url, (folder / "log").open("wb") as log:
        settings = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GATEKEEPER_CACHE": str(cache),
            "GATEKEEPER_DATA": str(folder / "data"),
            "GATEKEEPER_APP_ID": str(app.id),
            "GATEKEEPER_APP_KEY_FILE": str(key),
            "GATEKEEPER_WEBHOOK_SECRET": SECRET,
            "GATEKEEPER_GITHUB_API": f"{url}/api/v3",
            "GATEKEEPER_LISTEN": f"127.0.0.1:{port}",
            "GATEKEEPER_URL": address,
            "GATEKEEPER_DEBOUNCE": "0",
            "GATEKEEPER_FUEL": "5",
            "GATEKEEPER_OFFLINE": "1",
            **environment,
        }
        command = [sys.executable, "-m", "gatekeeper.cli", "serve", *words]
        before(world, app)
        process = subprocess.Popen(command, env=settings, stdout=log, stderr=log, cwd=folder)
        service = Service(world=world, app=app, address=address, folder=folder, process=process)
        try:
            service.wait(lambda: _ready(service), lambda: "it never became ready")
            yield service
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE) == 0, service.log()


def _ready(service: Service) -> bool:
    try:
        code, body = service.get("/readyz")
    except OSError:
        return False
    return code == 200 and json.loads(body)["status"] == "ready"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
