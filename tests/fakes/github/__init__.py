"""A GitHub of its own: state and rules in memory, served over real HTTP on loopback, with real git repositories.

    world = github.World(tmp_path)
    app = world.create_app(hook_url="http://127.0.0.1:8000/webhook")
    hello = world.create_repository("octo/hello", {"a.py": "x = 1\\n"})
    world.install(app, "octo", [hello])
    with github.serve(world) as url:  # the API is at url + "/api/v3", git at url + "/octo/hello.git"
        world.push(hello, "topic", {"a.py": "x = 2\\n"})
        pull = world.open_pull(hello, "topic", author="ada")  # sends check_suite and pull_request events
        world.office.wait()  # until the App has answered them
        ...  # the App works
        world.ci.run(hello, pull.head_sha, ci.Planned(artifacts={"junit": {"junit.xml": b"..."}}))  # so does CI
        assert [run.conclusion for run in world.runs_at(hello, pull.head_sha, app)] == ["success"]

What goes wrong at GitHub is set on the world: `faults` (a plan of module `faults`), `limits`, `lag`, `office.fate`,
`storage`, `without_actions`, and `clock.advance`. `log` has every request. Every answer and event is held against
GitHub's published description: `serve` ends with an AssertionError where one differs.
"""

from tests.fakes.github.clock import Clock
from tests.fakes.github.office import Fate
from tests.fakes.github.service import serve
from tests.fakes.github.world import World

__all__ = ["Clock", "Fate", "World", "serve"]
