import json
from collections.abc import Iterator

import pytest

from tests.acceptance.program import OF_SUMS, SOUND, SUMS, WRONG, Program, propose
from tests.fakes.modelserver import server as models
from tests.git_project import Project

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]

_FAILS = json.dumps(
    {"outcome": "fail", "exception": "AssertionError: assert 0 == 2", "line": "return a - b", "why": "it subtracts"}
)
# what the sandbox cannot do, which the model does not mind
_THREADED = {
    "tests/test_threads.py": """\
import threading

from pack import sums


def test_in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(sums.add(1, 1)))
    thread.start()
    thread.join()
    assert found == [2]
"""
}
_THREAD = "tests/test_threads.py::test_in_a_thread"


@pytest.fixture(name="model")
def _model() -> Iterator[models.ModelServer]:
    with models.serve(models.roomy(instead={"return a - b": _FAILS})) as served:
        yield served


def _settings(model: models.ModelServer) -> dict[str, str]:
    return {"GATEKEEPER_MODEL_URL": model.url, "GATEKEEPER_MODEL_PROFILE": "reasoning"}


def test_a_model_says_that_a_sound_change_would_pass_and_nothing_is_run(
    project: Project, program: Program, model: models.ModelServer
) -> None:
    propose(project, SOUND)

    ended = program.review(project, "--engine", "reasoning", "--json", **_settings(model))

    assert ended.code == 0, ended.err
    assert ended.outcomes == dict.fromkeys(OF_SUMS, "pass")
    for test in ended.result["tests"]:
        assert (test["engine"], test["imagined"], test["control"]) == ("reasoning", True, "assumed")
        assert 0 < test["p_fail"] < 0.5
        assert test["cost"]["fuel"] == 0
        assert test["cost"]["tokens"] > test["cost"]["cached_tokens"] > 0
    assert program.recorded() == ["would_pass"]


def test_a_model_finds_what_a_wrong_change_breaks_at_its_line(
    project: Project, program: Program, model: models.ModelServer
) -> None:
    propose(project, WRONG)

    ended = program.review(project, "--engine", "reasoning", **_settings(model))

    assert ended.code == 1, ended.err
    assert "3 of 3 affected tests would fail" in ended.out
    assert "2 +     return a - b" in ended.out
    assert "3 fail, 3 imagined by a model, not run" in ended.out


def test_in_a_cascade_the_model_is_asked_for_what_cannot_be_run(
    project: Project, program: Program, model: models.ModelServer
) -> None:
    propose(project, {**WRONG, **_THREADED})

    ended = program.review(project, "--engine", "cascade", "--json", **_settings(model))

    assert ended.code == 1, ended.err
    told = {test["id"]: test for test in ended.result["tests"]}
    assert {told[test]["imagined"] for test in OF_SUMS} == {False}
    threaded = told[_THREAD]
    assert (threaded["imagined"], threaded["outcome"], threaded["control"]) == (True, "fail", "none")
    assert [(one["engine"], one["outcome"]) for one in threaded["attempts"]] == [("sandbox", "unknown")]


def test_a_cascade_goes_on_without_a_model_and_says_so(project: Project, program: Program) -> None:
    propose(project, {**WRONG, **_THREADED})

    ended = program.review(project, "--engine", "cascade", "--json", GATEKEEPER_MODEL_URL="http://127.0.0.1:9")

    assert ended.code == 1, ended.err
    assert {ended.outcomes[test] for test in OF_SUMS} == {"fail"}
    assert ended.outcomes[_THREAD] == "unknown"
    assert any("http://127.0.0.1:9" in note for note in ended.result["notes"])


def test_a_cascade_says_what_its_model_failed_at(project: Project, program: Program, model: models.ModelServer) -> None:
    propose(project, {**WRONG, **_THREADED})
    failure = models.Fault(status=500, body=b'{"error": "out of \\u001b[31mmemory"}')
    model.behaviour.due("/v1/chat/completions", models.Fault(), *[failure] * 2)

    ended = program.review(project, "--engine", "cascade", **_settings(model))

    assert ended.code == 1, ended.err
    assert "needs threads, which the sandbox lacks" in ended.out
    assert r"answered 500: out of \x1b[31mmemory" in " ".join(ended.out.split())


def test_tests_that_a_model_expects_to_pass_are_run_all_the_same(
    project: Project, program: Program, model: models.ModelServer
) -> None:
    model.behaviour.instead.clear()
    project.commit({".github/gatekeeper.yml": "cascade: {order: neural_first, spot_checks: 1}\n"})
    propose(project, WRONG)

    ended = program.review(project, "--engine", "cascade", "--json", **_settings(model))

    assert ended.code == 1, ended.err
    assert {test["disagreed"] for test in ended.result["tests"]} == {True}
    assert ended.result["notes"] == [
        "tests run all the same that the model expected to pass: 3, of which not passing: 3"
    ]


