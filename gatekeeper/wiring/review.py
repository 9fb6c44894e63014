"""`gatekeeper review`: adapters and stages strung together for one pull request of a local repository."""

import contextlib
import threading
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

from gatekeeper import configuration, errors, offers, review, settings
from gatekeeper.diffs import diff, parse
from gatekeeper.git import comparison, difftext, repository
from gatekeeper.halting import risk
from gatekeeper.impact import affected, selection
from gatekeeper.sandbox import engine
from gatekeeper.simulation import engine as protocol
from gatekeeper.simulation import prediction
from gatekeeper.store import symbols
from gatekeeper.verdicts import verdict
from gatekeeper.wiring import carried, engines, offering, pool, progress, spaces, spreading, traces, unmerged
from gatekeeper.wiring import clock as clocks

# what the sandbox itself consists of: it would test its own copy instead of the tree's
SANDBOXED = frozenset({"_pytest", "pytest", "pluggy", "iniconfig", "packaging", "pygments"})

Measured = Callable[[str], Mapping[bool, float]]
# predictions with raw scores -> the same with probabilities
Calibrated = Callable[[tuple[prediction.Prediction, ...]], tuple[prediction.Prediction, ...]]


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
    # of the review; None: a random one
    id: str | None = None
    # what people call the repository: `owner/name`; None: its folder
    name: str | None = None


def run(
    request: Request,
    chosen: settings.Settings,
    shown: progress.Progress,
    meanwhile: Callable[[], object] = lambda: None,
    cancelled: Callable[[], bool] = lambda: False,
    measured: Measured = lambda _repository: {},
) -> review.Review:
    """Return the review alone; as `carry_out`."""
    return carry_out(request, chosen, shown, meanwhile, cancelled, measured=measured).review


