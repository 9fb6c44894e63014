"""From how a test ran after, and before, to what is predicted of it."""

import pytest

from gatekeeper.impact import selection
from gatekeeper.sandbox import judgement, session
from gatekeeper.simulation import prediction

Outcome = prediction.Outcome
Ran = session.Ran

LIMITS = session.Limits(fuel=60 * session.BILLION, memory=1 << 30, seconds=30, disk=1 << 28)
TEST = "tests/test_it.py::test_it"


def judge() -> judgement.Judge:
    chosen = selection.Selection(affected=(), unaffected={}, total=1, unparsable={})
    return judgement.Judge(
        tests=chosen,
        limits=LIMITS,
        own=frozenset({"ours"}),
        unavailable={"numpy": "numpy 2.5 has no pure-Python wheel"},
        reasons={("tests/test_it.py", "test_it"): "calls ours.add, which changed"},
    )


def said(after: Ran, before: Ran | None, again: Ran | None = None) -> prediction.Prediction:
    return judge().broken(TEST, after, before, again)


def test_a_pass_says_why_the_test_was_selected() -> None:
    passed = judge().passed(f"{TEST}[1-2]", Ran(how="pass"))
    assert (passed.outcome, passed.p_fail, passed.reason) == (Outcome.PASS, 0.0, "calls ours.add, which changed")


def test_a_skip_says_why_and_has_no_probability() -> None:
    skipped = judge().passed(TEST, Ran(how="skip", exception="needs Windows"))
    assert (skipped.outcome, skipped.p_fail, skipped.reason) == (Outcome.SKIP, None, "skipped: needs Windows")


@pytest.mark.parametrize(("how", "outcome"), [("fail", Outcome.FAIL), ("error", Outcome.ERROR)])
def test_what_passed_before_and_not_after_is_predicted(how: str, outcome: Outcome) -> None:
    found = said(Ran(how=how, exception="ValueError: no"), Ran(how="pass"), Ran(how=how))
    assert (found.outcome, found.p_fail, found.exception) == (outcome, 1.0, "ValueError: no")
    assert not found.already_failing


def test_what_fails_on_both_sides_is_already_failing() -> None:
    found = said(Ran(how="fail"), Ran(how="fail"))
    assert (found.outcome, found.already_failing) == (Outcome.FAIL, True)


def test_a_new_test_that_fails_is_predicted() -> None:
    assert said(Ran(how="fail"), None).outcome is Outcome.FAIL


def test_a_new_test_has_no_control_so_what_it_used_and_the_sandbox_lacks_makes_it_unknown() -> None:
    found = said(Ran(how="fail", noted=("needs threads, which the sandbox lacks",)), None)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "new, and needs threads, which the sandbox lacks")


def test_with_a_control_that_passes_what_was_merely_used_does_not_excuse_a_failure() -> None:
    assert said(Ran(how="fail", noted=("needs threads",)), Ran(how="pass"), Ran(how="fail")).outcome is Outcome.FAIL


def test_what_the_sandbox_lacks_is_never_a_failure() -> None:
    found = said(Ran(how="error", limit="needs sockets, which the sandbox lacks"), Ran(how="pass"))
    assert (found.outcome, found.p_fail) == (Outcome.UNKNOWN, None)


def test_a_failure_that_is_gone_when_the_test_runs_alone_is_unknown() -> None:
    found = said(Ran(how="fail"), Ran(how="pass"), Ran(how="pass"))
    assert found.outcome is Outcome.UNKNOWN
    assert "run before it" in found.reason


def test_a_requirement_that_cannot_be_had_is_unknown_with_its_reason() -> None:
    found = said(Ran(how="error", missing="numpy.linalg"), Ran(how="pass"))
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "needs numpy: numpy 2.5 has no pure-Python wheel")


def test_a_module_that_nothing_asks_for_is_an_error_where_it_was_not_wanted_before() -> None:
    assert said(Ran(how="error", missing="1"), Ran(how="pass")).outcome is Outcome.ERROR


def test_a_module_of_the_tree_that_is_gone_is_an_error() -> None:
    assert said(Ran(how="error", missing="ours.gone"), Ran(how="pass")).outcome is Outcome.ERROR


def test_a_fixture_that_is_gone_is_an_error_where_it_was_there_before() -> None:
    assert said(Ran(how="error", missing="fixture client"), Ran(how="pass")).outcome is Outcome.ERROR


def test_a_fixture_that_a_new_test_misses_may_be_of_an_absent_plugin() -> None:
    assert said(Ran(how="error", missing="fixture client"), None).outcome is Outcome.UNKNOWN


def test_out_of_fuel_is_a_hang_where_it_needed_little_before() -> None:
    found = said(Ran(how="fuel", fuel=LIMITS.fuel), Ran(how="pass", fuel=LIMITS.fuel // 100))
    assert (found.outcome, found.p_fail) == (Outcome.HANG, 1.0)


def test_slow_is_not_hanging() -> None:
    found = said(Ran(how="fuel", fuel=LIMITS.fuel), Ran(how="pass", fuel=LIMITS.fuel // 9))
    assert (found.outcome, found.p_fail) == (Outcome.UNKNOWN, None)


@pytest.mark.parametrize("before", [None, Ran(how="fuel"), Ran(how="wall")])
def test_out_of_fuel_says_nothing_without_a_control_that_ended(before: Ran | None) -> None:
    assert said(Ran(how="fuel"), before).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("how", ["unusable", "garbled", "disk", "cancelled", "budget"])
def test_a_session_that_could_not_run_is_unknown(how: str) -> None:
    assert said(Ran(how=how), Ran(how="pass")).outcome is Outcome.UNKNOWN


def test_an_interpreter_that_breaks_where_it_did_not_before_is_an_error() -> None:
    found = said(Ran(how="exit 3"), Ran(how="pass"))
    assert (found.outcome, found.exception) == (Outcome.ERROR, "SystemExit: the interpreter ended with status 3")


def test_an_interpreter_that_breaks_on_both_sides_says_nothing() -> None:
    assert said(Ran(how="stack overflow"), Ran(how="stack overflow")).outcome is Outcome.UNKNOWN


def test_the_line_at_fault_is_the_changed_line_that_the_test_ran_last() -> None:
    test, changed = prediction.Location(path="test_it.py", line=3), prediction.Location(path="ours.py", line=7)
    found = said(Ran(how="fail", at=(test,)), Ran(how="pass"), Ran(how="fail", touched=(changed,)))
    assert found.at == changed


def test_without_one_it_is_the_innermost_line_of_the_tree() -> None:
    outer, inner = prediction.Location(path="test_it.py", line=3), prediction.Location(path="ours.py", line=9)
    assert said(Ran(how="fail", at=(outer, inner)), Ran(how="pass"), Ran(how="fail")).at == inner
