"""The whole service as an operator runs it, `gatekeeper serve`, beside a GitHub of its own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance import serving
from tests.fakes import github
from tests.fakes.github import state


class Service(serving.Service):
    """A running service, and the GitHub that it serves."""

    def __init__(
        self, world: github.World, app: state.App, folder: Path, environment: Mapping[str, str], *words: str
    ) -> None:
        super().__init__(folder, environment, *words)
        self.world, self.app = world, app

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

        return self.wait(look, lambda: f"a completed run, not {self.world.runs_at(repository, sha, self.app)}")

    def mended(self, repository: state.Repository, sha: str) -> state.Run:
        """Wait until the commit's check run offers a fix, which comes after the verdict."""

        def look() -> state.Run | None:
            (run,) = self.world.runs_at(repository, sha, self.app) or (None,)
            return run if run and any(one["identifier"] == "apply-fix" for one in run.actions) else None

        return self.wait(look, lambda: f"a fix, not {self.world.runs_at(repository, sha, self.app)}")


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
    listen = f"127.0.0.1:{serving.free_port()}"
    world = github.World(folder / "github")
    app = world.create_app(hook_url=f"http://{listen}/webhooks", webhook_secret=serving.SECRET)
    app.callback_urls.append(f"http://{listen}/sign-in/callback")
    with github.serve(world) as url:
        settings = {
            **serving.settings_of(app, url, folder),
            "GATEKEEPER_CACHE": str(cache),
            "GATEKEEPER_LISTEN": listen,
            "GATEKEEPER_URL": f"http://{listen}",
            "GATEKEEPER_DEBOUNCE": "0",
            "GATEKEEPER_FUEL": "5",
            **environment,
        }
        before(world, app)
        service = Service(world, app, folder, settings, *words)
        try:
            service.until_ready()
            yield service
        finally:
            service.process.terminate()
            assert service.ended() == 0, service.log.read_text()
