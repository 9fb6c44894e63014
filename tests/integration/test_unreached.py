"""Tests proposed for code that no test reaches, run in the real sandbox."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.diffs import tree
from gatekeeper.impact import selection
from gatekeeper.inference import testing
from gatekeeper.inference.profiles import reasoning
from gatekeeper.sandbox import process, workspace
from gatekeeper.simulation import prediction
from gatekeeper.unreached import proposed, written
from gatekeeper.wiring import patching, unreached
from tests.fakes import memory_tree
from tests.fakes.scripted_model import ScriptedModel
from tests.integration import sandbox_runs

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


class _WithSite(sandbox_runs.FolderSpaces):
    """Workspaces with unpacked requirements beside the tree."""

    def __init__(self, folder: Path, before: tree.Tree, site: Path | None) -> None:
        super().__init__(folder, before)
        self._site = site

    def _space(self, name: str, content: tree.Tree) -> workspace.Workspace:
        made = super()._space(name, content)
        return made if self._site is None else replace(made, site=self._site, paths=(*made.paths, workspace.SITE))


Propose = Callable[..., Proposed]


@pytest.fixture
def propose(workers: list[process.Process], tmp_path: Path) -> Propose:
    """Return what proposes tests for symbols of the second tree."""

    def run(
        before: Files, after: Files, *symbols: str, writer: written.Writer | None = None, site: Path | None = None
    ) -> Proposed:
        trees = memory_tree.MemoryTree(before), memory_tree.MemoryTree(after)
        told: list[str] = []
        asked = unreached.Asked(
            before=trees[0],
            after=trees[1],
            tests=selection.Selection(affected=(), unaffected={}, total=1, unreached=symbols, unparsable={}),
            spaces=_WithSite(tmp_path, trees[0], site),
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
    assert one.after == one.before == proposed.Ended(outcome=Outcome.PASS)
    assert one.found.startswith("passes on both: ")


def test_a_new_function_is_held_to_what_it_does_now(propose: Propose) -> None:
    after = _project(_OLD + "\n\ndef mean(values: list[int]) -> float:\n    return sum(values) / len(values)\n")
    one = propose(_project(_OLD), after, "shop/split.py::mean").only
    assert one.before is None
    assert one.after.outcome is Outcome.PASS
    assert "was not there before; mean([]) raises ZeroDivisionError" in one.found


_LEDGER = """
class Ledger:
    def __init__(self, store: "Store") -> None:
        self.store = store

    def size(self) -> int:
        return {}
"""
_BASKET = """
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
"""


def test_a_method_is_called_on_objects_made_of_what_their_class_takes(propose: Propose) -> None:
    after = _project(_BASKET.replace("- discount\n", "- 2 * discount\n"))
    one = propose(_project(_BASKET), after, "shop/split.py::Basket.total").only
    assert one.before == proposed.Ended(outcome=Outcome.PASS)
    assert one.after.outcome is Outcome.FAIL
    assert "with pytest.raises(Refused):" in one.text


def test_a_property_is_read(propose: Propose) -> None:
    one = propose(_project(_BASKET), _project(_BASKET.replace("}: {", "} has {")), "shop/split.py::Basket.label").only
    assert one.after.outcome is Outcome.FAIL


def test_nothing_is_proposed_where_no_arguments_can_be_made(propose: Propose) -> None:
    code = _LEDGER
    done = propose(_project(code.format(1)), _project(code.format(2)), "shop/split.py::Ledger.size")
    assert not done.tests
    assert done.told == [
        (
            "no test reaches shop/split.py::Ledger.size, and none is proposed: "
            "no arguments for it can be made from its annotations"
        )
    ]


_ORDER = """
import enum
from typing import Iterator

from shop.split import Basket


class Speed(enum.Enum):
    SLOW = 1
    FAST = 2


def cost(baskets: list[Basket], speed: Speed) -> int:
    return sum(one.total() for one in baskets) + 5 * speed.value


def numbers(most: int) -> Iterator[int]:
    while most > 0:
        yield most
        most -= 1


def main(word: str) -> str:
    return word.upper()
