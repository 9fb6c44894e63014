"""From how a test ran after, and before, to what is predicted of it. Pure."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gatekeeper.impact import selection
from gatekeeper.sandbox import session
from gatekeeper.simulation import prediction

ENGINE = "sandbox"
MODEL = "cpython 3.14 wasm32-wasi"
VERSION = "1"
# a test that runs out of fuel hangs only if it needed at most this share of that fuel before
SLOW = 10

Outcome = prediction.Outcome
OUTCOMES = {"pass": Outcome.PASS, "fail": Outcome.FAIL, "error": Outcome.ERROR, "skip": Outcome.SKIP}
BUDGETS = {"fuel", "wall"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What is known beside the runs themselves."""

    tests: selection.Selection
    limits: session.Limits
    # top-level modules of the trees themselves
    own: frozenset[str]
    # distribution or import name -> why it is not there
    unavailable: Mapping[str, str]
    # (module, name of a test) -> why it was selected
    reasons: Mapping[tuple[str, str], str]
    # modules outside the trees that the before tree imports
    imported_before: frozenset[str] = frozenset()
    # test module -> modules for which it got stand-ins
    absent: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def lacking(self, modules: Mapping[str, session.Ran]) -> dict[str, frozenset[str]]:
        """Return, for each test module that could not be imported for want of a module that cannot be had, that one.

        Only what the before tree imports too: a stand-in for what the change brings in would hide that it is missing.
        """
        wanted = {}
        for path, ran in modules.items():
            # a module in C is wanted by the one that is named like it
            name = (ran.missing or "").removeprefix("_")
            if name.partition(".")[0] in self.imported_before | sys.stdlib_module_names:
                wanted[path] = frozenset({name})
        return wanted

    def passed(self, test: str, after: session.Ran) -> prediction.Prediction:
        """Return the prediction for a test that passes after, or is skipped."""
        skipped = after.how == "skip"
        reason = f"skipped: {after.exception}" if skipped else self._why(test)
        outcome = Outcome.SKIP if skipped else Outcome.PASS
        return self._said(test, outcome, None if skipped else 0.0, reason, after)

    def _why(self, test: str) -> str:
        """Return why the test was selected."""
        path, _, name = test.partition("::")
        known = self.reasons.get((path, name.partition("[")[0])) or self.reasons.get((path, ""))
        return known or "collected from a module with affected tests"

    def broken(
        self, test: str, after: session.Ran, before: session.Ran | None, again: session.Ran | None
    ) -> prediction.Prediction:
        """Return the prediction for a test that does not pass after.

        `before` is its control, None where there is none: the test is new. `again` is the same test run after by
        itself, None where it was not.
        """
        lacking = self._lacking(after, before)
        if lacking:
            said = self._said(test, Outcome.UNKNOWN, None, lacking, after)
            return replace(said, passes_before=True) if before is not None and before.how == "pass" else said
        if again is not None and again.how == "pass":
            return self._said(test, Outcome.UNKNOWN, None, "its outcome depends on which tests run before it", after)
        if before is not None and before.how != "pass":
            return self._already(test, after, before)
        if after.how in BUDGETS:
            return self._hang(test, after, before)
        outcome = OUTCOMES.get(after.how, Outcome.ERROR)
        reason = "passes before the change, not after" if before else "new, and does not pass"
        came_through = again.touched[-1:] if again is not None else ()
        return self._said(test, outcome, 1.0, reason, replace(after, touched=came_through))

    def _lacking(self, after: session.Ran, before: session.Ran | None) -> str | None:
        """Return what the sandbox could not give the test, if that may be why it does not pass."""
        if after.limit:
            return after.limit
        if after.how in {"unusable", "garbled", "disk", "cancelled", "budget"}:
            return REASONS[after.how] + (f": {after.exception}" if after.exception else "")
        if after.missing and (absent := self._absent(after.missing, before)):
            return absent
        if before is None and after.noted:
            return f"new, and {after.noted[0]}"
        if before is None and after.how not in OUTCOMES:
            return "new, and not within the budget" if after.how in BUDGETS else f"new, and {_exception(after)}"
        return None

    def _absent(self, missing: str, before: session.Ran | None) -> str | None:
        if missing.startswith("fixture "):
            if before is not None and before.how == "pass":
                return None
            return f"needs the {missing}, which no plugin in the sandbox provides"
        top = missing.partition(".")[0]
        if top in self.own:
            return None
        if before is not None and before.how == "pass" and not {missing, top} & self.unavailable.keys():
            # nothing asks for a module of that name: the change has broken something
            return None
        why = self.unavailable.get(missing) or self.unavailable.get(top) or "it is not among the declared requirements"
        return f"needs {top}: {why}"

    def _already(self, test: str, after: session.Ran, before: session.Ran) -> prediction.Prediction:
        if stand_ins := self.absent.get(test.partition("::")[0]):
            reason = f"does not pass with a stand-in for {', '.join(sorted(stand_ins))}, before the change either"
            return self._said(test, Outcome.UNKNOWN, None, reason, after)
        if before.limit or before.noted:
            return self._said(test, Outcome.UNKNOWN, None, before.limit or before.noted[0], after)
        if before.how == "skip":
            return self._said(test, Outcome.UNKNOWN, None, "skipped before the change, so it has no control", after)
        if before.how in BUDGETS:
            reason = "needs more than the budget before the change too"
            return self._said(test, Outcome.UNKNOWN, None, reason, after)
        if before.how not in OUTCOMES:
            reason = f"{_exception(before) or REASONS.get(before.how, before.how)}, before the change too"
            return self._said(test, Outcome.UNKNOWN, None, reason, after)
        outcome = OUTCOMES.get(after.how, Outcome.HANG if after.how in BUDGETS else Outcome.ERROR)
        return self._said(test, outcome, 1.0, "does not pass before the change either", after, already=True)

    def _hang(self, test: str, after: session.Ran, before: session.Ran | None) -> prediction.Prediction:
        assert before is not None  # a new test has been ruled out
        limit = f"{after.fuel / session.BILLION:.3g} billion instructions"
        if after.how == "wall":
            limit = f"{self.limits.seconds:g} seconds"
        elif before.fuel * SLOW > after.fuel:
            reason = f"needs more than {limit}; it was slow before the change, so it may only be slower"
            return self._said(test, Outcome.UNKNOWN, None, reason, after)
        reason = f"does not end within {limit}, and did before the change"
        return self._said(test, Outcome.HANG, 1.0, reason, after)

    def _said(
        self,
        test: str,
        outcome: Outcome,
        p_fail: float | None,
        reason: str,
        after: session.Ran,
        *,
        already: bool = False,
    ) -> prediction.Prediction:
        broke = outcome.broken or outcome is Outcome.UNKNOWN
        return prediction.Prediction(
            test=test,
            outcome=outcome,
            p_fail=p_fail,
            reason=reason,
            already_failing=already,
            exception=_exception(after) if broke else None,
            at=next((place for places in (after.touched, after.at) for place in places[-1:]), None) if broke else None,
            traceback=after.at if broke else (),
            cost=prediction.Cost(seconds=after.seconds, fuel=after.fuel),
            engine=ENGINE,
            model=MODEL,
            version=VERSION,
            raw_score=p_fail,
        )

    def unreached(self, test: str, why: str) -> prediction.Prediction:
        """Return the prediction for a test that was not run."""
        return self._said(test, Outcome.UNKNOWN, None, why, session.Ran(how="cancelled"))


REASONS = {
    "unusable": "pytest could not start in the sandbox",
    "garbled": "the tests' reports could not be understood",
    "disk": "writes more than the sandbox's disk limit",
    "cancelled": "the review was cancelled",
    "budget": "the review's time was over",
}


def _exception(after: session.Ran) -> str | None:
    if after.exception or after.how in OUTCOMES or after.how in REASONS:
        return after.exception
    if after.how in BUDGETS:
        return None
    if after.how.startswith("exit "):
        return f"SystemExit: the interpreter ended with status {after.how.removeprefix('exit ')}"
    return f"the interpreter broke: {after.how}"
