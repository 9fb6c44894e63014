"""`gatekeeper fix` where a model is connected, as a user runs it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.program import LIBRARY, SUMS, Program, propose
from tests.counted_words import ASKED, COUNTED, FAILS, RIGHT
from tests.fakes.modelserver import server as models
from tests.git_project import Project

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]

_TESTED = """\
from pack import sums


def test_once():
    assert sums.counted(["a", "b"]) == {"a": 1, "b": 1}


def test_twice():
    assert sums.counted(["a", "b", "a"]) == {"a": 2, "b": 1}
"""
_CHANGE = {"pack/sums.py": f"{SUMS}\n\n{COUNTED}", "tests/test_counted.py": _TESTED}


@pytest.fixture(name="model")
def _model() -> Iterator[models.ModelServer]:
    with models.serve(models.roomy()) as served:
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
    model.behaviour.instead = {ASKED: f"It never counts on.\n```python\n{RIGHT}```"}
    propose(project, _CHANGE, _configured("cascade"))

    told = _fix(program, project, model, "--apply")

    (fix,) = told["fixes"]
    assert (fix["source"], fix["tried_by"], fix["mended"]) == (
        "model",
        "sandbox",
        ["tests/test_counted.py::test_twice"],
    )
    assert (project.folder / "pack/sums.py").read_text() == f"{SUMS}\n\n{RIGHT}"


def test_a_model_that_was_told_to_by_the_change_gets_nothing_shown_that_does_not_hold(
    program: Program, project: Project, model: models.ModelServer
) -> None:
    hostile = f"```python\n{COUNTED.replace('= 1', '= __import__(chr(111) + chr(115)).getpid()')}```"
    model.behaviour.instead = {ASKED: hostile}
    propose(project, _CHANGE, _configured("cascade"))

    told = _fix(program, project, model, "--apply")

    assert told["fixes"] == []
    assert (project.folder / "pack/sums.py").read_text() == f"{SUMS}\n\n{COUNTED}"


def test_where_nothing_is_run_a_fix_is_said_to_be_imagined(
    program: Program, project: Project, model: models.ModelServer
) -> None:
    wrong = SUMS.replace("a + b", "a - b")
    fixed = "```python\ndef add(a, b):\n    return a - -b\n```"
    model.behaviour.instead = {ASKED: fixed, "return a - b": FAILS}
    propose(project, {"pack/sums.py": wrong}, _configured("reasoning"))

    told = _fix(program, project, model)

    (fix,) = told["fixes"]
    assert (fix["source"], fix["tried_by"]) == ("model", "reasoning")
