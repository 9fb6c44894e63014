"""Run some of a tree's tests over all worker processes, and say how each ended.

A test that hangs costs its own fuel and nobody else's outcome.
"""

import time
from collections.abc import Callable, Sequence
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.sandbox import dealing, hearing, process, session, watching, workspace

# after so many tests that ran out of fuel, the others get a part of it: a change that hangs many is known to hang
PATIENT, PART = 3, 3

Over = Callable[[], str | None]


def until(seconds: float, cancelled: Callable[[], bool]) -> Over:
    """Return what tells when so many seconds from now are over, or when it was cancelled."""
    end = time.monotonic() + seconds

    def over() -> str | None:
        if cancelled():
            return "cancelled"
        return "budget" if time.monotonic() > end else None

    return over


def run(
    space: workspace.Workspace,
    plan: session.Plan,
    limits: session.Limits,
    workers: Sequence[process.Process],
    *,
    over: Over,
    found: Callable[[str, session.Ran], None] = lambda _test, _ran: None,
) -> session.Runs:
    """Run `plan` in `space`, one thread for each worker, and return what was found out.

    `over` names a reason to stop early, `found` hears each test's end, in the worker's thread.
    """
    board = dealing.Board(plan, len(workers), over=over, found=found)
    running = _Running(space=space, plan=plan, limits=limits, board=board, over=over)
    with futures.ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(running.drive, worker) for worker in workers]:
            done.result()
    return board.runs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    space: workspace.Workspace
    plan: session.Plan
    limits: session.Limits
    board: dealing.Board
    over: Over

    def drive(self, worker: process.Process) -> None:
        """Run groups on one worker until none is left."""
        while (work := self.board.next()) is not None:
            group, helping = work
            try:
                self._finish(worker, group, helping=helping)
            finally:
                self.board.leave(group)

    def _finish(self, worker: process.Process, group: dealing.Group, *, helping: bool) -> None:
        """Run sessions until every test of the group was let in: one, and another after each that broke."""
        while self.over() is None:
            if self._once(worker, group, helping=helping) or (group.collected and group.ahead <= 0):
                return

    def _once(self, worker: process.Process, group: dealing.Group, *, helping: bool) -> bool:
        """Run one session; return whether it came to its end."""
        fuel = self._fuel()
        heard = hearing.Hearing(self.board, group, fuel=fuel, seconds=self.limits.seconds)
        modules = self.board.modules(group, helping=helping)
        if not modules:
            return True
        with self.space.scratch() as scratch:
            try:
                worker.send(self._order(group, modules, scratch, fuel, helping=helping))
                for message in worker.messages(heard.patience, lambda: self._stop(scratch)):
                    if "told" in message:
                        answer = heard.hear(message["told"], message["left"])
                        if answer is not None:
                            worker.send(answer)
                    else:
                        heard.broke = message["ended"]
            except process.Killed as killed:
                heard.broke = str(killed)
            except (KeyError, TypeError, ValueError):
                # only a hostile guest says what cannot be understood
                worker.kill()
                heard.broke = "garbled"
        return self._settle(group, heard)

    def _stop(self, scratch: Path) -> str | None:
        written = workspace.size(scratch, self.limits.disk)
        written += workspace.size(self.space.folder / "bytecode", self.limits.disk)
        return "disk" if written > self.limits.disk else self.over()

    def _order(
        self, group: dealing.Group, modules: Sequence[str], scratch: Path, fuel: int, *, helping: bool
    ) -> dict[str, Any]:
        job = {
            "paths": self.space.paths,
            "bytecode": workspace.BYTECODE,
            "arguments": self.space.arguments,
            "modules": modules,
            "unaffected": {path: sorted(self.plan.unaffected.get(path, ())) for path in modules},
            "only": {path: sorted(self.plan.only[path]) for path in modules if path in self.plan.only},
            "done": sorted(group.claimed),
            "backwards": helping,
            "changed": {path: sorted(lines) for path, lines in self.plan.changed.items()},
            "absent": sorted(frozenset().union(*(self.plan.absent.get(path, ()) for path in group.modules))),
            "exchanged": self.plan.exchanged,
            "trace": self.plan.trace,
            "watched": {path: [watching.told(loop) for loop in loops] for path, loops in self.plan.watched.items()},
        }
        return {
            "job": job,
            "grants": self.space.grants(scratch),
            "fuel": self.limits.fuel * session.COLLECTION,
            "fuel_per_test": fuel,
            "memory": self.limits.memory,
        }

    def _fuel(self) -> int:
        """Return what one test may burn by now."""
        return self.limits.fuel if self.board.hung() < PATIENT else self.limits.fuel // PART

    def _settle(self, group: dealing.Group, heard: hearing.Hearing) -> bool:
        """Record how a session ended; return whether nothing of the group is left to this worker."""
        if heard.broke is None:
            return True
        if self.over() is not None:
            return True
        if heard.test is not None:
            self.board.ended(heard.test, session.Ran(how=heard.broke, seconds=heard.elapsed(), fuel=heard.fuel))
            return False
        if group.collected and group.ahead <= 0:
            return True
        spent = self.limits.fuel * session.COLLECTION
        self.board.unusable(group, session.Ran(how=heard.broke, seconds=heard.elapsed(), fuel=spent))
        return True
