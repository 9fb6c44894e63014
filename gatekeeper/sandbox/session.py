"""Run some of a tree's tests over all worker processes, and say how each ended.

Modules are dealt out in groups; a worker that runs dry helps with the largest group still running, from its other
end. Each test is let in once by the parent, so two workers never run the same one, and a test that hangs costs its
own fuel and nobody else's outcome.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatekeeper.halting import purity
from gatekeeper.sandbox import process, watching, workspace
from gatekeeper.simulation import prediction

BILLION = 10**9
# what collecting a module may burn, as a multiple of one test's fuel
COLLECTION = 10
# after so many tests that ran out of fuel, the others get a part of it: a change that hangs many is known to hang
PATIENT, PART = 3, 3
# a group is worth splitting while it has this many tests ahead
WORTH_HELPING = 6
# test functions that make a group worth a session of its own, and that one interpreter's memory is asked to bear
SMALLEST_GROUP, LARGEST_GROUP = 40, 1500
# of what a worker would get of the rest, the share that is dealt to it at once
SHARE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one interpreter, and one test in it, may use."""

    # WebAssembly instructions for one test
    fuel: int
    # bytes of WebAssembly memory
    memory: int
    # wall-clock seconds for one test
    seconds: float
    # bytes that one interpreter may write
    disk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How one test, or the import of one module, ended in one tree."""

    # `pass`, `fail`, `error`, `skip` as pytest says; `fuel`, `wall`, `disk` for a limit; else how the interpreter broke
    how: str
    # `Type: message`, or why it was skipped
    exception: str | None = None
    # frames of the tree, outermost first
    at: tuple[prediction.Location, ...] = ()
    # changed lines that the test ran, in order of their last run; only where the plan asked for it
    touched: tuple[prediction.Location, ...] = ()
    # what the sandbox lacked, where that is why the test failed
    limit: str | None = None
    # the module or fixture that was not found
    missing: str | None = None
    # what the test used that the sandbox lacks, whether or not that is why it failed
    noted: tuple[str, ...] = ()
    seconds: float = 0.0
    fuel: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which tests of a tree are to be run."""

    # test modules in order, with how many tests are expected in each
    modules: Mapping[str, int]
    # module -> names of tests that are left out
    unaffected: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # module -> the only node ids to run in it; a module that is absent runs all that are not left out
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # file -> its changed lines, where it is to be told which of them each failing test runs
    changed: Mapping[str, frozenset[int]] = field(default_factory=dict)
    # test module -> modules that cannot be had, for which stand-ins are imported with it
    absent: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # what the guest's tracer is asked for; None: no trace
    trace: Mapping[str, Any] | None = None
    # file -> loops in it that each test is watched for, until one repeats itself
    watched: Mapping[str, Sequence[purity.Loop]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Runs:
    """What a session found out; filled while it goes on."""

    tests: dict[str, Ran] = field(default_factory=dict)
    # modules that could not be imported, or whose session could not be run
    modules: dict[str, Ran] = field(default_factory=dict)
    # collected tests that were left out as unaffected, by the group that saw them
    deselected: dict[tuple[str, ...], int] = field(default_factory=dict)
    # what the tracer told, in order, by test
    traced: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    # what a hostile or broken guest said that cannot be
    oddities: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Group:
    """Some modules that one interpreter runs in one session."""

    modules: tuple[str, ...]
    collected: dict[str, None] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    running: int = 0

    def far_half(self) -> tuple[str, ...]:
        """Return the modules with the later half of the tests ahead."""
        ahead = [test for test in self.collected if test not in self.claimed]
        return tuple(dict.fromkeys(test.partition("::")[0] for test in ahead[len(ahead) // 2 :]))

    @property
    def ahead(self) -> int:
        """Tests that were collected and not yet let in."""
        return len(self.collected) - len(self.claimed)


class Session:
    """One run of a plan on one tree."""

    def __init__(
        self,
        space: workspace.Workspace,
        plan: Plan,
        limits: Limits,
        *,
        over: Callable[[], str | None],
        found: Callable[[str, Ran], None] = lambda _test, _ran: None,
    ) -> None:
        """Prepare to run `plan` in `space`; `over` names a reason to stop early, `found` hears each test's end."""
        self._space, self._plan, self._limits = space, plan, limits
        self._over, self._found = over, found
        self._lock = threading.Condition()
        self._queue: deque[Group] = deque()
        self._active: list[Group] = []
        self.runs = Runs()

    def run(self, workers: Sequence[process.Process]) -> Runs:
        """Run everything, one thread for each worker, and return what was found out."""
        whole = {path: count for path, count in self._plan.modules.items() if path not in self._plan.absent}
        self._queue.extend(deal(whole, len(workers)))
        # those with stand-ins share no session with the others, which must see that the modules are not there
        lacking = {path: count for path, count in self._plan.modules.items() if path in self._plan.absent}
        self._queue.extend(deal(lacking, len(workers)))
        with futures.ThreadPoolExecutor(len(workers)) as pool:
            for done in [pool.submit(self._drive, worker) for worker in workers]:
                done.result()
        return self.runs

    def _drive(self, worker: process.Process) -> None:
        while (work := self._next()) is not None:
            group, helping = work
            try:
                self._finish(worker, group, helping=helping)
            finally:
                with self._lock:
                    group.running -= 1
                    if not group.running:
                        self._active.remove(group)
                    self._lock.notify_all()

    def _next(self) -> tuple[Group, bool] | None:
        """Return the next group, and whether it is one that another worker is at already."""
        with self._lock:
            while self._over() is None:
                if self._queue:
                    group = self._queue.popleft()
                    group.running = 1
                    self._active.append(group)
                    return group, False
                if not self._active:
                    return None
                alone = [group for group in self._active if group.running == 1 and group.ahead >= WORTH_HELPING]
                if alone:
                    group = max(alone, key=lambda one: one.ahead)
                    group.running += 1
                    return group, True
                self._lock.wait(0.02)
        return None

    def _finish(self, worker: process.Process, group: Group, *, helping: bool) -> None:
        """Run sessions until every test of the group was let in: one, and another after each that broke."""
        while self._over() is None:
            if self._once(worker, group, helping=helping) or (group.collected and group.ahead <= 0):
                return

    def _once(self, worker: process.Process, group: Group, *, helping: bool) -> bool:
        """Run one session; return whether it came to its end."""
        fuel = self._fuel()
        hearing = Hearing(self, group, fuel)
        with self._lock:
            modules = group.far_half() if helping else group.modules
        if not modules:
            return True
        with self._space.scratch() as scratch:
            try:
                worker.send(self._order(group, modules, scratch, fuel, helping=helping))
                for message in worker.messages(hearing.patience, lambda: self._stop(scratch)):
                    if "told" in message:
                        answer = hearing.hear(message["told"], message["left"])
                        if answer is not None:
                            worker.send(answer)
                    else:
                        hearing.broke = message["ended"]
            except process.Killed as killed:
                hearing.broke = str(killed)
            except (KeyError, TypeError, ValueError):
                # only a hostile guest says what cannot be understood
                worker.kill()
                hearing.broke = "garbled"
        return self._settle(group, hearing)

    def _stop(self, scratch: Path) -> str | None:
        written = workspace.size(scratch, self._limits.disk)
        written += workspace.size(self._space.folder / "bytecode", self._limits.disk)
        return "disk" if written > self._limits.disk else self._over()

    def _order(
        self, group: Group, modules: Sequence[str], scratch: Path, fuel: int, *, helping: bool
    ) -> dict[str, Any]:
        job = {
            "paths": self._space.paths,
            "bytecode": workspace.BYTECODE,
            "arguments": self._space.arguments,
            "modules": modules,
            "unaffected": {path: sorted(self._plan.unaffected.get(path, ())) for path in modules},
            "only": {path: sorted(self._plan.only[path]) for path in modules if path in self._plan.only},
            "done": sorted(group.claimed),
            "backwards": helping,
            "changed": {path: sorted(lines) for path, lines in self._plan.changed.items()},
            "absent": sorted(frozenset().union(*(self._plan.absent.get(path, ()) for path in group.modules))),
            "trace": self._plan.trace,
            "watched": {path: [watching.told(loop) for loop in loops] for path, loops in self._plan.watched.items()},
        }
        return {
            "job": job,
            "grants": self._space.grants(scratch),
            "fuel": self._limits.fuel * COLLECTION,
            "fuel_per_test": fuel,
            "memory": self._limits.memory,
        }

    def _fuel(self) -> int:
        """Return what one test may burn by now."""
        with self._lock:
            hung = sum(ran.how == "fuel" for ran in self.runs.tests.values())
        return self._limits.fuel if hung < PATIENT else self._limits.fuel // PART

    def _settle(self, group: Group, hearing: "Hearing") -> bool:
        """Record how a session ended; return whether nothing of the group is left to this worker."""
        if hearing.broke is None:
            return True
        if self._over() is not None:
            return True
        if hearing.test is not None:
            self.ended(hearing.test, Ran(how=hearing.broke, seconds=hearing.elapsed(), fuel=hearing.fuel))
            return False
        if group.collected and group.ahead <= 0:
            return True
        spent = self._limits.fuel * COLLECTION
        self.unusable(group, Ran(how=hearing.broke, seconds=hearing.elapsed(), fuel=spent))
        return True

    def ended(self, test: str, ran: Ran) -> None:
        """Record how a test ended."""
        with self._lock:
            self.runs.tests[test] = ran
        self._found(test, ran)

    def unusable(self, group: Group, ran: Ran, below: str | None = None) -> None:
        """Record that a group's session could not be run because of one of its modules, or of a conftest.

        `below`: the folder whose modules it concerns. What is not known to be concerned is run again by itself.
        """
        with self._lock:
            if group.collected and group.ahead <= 0:
                # it was the end of the session that failed, and every test has been let in
                return
            concerned = below is not None and all(
                module.startswith(f"{below}/" if below else "") for module in group.modules
            )
            if len(group.modules) == 1 or concerned:
                self.runs.modules.update({module: ran for module in group.modules if module not in self.runs.modules})
                return
            self._queue.extend(Group(modules=(module,)) for module in group.modules)
            self._lock.notify_all()

    def collected(self, group: Group, tests: Sequence[str]) -> None:
        """Remember tests that may be let in."""
        with self._lock:
            group.collected.update(dict.fromkeys(tests))

    def claim(self, group: Group, test: str) -> bool:
        """Let a collected test in, once."""
        with self._lock:
            if test not in group.collected or test in group.claimed:
                return False
            group.claimed.add(test)
            return True


class Hearing:
    """Listens to one session of one worker."""

    def __init__(self, session: Session, group: Group, fuel: int) -> None:
        self._session, self._group = session, group
        # what one test may burn
        self.fuel = fuel
        self._since = time.monotonic()
        # the test that is running
        self.test: str | None = None
        # how the session broke; None: it came to its end
        self.broke: str | None = None

    def elapsed(self) -> float:
        """Seconds since the test, or the session, began."""
        return time.monotonic() - self._since

    def patience(self) -> float:
        """Return the seconds of silence after which the worker is killed."""
        seconds = self._session._limits.seconds  # noqa: SLF001 - a part of the session in a file of one class
        return seconds if self.test is not None else seconds * COLLECTION

    def hear(self, event: dict[str, Any], left: int) -> dict[str, Any] | None:
        """Take one event in; return the answer to one that asks."""
        match event.get("event"):
            case "start":
                return self._start(str(event.get("id")))
            case "result":
                self._result(event, left)
            case "collected" if self.test is None:
                self._session.collected(self._group, [str(test) for test in event["ids"]])
            case "deselected":
                # whoever helps collects less
                self._session.runs.deselected.setdefault(self._group.modules, int(event["ids"]))
            case "reached" | "counted" | "frame" | "repeated":
                self._session.runs.traced.setdefault(str(event["test"]), []).append(event)
            case "collect error":
                path = str(event["id"]).partition("::")[0]
                self._session.runs.modules.setdefault(path, ran(event, how="error"))
            case "conftest error":
                folder = str(event.get("path")).removeprefix(f"{workspace.TREE}/").rpartition("/")[0]
                self._session.unusable(self._group, ran(event, how="error"), below=folder)
            case "unusable":
                self._session.unusable(self._group, Ran(how="unusable", exception=str(event.get("why"))[-1000:]))
        return None

    def _start(self, test: str) -> dict[str, Any]:
        admitted = self._session.claim(self._group, test)
        if admitted:
            self.test, self._since = test, time.monotonic()
        elif test not in self._group.collected:
            self._session.runs.oddities.append(f"a report of {test}, which was never collected")
        return {"run": admitted}

    def _result(self, event: dict[str, Any], left: int) -> None:
        test = str(event.get("id"))
        if test != self.test:
            self._session.runs.oddities.append(f"a result of {test}, which was not running")
            return
        spent = self.fuel - left
        self.test = None
        self._session.ended(test, ran(event, how=str(event.get("outcome")), seconds=self.elapsed(), fuel=spent))
        self._since = time.monotonic()


def ran(event: dict[str, Any], *, how: str, seconds: float = 0.0, fuel: int = 0) -> Ran:
    """Return what an event of the guest says, in types that can be trusted."""
    return Ran(
        how=how if how in {"pass", "fail", "error", "skip"} else "error",
        exception=_text(event.get("exception")),
        at=_places(event.get("at")),
        touched=_places(event.get("touched")),
        limit=_text(event.get("limit")),
        missing=_text(event.get("missing")),
        noted=tuple(str(reason)[:200] for reason in event.get("noted") or ()),
        seconds=seconds,
        fuel=max(fuel, 0),
    )


def _places(told: Any) -> tuple[prediction.Location, ...]:  # noqa: ANN401 - what a guest said
    return tuple(prediction.Location(path=str(path)[:1000], line=int(line)) for path, line in told or ())


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:500]


def deal(modules: Mapping[str, int], workers: int) -> list[Group]:
    """Return the modules in groups: large ones first, then ever smaller, so that all workers end together."""
    groups: list[Group] = []
    current: list[str] = []
    weight, ahead = 0, sum(modules.values())
    for module, tests in modules.items():
        current.append(module)
        weight += max(tests, 1)
        if weight >= max(min(ahead * SHARE / workers, LARGEST_GROUP), SMALLEST_GROUP):
            groups.append(Group(modules=tuple(current)))
            ahead -= weight
            current, weight = [], 0
    if current:
        groups.append(Group(modules=tuple(current)))
    return groups
