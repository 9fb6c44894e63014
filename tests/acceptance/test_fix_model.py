"""`gatekeeper fix` where a model is connected, as a user runs it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.program import LIBRARY, SUMS, Program, propose
from tests.fakes.modelserver import server as models
from tests.git_project import Project

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_ASKED = "What is the fix?"
_COUNTED = """\
def counted(words):
    found = {}
    for word in words:
        found[word] = 1
    return found
"""
_RIGHT = _COUNTED.replace("= 1", "= found.get(word, 0) + 1")
_TESTED = """\
from pack import sums


def test_once():
    assert sums.counted(["a", "b"]) == {"a": 1, "b": 1}


def test_twice():
    assert sums.counted(["a", "b", "a"]) == {"a": 2, "b": 1}
"""
_CHANGE = {"pack/sums.py": f"{SUMS}\n\n{_COUNTED}", "tests/test_counted.py": _TESTED}
_FAILS = json.dumps({"outcome": "fail", "exception": "AssertionError", "line": "return a - b", "why": "it subtracts"})


@pytest.fixture(name="model")
def _model() -> Iterator[models.ModelServer]:
    behaviour = models.Behaviour(context=32_768)
    behaviour.server["max_req_input_len"] = 32_000
    with models.serve(behaviour) as served:
        yield served


def _fix(program: Program, project: Project, model: models.ModelServer, *words: str) -> dict[str, Any]:
    settings = {"GATEKEEPER_MODEL_URL": model.url, "GATEKEEPER_MODEL_PROFILE": "reasoning"}
    change = ("--base", "main", "--head", "work", "--json")
    ended = program.run("fix", "--repo", project.folder, *change, *words, environment=settings)
    assert ended.code == 1, ended.err
    return ended.result


def _configured(engine: str) -> dict[str, str | bytes]:
    return {**LIBRARY, ".github/gatekeeper.yml": f"engine: {engine}\n"}


def test_what_no_edit_mends_is_written_by_the_model_run_in_the_sandbox_and_applied(
    program: Program, project: Project, model: models.ModelServer
) -> None:
    model.behaviour.instead = {_ASKED: f"It never counts on.\n```python\n{_RIGHT}```"}
    propose(project, _CHANGE, _configured("cascade"))

    told = _fix(program, project, model, "--apply")

    (fix,) = told["fixes"]
    assert (fix["source"], fix["tried_by"], fix["mended"]) == (
        "model",
        "sandbox",
        ["tests/test_counted.py::test_twice"],
    )
    assert (project.folder / "pack/sums.py").read_text() == f"{SUMS}\n\n{_RIGHT}"


def test_a_model_that_was_told_to_by_the_change_gets_nothing_shown_that_does_not_hold(
    program: Program, project: Project, model: models.ModelServer
) -> None:
    hostile = f"```python\n{_COUNTED.replace('= 1', '= __import__(chr(111) + chr(115)).getpid()')}```"
    model.behaviour.instead = {_ASKED: hostile}
    propose(project, _CHANGE, _configured("cascade"))

    told = _fix(program, project, model, "--apply")

    assert told["fixes"] == []
    assert (project.folder / "pack/sums.py").read_text() == f"{SUMS}\n\n{_COUNTED}"


def test_where_nothing_is_run_a_fix_is_said_to_be_imagined(
    program: Program, project: Project, model: models.ModelServer
) -> None:
    wrong = SUMS.replace("a + b", "a - b")
    fixed = "```python\ndef add(a, b):\n    return a - -b\n```"
    model.behaviour.instead = {_ASKED: fixed, "return a - b": _FAILS}
    propose(project, {"pack/sums.py": wrong}, _configured("reasoning"))

    told = _fix(program, project, model)

    (fix,) = told["fixes"]
    assert (fix["source"], fix["tried_by"]) == ("model", "reasoning")
