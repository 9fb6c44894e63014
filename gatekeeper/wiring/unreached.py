"""Tests for changed functions that no test reaches: proposed, and run on both trees in the sandbox."""

import ast
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from gatekeeper.diffs import tree as trees
from gatekeeper.impact import conventions, selection
from gatekeeper.sandbox import judgement, process, running, session, stepping, workspace
from gatekeeper.simulation import masking, prediction
from gatekeeper.unreached import ghostwriting, observed, proposed, proposing, written
from gatekeeper.wiring import patching

Outcome = prediction.Outcome

# for all functions of one review, without what a model takes to write
SECONDS = 120.0
# WebAssembly instructions of one call, its module's import included, and of one proposed test; seconds of one
_CALL, _TEST, _WALL = 2 * session.BILLION, 10 * session.BILLION, 10.0
# the same where hypothesis is imported, whose tables alone take ten seconds there
_GHOSTLY, _GHOSTLY_WALL = 60 * session.BILLION, 60.0
# characters of its text that one value carries, and values that are asked for
_SLICE, _SLICES = 90, 60
# tests of one file
_TESTS = 20
_PROGRAM = """import importlib
_found = importlib.import_module({module!r})
if getattr(_found, "__file__", None) != {file!r}:
    raise ImportError({module!r} + " is another module there")


def main():
    return eval({call!r}, dict(vars(_found)))
"""
_OUTCOMES = {"pass": Outcome.PASS, "fail": Outcome.FAIL, "error": Outcome.ERROR, "skip": Outcome.SKIP}
# what says that something is not there, rather than that it is wrong
_ABSENT = frozenset({"ImportError", "ModuleNotFoundError"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A review as far as it has come when tests are proposed."""

    before: trees.Tree
    after: trees.Tree
    # its `unreached` are looked at
    tests: selection.Selection
    spaces: workspace.Spaces
    # at least one
    workers: Sequence[process.Process]
    limits: session.Limits
    # None: no model is asked
    writer: written.Writer | None
    cancelled: Callable[[], bool]


def propose(
    asked: Asked, seconds: float = SECONDS, told: Callable[[str], None] = lambda _: None
) -> tuple[proposed.ProposedTest, ...]:
    """Return a test for each of the first functions that no test reaches, run on both trees.

    What is not done within `seconds` is not there; `told` hears, for people, why there is none for a function. Raises
    SandboxError where nothing can be tried.
    """
    known = conventions.read(partial(trees.content, asked.after), ())
    symbols = [one for one in asked.tests.unreached if not known.is_test_support(one.partition("::")[0])]
    if not symbols:
        return ()
    end = time.monotonic() + seconds
    space = asked.spaces.after(asked.after)
    found = proposing.Proposing(
        before=asked.before,
        after=asked.after,
        executor=_Sandboxed(asked=asked, name=judgement.ENGINE),
        writer=asked.writer,
        module=partial(_module, space),
        is_test_file=known.is_test_file,
        own=space.own,
        left=lambda: 0.0 if asked.cancelled() else end - time.monotonic(),
        told=told,
    )
    return tuple(found.propose(symbols))


def _module(space: workspace.Workspace, path: str) -> str:
    """Return the name by which the tree's file is imported there."""
    guest = f"{workspace.TREE}/{path}"
    roots = [f"{root}/" for root in space.paths if guest.startswith(f"{root}/")]
    inside = guest.removeprefix(max(roots, key=len, default=f"{workspace.TREE}/"))
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(slots=True, kw_only=True)
class _Sandboxed:
    """Runs calls and test files in the trees of a review; implements `proposing.Executor`."""

    asked: Asked
    name: str

    def evaluate(self, side: proposing.Side, path: str, calls: Sequence[str], seconds: float) -> list[observed.Seen]:
        space, limits = self._space(side), self._limits(_CALL)
        module, file = _module(space, path), f"{workspace.TREE}/{path}"
        texts = [
            stepping.Text(source=_PROGRAM.format(module=module, file=file, call=call), path="__call__.py")
            for call in calls
        ]
        done = stepping.run(
            texts,
            space,
            self.asked.workers,
            limits,
            frames=0,
            # they are all the same project's, and what comes of them is run again before anybody sees it
            together=len(texts) // len(self.asked.workers) + 1,
            over=self._until(seconds),
        )
        return [_seen(one, limits.fuel) for one in done]

    def ghostwritten(self, path: str, name: str, seconds: float) -> str | None:
        spaces = [self._space(side) for side in proposing.Side]
        if not all(space.site is not None and (space.site / "hypothesis").is_dir() for space in spaces):
            return None
        space = self._space(proposing.Side.AFTER)
        source = ghostwriting.program(_module(space, path), f"{workspace.TREE}/{path}", name)
        parts = [
            stepping.Text(
                source=f"{source}\n\ndef main():\n    return WRITTEN[{start}:{start + _SLICE}]\n", path="__call__.py"
            )
            for start in range(0, _SLICE * _SLICES, _SLICE)
        ]
        limits = self._limits(_GHOSTLY, _GHOSTLY_WALL)
        told = stepping.run(
            parts, space, self.asked.workers[:1], limits, frames=0, together=len(parts), over=self._until(seconds)
        )
        if not all(one.how is stepping.How.RETURNED for one in told):
            return None
        return "".join(_text(one.value) for one in told)

    def run(
        self, side: proposing.Side, path: str, text: str, seconds: float, *, hypothesis: bool = False
    ) -> proposing.Ran:
        limits = self._limits(_GHOSTLY, _GHOSTLY_WALL) if hypothesis else self._limits(_TEST)
        space = patching.added(self._space(side), path, text)
        try:
            plan = session.Plan(modules={path: 1}, unaffected={})
            # one worker: a file of few tests is not worth two
            runs = running.run(space, plan, limits, self.asked.workers[:1], over=self._until(seconds))
        finally:
            shutil.rmtree(space.folder, ignore_errors=True)
        tests = {test.partition("::")[2]: _ended(ran) for test, ran in list(runs.tests.items())[:_TESTS]}
        broken = runs.modules.get(path)
        return proposing.Ran(tests=tests, broken=_ended(broken) if broken is not None else None)

    def _space(self, side: proposing.Side) -> workspace.Workspace:
        match side:
            case proposing.Side.BEFORE:
                return self.asked.spaces.before(self.asked.before)
            case proposing.Side.AFTER:
                return self.asked.spaces.after(self.asked.after)

    def _limits(self, fuel: int, seconds: float = _WALL) -> session.Limits:
        limits = self.asked.limits
        return replace(limits, fuel=min(limits.fuel, fuel), seconds=min(limits.seconds, seconds))

    def _until(self, seconds: float) -> Callable[[], str | None]:
        end = time.monotonic() + seconds

        def over() -> str | None:
            if self.asked.cancelled():
                return "cancelled"
            return "budget" if time.monotonic() >= end else None

        return over


def _text(value: str | None) -> str:
    """Return the text of which a guest told the `repr`; "" for anything else."""
    try:
        said = ast.literal_eval(value or "")
    except (ValueError, SyntaxError):
        return ""
    return said if isinstance(said, str) else ""


def _seen(done: stepping.Stepped, fuel: int) -> observed.Seen:
    """Return what a call did."""
    said = done.exception or ""
    if done.limit is not None:
        return observed.Seen(how=observed.How.LACKING, said=done.limit)
    match done.how:
        case stepping.How.RETURNED:
            return observed.Seen(how=observed.How.RETURNED, value=done.value or "", fuel=done.fuel)
        case stepping.How.RAISED:
            return observed.Seen(how=observed.How.RAISED, said=said, fuel=done.fuel)
        case stepping.How.FUEL:
            return observed.Seen(how=observed.How.UNENDED, fuel=fuel)
        case stepping.How.UNLOADED:
            absent = said.partition(":")[0] in _ABSENT
            return observed.Seen(how=observed.How.LACKING if absent else observed.How.UNLOADED, said=said)
        case stepping.How.WALL | stepping.How.BROKEN | stepping.How.STOPPED | stepping.How.REPEATED:
            return observed.Seen(how=observed.How.LACKING, said=said or "there was no time left for it")


def _ended(ran: session.Ran) -> proposed.Ended:
    """Return how a test, or a file's import, ended; what the sandbox lacks leaves that unknown."""
    if ran.how == "pass":
        return proposed.Ended(outcome=Outcome.PASS)
    if ran.limit or ran.missing or ran.noted:
        return proposed.Ended(outcome=Outcome.UNKNOWN)
    outcome = Outcome.HANG if ran.how == "fuel" else _OUTCOMES.get(ran.how, Outcome.UNKNOWN)
    return proposed.Ended(outcome=outcome, exception=masking.masked("", (ran.exception or "")[:300]))
