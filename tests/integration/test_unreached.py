"""Tests proposed for code that no test reaches, run in the real sandbox."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from gatekeeper.diffs import parse
from gatekeeper.impact import affected
from gatekeeper.sandbox import process
from gatekeeper.simulation import prediction
from gatekeeper.unreached import proposed, written
from gatekeeper.wiring import unreached
from tests.fakes import memory_tree
from tests.integration import sandbox_runs
from gatekeeper.impact import selection

Outcome = prediction.Outcome
Files = Mapping[str, str]

_OLD = '''
def split_evenly(total: int, parts: int) -> list[int]:
    """Split a total into parts that differ by one at most."""
    if parts <= 0:
        return []
    share, rest = divmod(total, parts)
    return [share + (at < rest) for at in range(parts)]
'''
_OTHER = "def test_other():\n    assert True\n"


class Proposed:
    """What was proposed, and why nothing was."""

    def __init__(self, tests: Sequence[proposed.ProposedTest], told: Sequence[str], left: Sequence[str]) -> None:
        self.tests, self.told, self.left = tests, told, left

    @property
    def only(self) -> proposed.ProposedTest:
        assert len(self.tests) == 1, self.told
        return self.tests[0]


Propose = Callable[..., Proposed]


@pytest.fixture
def propose(workers: list[process.Process], tmp_path: Path) -> Propose:
    """Return what proposes tests for symbols of the second tree."""

    def run(before: Files, after: Files, *symbols: str, writer: written.Writer | None = None) -> Proposed:
        trees = memory_tree.MemoryTree(before), memory_tree.MemoryTree(after)
        told: list[str] = []
        asked = unreached.Asked(
            before=trees[0],
            after=trees[1],
            tests=selection.Selection(affected=(), unaffected={}, total=1, unreached=symbols, unparsable={}),
            spaces=sandbox_runs.FolderSpaces(tmp_path, trees[0]),
            workers=workers,
            limits=sandbox_runs.LIMITS,
            writer=writer,
            cancelled=lambda: False,
        )
        tests = unreached.propose(asked, seconds=120, told=told.append)
        return Proposed(tests, told, [path.name for path in tmp_path.glob("*") if path.name.startswith("fix-")])

    return run


def _project(split: str) -> dict[str, str]:
    return {"shop/__init__.py": "", "shop/split.py": split, "tests/test_other.py": _OTHER}


def test_a_difference_is_told_and_the_test_fails_by_it(propose: Propose) -> None:
    after = _project(_OLD.replace("    if parts <= 0:\n        return []\n", ""))
    done = propose(_project(_OLD), after, "shop/split.py::split_evenly")
    one = done.only
    print(one.text, one.found, one)
    assert one.path == "tests/test_split_evenly.py"
    assert one.source is proposed.Source.OBSERVED
    assert one.before == proposed.Ended(outcome=Outcome.PASS)
    assert one.after.outcome is Outcome.FAIL
    assert one.after.exception.startswith("ZeroDivisionError")
    assert "raises ZeroDivisionError" in one.found
    assert "before it returned []" in one.found
    assert done.left == []


def test_what_is_the_same_passes_on_both(propose: Propose) -> None:
    after = _project(_OLD.replace("share + (at < rest)", "share + int(at < rest)"))
    one = propose(_project(_OLD), after, "shop/split.py::split_evenly").only
    print(one.text, one.found)
    assert one.after == one.before == proposed.Ended(outcome=Outcome.PASS)
    assert one.found.startswith("passes on both: ")


def test_a_new_function_is_held_to_what_it_does_now(propose: Propose) -> None:
    after = _project(_OLD + "\n\ndef mean(values: list[int]) -> float:\n    return sum(values) / len(values)\n")
    one = propose(_project(_OLD), after, "shop/split.py::mean").only
    print(one.text, one.found)
    assert one.before is None
    assert one.after.outcome is Outcome.PASS
    assert "was not there before; mean([]) raises ZeroDivisionError" in one.found


_BASKET = '''
from dataclasses import dataclass


class Refused(Exception):
    pass


@dataclass
class Basket:
    name: str
    prices: list[int]

    def total(self, discount: int = 0) -> int:
        if discount < 0:
            raise Refused(discount)
        return sum(self.prices) - discount

    @property
    def label(self) -> str:
        return f"{self.name}: {len(self.prices)}"
'''


def test_a_method_is_called_on_objects_made_of_what_their_class_takes(propose: Propose) -> None:
    after = _project(_BASKET.replace("- discount\n", "- 2 * discount\n"))
    one = propose(_project(_BASKET), after, "shop/split.py::Basket.total").only
    print(one.text, one.found)
    assert one.before == proposed.Ended(outcome=Outcome.PASS)
    assert one.after.outcome is Outcome.FAIL
    assert "with pytest.raises(Refused):" in one.text


def test_a_property_is_read(propose: Propose) -> None:
    one = propose(_project(_BASKET), _project(_BASKET.replace("}: {", "} has {")), "shop/split.py::Basket.label").only
    print(one.text, one.found)
    assert one.after.outcome is Outcome.FAIL


def test_nothing_is_proposed_where_no_arguments_can_be_made(propose: Propose) -> None:
    code = "class Ledger:\n    def __init__(self, store: 'Store'):\n        self.store = store\n\n    def size(self) -> int:\n        return {}\n"
    done = propose(_project(code.format(1)), _project(code.format(2)), "shop/split.py::Ledger.size")
    assert not done.tests
    assert done.told == [
        "no test reaches shop/split.py::Ledger.size, and none is proposed: no arguments for it can be made from its annotations"
    ]
