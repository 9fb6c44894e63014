"""A GitHub with the App on it, a token broker before it, and the adapters over both."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import hosted
from gatekeeper.forge import broker, forge, issuing, tokens, wire
from tests.fakes import github
from tests.fakes.github import state

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
    forge: forge.Forge
    # operation and status of each request of the adapters
    observed: list[tuple[str, int]]

    def pull(self, branch: str = "topic", lines: int = 3) -> state.Pull:
        """Open a pull request that changes the first lines of calc.py."""
        changed = FILES["calc.py"]
        for number in range(1, lines + 1):
            changed = changed.replace(f"line{number} = {number}\n", f"line{number} = {number}00\n")
        self.world.push(self.hello, branch, {"calc.py": changed})
        return self.world.open_pull(self.hello, branch, author="ada")

    def again(self) -> forge.Forge:
        """Return adapters that remember nothing, as those of another process."""
        return forge.connect(self.tokens, self.api_url, now=self._now)

    def _now(self) -> float:
        return self.world.now().timestamp()


@contextlib.contextmanager
def stand(folder: Path, permissions: dict[str, str] | None = None) -> Iterator[Setting]:
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
        line = wire.Wire(api_url, now=now)
        issues = issuing.Issuer(line, issuing.Key(app.pem, str(app.id), now))
        observed: list[tuple[str, int]] = []
        with answering(socket_path, issues):
            asked = tokens.Tokens(socket_path)
            made = forge.connect(
                asked, api_url, now=now, observe=lambda what, _seconds, status: observed.append((what, status))
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
        line.close()


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