def test_a_model_that_is_down_is_not_analysed_with_the_reason(project: Project, program: Program) -> None:
    propose(project, SOUND)

    ended = program.review(project, "--engine", "cwm", "--json", GATEKEEPER_MODEL_URL="http://127.0.0.1:9")

    assert ended.code == 3
    assert ended.result["verdict"] == "not_analysed"
    assert "http://127.0.0.1:9" in ended.result["reason"]
    assert program.recorded() == ["not_analysed"]


def test_an_engine_that_needs_a_model_says_how_to_connect_one(project: Project, program: Program) -> None:
    propose(project, SOUND)

    ended = program.review(project, "--engine", "cascade")

    assert ended.explains(2, "the engine cascade asks a model", "GATEKEEPER_MODEL_URL")


@pytest.mark.parametrize("engine", ["reasoning", "cwm", "cascade"])
def test_a_change_that_affects_no_test_asks_no_model(
    project: Project, program: Program, model: models.ModelServer, engine: str
) -> None:
    propose(project, {"README.md": "A smaller library.\n"})

    ended = program.review(project, "--engine", engine, **_settings(model))

    assert ended.code == 0, ended.err
    assert model.asked == []


def test_tests_beyond_the_budget_of_tokens_are_not_asked_about(
    project: Project, program: Program, model: models.ModelServer
) -> None:
    project.commit({".github/gatekeeper.yml": "engine: reasoning\nbudget: {tokens: 40}\n"})
    propose(project, SOUND)

    ended = program.review(project, "--json", **_settings(model))

    assert ended.code == 3, ended.err
    assert sorted(ended.outcomes.values()) == ["pass", "unknown", "unknown"]
    assert "the review's budget of 40 tokens was spent" in ended.result["reason"]


def test_a_trace_that_nobody_wrote_is_explained(project: Project, program: Program, model: models.ModelServer) -> None:
    propose(project, WRONG)

    ended = program.review(project, "--engine", "reasoning", "--trace", OF_SUMS[2], **_settings(model))

    assert ended.code == 1, ended.err
    assert f"--trace {OF_SUMS[2]}: it has no trace" in ended.out


@pytest.mark.parametrize(
    ("finish", "why"), [("length", "did not end within the tokens"), ("content_filter", "was cut off by the server")]
)
def test_an_answer_that_was_cut_off_is_no_failure_whatever_it_says(
    project: Project, program: Program, model: models.ModelServer, finish: str, why: str
) -> None:
    propose(project, WRONG)
    choice = {"message": {"content": _FAILS}, "finish_reason": finish}
    cut = models.Fault(body=json.dumps({"choices": [choice] * 3}).encode())
    model.behaviour.due("/v1/chat/completions", models.Fault(), *[cut] * 6)

    ended = program.review(project, "--engine", "reasoning", "--json", **_settings(model))

    assert ended.code == 3, ended.err
    assert set(ended.outcomes.values()) == {"unknown"}
    assert why in ended.result["reason"]


def test_a_loop_that_may_not_end_is_shown(project: Project, program: Program, model: models.ModelServer) -> None:
    looping = SUMS.replace("    return a + b", "    while b != 0:\n        a, b = a + 1, b - 1\n    return a")
    model.behaviour.instead["2|     while b != 0:"] = json.dumps(
        {"reasoning": "a negative b moves away from 0", "line": 2, "input": "add(1, -1)", "answer": "does not halt"}
    )
    propose(project, {"pack/sums.py": looping})

    ended = program.review(project, "--engine", "reasoning", **_settings(model))

    assert "May not halt (1)\n  pack/sums.py:2 add" in ended.out


def test_a_repository_that_asks_for_a_cascade_gets_the_sandbox_where_no_model_is_connected(
    project: Project, program: Program
) -> None:
    project.commit({".github/gatekeeper.yml": "engine: cascade\n"})
    propose(project, SOUND)

    ended = program.review(project, "--json")

    assert ended.code == 0, ended.err
    assert ended.outcomes == dict.fromkeys(OF_SUMS, "pass")
    assert any("no model is connected" in note for note in ended.result["notes"])


def test_a_repository_that_asks_for_an_engine_that_there_is_not_is_told_so(project: Project, program: Program) -> None:
    project.commit({".github/gatekeeper.yml": "engine: oracle\n"})
    propose(project, SOUND)

    assert program.review(project).explains(2, ".github/gatekeeper.yml", "there is no engine 'oracle'", "cascade")