"""


def test_arguments_are_made_of_the_projects_own_classes(propose: Propose) -> None:
    before = _project(_BASKET) | {"shop/order.py": _ORDER}
    after = before | {"shop/order.py": _ORDER.replace("5 * speed", "6 * speed")}
    one = propose(before, after, "shop/order.py::cost").only
    assert one.text.startswith("from shop.order import Basket, Speed, cost\n")
    assert "cost([Basket(name='a', prices=[1])], Speed.SLOW) == 6" in one.text
    assert "returns 7 after the change; before it returned 6" in one.found
    assert one.after.outcome is Outcome.FAIL


def test_what_a_generator_yields_is_listed(propose: Propose) -> None:
    before = _project(_BASKET) | {"shop/order.py": _ORDER}
    after = before | {"shop/order.py": _ORDER.replace("most > 0", "most > 1")}
    one = propose(before, after, "shop/order.py::numbers").only
    assert "assert list(numbers(1)) == [1]" in one.text
    assert "list(numbers(1)) returns [] after the change; before it returned [1]" in one.found


def test_a_function_that_is_called_main_is_the_projects(propose: Propose) -> None:
    before = _project(_BASKET) | {"shop/order.py": _ORDER}
    one = propose(before, before | {"shop/order.py": _ORDER + "\n"}, "shop/order.py::main").only
    assert "assert main('ab') == 'AB'" in one.text
    assert one.found.startswith("passes on both: ")


def test_a_loop_without_an_end_is_told_and_costs_its_own_call(propose: Propose) -> None:
    before = _project(_BASKET) | {"shop/order.py": _ORDER}
    after = before | {"shop/order.py": _ORDER.replace("        most -= 1\n", "        most -= most > 2\n")}
    one = propose(before, after, "shop/order.py::numbers").only
    assert one.found.startswith("list(numbers(1)) does not end within its budget after the change; before it returned")
    assert one.after.outcome is Outcome.HANG


def test_a_module_that_cannot_be_imported_any_more_is_told(propose: Propose) -> None:
    after = _project(_OLD + "\nWORDS = {}['none']\n")
    one = propose(_project(_OLD), after, "shop/split.py::split_evenly").only
    assert one.found.startswith(
        "split_evenly(1, 1) cannot be made, for its module raises KeyError: 'none', after the change; before it"
    )
    assert one.after == proposed.Ended(outcome=Outcome.ERROR, exception="KeyError: 'none'")


def test_what_differs_each_time_is_not_shown(propose: Propose) -> None:
    code = "CALLS = []\n\n\ndef count(step: int) -> int:\n    CALLS.append(step)\n    return len(CALLS){}\n"
    done = propose(_project(code.format("")), _project(code.format(" + 0")), "shop/split.py::count")
    assert not done.tests
    assert len(done.told) == 1


def test_what_leaves_the_interpreter_takes_nothing_along(propose: Propose) -> None:
    code = "def stop(code: int) -> int:\n    if code == 1:\n        raise SystemExit(3)\n    return code{}\n"
    one = propose(_project(code.format("")), _project(code.format(" + 0")), "shop/split.py::stop").only
    assert "stop(1)" not in one.text
    assert "assert stop(0) == 0" in one.text


def _writer(*answers: str) -> written.Writer:
    @contextlib.asynccontextmanager
    async def connect() -> AsyncIterator[ScriptedModel]:
        yield ScriptedModel(lambda _: answers)

    return testing.ModelWriter(connect=connect, profile=reasoning.PROFILE, cancelled=lambda: False)


_WROTE = """Here it is.
```python
from shop.split import split_evenly


def test_ten_in_three():
    assert split_evenly(10, 3) == {}
```
"""


def test_what_a_model_writes_is_shown_where_it_passes_before(propose: Propose) -> None:
    after = _project(_OLD.replace("(at < rest)", "int(at < rest)"))
    writer = _writer(_WROTE.replace("{}", "[4, 3, 3]"))
    one = propose(_project(_OLD), after, "shop/split.py::split_evenly", writer=writer).only
    assert one.source is proposed.Source.MODEL
    assert one.found == "passes on both: 1 test"
    assert one.after == one.before == proposed.Ended(outcome=Outcome.PASS)


def test_what_a_model_has_wrong_gives_way_to_what_was_observed(propose: Propose) -> None:
    after = _project(_OLD.replace("(at < rest)", "int(at < rest)"))
    writer = _writer(_WROTE.replace("{}", "[5, 3, 2]"), "import os\n")
    done = propose(_project(_OLD), after, "shop/split.py::split_evenly", writer=writer)
    assert done.only.source is proposed.Source.OBSERVED
    assert done.told == [
        (
            "the test that the model wrote for shop/split.py::split_evenly is not used: "
            "it has 0 blocks of code instead of one"
        )
    ]


def test_a_model_is_shown_a_new_function_and_what_its_test_found_is_told(propose: Propose) -> None:
    code = _OLD + "\n\ndef halve(store: 'Store') -> int:\n    return store.size // 2\n"
    wrote = """```python
from shop.split import halve


class Sized:
    size = 9


def test_rounds_down():
    assert halve(Sized()) == 4


def test_none():
    assert halve(None) == 0
```"""
    one = propose(_project(_OLD), _project(code), "shop/split.py::halve", writer=_writer(wrote)).only
    assert one.before is None
    assert one.after.outcome is Outcome.FAIL
    assert one.found.startswith("was not there before; 1 of 2 tests fails: test_none fails: AttributeError")


# as much of it as one test needs: hypothesis itself is compiled where these tests run
_HYPOTHESIS = {
    "hypothesis/__init__.py": """
