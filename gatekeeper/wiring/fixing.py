"""Fixes for what a review found: proposed, then tried in the sandbox before anybody sees them."""

import contextlib
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from gatekeeper import offers
from gatekeeper.diffs import diff
from gatekeeper.diffs import tree as trees
from gatekeeper.git import edits, objects
from gatekeeper.git import trees as git_trees
from gatekeeper.impact import conventions, selection
from gatekeeper.repair import cause, mending, proposal, trial, units
from gatekeeper.sandbox import engine, workspace
from gatekeeper.simulation import engine as engines
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings, verdict
from gatekeeper.wiring import departures, patching, reaching, versions

if TYPE_CHECKING:
    from gatekeeper.inference import engine as neural
    from gatekeeper.inference import fixing as asking

# of wall clock, beside what a search takes otherwise, where a model is asked: it reasons, and may try what it wrote
ASKING = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A review as far as it has come when fixes are looked for."""

    objects: objects.Objects
    before: git_trees.GitTree
    after: git_trees.GitTree
    head: git_trees.GitTree
    # before .. after, without what the configuration ignores
    change: diff.Diff
    tests: selection.Selection
    said: Sequence[prediction.Prediction]
    policy: verdict.Policy
    # what ran the tests, which runs them again; None: nothing is run
    sandbox: engine.SandboxEngine | None
    cancelled: Callable[[], bool]
    # what imagined the tests, and imagines them with each fix where nothing is run
    imagining: "neural.NeuralEngine | None" = None
    # tokens that one fix may take of it; None: any
    tokens: int | None = None


def search(
    broken: Broken,
    seconds: float | None = None,
    searching: float = mending.SEARCHING,
    proposer: "asking.ModelProposer | None" = None,
) -> offers.Offers:
    """Return what of the change each failure is due to, and the fixes that hold when they are tried, best first.

    What is not done within `seconds`, None being the usual ones, is not there; `searching` is the part of them in which
    nothing is tried on all tests yet. `proposer` is asked for what likely edits do not mend. Where nothing is run no
    culprit is looked for, and what was imagined says whether a fix holds. Raises SandboxError where nothing can be
    tried.
    """
    faults = _faults(broken)
    if not faults:
        return offers.Offers()
    if seconds is None:
        seconds = trial.SECONDS + (ASKING if proposer or broken.sandbox is None else 0.0)
    of = units.Change(
        diff=broken.change,
        before=broken.before,
        after=broken.after,
        head=broken.head,
        is_test=_conventions(broken.after).is_test_support,
    )
    if broken.sandbox is None:
        return (
            _imagined(broken, broken.imagining, faults, of, seconds, proposer) if broken.imagining else offers.Offers()
        )
    reached = reaching.Reaching(objects=broken.objects, after=broken.after).of
    with contextlib.closing(_Sandbox(broken=broken, sandbox=broken.sandbox, name=broken.sandbox.name)) as executor:
        found = mending.Mending(
            judged=trial.Judged(tests=broken.tests, said=broken.said, faults=faults, reached=reached),
            of=of,
            screen=executor.screen(),
            executor=executor,
            now=time.monotonic,
            cancelled=broken.cancelled,
            proposer=proposer,
            seconds=seconds,
            searching=searching,
        ).search()
    departing = departures.Departing(
        before=broken.before,
        after=broken.after,
        change=broken.change,
        said=broken.said,
        sandbox=broken.sandbox,
        now=time.monotonic,
        cancelled=broken.cancelled,
    )
    return offers.Offers(
        causes=tuple(_causes(faults, found, list(departing.find(faults)))),
        fixes=found.fixes,
        cost=proposer.cost if proposer else prediction.Cost(),
        notes=proposer.notes if proposer else (),
    )


def _imagined(
    broken: Broken,
    model: "neural.NeuralEngine",
    faults: tuple[proposal.Fault, ...],
    of: units.Change,
    seconds: float,
    proposer: "asking.ModelProposer | None",
) -> offers.Offers:
    from gatekeeper.wiring import imagining

    executor = imagining.Imagining(
        objects=broken.objects,
        before=broken.before,
        after=broken.after,
        model=model,
        tokens=broken.tokens,
        cancelled=broken.cancelled,
    )
    found = mending.Mending(
        judged=trial.Judged(tests=broken.tests, said=broken.said, faults=faults),
        of=of,
        screen=imagining.NoScreen(),
        executor=executor,
        now=time.monotonic,
        cancelled=broken.cancelled,
        proposer=proposer,
        seconds=seconds,
        # there is nothing to search with
        searching=0.0,
    ).search()
    cost = executor.cost + proposer.cost if proposer else executor.cost
    return offers.Offers(fixes=found.fixes, cost=cost, notes=proposer.notes if proposer else ())


def _causes(
    faults: Sequence[proposal.Fault], found: mending.Found, departed: Sequence[cause.Departure]
) -> Iterator[cause.Cause]:
    """Yield what each fault is due to, as far as it was looked at."""
    tests = {fault.fingerprint: fault.tests for fault in faults}
    for one in found.culprits:
        yield cause.Cause(
            fingerprint=one.fingerprint,
            test=one.test,
            lines=tuple(
                cause.Lines(path=unit.path, start=unit.start, end=unit.end, old=unit.old) for unit in one.lines
            ),
            exact=one.exact,
            why=one.why,
            departure=next((there for there in departed if there.test in tests[one.fingerprint]), None),
        )


def _faults(broken: Broken) -> tuple[proposal.Fault, ...]:
    traced = {said.test: said.traceback for said in broken.said}
    return tuple(
        proposal.Fault(
            fingerprint=found.fingerprint,
            at=found.at,
            frames=tuple(dict.fromkeys(frame for test in found.tests for frame in reversed(traced[test]))),
            tests=found.tests,
        )
        for found in findings.find(broken.said, broken.tests, broken.policy)
    )


def _conventions(tree: trees.Tree) -> conventions.Conventions:
    return conventions.read(partial(trees.content, tree), ())


@dataclass(slots=True, kw_only=True)
class _Sandbox:
    """Runs tests of the after tree with one file changed; implements `trial.Executor`."""

    broken: Broken
    sandbox: engine.SandboxEngine
    name: str
    _spaces: dict[str, patching.PatchedSpaces] = field(default_factory=dict)
    _copies: list[workspace.Workspace] = field(default_factory=list)

    def screen(self) -> versions.Versions:
        """Return what tries many versions on few tests."""
        broken, sandbox = self.broken, self.sandbox
        return versions.Versions(
            workers=sandbox.workers,
            limits=sandbox.limits,
            space=self._copy,
            changed=broken.change.changed_lines,
            # a hang burns all that it may
            fuel={one.test: one.cost.fuel for one in broken.said if one.outcome is not prediction.Outcome.HANG},
            over=lambda: "cancelled" if broken.cancelled() else None,
            now=time.monotonic,
        )

    def _copy(self) -> workspace.Workspace:
        self._copies.append(patching.copied(self.sandbox.spaces.after(self.broken.after)))
        return self._copies[-1]

    def edited(self, path: str, content: bytes) -> trees.Tree:
        broken = self.broken
        patched = edits.edited(broken.objects, broken.after, path, content)
        self._spaces[patched.id] = patching.PatchedSpaces(like=self.sandbox.spaces, judged=broken.after, path=path)
        return patched

    def run(self, patched: trees.Tree, tests: selection.Selection, seconds: float) -> Iterator[prediction.Prediction]:
        sandbox = replace(self.sandbox, spaces=self._spaces[patched.id], changed={})
        budget = engines.Budget(seconds=seconds)
        said = sandbox.predict(tests, self.broken.before, patched, budget, self.broken.cancelled)
        with contextlib.closing(cast("Generator[prediction.Prediction]", said)):
            yield from said

    def close(self) -> None:
        """Remove what was written."""
        for spaces in self._spaces.values():
            spaces.close()
        for space in self._copies:
            shutil.rmtree(space.folder, ignore_errors=True)
