"""The service as an operator runs it: `gatekeeper serve` with all of its processes, against a GitHub on loopback."""

import http.client
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib import error, request

from tests.acceptance.program import COMMAND
from tests.fakes.github import state
from webhooks import signature

SECRET = "a secret of the hook"
# seconds: several processes start, on machines that have other things to do
_PATIENCE = 60
_SERVE = (*COMMAND, "serve")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service answered."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        """The body, as JSON."""
        return json.loads(self.text)


def settings(folder: Path) -> dict[str, str]:
    """Return the environment of a program that keeps in `folder` all that it has."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GATEKEEPER_DATA": str(folder / "data"),
        "GATEKEEPER_CACHE": str(folder / "cache"),
        # the socket's path must be short
        "GATEKEEPER_BROKER": str(folder / "b"),
        "GATEKEEPER_OFFLINE": "1",
    }


def settings_of(app: state.App, url: str, folder: Path) -> dict[str, str]:
    """Return the settings of an App of the GitHub at the address; its key is written to `folder`."""
    key = folder / "key.pem"
    key.touch(mode=0o600)
    key.write_text(app.pem)
    return {
        "GATEKEEPER_APP_ID": str(app.id),
        "GATEKEEPER_APP_KEY_FILE": str(key),
        "GATEKEEPER_WEBHOOK_SECRET": app.webhook_secret or "",
        "GATEKEEPER_CLIENT_ID": app.client_id,
        "GATEKEEPER_CLIENT_SECRET": app.client_secret,
        "GATEKEEPER_GITHUB_API": f"{url}/api/v3",
    }


class Service:
    """`gatekeeper serve`, or another command that serves in its place, running."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *words: str,
        command: Sequence[str] = _SERVE,
    ) -> None:
        given = {**settings(folder), "GATEKEEPER_LISTEN": f"127.0.0.1:{free_port()}", **environment}
        self.address = f"http://{given['GATEKEEPER_LISTEN']}"
        self.data = Path(given["GATEKEEPER_DATA"])
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, *words], env=given, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.said: list[str] = []
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self.said.extend, args=(self.process.stdout,))
        self._reader.start()

    def ask(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, *, answered: bool = False
    ) -> Answer:
        """Ask for the path, with POST where there is a body; status 0 where nobody answers, unless `answered`."""
        asked = request.Request(f"{self.address}{path}", body, dict(headers or {}))
        try:
            with request.urlopen(asked, timeout=_PATIENCE) as answer:
                return Answer(status=answer.status, text=answer.read().decode())
        except error.HTTPError as refusal:
            with refusal:
                return Answer(status=refusal.code, text=refusal.read().decode())
        except (OSError, http.client.HTTPException):
            assert not answered
            return Answer(status=0, text="")

    def deliver(self, event: str, payload: Mapping[str, Any], secret: str, guid: str = "72d3162e-cc78") -> Answer:
        """Deliver an event as GitHub does."""
        body = json.dumps(payload).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": signature.sign(secret.encode(), body),
        }
        return self.ask("/webhooks", body, headers, answered=True)

    def wait(self, look: Callable[[], _Found | None], tell: Callable[[], str] = lambda: "a result") -> _Found:
        """Return what `look` finds, once it finds something; `tell` what is missing until then."""
        patience = time.monotonic() + _PATIENCE
        while not (found := look()):
            assert time.monotonic() < patience, f"{tell()}: {self.ask('/readyz')}\n{self.log.read_text()}"
            assert self.process.poll() is None, f"ended before {tell()}:\n{self.log.read_text()}"
            time.sleep(0.05)
        return found

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until it holds."""
        self.wait(holds, lambda: what)

    def until_ready(self) -> None:
        """Wait until it says that it is ready."""
        self.until(lambda: self.ask("/readyz").status == 200, "ready")

    def processes(self) -> dict[int, str]:
        """Return the number of every process of the service below the supervisor -> its command."""
        return {number: _command(number) for number in _below(self.process.pid)}

    def child(self, role: str) -> int:
        """Return the number of the process that the supervisor started for the role; waits until there is one."""
        found: list[int] = []

        def there() -> bool:
            found[:] = [
                number
                for number, command in self.processes().items()
                if f"gatekeeper.wiring.child {role}" in command and _parent(number) == self.process.pid
            ]
            return bool(found)

        self.until(there, f"a {role} process")
        return found[0]

    def ended(self) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait(_PATIENCE)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def events(self) -> list[dict[str, Any]]:
        """Return what was logged so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextmanager
def serving(
    folder: Path, environment: Mapping[str, str], *words: str, command: Sequence[str] = _SERVE
) -> Iterator[Service]:
    """Give a running service, which is gone afterwards."""
    service = Service(folder, environment, *words, command=command)
    try:
        yield service
    finally:
        for _ in range(2):
            service.process.terminate()
        service.ended()


def lives(number: int) -> bool:
    """Whether the process runs."""
    return bool(_stat(number)) and _stat(number)[0] != "Z"


def environment_of(number: int) -> dict[str, str]:
    """Return the environment that the process was started with."""
    words = Path(f"/proc/{number}/environ").read_bytes().decode().split("\0")
    return dict(word.split("=", 1) for word in words if word)


def free_port() -> int:
    """Return a port of loopback that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _below(number: int) -> list[int]:
    parents = {int(one.name): _parent(int(one.name)) for one in Path("/proc").iterdir() if one.name.isdecimal()}
    found, front = [], [number]
    while front:
        front = [child for child, parent in parents.items() if parent in front]
        found += front
    return found


def _parent(number: int) -> int | None:
    words = _stat(number)
    return int(words[1]) if words else None


def _stat(number: int) -> list[str]:
    """Return the state, the parent and what follows; nothing for a process that is gone."""
    try:
        return Path(f"/proc/{number}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _command(number: int) -> str:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
