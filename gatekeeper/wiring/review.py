"""`gatekeeper review`: adapters and stages strung together for one pull request of a local repository."""

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gatekeeper import configuration, errors, review, settings
from gatekeeper.diffs import diff, parse
from gatekeeper.git import comparison, difftext, repository
from gatekeeper.impact import affected, selection
from gatekeeper.sandbox import component, engine, process, session
from gatekeeper.simulation import engine as engines
from gatekeeper.simulation import prediction, representatives
from gatekeeper.verdicts import verdict
from gatekeeper.wiring import spaces

MEBI = 1 << 20
# seconds of wall clock for the traces of one review
TRACING = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a user asks to be reviewed."""

    repository: Path
    base: str
    head: str
    judged: review.Judged
    # None: what the base branch's configuration says
    engine: str | None = None


class Progress:
    """What a long review tells while it works; this one says nothing."""

    def step(self, what: str) -> None:
        """Name what is being done now."""

    def predicted(self, done: int, of: int) -> None:
        """Tell how many predictions there are, of how many affected test functions."""


def run(request: Request, chosen: settings.Settings, progress: Progress) -> review.Review:
    """Review one pull request. Raises GatekeeperError."""
    clock = _Clock()
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(_Pool(chosen, progress))
        opened = repository.open_repository(request.repository)
        compared = comparison.compare(
            opened,
            repository.resolve(opened, request.base),
            repository.resolve(opened, request.head),
            request.judged,
        )
        configured = configuration.read(compared.base)
        change = parse.parse(difftext.unified(opened.objects, compared.before, compared.after))
        clock.lap("read")
        progress.step("selecting affected tests")
        tests = affected.select(change, compared.before, compared.after)
        clock.lap("select")
        made = stack.enter_context(contextlib.closing(spaces.GitSpaces(size_limit=chosen.file_size * MEBI)))
        sandbox = engine.SandboxEngine(
            workers=pool.processes() if tests.affected else (),
            limits=pool.limits,
            spaces=made,
            changed=change.changed_lines,
        )
        budget = configured.budget
        said = tuple(
            _located(one, change)
            for one in _watched(
                sandbox.predict(tests, compared.before, compared.after, budget, lambda: False),
                len(tests.affected),
                progress,
            )
        )
        clock.lap("pre-execute")
        progress.step("tracing")
        wanted = representatives.choose(said)
        traced = sandbox.trace(wanted, compared.after, TRACING, lambda: False)
        said = tuple(replace(one, trace=traced.get(one.test)) for one in said)
        clock.lap("trace")
    policy = configured.policy
    return review.Review(
        id=uuid.uuid4().hex,
        subject=compared.subject,
        started=clock.started,
        seconds=clock.seconds(),
        engine=sandbox.name,
        notes=sandbox.notes,
        diff=change,
        selection=tests,
        predictions=tuple(sorted(said, key=lambda one: one.test)),
        of=max(tests.total, len(said) + sandbox.deselected),
        policy=policy,
        verdict=verdict.decide(said, policy, executable=tests.executable, unreached=tests.unreached),
        timings=clock.laps,
    )


class _Clock:
    """Wall-clock seconds by stage."""

    def __init__(self) -> None:
        self.started = datetime.now(UTC)
        self.laps: dict[str, float] = {}
        self._start = self._last = time.monotonic()

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.laps[stage], self._last = round(now - self._last, 4), now

    def seconds(self) -> float:
        return round(time.monotonic() - self._start, 4)


class _Pool:
    """Worker processes that start while the diff is still being read."""

    def __init__(self, chosen: settings.Settings, progress: Progress) -> None:
        self._chosen, self._progress = chosen, progress
        self._thread = futures.ThreadPoolExecutor(1)
        self.limits = session.Limits(
            fuel=chosen.fuel * session.BILLION,
            memory=chosen.memory * MEBI,
            seconds=chosen.test_seconds,
            disk=chosen.disk * MEBI,
        )

    def __enter__(self) -> "_Pool":
        self._started = self._thread.submit(self._start)
        return self

    def _start(self) -> list[process.Process]:
        compiled = component.ensure(self._chosen.cache, self._progress.step)
        return [process.Process(compiled, disk=self.limits.disk) for _ in range(self._chosen.workers)]

    def processes(self) -> list[process.Process]:
        return self._started.result()

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()
        if self._started.exception() is None:
            for worker in self._started.result():
                worker.close()


def _watched(said: Iterator[prediction.Prediction], of: int, progress: Progress) -> Iterator[prediction.Prediction]:
    for done, one in enumerate(said, 1):
        progress.predicted(done, of)
        yield one


def _located(said: prediction.Prediction, change: diff.Diff) -> prediction.Prediction:
    """Move the line at fault to the innermost frame that the diff touches, where there is one."""
    touched = [place for place in said.traceback if change.touches(place.path, place.line)]
    return replace(said, at=touched[-1]) if touched else said
