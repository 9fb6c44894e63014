"""The service with a model server beside it, from a signed delivery to the check."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.acceptance import service as services
from tests.acceptance import serving
from tests.acceptance.program import LIBRARY, SOUND, WRONG
from tests.acceptance.service import Service
from tests.fakes.modelserver import server as models

pytestmark = [
    pytest.mark.slow,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.xdist_group("pull requests with a model"),
]

_KEY = "a-key-of-the-model-server"
_CHAT = "/v1/chat/completions"
_CONFIGURATION = ".github/gatekeeper.yml"
_FAILS = json.dumps(
    {"outcome": "fail", "exception": "AssertionError: assert 0 == 2", "line": "return a - b", "why": "it subtracts"}
)
# what the sandbox cannot do, which the model does not mind
_THREADED = """\
import threading

from pack import sums


def test_in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(sums.add(1, 1)))
    thread.start()
    thread.join()
    assert found == [2]
"""


def _behaviour() -> models.Behaviour:
    return models.roomy(instead={"return a - b": _FAILS}, key=_KEY)


def _blocking(engine: str, without: tuple[str, ...] = ()) -> Mapping[str, str]:
    files = {name: text for name, text in LIBRARY.items() if name not in without}
    return {**files, _CONFIGURATION: f"engine: {engine}\nauthority: block\nearn: false\n"}


@pytest.fixture(scope="module", name="port")
def _port() -> int:
    return serving.free_port()


@pytest.fixture(scope="module", name="service")
def _service(tmp_path_factory: pytest.TempPathFactory, cache: Path, port: int) -> Iterator[Service]:
    with services.started(
        tmp_path_factory.mktemp("service"),
        cache,
        GATEKEEPER_MODEL_URL=f"http://127.0.0.1:{port}",
        GATEKEEPER_MODEL_PROFILE="reasoning",
        GATEKEEPER_MODEL_KEY=_KEY,
    ) as one:
        yield one


@pytest.fixture(name="model")
def _model(service: Service, port: int) -> Iterator[models.ModelServer]:
    """Give the service its model server for one test; between them it is down."""
    with models.serve(_behaviour(), port) as served:
        yield served


def test_a_failure_that_was_only_imagined_is_neutral_and_the_check_says_why(
    service: Service, model: models.ModelServer
) -> None:
    base = {**_blocking("cascade", without=("tests/test_sums.py",)), "tests/test_threads.py": _THREADED}
    repository = service.repository("octo/imagined", base)
    service.world.push(repository, "topic", WRONG)

    pull = service.world.open_pull(repository, "topic", author="ada")

    run = service.completed(repository, pull.head_sha)
    assert (run.conclusion, run.title) == ("neutral", "1 of 1 affected tests would fail")
    assert "what a model only imagined does not block" in (run.summary or "")
    assert "1 imagined by a model, not run" in (run.summary or "")
    assert model.asked_of(_CHAT)


def test_a_failure_that_was_run_blocks_whatever_else_was_imagined(service: Service, model: models.ModelServer) -> None:
    repository = service.repository("octo/executed", {**_blocking("cascade"), "tests/test_threads.py": _THREADED})
    service.world.push(repository, "topic", WRONG)

    pull = service.world.open_pull(repository, "topic", author="ada")

    run = service.completed(repository, pull.head_sha)
    assert (run.conclusion, run.title) == ("failure", "4 of 4 affected tests would fail")
    assert "does not block" not in (run.summary or "")
    assert "1 imagined by a model, not run" in (run.summary or "")
    assert model.asked_of(_CHAT)


def test_a_push_ends_a_review_whose_model_is_silent_and_takes_its_requests_back(
    service: Service, model: models.ModelServer
) -> None:
    # told apart by its name from what other reviews of the same service still ask
    name = "tallies"
    repository = service.repository("octo/silent", _renamed(_blocking("reasoning"), name))
    model.behaviour.silent = name
    service.world.push(repository, "topic", _renamed(SOUND, name))
    pull = service.world.open_pull(repository, "topic", author="ada")
    first = pull.head_sha

    def asked() -> set[str]:
        return {one["rid"] for one in model.asked_of(_CHAT) if name in json.dumps(one)}

    service.until(lambda: len(asked()) == 6, "every test asked about, on both sides")
    unanswered = asked()
    model.behaviour.silent = ""

    second = service.world.push(repository, "topic", _renamed(WRONG, name))
    pushed = time.monotonic()

    service.until(lambda: unanswered <= set(model.aborted), "all requests taken back")
    # until then the delivery is taken in and the review looks whether it is still wanted
    assert time.monotonic() - pushed < 5
    assert service.completed(repository, second).title == "3 of 3 affected tests would fail"
    left = service.completed(repository, first)
    assert (left.conclusion, left.title) == ("cancelled", f"Superseded by {second[:10]}")


def test_a_model_server_that_is_down_is_told_and_the_next_review_finds_it_again(service: Service, port: int) -> None:
    repository = service.repository("octo/down", _blocking("reasoning"))
    first = service.world.push(repository, "topic", SOUND)
    service.world.open_pull(repository, "topic", author="ada")

    run = service.completed(repository, first)

    assert run.conclusion == "neutral"
    assert (run.title or "").startswith("Not analysed: 2 of 2 affected tests could not be analysed")
    assert "the model server cannot be reached" in (run.summary or "")
    # the operator's own address is for the log alone
    assert f":{port}" not in f"{run.summary}{run.text}"
    assert f"http://127.0.0.1:{port}/model_info cannot be reached" in service.log.read_text()

    with models.serve(_behaviour(), port):
        second = service.world.push(repository, "topic", {"pack/more.py": "x = 1\n", **SOUND})

        assert service.completed(repository, second).conclusion == "success"


def test_the_models_key_is_told_to_the_worker_and_the_model_server_alone(
    service: Service, model: models.ModelServer
) -> None:
    repository = service.repository("octo/key", _blocking("cascade"))
    service.world.push(repository, "topic", {**SOUND, "tests/test_threads.py": _THREADED})
    pull = service.world.open_pull(repository, "topic", author="ada")
    knowing: set[str] = set()

    def looked() -> bool:
        for number, command in service.processes().items():
            if _KEY in _told(number):
                knowing.add(command.split()[-3] if "gatekeeper.wiring.child" in command else command)
        return any(run.status == "completed" for run in service.world.runs_at(repository, pull.head_sha, service.app))

    service.until(looked, "a completed check")

    assert knowing == {"worker"}
    run = service.completed(repository, pull.head_sha, "success")
    assert model.asked_of(_CHAT)
    # one event for each request would be too many
    assert "HTTP Request" not in service.log.read_text()
    assert _KEY not in f"{run.title}{run.summary}{run.text}{run.annotations}"
    assert _KEY not in service.log.read_text()
    assert not [path for path in service.data.rglob("*") if path.is_file() and _KEY.encode() in path.read_bytes()]


def _renamed(files: Mapping[str, str], name: str) -> Mapping[str, str]:
    """Return the files with another name for the module `sums`."""
    return {path.replace("sums", name): text.replace("sums", name) for path, text in files.items()}


def _told(number: int) -> str:
    """Return what the process was started with: its words and its environment; nothing for one that is gone."""
    try:
        return "".join(Path(f"/proc/{number}/{what}").read_text(errors="replace") for what in ("cmdline", "environ"))
    except OSError:
        return ""