def carry_out(
    request: Request,
    chosen: settings.Settings,
    shown: progress.Progress,
    meanwhile: Callable[[], object] = lambda: None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    halting: bool = True,
    searching: float | None = None,
    measured: Measured = lambda _repository: {},
    calibrated: Calibrated = lambda said: said,
) -> carried.Carried:
    """Review one pull request. Raises GatekeeperError; what cannot be analysed is a review that says so.

    `meanwhile` is called once, in a thread, while the tests run. `cancelled` is asked by other threads as well, which
    end soon after it said so. `halting`: whether it is asked of all that changed if it ends, and not only of that in
    which tests hang. `searching`: seconds in which what can be offered beyond the verdict is looked for; None:
    nothing is. `measured` gives the seconds that a test of a repository took so far, by whether it was imagined.
    `calibrated` makes probabilities of scores before there is a verdict.
    """
    clock = clocks.Clock()
    asked = engines.known(request.engine, chosen) if request.engine else None
    with contextlib.ExitStack() as stack:
        workers = stack.enter_context(pool.Pool(chosen, shown, wanted=asked is None or asked in engines.RUNNING))
        opened = repository.open_repository(request.repository)
        base, head = (repository.resolve(opened, revision) for revision in (request.base, request.head))
        try:
            compared = comparison.compare(opened, base, head, request.judged)
        except errors.NotAnalysed as reason:
            of = unmerged.subject(request.name, opened, base, head, request.judged)
            done = unmerged.reviewed(request.id, of, asked or engines.SANDBOX, str(reason), clock)
            return carried.Carried(review=done, configuration=unmerged.configured(opened.tree(base)), sides=None)
        configured = configuration.read(compared.base)
        name, noted = (asked, ()) if asked else engines.configured(configured.engine, chosen)
        whole = parse.parse(difftext.unified(opened.objects, compared.before, compared.after))
        change = offering.considered(whole, configured)
        clock.lap("read")
        shown.step("selecting affected tests")
        cache, spread = symbols.SymbolFile(chosen.cache), spreading.Spread(chosen.workers)
        tests = affected.select(change, compared.before, compared.after, cache, spread)
        clock.lap("select")
        reviewing = _Reviewing(
            compared=compared,
            configured=configured,
            change=change,
            tests=tests,
            looping=change if halting else diff.Diff(files=(), text=""),
            shown=shown,
            cancelled=cancelled,
        )
        threading.Thread(target=meanwhile, daemon=True).start()
        made = spaces.of(
            opened,
            compared,
            configured,
            chosen,
            workers,
            shown.step,
            tagged=bool(tests.affected or (searching and tests.unreached)),
        )
        stack.enter_context(contextlib.closing(made))
        wanted = engines.Asked(
            name=name,
            configured=configured,
            judged=compared.after.id,
            cost=lambda: measured(request.name or compared.subject.repository),
        )
        used = engines.wire(wanted, chosen, lambda: reviewing.sandbox(workers, made))
        risks = stack.enter_context(reviewing.halting(used))
        if used.sandbox is None:
            shown.step("asking the model")
        said = calibrated(reviewing.predict(used.predicting))
        if not risks.done():
            shown.step("asking the model whether changed functions end")
        risked = risks.result()
        clock.lap("pre-execute")
        seconds = clock.seconds()
        shown.step("tracing failures")
        said = traces.traced(said, request.traced, used.sandbox, compared.after, cancelled)
        clock.lap("trace")
        risked = reviewing.tried(workers, made, used.sandbox, said, risked)
        clock.lap("halting")
        offered = offers.Offers()
        if searching:
            found = offering.Found(
                opened=opened,
                compared=compared,
                configured=configured,
                change=change,
                tests=tests,
                said=said,
                used=used,
                workers=workers,
                shown=shown,
                cancelled=cancelled,
            )
            offered = offering.look(found, searching)
            clock.lap("fix")
    done = review.Review(
        id=request.id or uuid.uuid4().hex,
        subject=replace(compared.subject, repository=request.name or compared.subject.repository),
        started=clock.started,
        seconds=seconds,
        engine=name,
        notes=(*noted, *made.notes, *used.notes(), *traces.missing(said, request.traced), *offered.notes),
        diff=whole,
        selection=tests,
        predictions=said,
        of=_of(said, used, tests),
        policy=configured.policy,
        halting=risked,
        verdict=reviewing.verdict(said, runs=used.sandbox is not None),
        timings=clock.laps,
    )
    return carried.Carried(
        review=done,
        configuration=configured,
        offered=offered,
        sides=carried.sides(opened, compared),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reviewing:
    """One review, once it is known what to run."""

    compared: comparison.Comparison
    configured: configuration.Configuration
    change: diff.Diff
    tests: selection.Selection
    # what of the change is asked whether it ends
    looping: diff.Diff
    shown: progress.Progress
    cancelled: Callable[[], bool]

    def sandbox(self, workers: pool.Pool, made: spaces.InstalledSpaces) -> engine.SandboxEngine:
        """Return the engine; its workers are waited for where there is something to run."""
        self.shown.step("preparing the sandbox")
        return engine.SandboxEngine(
            workers=workers.processes() if self.tests.affected else (),
            limits=workers.limits,
            spaces=made,
            changed=self.change.changed_lines,
        )

    def predict(self, used: protocol.Engine) -> tuple[prediction.Prediction, ...]:
        """Return the predictions in the order of their ids, each with the line at fault."""
        compared, budget = self.compared, self.configured.budget
        predicting = used.predict(self.tests, compared.before, compared.after, budget, self.cancelled)
        # closed before the workers are, also by an interrupt: it ends its threads then
        with contextlib.closing(cast("Generator[prediction.Prediction]", predicting)):
            said = [_located(one, self.change) for one in self._watched(predicting)]
        return tuple(sorted(said, key=lambda one: one.test))

    @contextlib.contextmanager
    def halting(self, used: engines.Wired) -> Iterator[futures.Future[tuple[risk.HaltingRisk, ...]]]:
        """Ask meanwhile whether the changed functions that can loop end; of nobody where there is no model."""
        compared, seconds = self.compared, self.configured.budget.seconds
        with futures.ThreadPoolExecutor(1) as pool:
            yield pool.submit(used.risks, self.looping, compared.before, compared.after, seconds, self.cancelled)

    def tried(
        self,
        workers: pool.Pool,
        made: spaces.InstalledSpaces,
        sandbox: engine.SandboxEngine | None,
        said: Sequence[prediction.Prediction],
        asked: tuple[risk.HaltingRisk, ...],
    ) -> tuple[risk.HaltingRisk, ...]:
        """Return the risks of functions that can loop: of the changed ones, and of those in which tests hang.

        Each is tried in the sandbox, beside what was `asked` of a model; where that cannot be, its text alone tells.
        """
        from gatekeeper.halting import loops
        from gatekeeper.wiring.halting import trying

        after = self.compared.after
        hangs: Sequence[trying.Hang] = [
            trying.Hang(
                test=one.test,
                at=one.traceback[-1] if one.traceback else one.at,
                fuel=one.cost.fuel,
                deep=one.outcome is not prediction.Outcome.HANG,
            )
            for one in said
            if verdict.fails(one, self.configured.policy)
            and (one.outcome is prediction.Outcome.HANG or trying.is_deep(one.exception))
        ]
        found = trying.reached(tuple(loops.find(self.looping, self.compared.before, after)), hangs, after)
        if not found.suspects:
            return asked
        if sandbox is None:
            return trying.untried(found.suspects, after, asked, "nothing is run")
        self.shown.step("trying functions that can loop")
        try:
            using = trying.Trying(
                tree=after,
                tests=tuple(dict.fromkeys(test.path for test in self.tests.affected)),
                space=partial(made.after, after),
                workers=workers.processes(),
                limits=workers.limits,
                cancelled=self.cancelled,
            )
            hangs = trying.watched(found, after, sandbox, self.cancelled)
            return using.risks(found.suspects, asked, trying.SECONDS, hangs)
        except errors.SandboxError as problem:
            sandbox.notes += (f"no function that can loop was tried: {problem}",)
            return trying.untried(found.suspects, after, asked, "the sandbox could not be used")

    def _watched(self, said: Iterator[prediction.Prediction]) -> Iterator[prediction.Prediction]:
        for done, one in enumerate(said, 1):
            self.shown.predicted(done, len(self.tests.affected))
            yield one

    def verdict(self, said: Sequence[prediction.Prediction], *, runs: bool) -> verdict.Verdict:
        """Return the verdict on what was said; `runs`: whether tests were run."""
        names = {path.partition("/")[0].removesuffix(".py") for path in self._sources()}
        if self.change.files and not said and not names:
            return _not_analysed("not a Python project: the tree has no .py file")
        if said and runs and (own := names & SANDBOXED):
            return _not_analysed(f"the sandbox runs a {min(own)} of its own, not the one under review")
        return verdict.decide(
            said, self.configured.policy, executable=self.tests.executable, unreached=self.tests.unreached
        )

    def _sources(self) -> Iterator[str]:
        for path in self.compared.after.entries:
            if path.endswith(".py"):
                yield path.removeprefix("src/")


def _of(said: Sequence[prediction.Prediction], used: engines.Wired, tests: selection.Selection) -> int:
    """Return how many tests there are: predicted, left out of modules with affected ones, in the other modules."""
    left_out = used.sandbox.deselected if used.sandbox else sum(map(len, tests.unaffected.values()))
    return len(said) + left_out + tests.elsewhere


def _located(said: prediction.Prediction, change: diff.Diff) -> prediction.Prediction:
    """Move the line at fault to the innermost frame that the diff touches, where there is one."""
    touched = [place for place in said.traceback if change.touches(place.path, place.line)]
    return replace(said, at=touched[-1]) if touched else said


def _not_analysed(reason: str) -> verdict.Verdict:
    part = verdict.NotAnalysedPart(what="", why=reason)
    return verdict.Verdict(conclusion=verdict.Conclusion.NOT_ANALYSED, reason=reason, not_analysed=(part,))
