"""Traces of real programs: run in the real sandbox, and predicted by a model that is right, or wrong in one place."""

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from gatekeeper import errors, settings
from gatekeeper.inference import engine, generation
from gatekeeper.simulation import imagined
from gatekeeper.wiring import progress
from gatekeeper.wiring.trace import command
from tests.fakes import oracle

_FILES = {
    "pyproject.toml": "[project]\nname = 'shop'\nversion = '1.0'\n[tool.pytest.ini_options]\npythonpath = ['.']\n",
    "failures.py": "class OutOfStockError(Exception):\n    pass\n",
    "stock.py": """\
from failures import OutOfStockError


def take(stock, name):
    left = stock.get(name, 0)
    if left == 0:
        raise OutOfStockError(name)
    stock[name] = left - 1
    return stock


def take_all(stock, names):
    taken = 0
    for name in names:
        try:
            take(stock, name)
            taken += 1
        except OutOfStockError as error:
            return f"{error} after {taken}"
    return taken
""",
    "tests/test_stock.py": """\
import pytest

import stock
from failures import OutOfStockError


@pytest.fixture
def full():
    return {"apple": 2}


@pytest.mark.parametrize("names", [["apple"], ["apple", "pear"]])
def test_take_all(full, names):
    assert stock.take_all(full, names) == len(names)


def test_out_of_stock(full):
    with pytest.raises(OutOfStockError):
        stock.take(full, "pear")


def test_output(capfd):
    stock.take({"apple": 1}, "apple")
    assert not capfd.readouterr().out


def test_without(nothing_of_it):
    pass
""",
    "shop/__init__.py": "",
    "shop/errors.py": "class ClosedError(Exception):\n    pass\n",
    "shop/doors.py": """\
import shop.errors
from . import errors
from .errors import ClosedError


def enter(door):
    if door != "open":
        raise ClosedError(door)
    return door


def enter_all(doors):
    try:
        return [enter(door) for door in doors]
    except shop.errors.ClosedError as error:
        return errors.ClosedError, str(error)


def listed(path):
    with open(path) as file:
        return file.read().split()
""",
    "shop/names.txt": "front back\n",
    "tests/test_doors.py": """\
import importlib
import pathlib

from shop import doors, errors
from shop.errors import ClosedError


def test_classes_are_the_same():
    assert doors.enter_all(["open", "shut"]) == (ClosedError, "shut")
    assert errors.ClosedError is ClosedError is importlib.import_module("shop.errors").ClosedError


def test_patched(monkeypatch):
    monkeypatch.setattr(doors, "enter", lambda door: 1)
    assert doors.enter_all(["shut"]) == [1]


class TestListed:
    def test_listed(self):
        assert doors.listed(pathlib.Path(__file__).parent.parent / "shop/names.txt") == ["front", "back"]
""",
}

Trace = Callable[..., command.Traced]
Side = Literal["executed", "predicted"] | None


def connecting(model: generation.Model) -> engine.Connect:
    @contextlib.asynccontextmanager
    async def connect() -> AsyncIterator[generation.Model]:
        yield model

    return connect


@pytest.fixture
def trace(tmp_path: Path, compiled: Path) -> Trace:
    """Return what traces a function of the files; `model` predicts."""
    for path, text in _FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    # the cache that holds the sandbox
    environment: Mapping[str, str] = {**os.environ, "GATEKEEPER_OFFLINE": "1", "GATEKEEPER_FUEL": "5"}
    chosen = replace(settings.read(environment), cache=compiled.parent.parent, model_urls=())

    def traced(
        target: str, arguments: str | None = None, model: generation.Model | None = None, side: Side = None
    ) -> command.Traced:
        wanted = command.Wanted(target=target, arguments=arguments, base=tmp_path, side=side)
        connect = connecting(model) if model else None
        return command.run(wanted, chosen, progress.Progress(), lambda: False, connect)

    return traced


@pytest.mark.parametrize(
    ("target", "arguments", "end"),
    [
        ("stock.py::take", "{'apple': 2}, 'apple'", "returned {'apple': 1}"),
        ("stock.py::take", "{}, 'apple'", "raised OutOfStockError: apple"),
        ("stock.py::take_all", "{'apple': 1}, ['apple', 'pear']", "returned 'pear after 1'"),
        ("tests/test_stock.py::test_take_all[names0]", None, "returned None"),
        ("tests/test_stock.py::test_out_of_stock", None, "returned None"),
    ],
)
def test_a_model_that_is_right_departs_nowhere_from_the_run(
    trace: Trace, target: str, arguments: str | None, end: str
) -> None:
    traced = trace(target, arguments, oracle.Oracle())

    assert traced.executed is not None
    assert traced.predicted is not None
    assert (traced.executed.end, traced.predicted.end) == (end, end)
    assert traced.executed.complete
    assert traced.predicted.complete
    assert traced.both.departure is None
    assert len(traced.both.pairs) > 5
    assert {pair.leading.frame.path for pair in traced.both.pairs} >= {"", "stock.py"}


def test_a_test_that_fails_is_followed_through_the_assertion(trace: Trace) -> None:
    traced = trace("tests/test_stock.py::test_take_all[names1]", None, oracle.Oracle())

    assert traced.id == "tests/test_stock.py::test_take_all[names1]"
    assert traced.executed is not None
    assert traced.executed.end.startswith("raised AssertionError")
    last = traced.both.pairs[-2].leading
    assert (last.frame.event, last.frame.path) == ("exception", "tests/test_stock.py")
    assert traced.lines(last.frame.path)[last.frame.line - 1].strip().startswith("assert stock.take_all(full, names)")
    assert traced.both.departure is None


