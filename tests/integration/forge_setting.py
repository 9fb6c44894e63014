"""A GitHub with the App on it, a token broker before it, and the adapters over both."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gatekeeper import errors, hosted
from gatekeeper.forge import broker, issuing, tokens, wire
from gatekeeper.forge import forge as forges
from tests.fakes import github
from tests.fakes.github import state

_R = TypeVar("_R")
# seconds: longer than any answer takes here
_PATIENCE = 15.0
# shorter than what a plan lets a client wait; for tests that do again what fails
HURRY = 0.4

FILES = {"calc.py": "".join(f"line{number} = {number}\n" for number in range(1, 41)), "other.py": "y = 1\n"}
PERMISSIONS = {
    "actions": "read",
    "checks": "write",
    "contents": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a test stands in."""

    world: github.World
    app: state.App
    installation: state.Installation
    hello: state.Repository
    place: hosted.Place
    api_url: str
    socket_path: Path
    tokens: tokens.Tokens
    forge: forges.Forge
    # operation and status of each request of the adapters
    observed: list[tuple[str, int]]

    def pull(self, branch: str = "topic", lines: int = 3) -> state.Pull:
        """Open a pull request that changes the first lines of calc.py."""
        changed = FILES["calc.py"]
        for number in range(1, lines + 1):
            changed = changed.replace(f"line{number} = {number}\n", f"line{number} = {number}00\n")
        self.world.push(self.hello, branch, {"calc.py": changed})
        return self.world.open_pull(self.hello, branch, author="ada")

    def again(self) -> forges.Forge:
        """Return adapters that remember nothing, as those of another process."""
        return forges.connect(self.tokens, self.api_url, now=self._now)

    def insist(self, act: Callable[[], _R]) -> _R:
        """Do what fails for a while again, as the workflows do; the waiting is done by the clock."""
        for _ in range(50):
            try:
                return act()
            except errors.RateLimitError as exc:
                self.world.clock.advance(seconds=exc.seconds)
            except errors.UnavailableError:
                pass
        raise AssertionError("it never succeeded")

    def _now(self) -> float:
        return self.world.now().timestamp()


@contextlib.contextmanager
def stand(folder: Path, permissions: dict[str, str] | None = None, *, patience: float = _PATIENCE) -> Iterator[Setting]:
    """Give a setting; all of it ends with the block."""
    world = github.World(folder / "github")
    app = world.create_app(permissions=dict(permissions or PERMISSIONS))
    hello = world.create_repository("octo/hello", FILES)
    installation = world.install(app, "octo", [hello])

    def now() -> float:
        return world.now().timestamp()

    with github.serve(world) as url:
        api_url = f"{url}/api/v3"
        socket_path = folder / "run/broker.sock"
        line = wire.Wire(api_url, now=now, timeout=patience)
        issues = issuing.Issuer(line, issuing.Key(app.pem, str(app.id), now))
        observed: list[tuple[str, int]] = []
        with answering(socket_path, issues):
            asked = tokens.Tokens(socket_path)
            made = forges.connect(
                asked,
                api_url,
                now=now,
                observe=lambda what, _seconds, status: observed.append((what, status)),
                timeout=patience,
            )
            yield Setting(
                world=world,
                app=app,
                installation=installation,
                hello=hello,
                place=hosted.Place(installation=installation.id, repository=hello.id, name=hello.full_name),
                api_url=api_url,
                socket_path=socket_path,
                tokens=asked,
                forge=made,
                observed=observed,
            )
            made.close()
        line.close()
    assert world.drift == []


@contextlib.contextmanager
def answering(
    socket_path: Path,
    issues: issuing.Issuer,
    *,
    allowed: frozenset[int] = frozenset(),
    whose: broker.Whose | None = None,
) -> Iterator[None]:
    """Let a broker answer on the socket while the block runs."""
    with broker.listening(socket_path, issues, allowed=allowed, whose=whose) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
