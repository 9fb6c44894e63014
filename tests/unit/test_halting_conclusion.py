from collections.abc import Callable, Sequence

import pytest

from gatekeeper.halting import calls, conclusion, loops, probing, ranking, risk
from tests.fakes import memory_tree

How = probing.How
START = probing.Probed(how=How.RETURNED, fuel=0)
WHILE = "def f(n: int):\n    while n:\n        n -= 1\n"
COUNTED = "def f(n: int):\n    while n > 0:\n        n -= 1\n"
STUCK = "def f(n: int):\n    while n > 50:\n        m = n\n"
BARE = "def f(n):\n    while n:\n        n -= 1\n"
RECURSIVE = "def f(n: int):\n    return f(n - 1) if n else 0\n"


class Executor:
    """Answers each probe with what a rule says of its call."""

    def __init__(self, rule: Callable[[probing.Probe], probing.Probed]) -> None:
        self.rule, self.asked = rule, list[str]()

    def probe(self, probes: Sequence[probing.Probe], seconds: float) -> Sequence[probing.Probed]:
        self.asked += [one.call for one in probes]
        return [START if one.call == "None" else self.rule(one) for one in probes]


def _suspect(text: str) -> tuple[loops.Suspect, calls.Calls]:
    known = calls.Calls(memory_tree.MemoryTree({"m.py": text}))
    module = known.module("m.py")
    assert module is not None
    found = loops.named(module, "f", known)
    assert found is not None
    return found, known


def _said(
    text: str, rule: Callable[[probing.Probe], probing.Probed], asked: risk.HaltingRisk | None = None
) -> risk.HaltingRisk:
    suspect, known = _suspect(text)
    tried = probing.attempt(suspect, known, (), Executor(rule), lambda: 60.0)
    told = ranking.tell(suspect, known)
    return conclusion.conclude(suspect, tried, asked, engine="sandbox", version="1", told=told)


def _ended(probe: probing.Probe) -> probing.Probed:
    return probing.Probed(how=How.RETURNED, fuel=1_000_000)


def _ended_but(call: str, other: probing.Probed) -> Callable[[probing.Probe], probing.Probed]:
    return lambda probe: other if probe.call == call else _ended(probe)


def test_a_loop_that_repeats_itself_does_not_terminate_and_its_line_and_call_are_named() -> None:
    again = probing.Probed(how=How.REPEATED, fuel=1, line=2, state=(("n", "-1"),))
    said = _said(WHILE, _ended_but("f(-1)", again))
    assert (said.kind, said.line) == (risk.Kind.DOES_NOT_TERMINATE, 2)
    assert said.reason == "f(-1) never ends: the loop on line 2 comes back to a state that it was in (n = -1)"
    assert said.evidence[0] == risk.Repetition(call="f(-1)", line=2, state=(("n", "-1"),))


def test_a_call_that_goes_on_while_larger_ones_ended_may_not_terminate() -> None:
    def rule(probe: probing.Probe) -> probing.Probed:
        return probing.Probed(how=How.UNENDED, fuel=probe.fuel) if probe.call == "f(-1)" else _ended(probe)

    said = _said(WHILE, rule)
    assert said.kind is risk.Kind.MAY_NOT_TERMINATE
    assert said.probability is not None
    assert said.probability > 0.8
    assert "f(-1) did not end within 1,000 times what" in said.reason


def test_what_was_only_slow_while_it_was_watched_is_run_again_by_itself() -> None:
    def rule(probe: probing.Probe) -> probing.Probed:
        return probing.Probed(how=How.UNENDED, fuel=probe.fuel) if probe.loops else _ended(probe)

    assert _said(WHILE, rule).kind is risk.Kind.TERMINATES


def test_a_large_argument_that_does_not_end_is_slow_where_the_effort_grows_exponentially() -> None:
    def rule(probe: probing.Probe) -> probing.Probed:
        size = int(probe.call[2:-1])
        fuel = 1_000_000 + 2 ** max(size, 0) * 100_000
        return (
            probing.Probed(how=How.RETURNED, fuel=fuel)
            if fuel < probe.fuel
            else probing.Probed(how=How.UNENDED, fuel=probe.fuel)
        )

    said = _said(WHILE, rule)
    assert said.kind is risk.Kind.TERMINATES
    assert "slow, not endless" in said.reason


