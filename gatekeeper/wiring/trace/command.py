"""`gatekeeper trace`: what is to be called, its program, both traces of it, and how they are shown."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

from rich import console

from gatekeeper import errors, settings
from gatekeeper.diffs import tree as trees
from gatekeeper.inference import engine, serving
from gatekeeper.inference.profiles import cwm
from gatekeeper.report import sidebyside, stepping, unrolled
from gatekeeper.report.visible import visible
from gatekeeper.simulation import trace
from gatekeeper.simulation.program import program as programs
from gatekeeper.wiring import progress, streams
from gatekeeper.wiring.trace import calling, executing, folder, predicting, target, terminal

# characters of a token, where no model counts them
_CHARACTERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a user asks for."""

    # FILE::FUNCTION, FILE relative to `base`
    target: str
    # what stands between the brackets of the call; None: it is a test, or needs nothing
    arguments: str | None = None
    base: Path = Path()
    # the one side that is wanted; None: both, where a model server is set
    side: Literal["executed", "predicted"] | None = None


@dataclass(frozen=True, kw_only=True)
class Traced:
    """Both traces of one program."""

    # the test's id, or FILE and the call
    id: str
    program: programs.Program
    tree: folder.FolderTree
    executed: executing.Executed | None
    predicted: predicting.Predicted | None
    notes: tuple[str, ...]

    @cached_property
    def both(self) -> sidebyside.Both:
        """The frames, side by side."""
        return sidebyside.Both(
            executed=self.executed.frames if self.executed else None,
            predicted=self.predicted.frames if self.predicted else None,
            executed_whole=self.executed is None or self.executed.complete,
            predicted_whole=self.predicted is None or self.predicted.complete,
        )

    def lines(self, path: str) -> Sequence[str]:
        """Return the lines of a file, or of the program for ""; none where it cannot be read."""
        if not path:
            return self.program.text.split("\n")
        content = trees.content(self.tree, path) or b""
        return content.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def run(
    wanted: Wanted,
    chosen: settings.Settings,
    shown: progress.Progress,
    cancelled: Callable[[], bool],
    connect: engine.Connect | None = None,
) -> Traced:
    """Trace what is asked for; `connect` gives the model in place of the settings' server.

    Raises UsageError where there is no such function or it cannot be called so, NotAnalysed where it cannot be made a
    closed program, and SandboxError or ModelError where neither side can be had.
    """
    shown.step("reading the program")
    tree = folder.around(wanted.base)
    named = target.find(wanted.target, wanted.base, tree)
    notes: list[str] = []
    with contextlib.ExitStack() as stack:
        predictor = _predictor(wanted, chosen, connect, stack, notes)
        try:
            id_, program = _program(named, wanted, tree, predictor)
        except errors.NotAnalysed as why:
            run_it = partial(executing.execute_test, named.id, tree, chosen, shown, cancelled)
            return _run_alone(named, wanted, tree, why, run_it)
        begun = predictor.begin(program) if predictor else None
        executed = predicted = None
        if wanted.side != "predicted":
            with _noted(notes, alone=begun is None):
                executed = executing.execute(program, named.path, tree, chosen, shown, cancelled)
        if predictor and begun:
            shown.step("waiting for the model")
            with _noted(notes, alone=executed is None):
                predicted = predictor.predicted(begun)
    left_out = (f"not in the program: {one.what}: {one.why}" for one in program.left_out)
    notes += [*(executed.notes if executed else ()), *left_out]
    return Traced(id=id_, program=program, tree=tree, executed=executed, predicted=predicted, notes=tuple(notes))


def _run_alone(
    named: target.Target,
    wanted: Wanted,
    tree: folder.FolderTree,
    why: errors.NotAnalysed,
    run: Callable[[], executing.Executed | None],
) -> Traced:
    """Return what a test does that cannot be made a closed program: it is run, not predicted."""
    executed = None
    if wanted.arguments is None and wanted.side != "predicted" and calling.is_test(named, tree):
        executed = run()
    if executed is None:
        raise errors.NotAnalysed(
            f"{named.id} cannot be traced: {why}; trace a function that it calls instead, with --args"
        ) from why
    note = f"nothing is predicted: it cannot be simulated: {why}"
    return Traced(
        id=named.id,
        program=programs.Program(pieces=(), shared=0),
        tree=tree,
        executed=executed,
        predicted=None,
        notes=(note, *executed.notes),
    )


