"""Functions that can loop, tried in the sandbox one after the other, beside what a model said of them."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gatekeeper.diffs import tree as trees
from gatekeeper.halting import backtracking, calls, conclusion, loops, patterns, probing, purity, ranking, risk
from gatekeeper.sandbox import component, engine, process, session, watching, workspace
from gatekeeper.simulation import prediction
from gatekeeper.wiring.halting import executing

ENGINE = "sandbox"
# of one review, for all functions together: seconds, for which the verdict waits, and functions that are tried
SECONDS = 6.0
MOST = 30
# tests that hang which are watched for a loop that repeats itself
_WATCHED = 4
# seconds for these, all together
_WATCHING = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """A test that after the change does not end, or goes deeper than the stack allows, and did not before."""

    test: str
    # where it was when its fuel ended
    at: prediction.Location | None
    # WebAssembly instructions
    fuel: int
    # whether it goes too deep
    deep: bool = False
    # path and name of the function that can loop in which that was; None: not known
    function: tuple[str, str] | None = None
    # the loop that it was seen to repeat
    repeated: watching.Repeated | None = None


def is_deep(exception: str | None) -> bool:
    """Whether a test that ended with it, `Type: message`, went deeper than the stack allows."""
    return (exception or "").startswith("RecursionError")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """What functions of one tree are tried with."""

    tree: trees.Tree
    # test modules, whose calls are tried first
    tests: Sequence[str]
    # asked for only where there is something to try
    space: Callable[[], workspace.Workspace]
    workers: Sequence[process.Process]
    limits: session.Limits
    cancelled: Callable[[], bool]

    def risks(
        self,
        suspects: Iterable[loops.Suspect],
        asked: Sequence[risk.HaltingRisk],
        seconds: float,
        hangs: Sequence[Hang] = (),
    ) -> tuple[risk.HaltingRisk, ...]:
        """Return one risk for each function, in order; `asked` is what a model said of some of them.

        Those that are seen to end by their text alone are tried last, as far as the seconds reach.
        """
        end = time.monotonic() + seconds
        known = calls.Calls(self.tree)
        told = [(suspect, ranking.tell(suspect, known)) for suspect in suspects]
        said = {(one.path, one.function): one for one in asked}
        found: dict[int, risk.HaltingRisk] = {}
        for number, at in enumerate(sorted(range(len(told)), key=lambda at: told[at][1].settled)):
            suspect, text = told[at]
            seen = tuple(_seen(suspect, hangs))
            if seen:
                tried = probing.Tried(evidence=seen[:1])
            elif number < MOST:
                tried = self._tried(suspect, known, lambda: end - time.monotonic())
            else:
                tried = probing.Tried(evidence=(), why=f"not tried: beyond the {MOST} functions of one review")
            found[at] = conclusion.conclude(
                suspect,
                tried,
                said.get((suspect.path, suspect.name)),
                engine=ENGINE,
                version=component.digest(),
                told=text,
            )
        return tuple(found[at] for at in range(len(told)))

    def _tried(self, suspect: loops.Suspect, known: calls.Calls, left: Callable[[], float]) -> probing.Tried:
        if left() <= 0:
            return probing.Tried(evidence=(), why="not tried: there was no time left for it")
        sandboxed = executing.Sandboxed(
            space=self.space(), workers=self.workers, limits=self.limits, cancelled=self.cancelled
        )
        tried = probing.attempt(suspect, known, self.tests, sandboxed, left)
        module = known.module(suspect.path)
        assert module is not None, "a suspect's file parses"
        measured = backtracking.measure(tuple(patterns.texts(suspect.function.node, module)), sandboxed, left)
        return replace(tried, evidence=(*tried.evidence, *measured))


def untried(
    suspects: Iterable[loops.Suspect], tree: trees.Tree, asked: Sequence[risk.HaltingRisk], why: str
) -> tuple[risk.HaltingRisk, ...]:
    """Return one risk for each function by its text, beside what was `asked` of a model, where nothing can be tried."""
    known, nothing = calls.Calls(tree), probing.Tried(evidence=(), why=why)
    said = {(one.path, one.function): one for one in asked}
    return tuple(
        conclusion.conclude(
            suspect,
            nothing,
            said.get((suspect.path, suspect.name)),
            engine=ENGINE,
            version=component.digest(),
            told=ranking.tell(suspect, known),
        )
        for suspect in suspects
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Functions that are to be tried, and the hangs in them."""

    suspects: tuple[loops.Suspect, ...]
    hangs: tuple[Hang, ...]


def reached(suspects: Sequence[loops.Suspect], hangs: Iterable[Hang], tree: trees.Tree) -> Reached:
    """Return the functions, and those in which tests hang though the change does not touch them."""
    known, found, placed = calls.Calls(tree), list(suspects), []
    for hang in hangs:
        around = _around(hang.at, found, known) if hang.at is not None else None
        if around is not None and hang.deep and not around.recursive:
            around = None
        if around is not None and around not in found:
            found.append(around)
        placed.append(replace(hang, function=(around.path, around.name) if around else None))
    return Reached(suspects=tuple(found), hangs=tuple(placed))


def _around(at: prediction.Location, found: Sequence[loops.Suspect], known: calls.Calls) -> loops.Suspect | None:
    """Return the function that can loop around a line, or that calls the one around it; one of `found` if it is."""
    inside = loops.at(at.path, at.line, known)
    if inside is None:
        return None
    able = [inside] if inside.spots else list(loops.callers(inside, known))
    for one in able:
        return next((same for same in found if (same.path, same.line) == (one.path, one.line)), one)
    return None


def watched(
    found: Reached, tree: trees.Tree, sandbox: engine.SandboxEngine, cancelled: Callable[[], bool]
) -> tuple[Hang, ...]:
    """Return the hangs, the cheapest few of them run again and watched for a loop that repeats itself.

    Raises SandboxError.
    """
    known, by_file = calls.Calls(tree), dict[str, list[purity.Loop]]()
    for suspect in found.suspects:
        module = known.module(suspect.path)
        assert module is not None, "a suspect's file parses"
        by_file.setdefault(suspect.path, []).extend(purity.loops(suspect.function, module))
    endless = [hang for hang in found.hangs if not hang.deep]
    tests = [hang.test for hang in sorted(endless, key=lambda hang: hang.fuel)[:_WATCHED]]
    there = {path: those for path, those in by_file.items() if those}
    seen = sandbox.repeating(tests, there, tree, _WATCHING, cancelled)
    return tuple(replace(hang, repeated=seen.get(hang.test)) for hang in found.hangs)


def _seen(suspect: loops.Suspect, hangs: Sequence[Hang]) -> Iterator[risk.Evidence]:
    """Yield what tests that hang in the function show, the strongest first."""
    for hang in hangs:
        again = hang.repeated
        if again is not None and suspect.holds(again.path, again.line):
            yield risk.Repetition(call=hang.test, line=again.line, state=tuple(again.state.items()))
    for hang in hangs:
        if hang.function == (suspect.path, suspect.name):
            deep = risk.Recursion(call=hang.test)
            yield deep if hang.deep else risk.Unended(call=hang.test, small=True, fuel=hang.fuel)
