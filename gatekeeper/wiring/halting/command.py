"""`gatekeeper halting`: whether the functions of a file end, for the files as they are now."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from gatekeeper import errors, settings
from gatekeeper.diffs import tree as trees
from gatekeeper.halting import calls, loops, risk, source
from gatekeeper.impact import conventions
from gatekeeper.report import evidence, jsonform, palette
from gatekeeper.report.visible import visible
from gatekeeper.sandbox import engine
from gatekeeper.wiring import progress, streams
from gatekeeper.wiring.halting import testing, trying
from gatekeeper.wiring.trace import executing, folder

# seconds for one function; nobody waits for a verdict here
_SECONDS = 30.0

_STYLES = {
    risk.Kind.DOES_NOT_TERMINATE: palette.BROKEN,
    risk.Kind.MAY_NOT_TERMINATE: palette.UNSURE,
    risk.Kind.TERMINATES: palette.SOUND,
    risk.Kind.UNKNOWN: palette.FAINT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of a file's functions."""

    risks: tuple[risk.HaltingRisk, ...]
    notes: tuple[str, ...]


def run(
    wanted: str, base: Path, chosen: settings.Settings, shown: progress.Progress, cancelled: Callable[[], bool]
) -> Found:
    """Try the functions of FILE that can loop, or FILE::FUNCTION whatever it does.

    Raises UsageError where there is no such file or function, and SandboxError.
    """
    shown.step("reading the file")
    tree = folder.around(base)
    suspects = _suspects(wanted, base, tree)
    if not suspects:
        return Found(risks=(), notes=("nothing in it can loop",))
    with executing.sandboxed(tree, chosen, shown) as (workers, made):
        is_test = conventions.read(partial(trees.content, tree), ()).is_test_file
        using = trying.Trying(
            tree=tree,
            tests=list(filter(is_test, tree.entries)),
            space=partial(made.after, tree),
            workers=workers.processes(),
            limits=workers.limits,
            cancelled=cancelled,
        )
        shown.step("running the tests that call it")
        sandbox = engine.SandboxEngine(workers=using.workers, limits=workers.limits, spaces=made)
        hangs = testing.hangs(using, suspects, sandbox)
        found: list[risk.HaltingRisk] = []
        for number, suspect in enumerate(suspects, 1):
            shown.step(f"trying {suspect.name} ({number} of {len(suspects)})")
            found.extend(using.risks([suspect], (), _SECONDS, hangs))
        return Found(risks=tuple(found), notes=tuple(made.notes))


def _suspects(wanted: str, base: Path, tree: folder.FolderTree) -> list[loops.Suspect]:
    file, colons, name = wanted.partition("::")
    place = (base / file).resolve()
    if not place.is_relative_to(tree.root):
        raise errors.UsageError(f"{file} is not inside {tree.root}: name its project with --repo")
    path = place.relative_to(tree.root).as_posix()
    known = calls.Calls(tree)
    module = known.module(path)
    if module is None:
        raise errors.UsageError(f"{path} is not there, or is not Python that can be parsed: name a file of the project")
    if colons:
        return [_named(name.replace("::", "."), module, known)]
    every = (loops.named(module, one, known) for one in module.functions)
    found = [suspect for suspect in every if suspect is not None and suspect.spots]
    return sorted(found, key=lambda suspect: suspect.line)


def _named(name: str, module: source.Module, known: calls.Calls) -> loops.Suspect:
    found = loops.named(module, name, known)
    if found is None:
        there = ", ".join(sorted(module.functions)) or "none"
        raise errors.UsageError(f"{module.path} has no function {name!r}: it has {there}")
    return found


def show(found: Found, *, as_json: bool) -> None:
    """Print what was found."""
    if as_json:
        told: dict[str, Any] = {
            "functions": [jsonform.halting_as_json(said) for said in found.risks],
            "notes": list(found.notes),
        }
        streams.say(json.dumps(told) + "\n")
    else:
        streams.say(streams.rendered(lambda printer: printer.print(Group(*_rows(found)))))


def exit_code(found: Found) -> int:
    """Return 1 where a function does not end, or may not; 0 otherwise."""
    doubtful = {risk.Kind.DOES_NOT_TERMINATE, risk.Kind.MAY_NOT_TERMINATE}
    return int(any(said.kind in doubtful for said in found.risks))


def _rows(found: Found) -> Iterator[RenderableType]:
    for said in found.risks:
        style = palette.UNSURE if said.slow else _STYLES[said.kind]
        head = Text.assemble(
            (f"{said.kind.value}  ", f"bold {style}"),
            visible(f"{said.path}:{said.line} {said.function}"),
        )
        yield head
        yield Text(f"    {visible(said.reason)}", overflow="fold")
        yield from (Text(f"    {visible(line)}", style=palette.FAINT) for line in evidence.beyond_reason(said))
    yield from (Text(f"note: {visible(note)}", style=palette.FAINT) for note in found.notes)
