"""What tests against real SGLang servers share. `infra/cwm/test` runs them; `infra/test` does not."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.model import servers
from tests.model.servers import Server

_HERE = Path(__file__).parent
_SMALL = servers.SCRIPTS / "small/checkpoint"

StartServer = Callable[..., Server]
Reference = Callable[[Sequence[Sequence[int]], int], list[dict[str, Any]]]


Measured = Callable[[str, str], None]
_FIGURES = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))
            # the first test of a server starts it
            item.add_marker(pytest.mark.timeout(900))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(_FIGURES, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> Measured:
    """Return what takes a figure's name and value, to be told at the end of the run."""
    lines = pytestconfig.stash.setdefault(_FIGURES, [])

    def tell(name: str, value: str) -> None:
        lines.append(f"Measured: {name}: {value}")

    return tell


@pytest.fixture(scope="session")
def model_python() -> Path:
    """Return the Python of the model server's environment."""
    where = subprocess.run([servers.SCRIPTS / "install", "--where"], capture_output=True, text=True, check=True)
    python = Path(where.stdout.strip()) / "bin/python"
    if not python.exists():
        pytest.fail(f"{python} is absent: run infra/cwm/install, or these tests by infra/cwm/test")
    return python


@pytest.fixture(scope="session")
def random_checkpoint(model_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny CWM of random weights: a window of 64 on three layers of four."""
    folder = tmp_path_factory.mktemp("random")
    script = servers.SCRIPTS / "random_checkpoint.py"
    subprocess.run([model_python, script, folder], capture_output=True, check=True, env=_quickly())
    return folder


@pytest.fixture(scope="session")
def small_checkpoint() -> Path:
    """Return the small CWM that was trained on recorded traces."""
    if not (_SMALL / "config.json").is_file():
        absent = f"{_SMALL} is absent: infra/cwm/small makes it"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(absent)
    return _SMALL


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory, measured: Measured) -> Iterator[StartServer]:
    """Return what starts a server on a checkpoint with options of SGLang's; all are stopped in the end."""
    started: list[Server] = []

    def start(checkpoint: Path, *options: str, **others: Any) -> Server:
        log = tmp_path_factory.mktemp("server") / "log"
        started.append(servers.start(checkpoint, log, *options, **others))
        measured(f"start of a server {' '.join(options)}", f"{started[-1].started_seconds:.0f} s")
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def random_server(random_checkpoint: Path, start_server: StartServer) -> Server:
    """Return a server of random weights, with a pool for window layers that is a twentieth of the other."""
    return start_server(random_checkpoint, "--swa-full-tokens-ratio", "0.05")


@pytest.fixture(scope="session")
def small_server(small_checkpoint: Path, start_server: StartServer) -> Server:
    """Return a server of the small CWM, as `infra/cwm/serve --cpu` starts it, but for the length of a context.

    Now and then the small model does not come to an end: it need not write for ten minutes before it is cut short.
    """
    return start_server(small_checkpoint, "--context-length", "6144")


@pytest.fixture(scope="session")
def reference(model_python: Path, random_checkpoint: Path) -> Reference:
    """Return what asks Transformers for prompts' log-probabilities and so many tokens after each."""

    def compute(prompts: Sequence[Sequence[int]], new_tokens: int) -> list[dict[str, Any]]:
        done = subprocess.run(
            [model_python, servers.SCRIPTS / "reference.py", random_checkpoint],
            input=json.dumps({"prompts": prompts, "new_tokens": new_tokens}),
            capture_output=True,
            text=True,
            check=True,
            env=_quickly(),
        )
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers

    return compute


def _quickly() -> dict[str, str]:
    """Return an environment in which Python keeps what it compiles of large packages, and a tiny model one thread."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "OMP_NUM_THREADS": "1"}