def show(traced: Traced, *, whole: bool, as_json: bool) -> None:
    """Print the trace as a table or as JSON, or let the user step through it where there is a terminal."""
    if as_json:
        streams.say(json.dumps(as_mapping(traced)) + "\n")
    elif whole or not traced.both.pairs or not _is_terminal():
        streams.say(streams.rendered(lambda printer: _print(printer, traced)))
    else:
        printer = console.Console()
        with terminal.Keys(sys.stdin.fileno()) as keys:
            terminal.drive(traced.both, traced.lines, keys, terminal.Screen(printer, list(_summary(traced))))


def _is_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def as_mapping(traced: Traced) -> dict[str, Any]:
    """Return it for `--json`; steps count from 1."""
    both, executed, predicted = traced.both, traced.executed, traced.predicted
    return {
        "target": traced.id,
        "compared": both.compared,
        "departure": None if both.departure is None else both.departure + 1,
        "executed": executed and {"end": executed.end, "complete": executed.complete, "steps": _steps(executed.frames)},
        "predicted": predicted
        and {
            "end": predicted.end,
            "complete": predicted.complete,
            "model": predicted.model,
            "usage": asdict(predicted.usage),
            "steps": _steps(predicted.frames),
        },
        "program": traced.program.text,
        "notes": traced.notes,
    }


def _steps(frames: Sequence[trace.Frame]) -> list[dict[str, Any]]:
    return [
        {
            "event": moment.frame.event.value,
            "path": moment.frame.path,
            "line": moment.frame.line,
            "scope": moment.frame.scope,
            "source": moment.frame.source,
            "depth": moment.depth,
            "locals": moment.values,
            "changed": [local.name for local in moment.locals if local.changed],
            "value": moment.frame.value,
        }
        for moment in unrolled.unroll(frames)
    ]


def _print(printer: console.Console, traced: Traced) -> None:
    for line in _summary(traced):
        printer.print(line, markup=False, highlight=False, soft_wrap=True)
    printer.print(stepping.table(traced.both))


def _summary(traced: Traced) -> Iterator[str]:
    """Yield what is known of the whole trace, a line each."""
    yield visible(traced.id)
    for name, side in (("executed", traced.executed), ("predicted", traced.predicted)):
        if side is not None:
            number = sum(getattr(pair, name) is not None for pair in traced.both.pairs)
            cut = "" if side.complete else ", cut there"
            yield f"{name}: {visible(side.end)} ({number:,} steps{cut})"
    if traced.both.departure is not None:
        yield f"the prediction first departs at step {traced.both.departure + 1}"
    elif traced.both.compared:
        yield "no departure" if _is_whole(traced) else "no departure, as far as both go"
    yield from (f"note: {visible(note)}" for note in traced.notes)


def _is_whole(traced: Traced) -> bool:
    return traced.both.executed_whole and traced.both.predicted_whole


def _program(
    named: target.Target, wanted: Wanted, tree: folder.FolderTree, predictor: predicting.Predictor | None
) -> tuple[str, programs.Program]:
    count = predictor.count if predictor else _counted
    room = predictor.room if predictor else cwm.PROFILE.context
    if wanted.arguments is None and calling.is_test(named, tree):
        return calling.of_test(named, tree, count, room)
    if named.parameters:
        raise errors.UsageError(f"{named.id} is no test: give arguments with --args instead of {named.parameters}")
    return calling.of_call(named.path, target.call(named, wanted.arguments), tree, count, room)


def _counted(texts: Sequence[str]) -> list[int]:
    return [1 + len(text) // _CHARACTERS for text in texts]


def _predictor(
    wanted: Wanted,
    chosen: settings.Settings,
    connect: engine.Connect | None,
    stack: contextlib.ExitStack,
    notes: list[str],
) -> predicting.Predictor | None:
    if wanted.side == "executed":
        return None
    if connect is not None:
        return stack.enter_context(predicting.predictor(connect, cwm.PROFILE))
    if wanted.side is None and not chosen.model_urls:
        notes.append("nothing is predicted: set GATEKEEPER_MODEL_URL to a model server (`gatekeeper model check`)")
        return None
    try:
        server = predicting.wanted(chosen)
        return stack.enter_context(predicting.predictor(lambda: serving.connect(server), server.profile))
    except (errors.UsageError, errors.ModelError) as problem:
        if wanted.side == "predicted":
            raise
        notes.append(f"nothing is predicted: {problem}")
        return None


@contextlib.contextmanager
def _noted(notes: list[str], *, alone: bool) -> Iterator[None]:
    """Make a note of what one side failed at, unless it is alone."""
    try:
        yield
    except (errors.SandboxError, errors.ModelError) as problem:
        if alone:
            raise
        notes.append(str(problem))
