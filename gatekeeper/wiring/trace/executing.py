"""A closed program run in the sandbox; nothing of it runs natively."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gatekeeper import errors, settings
from gatekeeper.sandbox import bytecode, engine, stepping
from gatekeeper.simulation import prediction, trace
from gatekeeper.simulation.program import program as programs
from gatekeeper.wiring import pool, progress, spaces
from gatekeeper.wiring.trace import folder, stand_ins

# time limits of one test that two runs of it, collecting included, may take
_PATIENCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What a program did."""

    # those of the program's own code behind the call of its `main()`, at their places in the tree; `path` is "" and
    # `line` counts the program's for what was written for it
    frames: tuple[trace.Frame, ...]
    # whether `frames` are all there were
    complete: bool
    # how it ended, for people
    end: str
    notes: tuple[str, ...] = ()


def execute(
    program: programs.Program,
    path: str,
    tree: folder.FolderTree,
    chosen: settings.Settings,
    shown: progress.Progress,
    cancelled: Callable[[], bool],
) -> Executed:
    """Run the program in place of the file `path` of a tree, with the tree's data files and requirements.

    Raises SandboxError where the sandbox cannot be built or started.
    """
    with sandboxed(tree, replace(chosen, workers=1), shown) as (workers, made):
        space = made.after(tree)
        texts = [
            stepping.Text(source=stand_ins.source(path, tree.entries, space), path="stand_ins.py"),
            stepping.Text(source=program.text, path=path),
        ]
        started = workers.processes()
        shown.step("running it in the sandbox")
        over = lambda: "cancelled" if cancelled() else None  # noqa: E731 - a name for one expression
        first, done = stepping.run(texts, space, started, workers.limits, together=2, over=over)
    if first.how is not stepping.How.RETURNED:
        raise errors.SandboxError(f"the sandbox could not prepare the program: {first.how}: {first.exception or ''}")
    return Executed(
        frames=placed(done.frames, program, path),
        # what could not be loaded did not run at all
        complete=done.complete and done.how in {stepping.How.RETURNED, stepping.How.RAISED},
        end=_end(done),
        notes=tuple(made.notes),
    )


def execute_test(
    test: str,
    tree: folder.FolderTree,
    chosen: settings.Settings,
    shown: progress.Progress,
    cancelled: Callable[[], bool],
) -> Executed | None:
    """Run a test by pytest, and keep its first and its last frames; None where none of it ran.

    Raises SandboxError where the sandbox cannot be built or started.
    """
    with sandboxed(tree, replace(chosen, workers=1), shown) as (workers, made):
        sandbox = engine.SandboxEngine(workers=workers.processes(), limits=workers.limits, spaces=made)
        shown.step("running it in the sandbox")
        found = sandbox.trace([test], tree, _PATIENCE * chosen.test_seconds, cancelled).get(test)
    if found is None or not found.head:
        return None
    left_out = f"{found.left_out:,} steps between the first {len(found.head)} and the rest are left out"
    return Executed(
        frames=(*found.head, *found.tail),
        complete=not found.left_out,
        end="run by pytest",
        notes=(*made.notes, *([left_out] if found.left_out else ())),
    )


@contextlib.contextmanager
def sandboxed(
    tree: folder.FolderTree, chosen: settings.Settings, shown: progress.Progress
) -> Iterator[tuple[pool.Pool, spaces.InstalledSpaces]]:
    """Give workers, which may still be starting, and what writes the tree for them."""
    with pool.Pool(chosen, shown) as workers:
        made = spaces.InstalledSpaces(recipe=_recipe(tree, chosen, shown, workers))
        with contextlib.closing(made):
            shown.step("preparing the sandbox")
            yield workers, made


def placed(frames: tuple[trace.Frame, ...], program: programs.Program, path: str) -> tuple[trace.Frame, ...]:
    """Return the frames of the program's text at the places that its lines have in the tree."""
    own = [frame for frame in frames if frame.path == path]
    if own and own[0].event is trace.Event.CALL and own[0].scope == programs.ENTRY:
        # a model is shown this one, and tells those behind it
        del own[0]
    places = program.places
    return tuple(_at(frame, places[frame.line - 1] if 0 < frame.line <= len(places) else None) for frame in own)


def _at(frame: trace.Frame, place: prediction.Location | None) -> trace.Frame:
    return replace(frame, path=place.path, line=place.line) if place else replace(frame, path="")


def _recipe(
    tree: folder.FolderTree, chosen: settings.Settings, shown: progress.Progress, workers: pool.Pool
) -> spaces.Recipe:
    return spaces.Recipe(
        before=tree,
        after=tree,
        cache=chosen.cache,
        offline=chosen.offline,
        head_dependencies=False,
        version=None,
        size_limit=chosen.file_size * pool.MEBI,
        progress=shown.step,
        compiled=lambda site: bytecode.ensure(site, workers.processes(), workers.limits, shown.step),
    )


def _end(done: stepping.Stepped) -> str:
    limit = f" (the sandbox lacks it: {done.limit})" if done.limit else ""
    told = {
        stepping.How.RETURNED: f"returned {done.value}",
        stepping.How.RAISED: f"raised {done.exception}{limit}",
        stepping.How.REPEATED: "came to a state that it had been in",
        stepping.How.UNLOADED: f"could not be loaded: {done.exception}{limit}",
        stepping.How.FUEL: "did not end within GATEKEEPER_FUEL",
        stepping.How.WALL: "did not end within GATEKEEPER_TEST_SECONDS",
        stepping.How.BROKEN: f"broke the interpreter: {done.exception}",
        stepping.How.STOPPED: "was stopped",
    }
    return told[done.how]
