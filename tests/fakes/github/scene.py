"""A served world with one App on one repository: where tests of the double begin."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.fakes.github import apps, clock, service, state, visitor, world

NUMBERED = "".join(f"line {number}\n" for number in range(1, 31))
_BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The world, its App, the private repository octo/hello, and callers of the API."""

    world: world.World
    app: state.App
    installation: state.Installation
    hello: state.Repository
    url: str
    # the App with its own key, and with a token for all that it was given
    keyed: visitor.Visitor
    caller: visitor.Visitor

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v3"

    def token(
        self, permissions: state.Permissions | None = None, repositories: list[state.Repository] | None = None
    ) -> str:
        """Return a new token, narrowed as given."""
        with self.world.lock:
            return apps.issue_token(self.world, self.installation, repositories, permissions).value

    def narrowed(self, **permissions: str) -> visitor.Visitor:
        """Return a caller that has these permissions alone."""
        return visitor.Visitor(self.api_url, self.token(permissions))

    def pull(self, files: dict[str, str | bytes | None] | None = None, branch: str = "topic") -> state.Pull:
        """Open a pull request by ada; without files it changes line 10 of numbers.txt."""
        changed = {"numbers.txt": NUMBERED.replace("line 10\n", "line ten\n")}
        self.world.push(self.hello, branch, files or changed, by="ada")
        return self.world.open_pull(self.hello, branch, author="ada")

    def told(self, *events: str) -> list[tuple[str, str | None]]:
        """Return event and action of the deliveries of these events, or of all, oldest first."""
        made = self.world.deliveries
        return [(one.event, one.action) for one in made if not events or one.event in events]


@contextmanager
def stand(
    folder: Path, permissions: state.Permissions | None = None, *, private: bool = True, hook_url: str | None = None
) -> Iterator[Scene]:
    """Serve such a world; its clock stands still but for `advance`."""
    here = world.World(folder, clock.Clock(_BEGIN))
    app = here.create_app(permissions=permissions, hook_url=hook_url)
    here.organisation("octo")
    hello = here.create_repository("octo/hello", {"numbers.txt": NUMBERED, "a.py": "x = 1\n"}, private=private)
    installation = here.install(app, "octo", [hello])
    with service.serve(here) as url:
        api = f"{url}/api/v3"
        token = apps.issue_token(here, installation, None, None)
        yield Scene(
            world=here,
            app=app,
            installation=installation,
            hello=hello,
            url=url,
            keyed=visitor.Visitor(api, visitor.app_token(here, app)),
            caller=visitor.Visitor(api, token.value),
        )
