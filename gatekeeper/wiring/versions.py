"""Many versions of the judged tree tried in few sessions; implements `repair.screening.Screen`."""

import os
import queue
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from gatekeeper.git import materialise
from gatekeeper.repair import screening
from gatekeeper.sandbox import process, running, session, workspace
from gatekeeper.simulation import prediction

Outcome = prediction.Outcome

# of a test that passes, what it may burn on a version, and at least; a version that burns more hangs
PATIENCE, LEAST = 10, 2 * session.BILLION
# tests and versions that one session runs
LARGEST = 400
OUTCOMES = {"pass": Outcome.PASS, "fail": Outcome.FAIL, "error": Outcome.ERROR, "skip": Outcome.SKIP}


@dataclass(slots=True, kw_only=True)
class Versions:
    """Tries versions over all workers."""

    workers: Sequence[process.Process]
    limits: session.Limits
    # gives a workspace of the judged tree that may be written to
    space: Callable[[], workspace.Workspace]
    # file of the judged tree -> changed lines, which failing tests are asked about
    changed: Mapping[str, frozenset[int]]
    # test -> what it burnt when it was predicted
    fuel: Mapping[str, int]
    over: Callable[[], str | None]
    now: Callable[[], float]
    _spaces: queue.SimpleQueue[workspace.Workspace] = field(default_factory=queue.SimpleQueue)
    _made: list[workspace.Workspace] = field(default_factory=list)
    # counts the files written, so that no two have one time: bytecode goes by it
    _written: int = 0

    def exchanged(
        self, tests: Sequence[str], versions: Sequence[screening.Bodies], seconds: float
    ) -> list[tuple[screening.Ended, ...]]:
        """Return how each of the tests, all of one module, ends on each version."""
        said: list[tuple[screening.Ended, ...]] = []
        end, each = self.now() + seconds, max(1, LARGEST // len(tests))
        for start in range(0, len(versions), each):
            said += self._exchanged(tests, versions[start : start + each], end - self.now())
        return said

    def _exchanged(
        self, tests: Sequence[str], versions: Sequence[screening.Bodies], seconds: float
    ) -> list[tuple[screening.Ended, ...]]:
        if seconds <= 0:
            return [(screening.NOTHING,) * len(tests)] * len(versions)
        space = self._spaces.get() if not self._spaces.empty() else self._another()
        order = {"tests": list(tests), "versions": [[asdict(body) for body in bodies] for bodies in versions]}
        module = tests[0].partition("::")[0]
        ids = [[f"{test}@{number}" for test in tests] for number in range(len(versions))]
        plan = session.Plan(
            modules={module: len(versions) * len(tests)},
            unaffected={},
            only={module: frozenset(one for of in ids for one in of)},
            changed=self.changed,
            exchanged=order,
        )
        there = replace(space, arguments=(*space.arguments, "-p", "no:randomly"))
        runs = running.run(there, plan, self._limits(tests), self.workers, over=self._until(seconds))
        self._spaces.put(space)
        return [tuple(_ended(runs.tests.get(one)) for one in of) for of in ids]

    def imported(self, test: str, versions: Sequence[screening.Files], seconds: float) -> list[screening.Ended]:
        """Return how the test ends on each version, each in a session of its own."""
        free: queue.SimpleQueue[process.Process] = queue.SimpleQueue()
        for worker in self.workers:
            free.put(worker)
        end = self.now() + seconds

        def run(files: screening.Files) -> screening.Ended:
            worker = free.get()
            try:
                return self._imported(test, files, worker, end - self.now())
            finally:
                free.put(worker)

        while len(self._made) < min(len(self.workers), len(versions)):
            self._spaces.put(self._another())
        with futures.ThreadPoolExecutor(len(self.workers)) as pool:
            return list(pool.map(run, versions))

    def _imported(self, test: str, files: screening.Files, worker: process.Process, seconds: float) -> screening.Ended:
        if seconds <= 0:
            return screening.NOTHING
        space = self._spaces.get()
        kept = {path: _read(space.folder / "tree" / path) for path in files}
        for path, content in files.items():
            self._write(space.folder / "tree", path, content.encode() if content is not None else None)
        module, _, name = test.partition("::")
        only = {module: frozenset({test})} if name else {}
        plan = session.Plan(modules={module: 1}, unaffected={}, only=only, changed=self.changed)
        runs = running.run(space, plan, self._limits([test]), [worker], over=self._until(seconds))
        for path, before in kept.items():
            self._write(space.folder / "tree", path, before)
        self._spaces.put(space)
        return _ended(runs.modules.get(module) or (runs.tests.get(test) if name else _worst(runs)))

    def _another(self) -> workspace.Workspace:
        self._made.append(self.space())
        return self._made[-1]

    def _limits(self, tests: Sequence[str]) -> session.Limits:
        fuel = max(LEAST, PATIENCE * max((self.fuel.get(test, 0) for test in tests), default=0))
        return replace(self.limits, fuel=min(self.limits.fuel, fuel))

    def _until(self, seconds: float) -> Callable[[], str | None]:
        end = self.now() + seconds
        return lambda: self.over() or ("budget" if self.now() > end else None)

    def _write(self, tree: Path, path: str, content: bytes | None) -> None:
        """Give the file of the tree the content; None: remove it."""
        file = tree / path
        folders = [tree.joinpath(*Path(path).parts[:depth]) for depth in range(1, len(Path(path).parts))]
        if file.is_symlink() or any(folder.is_symlink() for folder in folders):
            return
        if content is None:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        self._written += 1
        _put(file, content)
        time = materialise.MTIME + 1 + self._written
        os.utime(file, (time, time))


def _put(file: Path, content: bytes) -> None:
    # it may be a link to another tree's
    file.unlink(missing_ok=True)
    file.write_bytes(content)


def _read(file: Path) -> bytes | None:
    with suppress(OSError):
        return file.read_bytes()
    return None


def _worst(runs: session.Runs) -> session.Ran | None:
    """Return how a whole module ended: as the first of its tests that did not pass."""
    broken = [ran for ran in runs.tests.values() if ran.how != "pass"]
    return next(iter(broken or runs.tests.values()), None)


def _ended(ran: session.Ran | None) -> screening.Ended:
    if ran is None:
        return screening.NOTHING
    outcome = Outcome.HANG if ran.how in {"fuel", "wall"} else OUTCOMES.get(ran.how, Outcome.UNKNOWN)
    return screening.Ended(outcome=outcome, exception=ran.exception or "", touched=ran.touched)
