"""The engine with a model that is always right, or wrong in one way: from trees to predictions."""

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from gatekeeper import errors
from gatekeeper.impact import selection
from gatekeeper.inference import engine, generation
from gatekeeper.inference.profiles import catalogue
from gatekeeper.simulation import engine as protocol
from gatekeeper.simulation import imagined, prediction, trace
from tests.fakes import memory_tree, oracle

_SHOP = """\
RATE = 20


def scaled(amount, rate):
    return amount * rate // 100


def total(prices):
    result = 0
    for price in prices:
        result += price
    return result + scaled(result, RATE)
"""
_BROKEN = _SHOP.replace("result += price", "result = price")
_TESTS = """\
import pytest

import shop


@pytest.fixture
def prices():
    return [100, 200]


@pytest.mark.parametrize(("amount", "expected"), [(100, 20), (0, 0)])
def test_scaled(amount, expected):
    assert shop.scaled(amount, 20) == expected


def test_total(prices):
    assert shop.total(prices) == 360


def test_one(prices):
    assert shop.total(prices[:1]) == 120


def test_files(tmp_path):
    assert shop.total([]) == 0
"""
_NAMES = ("test_scaled", "test_total", "test_one", "test_files")
_BEFORE = memory_tree.MemoryTree({"shop.py": _SHOP, "test_shop.py": _TESTS})
_AFTER = memory_tree.MemoryTree({"shop.py": _BROKEN, "test_shop.py": _TESTS})
_SELECTED = selection.Selection(
    affected=tuple(selection.AffectedTest(path="test_shop.py", name=name, reason="calls total") for name in _NAMES),
    unaffected={},
    total=4,
    unparsable={},
)
Outcome = prediction.Outcome


def _engine(model: oracle.Oracle, *, samples: int = 1, known: dict[str, bool] | None = None) -> engine.NeuralEngine:
    @contextlib.asynccontextmanager
    async def connect() -> AsyncIterator[generation.Model]:
        yield model

    return engine.NeuralEngine(connect=connect, profile=catalogue.named("cwm"), samples=samples, known=known or {})


def _predict(
    asked: engine.NeuralEngine,
    *,
    before: memory_tree.MemoryTree = _BEFORE,
    after: memory_tree.MemoryTree = _AFTER,
    budget: protocol.Budget | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, prediction.Prediction]:
    said = list(asked.predict(_SELECTED, before, after, budget or protocol.Budget(seconds=60), cancelled))
    assert len({one.test for one in said}) == len(said)
    return {one.test.partition("::")[2]: one for one in said}


def test_tests_that_the_change_breaks_fail_and_the_others_pass() -> None:
    said = _predict(_engine(oracle.Oracle()))

    assert {test: one.outcome for test, one in said.items()} == {
        "test_scaled[100-20]": Outcome.PASS,
        "test_scaled[0-0]": Outcome.PASS,
        "test_total": Outcome.FAIL,
        "test_one": Outcome.PASS,
        "test_files": Outcome.UNKNOWN,
    }
    assert "tmp_path" in said["test_files"].reason


def test_a_failure_comes_with_its_trace_its_exception_and_its_place() -> None:
    failing = _predict(_engine(oracle.Oracle()))["test_total"]

    assert failing.imagined
    assert failing.control is prediction.Control.ASSUMED
    assert failing.exception is not None
    assert failing.exception.startswith("AssertionError")
    assert failing.at == prediction.Location(path="test_shop.py", line=17)
    assert failing.p_fail == failing.raw_score
    assert failing.trace is not None
    assert [frame.source.strip() for frame in failing.trace.head if frame.scope == "total"].count("result = price") == 2
    assert (failing.engine, failing.model) == ("cwm", "oracle")


def test_what_looks_like_a_secret_is_masked_also_where_it_is_cut() -> None:
    token = "ghp_" + "a1" * 18
    filler = "-" * 285

    def telling(_program: str, steps: list[imagined.Step], _number: int) -> list[imagined.Step]:
        told = {"password": "'swordfish'", "found": f"'{token}'", "long": f"'{filler}{token}'"}
        return [replace(step, locals={**step.locals, **told}) if step.locals else step for step in steps]

    found = _predict(_engine(oracle.Oracle(wrong=telling)))["test_total"].trace

    assert found is not None
    values = {
        value for frame in found.head for name, value in frame.locals.items() if name in {"password", "found", "long"}
    }
    assert values == {"'***'"}


def test_the_cost_counts_both_sides_and_what_the_server_had_read_before() -> None:
    model = oracle.Oracle()
    said = _predict(_engine(model))

    spent = sum((one.cost for one in said.values()), prediction.Cost())
    asked = sum(len(one.prompt) for one in model.asked)
    assert spent.tokens - spent.completion_tokens == asked
    assert 0 < spent.cached_tokens < asked


def test_what_ran_before_the_change_is_a_better_control_than_an_assumption() -> None:
    said = _predict(_engine(oracle.Oracle(), known={"test_shop.py::test_total": True}))

    assert said["test_total"].control is prediction.Control.EXECUTED
    assert said["test_total"].reason == "passes before the change, not after"
    assert said["test_one"].control is prediction.Control.ASSUMED


