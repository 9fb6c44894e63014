"""The engine that executes: after first; what does not pass there is run before too."""

import queue
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass, field, replace

from gatekeeper.diffs import tree as trees
from gatekeeper.halting import purity
from gatekeeper.impact import selection
from gatekeeper.sandbox import judgement, planning, process, running, session, tracing, watching, workspace
from gatekeeper.simulation import engine, prediction, trace

# failures that are run once more by themselves, so that what a neighbour left behind is not held against the change
CONFIRMED = 50
# slow tests that are given more fuel before they are said to hang: each may take a minute
PATIENT = 4
# stand-ins for modules that cannot be had may show that more of them are wanted: so often at most
DEEPEST = 4


@dataclass(slots=True, kw_only=True)
class SandboxEngine:
    """Runs the affected tests in sealed interpreters; implements `simulation.engine.Engine`."""

    workers: Sequence[process.Process]
    limits: session.Limits
    spaces: workspace.Spaces
    # file of the after tree -> the lines that the change added, or next to which it removed some
    changed: Mapping[str, frozenset[int]] = field(default_factory=dict)
    name: str = judgement.ENGINE
    # tests that were collected and left out as unaffected, known once `predict` has ended
    deselected: int = 0
    # what looked wrong, for people
    notes: tuple[str, ...] = ()

    def predict(
        self,
        tests: selection.Selection,
        before: trees.Tree,
        after: trees.Tree,
        budget: engine.Budget,
        cancelled: Callable[[], bool],
    ) -> Iterator[prediction.Prediction]:
        """Yield a prediction for each affected test: passes as they end, the others once their control has run."""
        plan, beyond = planning.planned(tests, after, budget.tests)
        if not plan.modules:
            return
        over = running.until(budget.seconds, cancelled)
        space = self.spaces.after(after)
        judge = judgement.Judge(
            tests=tests,
            limits=self.limits,
            own=space.own,
            unavailable=space.unavailable,
            imported_before=space.imported_before,
            reasons={(test.path, test.name): test.reason for test in tests.affected},
        )
        first = yield from self._first(space, plan, judge, over)
        for _ in range(DEEPEST):
            lacking = judge.lacking(first.modules)
            if not any(names - plan.absent.get(path, frozenset()) for path, names in lacking.items()):
                break
            plan = planning.with_stand_ins(plan, lacking)
            second = yield from self._first(space, planning.subset(plan, [], list(lacking)), judge, over)
            first = _retried(first, second, lacking)
            judge = replace(judge, absent=plan.absent)
        control, again = self._control(first, plan, before, after, over)
        slow = self._given_more(first, control, plan, after, over)
        first = replace(first, tests=first.tests | slow)
        for test, ran in slow.items():
            if ran.how == "pass":
                yield judge.passed(test, ran)
        self.deselected = sum(first.deselected.values())
        self.notes = tuple(dict.fromkeys(first.oddities))
        broken = [
            judge.broken(test, ran, _before(test, control), again.tests.get(test))
            for test, ran in first.tests.items()
            if ran.how not in {"pass", "skip"}
        ]
        yield from self._placed(broken, space, plan, over)
        for path, ran in first.modules.items():
            yield from self._module(path, ran, first, control, judge)
        for test in beyond:
            yield judge.unreached(test, f"beyond the review's budget of {budget.tests} tests")
        yield from _unreached(plan, tests, first, judge, over())

    def _first(
        self, space: workspace.Workspace, plan: session.Plan, judge: judgement.Judge, over: running.Over
    ) -> Generator[prediction.Prediction, None, session.Runs]:
        """Run the plan on the after tree, yielding what passes at once; return the runs."""
        found: queue.SimpleQueue[tuple[str, session.Ran] | None] = queue.SimpleQueue()
        left = threading.Event()
        with futures.ThreadPoolExecutor(1) as pool:
            done = pool.submit(
                running.run,
                space,
                plan,
                self.limits,
                self.workers,
                over=lambda: "cancelled" if left.is_set() else over(),
                found=lambda *one: found.put(one),
            )
            done.add_done_callback(lambda _: found.put(None))
            try:
                while (one := found.get()) is not None:
                    test, ran = one
                    if ran.how in {"pass", "skip"}:
                        yield judge.passed(test, ran)
            finally:
                # whoever stops listening, by an interrupt too, stops the session
                left.set()
            return done.result()

    def _control(
        self,
        first: session.Runs,
        plan: session.Plan,
        before: trees.Tree,
        after: trees.Tree,
        over: running.Over,
    ) -> tuple[session.Runs, session.Runs]:
        """Run what did not pass: on the before tree, and once more by itself on the after tree."""
        # what the sandbox lacks needs no control
        failing = [test for test, ran in first.tests.items() if ran.how not in {"pass", "skip"} and not ran.limit]
        alone = [test for test in failing if first.tests[test].how in {"fail", "error"}]
        again_plan = replace(planning.subset(plan, alone[:CONFIRMED], []), changed=self.changed)
        control_plan = planning.subset(
            plan,
            [test for test in failing if planning.module(test) in before.entries],
            [path for path in first.modules if path in before.entries],
        )
        again = self._session(self.spaces.after, after, again_plan, over)
        control = self._session(self.spaces.before, before, control_plan, over)
        half = len(self.workers) // 2
        if not (half and again_plan.modules and control_plan.modules):
            return control(self.workers), again(self.workers)
        with futures.ThreadPoolExecutor(1) as pool:
            alone_again = pool.submit(again, self.workers[:half])
            return control(self.workers[half:]), alone_again.result()

    def _given_more(
        self, first: session.Runs, control: session.Runs, plan: session.Plan, after: trees.Tree, over: running.Over
    ) -> dict[str, session.Ran]:
        """Run those tests again that were slow before and ran out of fuel after, with ten times what they needed."""
        needed = {
            test: control.tests[test].fuel
            for test, ran in first.tests.items()
            if ran.how == "fuel" and test in control.tests and control.tests[test].how == "pass"
        }
        slow = [test for test, fuel in needed.items() if fuel * judgement.SLOW > self.limits.fuel][:PATIENT]
        if not slow:
            return {}
        limits = replace(
            self.limits,
            fuel=max(needed[test] for test in slow) * judgement.SLOW,
            seconds=self.limits.seconds * judgement.SLOW,
        )
        again = planning.subset(plan, slow, [])
        return running.run(self.spaces.after(after), again, limits, self.workers, over=over).tests

    def _placed(
        self,
        broken: Sequence[prediction.Prediction],
        space: workspace.Workspace,
        plan: session.Plan,
        over: running.Over,
    ) -> Iterator[prediction.Prediction]:
        """Yield the predictions, each hang with the line it was in: one of each test function is asked."""
        hangs = {_function(said.test): said.test for said in broken if said.outcome is prediction.Outcome.HANG}
        places: dict[str, prediction.Location] = {}
        if hangs:
            run = tracing.runner(space, self.workers, over)
            found = tracing.where(run, planning.subset(plan, list(hangs.values()), []), self.limits)
            places = {_function(test): place for test, place in found.items()}
        for said in broken:
            place = places.get(_function(said.test)) if said.outcome is prediction.Outcome.HANG else None
            yield replace(said, at=place, traceback=(place,)) if place else said

    def trace(
        self, tests: Sequence[str], after: trees.Tree, seconds: float, cancelled: Callable[[], bool]
    ) -> Mapping[str, trace.Trace]:
        """Return the traces of `tests` on the after tree, as far as `seconds` of wall clock allow."""
        if not tests:
            return {}
        plan = planning.exactly(tests)
        run = tracing.runner(self.spaces.after(after), self.workers, running.until(seconds, cancelled))
        return tracing.traces(run, plan, self.limits)

    def repeating(
        self,
        tests: Sequence[str],
        loops: Mapping[str, Sequence[purity.Loop]],
        after: trees.Tree,
        seconds: float,
        cancelled: Callable[[], bool],
    ) -> Mapping[str, watching.Repeated]:
        """Return the loop, of those in `loops` by file, that each of `tests` was seen to repeat within `seconds`.

        Raises SandboxError.
        """
        if not tests or not loops:
            return {}
        plan = replace(planning.exactly(tests), watched=loops)
        runs = tracing.runner(self.spaces.after(after), self.workers, running.until(seconds, cancelled))(
            plan, self.limits
        )
        found = {}
        for test, events in runs.traced.items():
            told = [event for event in events if event["event"] == "repeated"]
            if told and test in tests:
                found[test] = watching.heard(told[0])
        return found

    def _session(
        self,
        space: Callable[[trees.Tree], workspace.Workspace],
        tree: trees.Tree,
        plan: session.Plan,
        over: running.Over,
    ) -> Callable[[Sequence[process.Process]], session.Runs]:
        def run(workers: Sequence[process.Process]) -> session.Runs:
            if not plan.modules:
                return session.Runs()
            return running.run(space(tree), plan, self.limits, workers, over=over)

        return run

    def _module(
        self,
        path: str,
        ran: session.Ran,
        first: session.Runs,
        control: session.Runs,
        judge: judgement.Judge,
    ) -> Iterator[prediction.Prediction]:
        """Yield what a module that could not be imported means for its tests."""
        known = {
            test: how
            for test, how in control.tests.items()
            if planning.module(test) == path and test not in first.tests
        }
        for test, before in known.items():
            if before.how != "skip":
                yield judge.broken(test, ran, before, None)
        if known:
            return
        for name in sorted({test.name for test in judge.tests.affected if test.path == path}):
            yield judge.broken(f"{path}::{name}" if name else path, ran, control.modules.get(path), None)


def _retried(first: session.Runs, second: session.Runs, modules: Mapping[str, frozenset[str]]) -> session.Runs:
    """Return `first` with what `second` found out of `modules` in its place."""
    return replace(
        first,
        tests=first.tests | second.tests,
        modules={path: ran for path, ran in first.modules.items() if path not in modules} | second.modules,
        deselected=first.deselected | second.deselected,
        oddities=[*first.oddities, *second.oddities],
    )


def _function(test: str) -> str:
    return test.partition("[")[0]


def _before(test: str, control: session.Runs) -> session.Ran | None:
    return control.tests.get(test) or control.modules.get(planning.module(test))


def _unreached(
    plan: session.Plan, tests: selection.Selection, first: session.Runs, judge: judgement.Judge, stopped: str | None
) -> Iterator[prediction.Prediction]:
    """Yield unknown for what was planned and never ran, because the review ended early."""
    if stopped is None:
        return
    ran = {test.partition("[")[0] for test in first.tests}
    for test in tests.affected:
        name = f"{test.path}::{test.name}" if test.name else test.path
        if test.path in plan.modules and test.path not in first.modules and name not in ran:
            yield judge.unreached(name, judgement.REASONS[stopped])