from hypothesis import strategies


class settings:
    default = None

    def __init__(self, *, max_examples, deadline):
        self.most = max_examples

    def __call__(self, test):
        def run():
            for number in range(self.most):
                test(number)
        return run


def given(a):
    return lambda function: lambda number: function(a=a(number))
""",
    "hypothesis/strategies.py": "def integers():\n    return lambda number: number - 3\n",
    "hypothesis/extra/__init__.py": "",
    "hypothesis/extra/ghostwriter.py": """
import black


def fuzz(function):
    name, module = function.__name__, function.__module__
    text = f"import {module}\\nfrom hypothesis import given, strategies as st\\n\\n@given(a=st.integers())\\n"
    text += f"def test_fuzz_{name}(a: int) -> None:\\n    {module}.{name}(a=a)  # {'long ' * 60}\\n"
    return black.format_str(text, mode=black.Mode())
""",
}


def test_where_nothing_can_be_held_the_projects_hypothesis_writes(propose: Propose, tmp_path: Path) -> None:
    site = tmp_path / "site"
    for path, text in _HYPOTHESIS.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)
    code = "class Box:\n    pass\n\n\ndef fill(a: int) -> Box:\n    {}return Box()\n"
    after = code.format("if a * a == 400:\n        raise ValueError(a)\n    ")
    one = propose(_project(code.format("")), _project(after), "shop/split.py::fill", site=site).only
    assert one.source is proposed.Source.GHOSTWRITER
    assert f"shop.split.fill(a=a)  # {'long ' * 59}long\n" in one.text
    assert one.found == "a generated call raises ValueError: 20 after the change; before none of 30 did"
    assert (one.before, one.after.outcome) == (proposed.Ended(outcome=Outcome.PASS), Outcome.FAIL)


def test_a_file_is_not_added_through_a_link_that_leads_out_of_the_tree(tmp_path: Path) -> None:
    space = sandbox_runs.FolderSpaces(tmp_path / "spaces", memory_tree.MemoryTree({})).after(memory_tree.MemoryTree({}))
    (tmp_path / "outside").mkdir()
    (space.folder / "tree/tests").symlink_to(tmp_path / "outside")
    with pytest.raises(errors.SandboxError, match="cannot write what is to be tried"):
        patching.added(space, "tests/test_f.py", "def test_f(): ...")
    assert list((tmp_path / "outside").iterdir()) == []
    assert [path.name for path in space.folder.parent.iterdir()] == ["after"]
