from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from gatekeeper.halting import calls
from gatekeeper.simulation import prediction
from gatekeeper.unreached import observed, proposed, proposing, targets, written
from gatekeeper.unreached.proposing import Ran, Side
from tests.fakes import memory_tree

Outcome = prediction.Outcome

_CODE = "def f(a: int) -> int:\n    return a\n\n\ndef g(a: int) -> int:\n    return a\n"
_FILES = {"shop.py": _CODE, "tests/test_other.py": "def test_other():\n    pass\n"}
_PASSED = proposed.Ended(outcome=Outcome.PASS)
_FAILED = proposed.Ended(outcome=Outcome.FAIL, exception="AssertionError: assert 1 == 2")
_UNKNOWN = proposed.Ended(outcome=Outcome.UNKNOWN)
_SAME = Ran(tests={"test_f": _PASSED})


@dataclass
class FakeExecutor:
    """Returns what it is told to of every call, and of every file."""

    returns: Mapping[Side, str] = field(default_factory=lambda: {Side.BEFORE: "1", Side.AFTER: "1"})
    ran: Mapping[Side, Ran] = field(default_factory=lambda: {Side.BEFORE: _SAME, Side.AFTER: _SAME})
    # what the ghostwriter writes
    wrote: str | None = None
    name: str = "fake"
    files: list[tuple[Side, str, str]] = field(default_factory=list)

    def evaluate(self, side: Side, path: str, calls: Sequence[str], seconds: float) -> Sequence[observed.Seen]:
        assert path == "shop.py"
        assert seconds > 0
        return [observed.Seen(how=observed.How.RETURNED, value=self.returns[side], fuel=1)] * len(calls)

    def run(self, side: Side, path: str, text: str, seconds: float, *, hypothesis: bool = False) -> Ran:
        assert seconds > 0
        assert hypothesis == ("hypothesis" in text)
        self.files.append((side, path, text))
        return self.ran[side]

    def ghostwritten(self, path: str, name: str, seconds: float) -> str | None:
        assert (path, name) == ("shop.py", "f")
        return self.wrote


class FakeWriter:
    """Answers what it is told to."""

    def __init__(self, *answers: str) -> None:
        self.answers = answers
        self.asked: list[written.Wanted] = []

    def write(self, wanted: written.Wanted, seconds: float) -> Sequence[str]:
        self.asked.append(wanted)
        return self.answers


def _propose(
    executor: FakeExecutor,
    *symbols: str,
    writer: FakeWriter | None = None,
    before: Mapping[str, str] = _FILES,
    left: float = 100.0,
) -> tuple[list[proposed.ProposedTest], list[str]]:
    told: list[str] = []
    made = proposing.Proposing(
        before=memory_tree.MemoryTree(before),
        after=memory_tree.MemoryTree(_FILES),
        executor=executor,
        writer=writer,
        module=lambda path: path.removesuffix(".py"),
        is_test_file=lambda path: path.startswith("tests/"),
        own=frozenset({"shop"}),
        left=lambda: left,
        told=told.append,
    )
    return list(made.propose(symbols or ("shop.py::f",))), told


def test_what_was_observed_is_run_on_both_trees() -> None:
    executor = FakeExecutor()
    (one,), told = _propose(executor)
    assert not told
    assert [(side, path) for side, path, _ in executor.files] == [
        (Side.AFTER, "tests/test_f.py"),
        (Side.BEFORE, "tests/test_f.py"),
    ]
    assert (one.symbol, one.path, one.tried_by) == ("shop.py::f", "tests/test_f.py", "fake")
    assert one.text == executor.files[0][2]
    assert one.before == one.after == _PASSED


def test_a_new_function_has_no_run_before() -> None:
    executor = FakeExecutor()
    (one,), _ = _propose(executor, before={"shop.py": ""})
    assert one.before is None
    assert [side for side, _, _ in executor.files] == [Side.AFTER]


_FAILING = {Side.BEFORE: _SAME, Side.AFTER: Ran(tests={"test_f": _FAILED})}


