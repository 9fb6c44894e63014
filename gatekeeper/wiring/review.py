"""`gatekeeper review`: adapters and stages strung together for one pull request of a local repository."""

import contextlib
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gatekeeper import configuration, errors, review, settings
from gatekeeper.diffs import diff, parse
from gatekeeper.git import comparison, difftext, repository
from gatekeeper.impact import affected, selection
from gatekeeper.sandbox import bytecode, engine
from gatekeeper.simulation import prediction, representatives
from gatekeeper.verdicts import verdict
from gatekeeper.wiring import pool, progress, spaces

ENGINES = ("sandbox",)
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
    # tests to be traced beside one of each group of failures
    traced: tuple[str, ...] = ()


def run(request: Request, chosen: settings.Settings, shown: progress.Progress) -> review.Review:
    """Review one pull request. Raises GatekeeperError; what cannot be analysed is a review that says so."""
    clock = _Clock()
    with contextlib.ExitStack() as stack:
        workers = stack.enter_context(pool.Pool(chosen, shown))
        opened = repository.open_repository(request.repository)
        base, head = (repository.resolve(opened, revision) for revision in (request.base, request.head))
        try:
            compared = comparison.compare(opened, base, head, request.judged)
        except errors.NotAnalysed as reason:
            return _unanalysed(request, opened, base, head, str(reason), clock)
        configured = configuration.read(compared.base)
        name = _engine(request.engine or configured.engine)
        whole = parse.parse(difftext.unified(opened.objects, compared.before, compared.after))
        change = replace(whole, files=tuple(file for file in whole.files if not configured.ignores(file.path)))
        clock.lap("read")
        shown.step("selecting affected tests")
        tests = affected.select(change, compared.before, compared.after)
        clock.lap("select")
        made = stack.enter_context(contextlib.closing(_spaces(opened, compared, configured, chosen, shown, workers)))
        sandbox = engine.SandboxEngine(
            workers=workers.processes() if tests.affected else (),
            limits=workers.limits,
            spaces=made,
            changed=change.changed_lines,
        )
        shown.step("preparing the sandbox")
        predicting = sandbox.predict(tests, compared.before, compared.after, configured.budget, lambda: False)
        said = tuple(_located(one, change) for one in _watched(predicting, len(tests.affected), shown))
        clock.lap("pre-execute")
        seconds = clock.seconds()
        said = _traced(sandbox, said, request.traced, compared, shown)
        clock.lap("trace")
    return review.Review(
        id=uuid.uuid4().hex,
        subject=compared.subject,
        started=clock.started,
        seconds=seconds,
        engine=name,
        notes=(*made.notes, *sandbox.notes),
        diff=whole,
        selection=tests,
        predictions=said,
        of=len(said) + sandbox.deselected + _elsewhere(tests),
        policy=configured.policy,
        verdict=_verdict(said, tests, compared, configured.policy),
        timings=clock.laps,
    )


def _elsewhere(tests: selection.Selection) -> int:
    """Return how many test functions are in modules without an affected test, none of which are collected."""
    named = sum(1 for test in tests.affected if test.name)
    return max(0, tests.total - named - sum(map(len, tests.unaffected.values())))


def _engine(name: str) -> str:
    if name not in ENGINES:
        raise errors.UsageError(f"there is no engine {name!r}: name one of {', '.join(ENGINES)}")
    return name


def _spaces(
    opened: repository.Repository,
    compared: comparison.Comparison,
    configured: configuration.Configuration,
    chosen: settings.Settings,
    shown: progress.Progress,
    workers: pool.Pool,
) -> spaces.InstalledSpaces:
    recipe = spaces.Recipe(
        before=compared.before,
        after=compared.after,
        cache=chosen.cache,
        offline=chosen.offline,
        head_dependencies=configured.dependencies is configuration.Dependencies.HEAD,
        version=repository.nearest_tag(opened, compared.subject.base),
        size_limit=chosen.file_size * pool.MEBI,
        progress=shown.step,
        compiled=lambda site: bytecode.ensure(site, workers.processes(), workers.limits, shown.step),
    )
    return spaces.InstalledSpaces(recipe=recipe)


def _watched(
    said: Iterator[prediction.Prediction], of: int, shown: progress.Progress
) -> Iterator[prediction.Prediction]:
    for done, one in enumerate(said, 1):
        shown.predicted(done, of)
        yield one


def _located(said: prediction.Prediction, change: diff.Diff) -> prediction.Prediction:
    """Move the line at fault to the innermost frame that the diff touches, where there is one."""
    touched = [place for place in said.traceback if change.touches(place.path, place.line)]
    return replace(said, at=touched[-1]) if touched else said


def _traced(
    sandbox: engine.SandboxEngine,
    said: tuple[prediction.Prediction, ...],
    asked: tuple[str, ...],
    compared: comparison.Comparison,
    shown: progress.Progress,
) -> tuple[prediction.Prediction, ...]:
    """Return the predictions by test id, with a trace where one was asked for or stands for a group of failures."""
    known = {one.test for one in said}
    for test in asked:
        if test not in known:
            raise errors.UsageError(f"--trace {test}: it is not among the {len(known)} affected tests")
    shown.step("tracing failures")
    wanted = tuple(dict.fromkeys((*asked, *representatives.choose(said))))
    traces = sandbox.trace(wanted, compared.after, TRACING, lambda: False)
    ordered = sorted(said, key=lambda one: one.test)
    return tuple(replace(one, trace=traces.get(one.test)) for one in ordered)


def _verdict(
    said: tuple[prediction.Prediction, ...],
    tests: selection.Selection,
    compared: comparison.Comparison,
    policy: verdict.Policy,
) -> verdict.Verdict:
    if tests.executable and not said and not any(path.endswith(".py") for path in compared.after.entries):
        return _not_analysed("not a Python project: the tree has no .py file")
    return verdict.decide(said, policy, executable=tests.executable, unreached=tests.unreached)


def _not_analysed(reason: str) -> verdict.Verdict:
    part = verdict.NotAnalysedPart(what="", why=reason)
    return verdict.Verdict(conclusion=verdict.Conclusion.NOT_ANALYSED, reason=reason, not_analysed=(part,))


def _unanalysed(
    request: Request, opened: repository.Repository, base: str, head: str, reason: str, clock: "_Clock"
) -> review.Review:
    """Return the review of what has no tree to judge."""
    subject = review.Subject(
        repository=str(opened.folder),
        base=base,
        merge_base="",
        head=head,
        judged=request.judged,
        before="",
        after="",
    )
    return review.Review(
        id=uuid.uuid4().hex,
        subject=subject,
        started=clock.started,
        seconds=clock.seconds(),
        engine=request.engine or ENGINES[0],
        notes=(),
        diff=diff.Diff(files=(), text=""),
        selection=selection.Selection(affected=(), unaffected={}, total=0, unparsable={}),
        predictions=(),
        of=0,
        verdict=_not_analysed(reason),
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