def test_a_model_that_gets_base_wrong_is_not_believed() -> None:
    said = _predict(_engine(oracle.Oracle()), before=_AFTER)

    assert said["test_total"].outcome is Outcome.UNKNOWN
    assert "fails before the change too" in said["test_total"].reason
    assert said["test_one"].outcome is Outcome.PASS


def test_a_new_test_has_no_control_and_says_so() -> None:
    older = memory_tree.MemoryTree({"shop.py": _SHOP, "test_shop.py": _TESTS.replace("def test_total", "def total_")})

    said = _predict(_engine(oracle.Oracle(), samples=3), before=older)["test_total"]

    assert (said.outcome, said.control, said.reason) == (
        Outcome.FAIL,
        prediction.Control.NONE,
        "new, and does not pass",
    )


def test_a_trace_that_cannot_be_is_unknown_and_no_failure() -> None:
    def invented(program: str, steps: list[imagined.Step], _number: int) -> list[imagined.Step]:
        line = imagined.Step(event=trace.Event.LINE, source="    raise ValueError(1)")
        return [*steps[:3], line, *steps[3:]] if "result = price" in program else steps

    said = _predict(_engine(oracle.Oracle(wrong=invented)))

    assert said["test_total"].outcome is Outcome.UNKNOWN
    assert "`raise ValueError(1)` is not in the program" in said["test_total"].reason


def test_a_trace_longer_than_the_context_goes_on_in_segments() -> None:
    model = oracle.Oracle(served=replace(oracle.SERVED, context=1_600))

    said = _predict(_engine(model))

    assert said["test_total"].outcome is Outcome.FAIL
    assert said["test_one"].outcome is Outcome.PASS
    assert max(len(one.prompt) + one.most for one in model.asked) <= 1_600


def test_a_frame_that_fills_the_context_is_not_asked_for_again() -> None:
    def endless(_program: str, steps: list[imagined.Step], _number: int) -> list[imagined.Step]:
        return [replace(steps[0], locals={"found": "[" + "1, " * 4_000 + "]"}), *steps[1:]]

    model = oracle.Oracle(served=replace(oracle.SERVED, context=1_600), wrong=endless)

    said = _predict(_engine(model))

    assert said["test_one"].outcome is Outcome.UNKNOWN
    assert re.search(r"a frame of its trace did not end within [\d,]+ tokens", said["test_one"].reason)
    assert len(model.asked) <= 3 * len(said)


def test_a_program_that_leaves_no_room_is_unknown() -> None:
    said = _predict(_engine(oracle.Oracle(served=replace(oracle.SERVED, context=700))))

    assert {one.outcome for one in said.values()} == {Outcome.UNKNOWN}


def test_samples_that_disagree_are_unknown() -> None:
    def first_passes(program: str, steps: list[imagined.Step], number: int) -> list[imagined.Step]:
        if number:
            return steps
        right = oracle.run(program.replace("result = price", "result += price"))
        return [replace(step, source=step.source.replace("+= price", "= price")) for step in right]

    agreed = _predict(_engine(oracle.Oracle(), samples=2))
    said = _predict(_engine(oracle.Oracle(wrong=first_passes), samples=2))

    assert agreed["test_total"].outcome is Outcome.FAIL
    assert (said["test_total"].outcome, said["test_total"].reason) == (Outcome.UNKNOWN, "the samples do not agree")


def test_a_server_that_is_down_makes_every_test_unknown_with_the_reason() -> None:
    said = _predict(_engine(oracle.Oracle(down=True)))

    assert {one.outcome for one in said.values()} == {Outcome.UNKNOWN}
    assert said["test_total"].reason == "the model server is down"


def test_a_server_that_cannot_be_reached_is_noted() -> None:
    @contextlib.asynccontextmanager
    async def connect() -> AsyncIterator[generation.Model]:
        raise errors.ModelError("nobody answers at http://127.0.0.1:1")
        yield

    asked = engine.NeuralEngine(connect=connect, profile=catalogue.named("cwm"), samples=1)

    assert {one.reason for one in _predict(asked).values()} == {"nobody answers at http://127.0.0.1:1"}
    assert asked.notes == ("nobody answers at http://127.0.0.1:1",)


def test_a_server_that_never_answers_ends_with_the_time_of_the_review() -> None:
    said = _predict(_engine(oracle.Oracle(stuck=True)), budget=protocol.Budget(seconds=0.5))

    assert said["test_total"].reason == "the review's time was over"


def test_a_cancelled_review_ends_soon() -> None:
    polled: list[None] = []

    def cancelled() -> bool:
        polled.append(None)
        return len(polled) > 2

    said = _predict(_engine(oracle.Oracle(stuck=True)), cancelled=cancelled)

    assert said["test_total"].reason == "the review was cancelled"


def test_the_budget_of_tokens_ends_the_asking() -> None:
    said = _predict(_engine(oracle.Oracle()), budget=protocol.Budget(seconds=60, tokens=1))

    assert "budget of 1 tokens" in said["test_one"].reason
