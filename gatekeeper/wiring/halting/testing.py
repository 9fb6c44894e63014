"""The tests that call functions, run once: which of them go too deep in these, and which repeat themselves for ever."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from gatekeeper.diffs import tree as trees
from gatekeeper.halting import calls, loops
from gatekeeper.sandbox import engine, process, running, session, workspace
from gatekeeper.wiring.halting import trying

# seconds for all tests together; WebAssembly instructions of one, about a second: what takes more is watched
SECONDS = 20.0
_FUEL = 10 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Testing:
    """What tests of one tree are run with."""

    tree: trees.Tree
    # test modules
    tests: Sequence[str]
    space: Callable[[], workspace.Workspace]
    workers: Sequence[process.Process]
    limits: session.Limits
    cancelled: Callable[[], bool]

    def hangs(self, suspects: Sequence[loops.Suspect], sandbox: engine.SandboxEngine) -> tuple[trying.Hang, ...]:
        """Return the tests that show a function without an end: what is slow alone shows nothing.

        Raises SandboxError.
        """
        plan = self._plan(suspects)
        if not plan.modules:
            return ()
        end = time.monotonic() + SECONDS
        limits = replace(self.limits, fuel=min(self.limits.fuel, _FUEL))
        runs = running.run(self.space(), plan, limits, self.workers, over=lambda: self._over(end))
        unended = [
            trying.Hang(test=test, at=None, fuel=ran.fuel) for test, ran in runs.tests.items() if ran.how == "fuel"
        ]
        deep = [
            trying.Hang(test=test, at=ran.at[-1], fuel=ran.fuel, deep=True)
            for test, ran in runs.tests.items()
            if ran.at and (ran.exception or "").startswith("RecursionError")
        ]
        found = trying.reached(suspects, [*unended, *deep], self.tree)
        watched = trying.watched(found, self.tree, sandbox, self.cancelled)
        return tuple(hang for hang in watched if hang.deep or hang.repeated)

    def _plan(self, suspects: Sequence[loops.Suspect]) -> session.Plan:
        """Return the plan of the test functions that call one of the functions by name."""
        known = calls.Calls(self.tree)
        modules, others = {}, {}
        for path in self.tests:
            calling: list[str] = []
            rest: list[str] = []
            for name, callers in self._functions(path, suspects, known):
                (calling if callers else rest).append(name)
            if calling:
                modules[path], others[path] = len(calling), frozenset(rest)
        return session.Plan(modules=modules, unaffected=others)

    def _functions(
        self, path: str, suspects: Sequence[loops.Suspect], known: calls.Calls
    ) -> Iterator[tuple[str, bool]]:
        """Yield each function of a test module as pytest names it, and whether it calls one of the functions."""
        module = known.module(path) if any(known.mentions(path, one.function) for one in suspects) else None
        wanted = [one.function for one in suspects]
        for name, written in module.functions.items() if module else ():
            callees = [callee for function in written for _, callee in known.called(function)]
            yield name.replace(".", "::"), any(callee in wanted for callee in callees)

    def _over(self, end: float) -> str | None:
        return "cancelled" if self.cancelled() or time.monotonic() >= end else None
