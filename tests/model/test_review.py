"""Reviews from prompt to verdict with the small CWM on a real SGLang server, by the program as people run it."""

import os
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from gatekeeper import settings
from gatekeeper.sandbox import component
from tests.acceptance.program import COMMAND, Ended, Program, propose, review_words
from tests.git_project import Project
from tests.model.conftest import Measured, StartServer
from tests.model.servers import Server

# seconds of a review: a server on a busy machine is slow
_BUDGET = 240
# a module and tests of the kind that the small CWM was trained on
_STEPS = """\
def add(n, m):
    if n > 5:
        return n
    return n + m


def collect(items):
    total = 0
    for v in items:
        total += v
    return total
"""
_LIBRARY = {
    ".github/gatekeeper.yml": f"budget:\n  seconds: {_BUDGET}\n",
    "steps.py": _STEPS,
    "test_steps.py": """\
from steps import add, collect


def test_add():
    assert add(4, 2) == 6


def test_more():
    assert add(7, 1) == 7


def test_collect():
    result = collect([1, add(1, 2)])
    assert result == 4
""",
}
_WRONG = {"steps.py": _STEPS.replace("n + m", "n - m")}
_ADD, _MORE, _COLLECT = (f"test_steps.py::test_{name}" for name in ("add", "more", "collect"))
# what the sandbox has no threads for
_THREADED = {
    "test_threads.py": """\
import threading

from steps import add


def test_thread():
    thread = threading.Thread(target=add, args=(1, 2))
    thread.start()
    thread.join()
"""
}


@pytest.fixture(name="program")
def _program(tmp_path: Path) -> Program:
    cache = settings.read(os.environ).cache
    component.ensure(cache, lambda _what: None)
    return Program(tmp_path / "user", cache)


def _connected(server: Server) -> dict[str, str]:
    return {"GATEKEEPER_MODEL_URL": server.url, "GATEKEEPER_MODEL_SECONDS": str(_BUDGET)}


def test_a_review_by_the_model_alone_gives_every_test_an_outcome_or_a_reason_and_records_what_it_took(
    project: Project, program: Program, small_server: Server, measured: Measured
) -> None:
    propose(project, _WRONG, _LIBRARY)

    ended = program.review(project, "--engine", "cwm", "--json", **_connected(small_server))

    assert ended.code in {0, 1, 3}, ended.err
    assert ended.outcomes.keys() == {_ADD, _MORE, _COLLECT}
    for test in ended.result["tests"]:
        assert (test["engine"], test["imagined"], test["control"]) == ("cwm", True, "assumed")
        assert test["outcome"] in {"pass", "fail", "unknown"}
        assert (test["p_fail"] is None) is (test["outcome"] == "unknown")
        assert test["reason"]
        assert test["version"].endswith(" sglang 0.5.23")
        assert test["cost"]["fuel"] == 0
        assert 0 < test["cost"]["completion_tokens"] < test["cost"]["tokens"]
    assert sum(test["cost"]["cached_tokens"] for test in ended.result["tests"]) > 0
    outcomes = ", ".join(f"{test.partition('_')[2]} {outcome}" for test, outcome in sorted(ended.outcomes.items()))
    measured("a review of three tests with the small CWM", f"{outcomes}, in {ended.result['seconds']:.0f} s")
    assert _recorded(program) == {test["id"]: test["cost"]["tokens"] for test in ended.result["tests"]}
    # the small model may say nothing of these; what it decides is not all wrong
    right = {_ADD: "fail", _MORE: "pass", _COLLECT: "fail"}
    decided = {test for test, outcome in ended.outcomes.items() if outcome != "unknown"}
    assert not decided or any(ended.outcomes[test] == right[test] for test in decided)


def test_a_server_that_is_killed_amid_a_review_is_not_analysed_in_time_and_the_next_review_recovers(
    project: Project,
    program: Program,
    small_checkpoint: Path,
    small_server: Server,
    start_server: StartServer,
    measured: Measured,
) -> None:
    propose(project, _WRONG, _LIBRARY)
    server = start_server(small_checkpoint)

    running = _started(program, project, "--engine", "cwm", "--json", **_connected(server))
    # its checks, and what tests share, are asked for one after another
    while _at_work(server) < 2:
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)
    server.kill()
    begun = time.monotonic()
    ended = _ended(running)

    measured("a review ends after its model server was killed", f"{time.monotonic() - begun:.1f} s later")
    assert ended.code == 3, ended.err
    assert ended.result["seconds"] < _BUDGET
    assert ended.result["verdict"] == "not_analysed"
    assert set(ended.outcomes.values()) == {"unknown"}
    assert all(server.url in test["reason"] for test in ended.result["tests"])
    assert server.url in ended.result["reason"]
    assert program.recorded() == ["not_analysed"]

    project.commit(_THREADED)
    cascading = program.review(project, "--engine", "cascade", "--json", **_connected(server))
    assert cascading.code == 1, cascading.err
    assert {test: cascading.outcomes[test] for test in (_ADD, _MORE)} == {_ADD: "fail", _MORE: "pass"}
    assert any(server.url in note for note in cascading.result["notes"])

    project.git("reset", "--quiet", "--hard", "HEAD~1")
    recovered = program.review(project, "--engine", "cwm", "--json", **_connected(small_server))
    assert recovered.code in {0, 1, 3}, recovered.err
    assert all(test["cost"]["completion_tokens"] > 0 for test in recovered.result["tests"])


def _started(program: Program, project: Project, *words: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, *review_words(project), *words],
        cwd=program.folder,
        env={**program.environment, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _ended(running: "subprocess.Popen[str]") -> Ended:
    out, err = running.communicate(timeout=_BUDGET + 60)
    assert "Traceback" not in err, err
    return Ended(code=running.returncode, out=out, err=err)


def _at_work(server: Server) -> int:
    loads = httpx.get(f"{server.url}/v1/loads", timeout=30).json()["loads"]
    return sum(load["num_running_reqs"] + load["num_waiting_reqs"] for load in loads)


def _recorded(program: Program) -> dict[str, int]:
    """Return what each recorded prediction took in tokens, all of which a model imagined."""
    with closing(sqlite3.connect(program.records)) as connection:
        rows = connection.execute("SELECT test, tokens FROM predictions WHERE imagined").fetchall()
    return dict(rows)
