"""Reviews that nobody waits for any more, with a server that is silent: they end, and take their requests back."""

import time
from collections.abc import Callable, Iterator
from concurrent import futures

import pytest

from gatekeeper.impact import selection
from gatekeeper.inference import engine, halting, loop, serving, transport
from gatekeeper.inference.profiles import catalogue
from gatekeeper.simulation import engine as protocol
from gatekeeper.simulation import prediction
from tests.fakes import memory_tree
from tests.fakes.modelserver import server as models

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_TESTS = (
    "import code\n\n\ndef test_one():\n    assert code.one() == 1\n\n\ndef test_two():\n    assert code.one() != 2\n"
)
_BEFORE = memory_tree.MemoryTree({"code.py": "def one():\n    return 1\n", "test_code.py": _TESTS})
_AFTER = memory_tree.MemoryTree({"code.py": "def one():\n    return 2\n", "test_code.py": _TESTS})
_SELECTED = selection.Selection(
    affected=tuple(
        selection.AffectedTest(path="test_code.py", name=name, reason="calls one") for name in ("test_one", "test_two")
    ),
    unaffected={},
    total=2,
    unparsable={},
)
# requests that are not answered; seconds, of which the review's own threads take a part of one
_MANY, _SOON = 20, 3


@pytest.fixture(name="server")
def _server() -> Iterator[models.ModelServer]:
    with models.serve(models.roomy()) as served:
        yield served


def _engine(server: models.ModelServer, profile: str) -> engine.NeuralEngine:
    wanted = serving.Wanted(
        urls=(server.url,), profile=catalogue.named(profile), limits=transport.Limits(seconds=30, patience=30)
    )
    return engine.NeuralEngine(connect=lambda: serving.connect(wanted), profile=wanted.profile, samples=2)


def _until_asked(server: models.ModelServer, path: str, requests: int) -> Callable[[], bool]:
    return lambda: len(server.asked_of(path)) >= requests


def _predict(
    asked: engine.NeuralEngine, cancelled: Callable[[], bool] = lambda: False, seconds: float = 30
) -> list[prediction.Prediction]:
    return list(asked.predict(_SELECTED, _BEFORE, _AFTER, protocol.Budget(seconds=seconds), cancelled))


# of a chat: two tests on two sides, behind the one of the checks
@pytest.mark.parametrize(
    ("profile", "path", "requests"), [("reasoning", "/v1/chat/completions", 5), ("cwm", "/generate", 2)]
)
def test_a_cancelled_review_takes_its_requests_back(
    server: models.ModelServer, profile: str, path: str, requests: int
) -> None:
    server.behaviour.due(path, models.Fault(), *[models.Fault(hangs=True)] * _MANY)

    said = _predict(_engine(server, profile), _until_asked(server, path, requests))

    assert {one.reason for one in said} == {"the review was cancelled"}
    assert sorted(server.aborted) == sorted(asked["rid"] for asked in server.asked_of(path)[1:])


@pytest.mark.parametrize("path", ["/model_info", "/v1/tokenize", "/v1/detokenize"])
def test_a_cancelled_review_is_not_held_up_by_a_server_that_does_not_say_what_it_is(
    server: models.ModelServer, path: str
) -> None:
    server.behaviour.due(path, *[models.Fault(hangs=True)] * _MANY)
    start = time.monotonic()

    said = _predict(_engine(server, "cwm"), _until_asked(server, path, 1))

    assert {one.reason for one in said} == {"the review was cancelled"}
    assert time.monotonic() - start < _SOON


def test_the_time_of_a_review_ends_the_wait_for_a_server_that_does_not_say_what_it_is(
    server: models.ModelServer,
) -> None:
    server.behaviour.due("/v1/models", *[models.Fault(hangs=True)] * _MANY)
    start = time.monotonic()

    said = _predict(_engine(server, "reasoning"), seconds=0.5)

    assert {one.reason for one in said} == {"the review's time was over"}
    assert time.monotonic() - start < _SOON


def test_a_server_that_stops_counting_leaves_tests_unknown_with_the_reason(server: models.ModelServer) -> None:
    asked = _engine(server, "cwm")
    checked = len(_counted(server, asked))
    server.behaviour.due("/v1/tokenize", *[models.Fault()] * checked, *[models.Fault(status=500, body=b"{}")] * _MANY)

    said = _predict(asked)

    assert {one.test for one in said} == {"test_code.py::test_one", "test_code.py::test_two"}
    assert all("/v1/tokenize answered 500" in one.reason for one in said)


def _counted(server: models.ModelServer, asked: engine.NeuralEngine) -> list[object]:
    """Return what the server is asked to tokenize before there is a model."""
    with loop.Running() as running, running.entered(asked.connect()):
        return server.asked_of("/v1/tokenize")


def test_the_halting_query_is_not_held_up_by_a_server_that_does_not_say_what_it_is(server: models.ModelServer) -> None:
    server.behaviour.due("/model_info", *[models.Fault(hangs=True)] * _MANY)
    asked = _engine(server, "cwm")

    with (
        pytest.raises(futures.CancelledError),
        halting.connected(asked.connect, asked.profile, _until_asked(server, "/model_info", 1)),
    ):
        raise AssertionError