@pytest.mark.parametrize(
    ("ran", "returns", "why"),
    [
        ({Side.BEFORE: Ran(tests={"test_f": _FAILED}), Side.AFTER: _SAME}, "1", "does not pass before the change"),
        ({Side.BEFORE: _SAME, Side.AFTER: Ran(tests={"test_f": _UNKNOWN})}, "1", "cannot be run in the sandbox"),
        ({Side.BEFORE: _SAME, Side.AFTER: Ran(tests={})}, "1", "cannot be run in the sandbox"),
        ({Side.BEFORE: _SAME, Side.AFTER: Ran(tests={"a": _FAILED, "b": _UNKNOWN})}, "1", "cannot be run"),
        (_FAILING, "1", "its calls do other things each time"),
        ({Side.BEFORE: _SAME, Side.AFTER: _SAME}, "2", "its calls do other things each time"),
        ({Side.BEFORE: _SAME, Side.AFTER: _SAME}, "<Shop>", "with small values returns what a test could hold"),
    ],
)
def test_what_shows_nothing_is_not_proposed(ran: Mapping[Side, Ran], returns: str, why: str) -> None:
    first = "<Shop>" if returns == "<Shop>" else "1"
    tests, told = _propose(FakeExecutor(ran=ran, returns={Side.BEFORE: first, Side.AFTER: returns}))
    assert tests == []
    (said,) = told
    assert said.startswith("no test reaches shop.py::f, and none is proposed: ")
    assert why in said


def test_public_functions_come_first_and_no_more_than_a_few() -> None:
    code = "".join(f"def f{number}(a: int):\n    return a\n\n\n" for number in range(6))
    files = {"shop.py": f"def _a(a: int):\n    return a\n\n\n{code}"}
    made = proposing.Proposing(
        before=memory_tree.MemoryTree(files),
        after=memory_tree.MemoryTree(files),
        executor=FakeExecutor(),
        writer=None,
        module=lambda _: "shop",
        is_test_file=lambda _: False,
        own=frozenset(),
        left=lambda: 1.0,
        told=lambda _: None,
    )
    symbols = ["shop.py::_a", *(f"shop.py::f{number}" for number in range(6))]
    assert [one.symbol for one in made.propose(symbols)] == [f"shop.py::f{number}" for number in range(proposing.MOST)]


def test_what_is_refused_takes_no_ones_place() -> None:
    code = "".join(f"async def a{number}():\n    pass\n\n\n" for number in range(5)) + _CODE
    told: list[str] = []
    made = proposing.Proposing(
        before=memory_tree.MemoryTree({"shop.py": code}),
        after=memory_tree.MemoryTree({"shop.py": code}),
        executor=FakeExecutor(),
        writer=None,
        module=lambda _: "shop",
        is_test_file=lambda _: False,
        own=frozenset(),
        left=lambda: 1.0,
        told=told.append,
    )
    tests = list(made.propose([*(f"shop.py::a{number}" for number in range(5)), "shop.py::f"]))
    assert [one.symbol for one in tests] == ["shop.py::f"]
    assert told == [
        f"no test reaches shop.py::a{number}, and none is proposed: it is asynchronous" for number in range(5)
    ]


def test_two_tests_have_two_files() -> None:
    tests, _ = _propose(FakeExecutor(), "shop.py::f", "shop.py::g")
    assert [one.path for one in tests] == ["tests/test_f.py", "tests/test_g.py"]


def test_nothing_is_tried_without_time() -> None:
    executor = FakeExecutor()
    tests, told = _propose(executor, left=0.0)
    assert not tests
    assert not executor.files
    assert told == ["no test reaches shop.py::f, and none is proposed: there was no time left for it"]


_ANSWER = "```python\nfrom shop import f\n\n\ndef test_f():\n    assert f(1) == 1\n```"


def test_a_models_test_goes_before_what_was_observed_to_be_the_same() -> None:
    writer = FakeWriter("nothing", _ANSWER)
    (one,), told = _propose(FakeExecutor(), writer=writer)
    assert not told
    assert (one.source, one.found) == (proposed.Source.MODEL, "passes on both: 1 test")
    assert one.text == "from shop import f\n\n\ndef test_f():\n    assert f(1) == 1\n"
    (wanted,) = writer.asked
    assert wanted.after == wanted.before == ("def f(a: int) -> int:", "    return a")


def test_what_was_observed_to_differ_goes_before_a_models_test() -> None:
    writer = FakeWriter(_ANSWER)
    executor = FakeExecutor(ran=_FAILING, returns={Side.BEFORE: "1", Side.AFTER: "2"})
    (one,), _ = _propose(executor, writer=writer)
    assert one.source is proposed.Source.OBSERVED
    assert not writer.asked


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (
            Ran(tests={"test_a": _PASSED, "test_b": _FAILED}),
            "after the change test_b fails: AssertionError: assert 1 == 2; before all 2 tests passed",
        ),
        (
            Ran(tests={"test_a": proposed.Ended(outcome=Outcome.HANG)}),
            "after the change test_a does not end; before it passed",
        ),
        (
            Ran(tests={}, broken=proposed.Ended(outcome=Outcome.ERROR, exception="NameError: x")),
            "its module cannot be imported after the change: NameError: x; before it could",
        ),
    ],
)
def test_what_a_models_test_found_is_said(after: Ran, found: str) -> None:
    executor = FakeExecutor(
        ran={Side.BEFORE: _SAME, Side.AFTER: after}, returns={Side.BEFORE: "<Shop>", Side.AFTER: "<Shop>"}
    )
    (one,), _ = _propose(executor, writer=FakeWriter(_ANSWER))
    assert one.found == found