def test_the_first_wrong_value_is_the_departure(trace: Trace) -> None:
    def wrong(_context: str, steps: list[imagined.Step], _number: int) -> list[imagined.Step]:
        return [
            replace(step, locals={**step.locals, "taken": "7"}) if step.locals.get("taken") == "1" else step
            for step in steps
        ]

    traced = trace("stock.py::take_all", "{'apple': 1}, ['apple']", oracle.Oracle(wrong=wrong))

    assert traced.both.departure is not None
    pair = traced.both.pairs[traced.both.departure]
    assert pair.differing == {"taken"}
    assert pair.executed is not None
    assert pair.predicted is not None
    assert (pair.executed.values["taken"], pair.predicted.values["taken"]) == ("1", "7")
    told = command.as_mapping(traced)
    assert told["departure"] == traced.both.departure + 1
    assert told["predicted"]["steps"][traced.both.departure]["locals"]["taken"] == "7"


def test_a_prediction_that_is_not_possible_is_shown_as_far_as_it_is(trace: Trace) -> None:
    def vanishing(_context: str, steps: list[imagined.Step], _number: int) -> list[imagined.Step]:
        return [*steps[:4], replace(steps[4], source="    nowhere()")]

    traced = trace("stock.py::take_all", "{'apple': 1}, ['apple']", oracle.Oracle(wrong=vanishing))

    assert traced.predicted is not None
    assert not traced.predicted.complete
    assert "is not possible" in traced.predicted.end
    assert traced.both.departure is None
    assert traced.both.pairs[4].predicted is None


@pytest.mark.parametrize("test", ["test_classes_are_the_same", "test_patched", "TestListed::test_listed"])
def test_modules_of_the_tree_are_the_names_of_the_program_and_its_files_are_there(trace: Trace, test: str) -> None:
    traced = trace(f"tests/test_doors.py::{test}")

    assert (traced.executed and traced.executed.end) == "returned None"


def test_nothing_is_run_where_only_the_prediction_is_wanted(trace: Trace) -> None:
    traced = trace("stock.py::take", "{'a': 1}, 'a'", oracle.Oracle(), "predicted")

    assert traced.executed is None
    assert (traced.predicted and traced.predicted.end) == "returned {'a': 0}"
    assert not traced.both.compared


def test_without_a_model_the_run_is_shown_alone_and_that_is_said(trace: Trace) -> None:
    traced = trace("stock.py::take", "{'a': 1}, 'a'")

    assert traced.predicted is None
    assert any("set GATEKEEPER_MODEL_URL" in note for note in traced.notes)
    with pytest.raises(errors.UsageError, match="GATEKEEPER_MODEL_URL"):
        trace("stock.py::take", "{'a': 1}, 'a'", side="predicted")


def test_a_model_that_fails_leaves_the_run(trace: Trace) -> None:
    down = oracle.Oracle(down=True)

    traced = trace("stock.py::take", "{'a': 1}, 'a'", down)

    assert traced.predicted is None
    assert traced.executed is not None
    assert "the model server is down" in traced.notes
    with pytest.raises(errors.ModelError, match="is down"):
        trace("stock.py::take", "{'a': 1}, 'a'", down, "predicted")


def test_a_test_that_cannot_be_simulated_is_run_all_the_same(trace: Trace) -> None:
    model = oracle.Oracle()

    traced = trace("tests/test_stock.py::test_output", None, model)

    assert traced.executed is not None
    assert traced.predicted is None
    assert not model.asked
    assert "nothing is predicted: it cannot be simulated" in traced.notes[0]
    assert "capfd" in traced.notes[0]
    assert {(frame.path, frame.scope) for frame in traced.executed.frames} >= {("stock.py", "take")}
    with pytest.raises(errors.NotAnalysed, match="capfd"):
        trace("tests/test_stock.py::test_output", None, model, "predicted")


def test_a_program_that_cannot_be_loaded_says_why(trace: Trace, tmp_path: Path) -> None:
    (tmp_path / "lacking.py").write_text("FIRST = [][0]\n\n\ndef f():\n    return FIRST\n")

    traced = trace("lacking.py::f")

    assert traced.executed is not None
    assert traced.executed.end == "could not be loaded: IndexError: list index out of range"
    assert not traced.executed.complete
    assert traced.both.pairs == ()


def test_a_program_without_end_is_cut_and_says_so(trace: Trace, tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text("def turn(n):\n    while n:\n        pass\n")

    traced = trace("endless.py::turn", "1")

    assert traced.executed is not None
    assert not traced.executed.complete
    assert traced.executed.end == "did not end within GATEKEEPER_FUEL"
    assert len(traced.executed.frames) > 100


@pytest.mark.parametrize(
    ("target", "error", "said"),
    [
        ("tests/test_stock.py::test_take_all", errors.UsageError, r"names no single test: name one of .*\[names0\]"),
        ("tests/test_stock.py::test_take_all[x]", errors.UsageError, "names no single test"),
        (
            "tests/test_stock.py::test_out_of_stock[1]",
            errors.UsageError,
            "is no test: name tests/test_stock.py::test_out",
        ),
        ("stock.py::take[1]", errors.UsageError, "give arguments with --args"),
        (
            "tests/test_stock.py::test_without",
            errors.NotAnalysed,
            "cannot be traced: .*nothing_of_it.*; trace a f",
        ),
    ],
)
def test_what_is_no_single_program_is_told(trace: Trace, target: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        trace(target)
