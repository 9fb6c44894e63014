"""Fixes for what a review found: proposed, then tried in the sandbox before anybody sees them."""

import contextlib
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

from gatekeeper import offers
from gatekeeper.diffs import diff
from gatekeeper.diffs import tree as trees
from gatekeeper.git import edits, objects
from gatekeeper.git import trees as git_trees
from gatekeeper.impact import conventions, selection
from gatekeeper.repair import cause, departure, mending, proposal, trial, units
from gatekeeper.sandbox import engine, workspace
from gatekeeper.simulation import engine as engines
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings, verdict
from gatekeeper.wiring import patching, versions

# seconds for the traces of runs before the change, and of how many faults they are
TRACING, TRACED = 5.0, 3


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
    # what ran the tests, which runs them again
    sandbox: engine.SandboxEngine
    cancelled: Callable[[], bool]


def search(broken: Broken, seconds: float = trial.SECONDS, searching: float = mending.SEARCHING) -> offers.Offers:
    """Return what of the change each failure is due to, and the fixes that hold when they are tried, best first.

    What is not done within `seconds` is not there; `searching` is the part of them in which nothing is tried on all
    tests yet. Raises SandboxError where nothing can be tried.
    """
    faults = _faults(broken)
    if not faults:
        return offers.Offers()
    of = units.Change(
        diff=broken.change,
        before=broken.before,
        after=broken.after,
        head=broken.head,
        is_test=_conventions(broken.after).is_test_support,
    )
    with contextlib.closing(_Sandbox(broken=broken, name=broken.sandbox.name)) as executor:
        found = mending.Mending(
            judged=trial.Judged(tests=broken.tests, said=broken.said, faults=faults),
            of=of,
            screen=executor.screen(),
            executor=executor,
            now=time.monotonic,
            cancelled=broken.cancelled,
            seconds=seconds,
            searching=searching,
        ).search()
    departures = list(_departures(broken, faults))
    return offers.Offers(causes=tuple(_causes(faults, found, departures)), fixes=found.fixes)


def _causes(
    faults: Sequence[proposal.Fault], found: mending.Found, departures: Sequence[cause.Departure]
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
            departure=next((departed for departed in departures if departed.test in tests[one.fingerprint]), None),
        )


def _departures(broken: Broken, faults: Sequence[proposal.Fault]) -> Iterator[cause.Departure]:
    """Yield for each fault where the trace of its test departs from the one before the change."""
    traces = {said.test: said.trace for said in broken.said if said.trace is not None and not said.imagined}
    chosen = [next((test for test in fault.tests if test in traces), None) for fault in faults]
    there = [test for test in chosen[:TRACED] if test and test.partition("::")[0] in broken.before.entries]
    sandbox = replace(broken.sandbox, spaces=patching.Before(like=broken.sandbox.spaces))
    before = sandbox.trace(there, broken.before, TRACING, broken.cancelled)
    for test in there:
        if test in before and (found := departure.find(before[test], traces[test], broken.change)):
            yield found


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
    name: str
    _spaces: dict[str, patching.PatchedSpaces] = field(default_factory=dict)
    _copies: list[workspace.Workspace] = field(default_factory=list)

    def screen(self) -> versions.Versions:
        """Return what tries many versions on few tests."""
        broken, sandbox = self.broken, self.broken.sandbox
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
        self._copies.append(patching.copied(self.broken.sandbox.spaces.after(self.broken.after)))
        return self._copies[-1]

    def edited(self, path: str, content: bytes) -> trees.Tree:
        broken = self.broken
        patched = edits.edited(broken.objects, broken.after, path, content)
        self._spaces[patched.id] = patching.PatchedSpaces(like=broken.sandbox.spaces, judged=broken.after, path=path)
        return patched

    def run(self, patched: trees.Tree, tests: selection.Selection, seconds: float) -> Iterator[prediction.Prediction]:
        sandbox = replace(self.broken.sandbox, spaces=self._spaces[patched.id], changed={})
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