def test_a_large_argument_that_does_not_end_says_nothing_by_itself() -> None:
    said = _said(WHILE, _ended_but("f(100)", probing.Probed(how=How.UNENDED, fuel=probing.ALONE)))
    assert said.kind is risk.Kind.UNKNOWN
    assert "may only be slow" in said.reason


def test_a_stack_that_small_arguments_overflow_is_a_finding_where_the_function_calls_itself() -> None:
    rule = _ended_but("f(-1)", probing.Probed(how=How.RECURSION, fuel=1))
    assert _said(RECURSIVE, rule).kind is risk.Kind.MAY_NOT_TERMINATE
    assert _said(WHILE, rule).kind is risk.Kind.TERMINATES


def test_what_cannot_be_tried_is_unknown_with_the_reason() -> None:
    said = _said(WHILE, lambda _: probing.Probed(how=How.LACKING, fuel=0, why="needs threads"))
    assert (said.kind, said.probability) == (risk.Kind.UNKNOWN, None)
    assert said.reason == "it could not be tried: needs threads"


def _model(probability: float) -> risk.HaltingRisk:
    return risk.HaltingRisk(
        path="m.py",
        function="f",
        line=2,
        kind=risk.Kind.MAY_NOT_TERMINATE if probability >= 0.5 else risk.Kind.TERMINATES,
        probability=probability,
        reason="3 of 3 answers say that a while loop may not end",
        evidence=(risk.Votes(samples=3, halting=0, diverging=3),),
        engine="cwm",
        model="cwm",
        version="1",
    )


def test_a_model_decides_only_where_nothing_was_seen() -> None:
    said = _said(WHILE, lambda _: probing.Probed(how=How.LACKING, fuel=0, why="needs threads"), _model(0.9))
    assert (said.kind, said.engine, said.probability) == (risk.Kind.MAY_NOT_TERMINATE, "cwm", 0.9)


def test_a_model_that_contradicts_what_was_seen_to_end_stays_as_evidence() -> None:
    said = _said(WHILE, _ended, _model(0.8))
    assert (said.kind, said.engine) == (risk.Kind.TERMINATES, "sandbox")
    assert any(isinstance(item, risk.Votes) for item in said.evidence)


@pytest.mark.parametrize("probability", [0.1, 0.99])
def test_a_model_changes_nothing_of_a_proof(probability: float) -> None:
    again = probing.Probed(how=How.REPEATED, fuel=1, line=2)
    assert _said(WHILE, lambda _: again, _model(probability)).kind is risk.Kind.DOES_NOT_TERMINATE


def test_a_module_that_takes_long_to_load_makes_no_call_endless() -> None:
    def rule(probe: probing.Probe) -> probing.Probed:
        return probing.Probed(how=How.RETURNED, fuel=4_000_000_000)

    suspect, known = _suspect(WHILE)
    executor = Executor(rule)
    executor.probe = lambda probes, seconds: [rule(one) for one in probes]  # type: ignore[method-assign]
    tried = probing.attempt(suspect, known, (), executor, lambda: 60.0)
    assert tried.evidence[0] == risk.Ended(calls=9, fuel=100_000, longest="f(0)")


def test_a_module_that_cannot_be_loaded_makes_the_function_unknown_with_the_reason() -> None:
    suspect, known = _suspect(WHILE)
    executor = Executor(_ended)
    lacking = probing.Probed(how=How.LACKING, fuel=0, why="its module cannot be loaded: ImportError: no numpy")
    executor.probe = lambda probes, seconds: [lacking for _ in probes]  # type: ignore[method-assign]
    tried = probing.attempt(suspect, known, (), executor, lambda: 60.0)
    said = conclusion.conclude(suspect, tried, None, engine="sandbox", version="1")
    assert said.reason == "it could not be tried: its module cannot be loaded: ImportError: no numpy"


def _lacking(probe: probing.Probe) -> probing.Probed:
    return probing.Probed(how=How.LACKING, fuel=0, why="needs threads")


