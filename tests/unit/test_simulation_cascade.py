from collections.abc import Sequence
from dataclasses import replace

import pytest

from gatekeeper.impact import selection
from gatekeeper.simulation import cascade, engine, prediction
from tests.fakes import engines, memory_tree

_TREE = memory_tree.MemoryTree({})
Outcome = prediction.Outcome


def _said(test: str, outcome: Outcome, *, imagined: bool, p_fail: float | None = None) -> prediction.Prediction:
    known = {Outcome.PASS: 0.0, Outcome.FAIL: 1.0}.get(outcome)
    return prediction.Prediction(
        test=test,
        outcome=outcome,
        p_fail=known if p_fail is None else p_fail,
        reason="said so" if known is not None else "needs a thread",
        engine="cwm" if imagined else "sandbox",
        model="m",
        version="1",
        imagined=imagined,
    )


def _ran(test: str, outcome: Outcome) -> prediction.Prediction:
    return _said(test, outcome, imagined=False)


def _imagined(test: str, outcome: Outcome, p_fail: float | None = None) -> prediction.Prediction:
    return _said(test, outcome, imagined=True, p_fail=p_fail)


def _selection(*names: str) -> selection.Selection:
    return selection.Selection(
        affected=tuple(selection.AffectedTest(path="t.py", name=name, reason="calls f") for name in names),
        unaffected={"t.py": frozenset({"test_other"})},
        total=len(names) + 1,
        unparsable={},
    )


def _predict(
    joined: cascade.Cascade, *names: str, seconds: float = 60.0, cancelled: bool = False
) -> dict[str, prediction.Prediction]:
    said = joined.predict(_selection(*names), _TREE, _TREE, engine.Budget(seconds=seconds), lambda: cancelled)
    listed = list(said)
    assert len(listed) == len({one.test for one in listed})
    return {one.test: one for one in listed}


def _cascade(
    executed: Sequence[prediction.Prediction],
    imagined: Sequence[prediction.Prediction],
    order: cascade.Order = cascade.Order.SANDBOX_FIRST,
    spot_checks: float = 0.0,
) -> cascade.Cascade:
    return cascade.Cascade(
        executing=engines.Told(said=executed),
        imagining=engines.Told(said=imagined),
        order=order,
        spot_checks=spot_checks,
        clock=lambda: 0.0,
    )


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.FAIL])
def test_what_was_run_decides_and_the_model_is_not_asked(outcome: Outcome) -> None:
    joined = _cascade([_ran("t.py::test_a", outcome)], [_imagined("t.py::test_a", Outcome.FAIL)])

    said = _predict(joined, "test_a")["t.py::test_a"]

    assert (said.outcome, said.imagined, said.attempts) == (outcome, False, ())
    assert joined.imagining.asked == []  # type: ignore[attr-defined]


def test_where_it_cannot_be_run_the_imagined_score_decides_and_both_are_kept() -> None:
    joined = _cascade([_ran("t.py::test_a", Outcome.UNKNOWN)], [_imagined("t.py::test_a", Outcome.FAIL, 0.8)])

    said = _predict(joined, "test_a")["t.py::test_a"]

    assert (said.outcome, said.p_fail, said.imagined) == (Outcome.FAIL, 0.8, True)
    assert [other.engine for other in said.attempts] == ["sandbox"]


def test_where_neither_can_say_it_is_unknown_for_the_reason_of_the_one_that_runs() -> None:
    joined = _cascade(
        [_ran("t.py::test_a", Outcome.UNKNOWN)],
        [replace(_imagined("t.py::test_a", Outcome.UNKNOWN), reason="the server is down")],
    )

    said = _predict(joined, "test_a")["t.py::test_a"]

    assert (said.outcome, said.reason) == (Outcome.UNKNOWN, "needs a thread")
    assert [other.reason for other in said.attempts] == ["the server is down"]


def test_the_model_is_asked_only_for_what_could_not_be_run() -> None:
    joined = _cascade(
        [_ran("t.py::test_a", Outcome.PASS), _ran("t.py::test_b", Outcome.UNKNOWN)],
        [_imagined("t.py::test_b", Outcome.PASS)],
    )

    _predict(joined, "test_a", "test_b")

    ((asked, _),) = joined.imagining.asked  # type: ignore[attr-defined]
    assert [test.name for test in asked.affected] == ["test_b"]
    assert asked.unaffected == {"t.py": {"test_other", "test_a"}}


