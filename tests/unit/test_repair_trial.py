from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from gatekeeper.diffs import tree
from gatekeeper.impact import selection
from gatekeeper.repair import candidate, proposal, trial
from gatekeeper.simulation import prediction
from tests.fakes import memory_tree

Outcome = prediction.Outcome

_FAIL, _SAME, _HANG = "tests/test_a.py::test_fail[1]", "tests/test_a.py::test_fail[2]", "tests/test_b.py::test_hang"
_PASS, _OTHER = "tests/test_a.py::test_pass", "tests/test_b.py::test_pass"
_PREDICTION = prediction.Prediction(
    test="", outcome=Outcome.PASS, p_fail=None, reason="", engine="fake", model="", version=""
)
_WITHOUT = {_FAIL: Outcome.FAIL, _SAME: Outcome.PASS, _PASS: Outcome.PASS, _OTHER: Outcome.PASS}
_ALL_PASS = dict.fromkeys(_WITHOUT, Outcome.PASS)


@dataclass(slots=True, kw_only=True)
class ScriptedExecutor:
    """Says of each new content of `a.py` what it was told, for those tests alone that it is asked for."""

    outcomes: Mapping[str, Mapping[str, Outcome]]
    name: str = "scripted"
    now: float = 0.0
    # seconds that each run takes
    takes: float = 1.0
    ran: list[list[str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def edited(self, path: str, content: bytes) -> tree.Tree:
        return memory_tree.MemoryTree({path: content})

    def run(self, patched: tree.Tree, tests: selection.Selection, seconds: float) -> Iterator[prediction.Prediction]:
        self.now += self.takes
        self.seconds.append(seconds)
        asked = [test for test in self.outcomes[patched.read("a.py").decode()] if _asked(test, tests)]
        self.ran.append(asked)
        for test in asked:
            outcome = self.outcomes[patched.read("a.py").decode()][test]
            yield replace(_PREDICTION, test=test, outcome=outcome)


def _asked(test: str, tests: selection.Selection) -> bool:
    """Whether a run of the selection has the test: all that a module of it has, but what is unaffected."""
    path, _, name = test.partition("::")
    return path in tests.modules and name.partition("[")[0] not in tests.unaffected.get(path, frozenset())


def _fault(*tests: str, name: str = "fault") -> proposal.Fault:
    return proposal.Fault(fingerprint=name, at=None, frames=(), tests=tests)


def _proposal(new: str, *faults: proposal.Fault) -> proposal.Proposal:
    change = candidate.Replacement(path="a.py", start=1, end=1, text=new)
    return proposal.Proposal(source=candidate.Source.UNDO, replacement=change, text="wrong = 1\n", faults=faults)


def _judged(said: Mapping[str, Outcome], *faults: proposal.Fault) -> trial.Judged:
    affected = tuple(
        selection.AffectedTest(path=path, name="", reason="") for path in sorted({test.split("::")[0] for test in said})
    )
    return trial.Judged(
        tests=selection.Selection(affected=affected, unaffected={}, total=9, unparsable={}),
        said=[replace(_PREDICTION, test=test, outcome=outcome) for test, outcome in said.items()],
        faults=faults,
    )


def _tried(
    executor: ScriptedExecutor, judged: trial.Judged, proposals: Iterable[proposal.Proposal], seconds: float = 30.0
) -> Sequence[candidate.FixCandidate]:
    """Return those of the proposals that hold."""
    end = executor.now + seconds
    results = (
        trial.Trial(proposed=proposed, judged=judged, executor=executor, left=lambda: end - executor.now).result()
        for proposed in proposals
    )
    return tuple(found for found in results if found is not None)


def test_what_mends_and_breaks_nothing_is_a_candidate() -> None:
    fault = _fault(_FAIL)
    executor = ScriptedExecutor(outcomes={"right = 1\n": _ALL_PASS})

    (found,) = _tried(executor, _judged(_WITHOUT, fault), [_proposal("right = 1\n", fault)])

    assert (found.mends, found.mended, found.kept, found.tried_by) == (("fault",), (_FAIL,), 3, "scripted")
    assert found.diff == "--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,1 @@\n-wrong = 1\n+right = 1\n"
    assert executor.ran == [[_FAIL, _SAME], [_PASS, _OTHER]]


def test_others_are_not_run_where_nothing_is_mended() -> None:
    fault = _fault(_FAIL)
    executor = ScriptedExecutor(outcomes={"new = 1\n": {**_ALL_PASS, _FAIL: Outcome.ERROR}})

    assert not _tried(executor, _judged(_WITHOUT, fault), [_proposal("new = 1\n", fault)])
    assert executor.ran == [[_FAIL, _SAME]]


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.ERROR, Outcome.HANG, Outcome.SKIP, Outcome.UNKNOWN, None])
@pytest.mark.parametrize("test", [_SAME, _PASS, _OTHER])
def test_what_keeps_another_test_from_passing_is_dropped(test: str, outcome: Outcome | None) -> None:
    fault = _fault(_FAIL)
    said = {name: was for name, was in (_ALL_PASS | {test: outcome}).items() if was is not None}
    executor = ScriptedExecutor(outcomes={"new = 1\n": said})

    assert _tried(executor, _judged(_WITHOUT, fault), [_proposal("new = 1\n", fault)]) == ()


