"""Fixes that a canned model writes, asked for over HTTP: tried in the real sandbox, or imagined without one."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper import configuration, offers, settings
from gatekeeper import review as reviews
from gatekeeper.diffs import parse
from gatekeeper.git import comparison, difftext, repository
from gatekeeper.impact import affected, selection
from gatekeeper.repair import candidate
from gatekeeper.sandbox import engine, process
from gatekeeper.simulation import engine as protocol
from gatekeeper.simulation import prediction
from gatekeeper.store import symbols
from gatekeeper.wiring import engines, fixing
from tests.counted_words import ASKED, COUNTED, FAILS, RIGHT
from tests.fakes.modelserver import server as models
from tests.git_project import Project
from tests.integration import sandbox_runs

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

# fits the failing test, and breaks the other
_GUESSED = COUNTED.replace("= 1", "= words.count(word) if len(words) > 1 else None")
_TESTS = """\
from pack import sums


def test_once():
    assert sums.counted(["a", "b"]) == {"a": 1, "b": 1}


def test_none():
    assert sums.counted(["a"]) == {"a": 1}


def test_twice():
    assert sums.counted(["a", "b", "a"]) == {"a": 2, "b": 1}
"""
_LIBRARY = {"pack/__init__.py": "", "pack/sums.py": "def add(a, b):\n    return a + b\n"}
_ADDED = {"pack/sums.py": f"{_LIBRARY['pack/sums.py']}\n\n{COUNTED}", "tests/test_sums.py": _TESTS}
_WRONG = {"pack/sums.py": "def add(a, b):\n    return a - b\n"}
_OF_ADD = {"tests/test_sums.py": "from pack import sums\n\n\ndef test_add():\n    assert sums.add(1, 2) == 3\n"}

_Offered = Callable[[str], offers.Offers]


def _written(function: str) -> str:
    return f"This is it:\n```python\n{function}```"


@pytest.fixture(name="model")
def _model() -> Iterator[models.ModelServer]:
    with models.serve(models.roomy()) as served:
        yield served


@pytest.fixture(name="offered")
def _offered(
    project: Project, model: models.ModelServer, workers: Sequence[process.Process], tmp_path: Path
) -> _Offered:
    """Return what gives the offers to the branch `work` of an engine that the model is part of."""
    chosen = replace(settings.read(os.environ), model_urls=(model.url,), model_profile="reasoning")

    def offer(name: str) -> offers.Offers:
        opened = repository.open_repository(project.folder)
        base, head = (repository.resolve(opened, revision) for revision in ("main", "work"))
        compared = comparison.compare(opened, base, head, reviews.Judged.MERGE)
        change = parse.parse(difftext.unified(opened.objects, compared.before, compared.after))
        tests = affected.select(change, compared.before, compared.after, symbols.SymbolFile(tmp_path / "symbols"))
        sandbox = engine.SandboxEngine(
            workers=workers,
            limits=sandbox_runs.LIMITS,
            spaces=sandbox_runs.FolderSpaces(tmp_path / "spaces", compared.before),
            changed=change.changed_lines,
        )
        configured = configuration.Configuration()
        asked = engines.Asked(name=name, configured=configured, judged=compared.after.id, cost=dict)
        used = engines.wire(asked, chosen, lambda: sandbox)
        broken = fixing.Broken(
            objects=opened.objects,
            before=compared.before,
            after=compared.after,
            head=opened.tree(compared.subject.head),
            change=change,
            tests=tests,
            said=_said(used, tests, compared),
            policy=configured.policy,
            sandbox=used.sandbox,
            cancelled=lambda: False,
            imagining=used.model,
        )
        return fixing.search(broken, searching=3.0, proposer=used.proposer())

    return offer


def _said(
    used: engines.Wired, tests: selection.Selection, compared: comparison.Comparison
) -> Sequence[prediction.Prediction]:
    budget = protocol.Budget(seconds=60)
    return list(used.predicting.predict(tests, compared.before, compared.after, budget, lambda: False))


def _change(project: Project, before: dict[str, str], after: dict[str, str]) -> None:
    project.commit(before)
    project.branch("work")
    project.commit(after)


def test_what_no_edit_mends_is_mended_by_what_the_model_wrote_and_was_run(
    project: Project, model: models.ModelServer, offered: _Offered
) -> None:
    model.behaviour.instead = {ASKED: _written(RIGHT)}
    _change(project, _LIBRARY, _ADDED)

    found = offered("cascade")

    (fix,) = found.fixes
    assert (fix.source, fix.tried_by, fix.agreement) == (candidate.Source.MODEL, "sandbox", 4)
    assert (fix.mended, fix.kept) == (("tests/test_sums.py::test_twice",), 2)
    project.git("apply", "-", given=fix.diff.encode())
    assert (project.folder / "pack/sums.py").read_text() == f"{_LIBRARY['pack/sums.py']}\n\n{RIGHT}"
    assert found.cost.tokens == 10 + 4 * 5
    (asked,) = [one for one in model.asked_of("/v1/chat/completions") if ASKED in one["messages"][-1]["content"]]
    assert asked["n"] == 4
    assert "response_format" not in asked
    assert "def test_" in asked["messages"][-1]["content"]


def test_without_the_model_there_is_no_fix_of_it(
    project: Project, model: models.ModelServer, offered: _Offered
) -> None:
    model.behaviour.instead = {ASKED: "I would rather delete the tests:\n```python\ndef test_twice(): ...\n```"}
    _change(project, _LIBRARY, _ADDED)

    found = offered("cascade")

    assert found.fixes == ()
    assert any("answers: 4, different fixes in them: 0" in note for note in found.notes)


def test_what_the_model_wrote_is_not_shown_where_it_breaks_what_passes(
    project: Project, model: models.ModelServer, offered: _Offered
) -> None:
    model.behaviour.instead = {ASKED: _written(_GUESSED)}
    _change(project, _LIBRARY, _ADDED)

    found = offered("cascade")

    assert not any(fix.source is candidate.Source.MODEL for fix in found.fixes)
    assert any("different fixes in them: 1" in note for note in found.notes)


def test_a_model_that_is_down_is_noted_and_the_rest_is_offered(
    project: Project, model: models.ModelServer, offered: _Offered
) -> None:
    failure = models.Fault(status=400, body=b'{"error": "out of order"}')
    model.behaviour.due("/v1/chat/completions", *[failure] * 9)
    _change(project, _LIBRARY | _OF_ADD, {"pack/sums.py": "def add(a, b):\n    return unheard_of(a, b)\n"})

    found = offered("cascade")

    assert [fix.source for fix in found.fixes] == [candidate.Source.UNDO]
    assert any("the model wrote no fix: " in note and "out of order" in note for note in found.notes)


def test_where_nothing_is_run_the_model_imagines_the_tests_with_its_fix_and_that_is_said(
    project: Project, model: models.ModelServer, offered: _Offered
) -> None:
    model.behaviour.instead = {ASKED: _written("def add(a, b):\n    return a - -b\n"), "return a - b": FAILS}
    _change(project, _LIBRARY | _OF_ADD, _WRONG)

    found = offered("reasoning")

    (fix,) = found.fixes
    assert (fix.source, fix.tried_by, fix.mended) == (
        candidate.Source.MODEL,
        "reasoning",
        ("tests/test_sums.py::test_add",),
    )
    assert found.causes == ()
    assert found.cost.tokens > 10 + 4 * 5


def test_a_fix_that_the_model_does_not_believe_in_itself_is_not_shown(
    project: Project, model: models.ModelServer, offered: _Offered
) -> None:
    model.behaviour.instead = {ASKED: _written("def add(a, b):\n    return a - 2 * b\n"), "return a - ": FAILS}
    _change(project, _LIBRARY | _OF_ADD, _WRONG)

    found = offered("reasoning")

    # undoing is imagined to mend it
    assert [fix.source for fix in found.fixes] == [candidate.Source.UNDO]
    assert any("different fixes in them: 1" in note for note in found.notes)