def test_with_the_model_first_a_pass_stands_and_a_failure_goes_before_the_judge() -> None:
    joined = _cascade(
        [_ran("t.py::test_b", Outcome.PASS)],
        [_imagined("t.py::test_a", Outcome.PASS, 0.1), _imagined("t.py::test_b", Outcome.FAIL, 0.9)],
        cascade.Order.NEURAL_FIRST,
    )

    said = _predict(joined, "test_a", "test_b")

    assert said["t.py::test_a"].imagined
    assert (said["t.py::test_b"].outcome, said["t.py::test_b"].imagined) == (Outcome.PASS, False)
    assert said["t.py::test_b"].disagreed


def test_with_the_model_first_a_failure_that_cannot_be_run_stands_as_imagined() -> None:
    joined = _cascade(
        [_ran("t.py::test_a", Outcome.UNKNOWN)],
        [_imagined("t.py::test_a", Outcome.FAIL, 0.9)],
        cascade.Order.NEURAL_FIRST,
    )

    said = _predict(joined, "test_a")["t.py::test_a"]

    assert (said.outcome, said.imagined) == (Outcome.FAIL, True)


def test_a_share_of_imagined_passes_is_spot_checked_and_counted() -> None:
    tests = [f"test_{number}" for number in range(200)]
    imagined = [_imagined(f"t.py::{name}", Outcome.PASS, 0.1) for name in tests]
    executed = [_ran(f"t.py::{name}", Outcome.FAIL if name == "test_0" else Outcome.PASS) for name in tests]
    joined = _cascade(executed, imagined, cascade.Order.NEURAL_FIRST, spot_checks=0.25)

    said = _predict(joined, *tests)

    checked = [one for one in said.values() if not one.imagined]
    assert 30 <= len(checked) <= 70
    assert joined.checked == len(checked)
    assert joined.refuted == sum(one.outcome is Outcome.FAIL for one in checked)


def test_parametrisations_that_only_running_shows_are_decided_one_by_one() -> None:
    joined = _cascade(
        [_ran("t.py::test_a[1]", Outcome.FAIL), _ran("t.py::test_a[2]", Outcome.PASS)],
        [_imagined("t.py::test_a", Outcome.UNKNOWN)],
        cascade.Order.NEURAL_FIRST,
    )

    said = _predict(joined, "test_a")

    assert {test: one.outcome for test, one in said.items()} == {
        "t.py::test_a[1]": Outcome.FAIL,
        "t.py::test_a[2]": Outcome.PASS,
    }


def test_a_module_that_cannot_be_run_is_decided_by_the_tests_that_the_model_sees_in_it() -> None:
    joined = _cascade(
        [_ran("t.py::test_a", Outcome.UNKNOWN)],
        [_imagined("t.py::test_a[1]", Outcome.PASS, 0.2), _imagined("t.py::test_a[2]", Outcome.UNKNOWN)],
    )

    said = _predict(joined, "test_a")

    assert {test: (one.outcome, one.imagined) for test, one in said.items()} == {
        "t.py::test_a[1]": (Outcome.PASS, True),
        "t.py::test_a[2]": (Outcome.UNKNOWN, False),
    }


def test_tests_that_the_model_does_not_see_keep_what_was_said_of_them() -> None:
    joined = _cascade([_ran("t.py::test_a", Outcome.UNKNOWN)], [])

    assert _predict(joined, "test_a")["t.py::test_a"].reason == "needs a thread"


def test_the_second_engine_gets_what_the_first_left_of_the_time() -> None:
    now = iter([0.0, 45.0])
    joined = _cascade([_ran("t.py::test_a", Outcome.UNKNOWN)], [])
    joined.clock = lambda: next(now)

    _predict(joined, "test_a", seconds=60.0)

    ((_, budget),) = joined.imagining.asked  # type: ignore[attr-defined]
    assert budget.seconds == 15.0


def test_a_cancelled_review_asks_no_second_engine() -> None:
    joined = _cascade([_ran("t.py::test_a", Outcome.UNKNOWN)], [])

    _predict(joined, "test_a", cancelled=True)

    assert joined.imagining.asked == []  # type: ignore[attr-defined]


def test_the_cheaper_engine_comes_first_once_both_are_measured() -> None:
    assert cascade.cheaper({}) is cascade.Order.SANDBOX_FIRST
    assert cascade.cheaper({False: 2.0}) is cascade.Order.SANDBOX_FIRST
    assert cascade.cheaper({False: 2.0, True: 0.5}) is cascade.Order.NEURAL_FIRST
    assert cascade.cheaper({False: 0.5, True: 2.0}) is cascade.Order.SANDBOX_FIRST


def test_spot_checks_are_drawn_evenly_and_the_same_again() -> None:
    draws = [cascade.drawn(f"t.py::test_{number}", "tree") for number in range(1000)]

    assert draws == [cascade.drawn(f"t.py::test_{number}", "tree") for number in range(1000)]
    assert 0.45 < sum(draws) / len(draws) < 0.55