_GHOST = """# This test code was written by the `hypothesis.extra.ghostwriter` module
# and is provided under the Creative Commons Zero public domain dedication.

import shop
from hypothesis import given, strategies as st

@given(a=st.integers())
def test_fuzz_f(a: int) -> None:
    shop.f(a=a)
"""
_OPAQUE = {Side.BEFORE: "<Shop>", Side.AFTER: "<Shop>"}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (_FILES, _PASSED, "passes on both: 30 generated calls at most, none of which raises"),
        (
            _FILES,
            _FAILED,
            "a generated call raises AssertionError: assert 1 == 2 after the change; before none of 30 did",
        ),
        ({}, _PASSED, "was not there before; 30 generated calls at most, none of which raises"),
        ({}, _FAILED, "was not there before; a generated call raises AssertionError: assert 1 == 2"),
    ],
)
def test_where_nothing_can_be_held_the_ghostwriter_writes(
    before: Mapping[str, str], after: proposed.Ended, found: str
) -> None:
    ran = {Side.BEFORE: _SAME, Side.AFTER: Ran(tests={"test_fuzz_f": after})}
    (one,), told = _propose(FakeExecutor(returns=_OPAQUE, ran=ran, wrote=_GHOST), before=before)
    assert not told
    assert (one.source, one.found, one.after) == (proposed.Source.GHOSTWRITER, found, after)
    assert "@settings(max_examples=30, deadline=None)\n@given(a=st.integers())\ndef test_fuzz_f" in one.text


@pytest.mark.parametrize(
    "wrote",
    [
        None,
        "",
        _GHOST.replace("st.integers()", "st.nothing()"),
        _GHOST.replace("@given", "@other"),
        _GHOST.replace("import shop", "import os"),
        _GHOST.replace("shop.f(a=a)", "pass"),
    ],
)
def test_what_the_ghostwriter_cannot_write_is_not_proposed(wrote: str | None) -> None:
    tests, told = _propose(FakeExecutor(returns=_OPAQUE, wrote=wrote))
    assert not tests
    assert len(told) == 1


def test_the_ghostwriter_is_not_asked_where_little_time_is_left() -> None:
    tests, _ = _propose(FakeExecutor(returns=_OPAQUE, wrote=_GHOST), left=20.0)
    assert not tests


def _read(answer: str) -> str | written.Unusable:
    known = calls.Calls(memory_tree.MemoryTree(_FILES))
    (target,) = targets.find(["shop.py::f"], known, known, lambda _: "shop")
    assert isinstance(target, targets.Target)
    return written.read(answer, target, frozenset({"shop"}))


def _block(code: str) -> str:
    return f"Thus:\n```python\n{code}\n```\n"


_TEST = "def test_f():\n    assert f(1)"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        _TEST,
        _block(_TEST) + _block(_TEST),
        _block("def test_f(:"),
        _block(f"import os\n{_TEST}"),
        _block(f"from . import f\n{_TEST}"),
        _block(f"import shop.f, subprocess\n{_TEST}"),
        _block(f"{_TEST}\n    __import__('os')"),
        _block(f"{_TEST}\n    eval('1')"),
        _block("from shop import f"),
        _block("def test_other():\n    assert True"),
        _block("class TestF:\n    def test_f(self):\n        assert f(1)"),
        _block("\n\n".join(_TEST.replace("test_f", f"test_{number}") for number in range(30))),
        _block(f"{_TEST} == '{'a' * 9000}'"),
        _block(f"{_TEST} == '\N{RIGHT-TO-LEFT OVERRIDE}'"),
        _block(f"{_TEST}\0"),
        _block("(" * 5000),
    ],
)
def test_an_answer_that_is_no_test_of_the_function_is_not_used(answer: str) -> None:
    assert isinstance(_read(answer), written.Unusable)


@pytest.mark.parametrize("imports", ["import shop", "import pytest\nfrom shop import f", "from decimal import Decimal"])
def test_an_answer_that_tests_the_function_is_taken_from_its_block(imports: str) -> None:
    assert _read(_block(f"{imports}\n\n\n{_TEST}")) == f"{imports}\n\n\n{_TEST}\n"