def test_where_nothing_can_be_tried_the_text_says_what_it_tells() -> None:
    said = _said(COUNTED, _lacking)
    assert (said.kind, said.engine) == (risk.Kind.TERMINATES, "text")
    assert said.reason.startswith("on line 2 n comes closer to its bound on every path")
    assert [item.course for item in said.evidence if isinstance(item, risk.Ranking)] == [risk.Course.MOVES]


def test_a_loop_that_changes_nothing_that_it_reads_may_not_end_though_small_calls_did() -> None:
    for rule in (_ended, _lacking):
        said = _said(STUCK, rule)
        assert (said.kind, said.line) == (risk.Kind.MAY_NOT_TERMINATE, 2)
        assert "changes nothing that its condition `n > 50` reads" in said.reason


def test_the_text_alone_never_says_that_a_function_does_not_terminate() -> None:
    assert _said("def f():\n    while True:\n        pass\n", _lacking).kind is risk.Kind.MAY_NOT_TERMINATE


def test_what_soundly_comes_to_its_end_is_slow_where_a_call_takes_long() -> None:
    said = _said(COUNTED, lambda probe: probing.Probed(how=How.UNENDED, fuel=probe.fuel))
    assert said.kind is risk.Kind.TERMINATES
    assert said.reason.startswith("slow, not endless")


def test_a_model_changes_nothing_of_what_the_text_soundly_tells() -> None:
    said = _said(COUNTED, _lacking, _model(0.9))
    assert (said.kind, said.engine) == (risk.Kind.TERMINATES, "text")


def test_a_model_is_weighed_with_what_the_text_only_suggests() -> None:
    said = _said("def f(n):\n    while n > 0:\n        n -= 1\n", _lacking, _model(0.9))
    assert said.probability == pytest.approx(0.55)


def test_a_proof_with_a_value_that_the_function_may_not_take_is_no_verdict_on_it() -> None:
    again = probing.Probed(how=How.REPEATED, fuel=1, line=2, state=(("n", "-1"),))
    said = _said(BARE, _ended_but("f(-1)", again))
    assert said.kind is risk.Kind.MAY_NOT_TERMINATE
    assert said.reason.endswith("nothing tells that it takes such values")


def test_a_proof_with_most_of_the_values_that_a_function_takes_is_one() -> None:
    again = probing.Probed(how=How.REPEATED, fuel=1, line=2, state=(("n", "1"),))
    assert _said(BARE, _ended_but("f(0)", again)).kind is risk.Kind.MAY_NOT_TERMINATE
    said = _said(BARE, lambda probe: _ended(probe) if probe.call == "f(0)" else again)
    assert said.kind is risk.Kind.DOES_NOT_TERMINATE


def test_a_call_that_took_long_and_ended_is_said_to_be_slow() -> None:
    said = _said(WHILE, _ended_but("f(100)", probing.Probed(how=How.RETURNED, fuel=120_000_000)))
    assert said.kind is risk.Kind.TERMINATES
    assert "f(100) is slow, and ended after 120 million instructions" in said.reason


def test_values_that_functions_are_seldom_made_for_only_lower_what_is_said_of_one_without_annotations() -> None:
    said = _said(
        "def f(n):\n    return f(n - 1) if n else 0\n", _ended_but("f(-1)", probing.Probed(how=How.RECURSION, fuel=1))
    )
    assert (said.kind, said.probability, said.slow) == (risk.Kind.TERMINATES, 0.35, False)
    assert said.reason.endswith("f(-1) goes deeper than the stack allows; nothing tells that it takes such values")


def test_a_large_argument_that_does_not_end_is_slow_where_smaller_ones_took_long_already() -> None:
    def rule(probe: probing.Probe) -> probing.Probed:
        if probe.call == "f(100)":
            return probing.Probed(how=How.UNENDED, fuel=probe.fuel)
        return probing.Probed(how=How.RETURNED, fuel=150_000_000)

    said = _said(WHILE, rule)
    assert (said.kind, said.slow) == (risk.Kind.TERMINATES, True)
    assert said.reason.startswith("slow, not endless: f(100) did not end")