@pytest.mark.parametrize("outcome", [Outcome.SKIP, Outcome.UNKNOWN, None])
def test_a_failing_test_is_mended_only_where_it_passes(outcome: Outcome | None) -> None:
    fault = _fault(_FAIL)
    said = {name: was for name, was in (_ALL_PASS | {_FAIL: outcome}).items() if was is not None}
    executor = ScriptedExecutor(outcomes={"new = 1\n": said})

    assert _tried(executor, _judged(_WITHOUT, fault), [_proposal("new = 1\n", fault)]) == ()


def test_what_does_not_parse_is_not_run() -> None:
    fault = _fault(_FAIL)
    executor = ScriptedExecutor(outcomes={"new = (\n": _ALL_PASS})

    assert _tried(executor, _judged(_WITHOUT, fault), [_proposal("new = (\n", fault)]) == ()
    assert executor.ran == []


def test_tests_of_other_faults_that_it_mends_too_are_its_own() -> None:
    first, second = _fault(_FAIL, name="first"), _fault(_OTHER, name="second")
    executor = ScriptedExecutor(outcomes={"new = 1\n": _ALL_PASS})
    said = _WITHOUT | {_OTHER: Outcome.ERROR}

    (found,) = _tried(executor, _judged(said, first, second), [_proposal("new = 1\n", first)])

    assert (found.mends, found.mended) == (("first", "second"), (_FAIL, _OTHER))


def test_a_hang_that_another_fault_is_blamed_for_is_not_run_again() -> None:
    fault, hang = _fault(_FAIL), _fault(_HANG, name="hang")
    executor = ScriptedExecutor(outcomes={"new = 1\n": {**_ALL_PASS, _HANG: Outcome.HANG}})

    (found,) = _tried(executor, _judged(_WITHOUT | {_HANG: Outcome.HANG}, fault, hang), [_proposal("new = 1\n", fault)])

    assert found.mends == ("fault",)
    assert executor.ran == [[_FAIL, _SAME], [_PASS, _OTHER]]


def test_what_nobody_knows_the_end_of_is_not_run_again() -> None:
    fault = _fault(_FAIL)
    executor = ScriptedExecutor(outcomes={"new = 1\n": {**_ALL_PASS, _HANG: Outcome.UNKNOWN}})

    (found,) = _tried(executor, _judged(_WITHOUT | {_HANG: Outcome.UNKNOWN}, fault), [_proposal("new = 1\n", fault)])

    assert (found.mended, found.kept) == ((_FAIL,), 3)
    assert executor.ran == [[_FAIL, _SAME], [_PASS, _OTHER]]


def test_a_module_that_could_not_be_imported_is_mended_where_all_its_tests_pass() -> None:
    fault = _fault("tests/test_c.py")
    judged = _judged({"tests/test_c.py": Outcome.ERROR, _PASS: Outcome.PASS}, fault)
    now = {"tests/test_c.py::test_one": Outcome.PASS, "tests/test_c.py::test_two[1]": Outcome.PASS, _PASS: Outcome.PASS}
    half = now | {"tests/test_c.py::test_one": Outcome.FAIL}
    executor = ScriptedExecutor(outcomes={"now = 1\n": now, "half = 1\n": half})

    (found,) = _tried(executor, judged, [_proposal("half = 1\n", fault), _proposal("now = 1\n", fault)])

    assert (found.replacement.text, found.mended) == ("now = 1\n", ("tests/test_c.py",))


def test_the_time_is_shared_and_what_is_not_done_by_then_is_dropped() -> None:
    fault = _fault(_FAIL)
    executor = ScriptedExecutor(outcomes={"new = 1\n": _ALL_PASS, "old = 1\n": _WITHOUT}, takes=6.0)
    judged = _judged(_WITHOUT, fault)
    proposals = [_proposal("old = 1\n", fault), _proposal("new = 1\n", fault)]

    assert _tried(executor, judged, proposals, seconds=11.0) == ()
    assert executor.seconds == [11.0, 5.0]


def test_what_was_seen_to_mend_is_run_on_all_tests_at_once() -> None:
    fault = _fault(_FAIL)
    executor = ScriptedExecutor(outcomes={"right = 1\n": _ALL_PASS})
    proposed = replace(_proposal("right = 1\n", fault), seen=True)

    (found,) = _tried(executor, _judged(_WITHOUT, fault), [proposed])

    assert executor.ran == [[_FAIL, _SAME, _PASS, _OTHER]]
    assert found.kept == 3


@pytest.mark.parametrize(("fuel", "ran"), [(10**8, [_PASS, _OTHER]), (10**10, [_PASS])])
def test_tests_that_a_fix_cannot_affect_are_left_out_where_all_would_take_long(fuel: int, ran: list[str]) -> None:
    fault = _fault(_FAIL)
    executor = ScriptedExecutor(outcomes={"right = 1\n": _ALL_PASS})
    judged = _judged(_WITHOUT, fault)
    here = selection.AffectedTest(path="tests/test_a.py", name="", reason="")
    reached = selection.Selection(affected=(here,), unaffected={}, total=9, unparsable={})
    said = [replace(one, cost=prediction.Cost(fuel=fuel)) for one in judged.said]

    (found,) = _tried(
        executor, replace(judged, said=said, reached=lambda _: reached), [_proposal("right = 1\n", fault)]
    )

    assert executor.ran == [[_FAIL, _SAME], ran]
    assert found.kept == len(ran) + 1, "only what was run, or passes beside the one that is mended"
