"""The changed lines of a diff as units that can be taken back one by one. Pure."""

import difflib
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gatekeeper.diffs import diff, tree
from gatekeeper.repair import functions, text, undo
from gatekeeper.simulation import prediction

# files larger than this are not searched, in characters
LONGEST = 500_000
# how alike two lines are that stand in each other's place, in 0..1, and the pairs of one block that are compared
_ALIKE, _PAIRS = 0.6, 2_000
# what installs or configures a project was read when the sandbox was prepared, and is not read again
INSTALLING = frozenset({"setup.py", "setup.cfg", "pyproject.toml", "pytest.ini", "tox.ini"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was changed."""

    diff: diff.Diff
    before: tree.Tree
    after: tree.Tree
    # what fixes are offered on
    head: tree.Tree
    is_test: Callable[[str], bool]

    def mendable(self, path: str) -> bool:
        """Whether head has the file as the judged tree has it, so that its lines can be replaced there."""
        there = self.head.entries.get(path)
        return there is not None and path in self.after.entries and there.blob == self.after.entries[path].blob


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What was done to a file besides changing its lines."""

    kind: Literal["added", "deleted", "moved"]
    # where a moved file was in base
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Some lines of the judged tree, and those that they stand in the place of."""

    path: str
    # 1-based first line, and number of lines; without lines: the line before which they would be
    start: int
    length: int
    # lines of base, with their endings
    old: tuple[str, ...]
    # the file as a whole was added, deleted or moved
    whole: Whole | None = None

    @property
    def end(self) -> int:
        """The last line, `start - 1` where there is none."""
        return self.start + self.length - 1

    def holds(self, place: prediction.Location) -> bool:
        """Whether the line is one of these, or follows what was only removed."""
        return place.path == self.path and self.start <= place.line < self.start + max(self.length, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The Python files that a change modifies, and the units that it consists of."""

    sources: Mapping[str, functions.Source | str]
    units: tuple[Unit, ...]

    def files(self, back: Collection[Unit]) -> dict[str, str | None]:
        """Return the files that have other text where `back` is taken back; None: those that are not there."""
        made: dict[str, str | None] = {}
        for path, units in _by_file(unit for unit in back if unit.whole is None).items():
            made[path] = "".join(_lines(self.source(path), 1, None, units))
        for unit in back:
            if unit.whole is not None:
                made |= self._without(unit, unit.whole, made)
        return made

    def _without(self, unit: Unit, whole: Whole, made: Mapping[str, str | None]) -> dict[str, str | None]:
        match whole.kind:
            case "added":
                return {unit.path: None}
            case "deleted":
                return {unit.path: "".join(unit.old)}
            case "moved":
                assert whole.source is not None
                return {whole.source: made.get(unit.path) or self.source(unit.path), unit.path: None}

    def source(self, path: str) -> str:
        """Return the file's text in the judged tree."""
        found = self.sources[path]
        return found if isinstance(found, str) else found.text

    def bodies(self, back: Collection[Unit]) -> list[functions.Body] | None:
        """Return the functions that are others where `back` is taken back; None where more than functions is."""
        made: dict[functions.Function, list[Unit]] = {}
        for unit in back:
            if unit.whole is not None:
                return None
            source = self.sources[unit.path]
            function = None if isinstance(source, str) else source.around(unit.start, unit.end)
            if function is None:
                return None
            made.setdefault(function, []).append(unit)
        bodies = []
        for function, units in made.items():
            body = function.body(_lines(self.source(function.path), function.start, function.end, units))
            if body is None:
                return None
            bodies.append(body)
        return bodies


def read(of: Change) -> Changed:
    """Return what of the change can be taken back: blocks of Python files, and whole files that are text.

    Test files are left as they are unless nothing else was changed.
    """
    only_tests = all(of.is_test(path) for path in of.diff.paths)
    sources: dict[str, functions.Source | str] = {}
    found: list[Unit] = []
    for file in of.diff.files:
        if not only_tests and of.is_test(file.path):
            continue
        for block in undo.of_file(file):
            old, new = undo.plain(of.before, block.before), undo.plain(of.after, block.after)
            if old is None or new is None or len(new) > LONGEST:
                break
            sources.setdefault(block.after, functions.read(block.after, new) or new)
            lost = text.lines(old)[block.before_start - 1 : block.before_start - 1 + block.removed]
            found.append(Unit(path=block.after, start=block.after_start, length=block.added, old=tuple(lost)))
        if (unit := _whole(of, file)) is not None:
            if file.after is not None:
                content = undo.plain(of.after, file.after) or ""
                sources.setdefault(file.after, functions.read(file.after, content) or content)
            found.append(unit)
    return Changed(sources=sources, units=tuple(found))


def _whole(of: Change, file: diff.FileChange) -> Unit | None:
    """Return the file's adding, deleting or moving; None where it is none of these, or no text."""
    if file.before == file.after or file.path.rpartition("/")[2] in INSTALLING:
        return None
    old = undo.plain(of.before, file.before) if file.before is not None else ""
    new = undo.plain(of.after, file.after) if file.after is not None else ""
    if old is None or new is None or max(len(old), len(new)) > LONGEST:
        return None
    if file.after is None:
        return Unit(path=file.path, start=1, length=0, old=tuple(text.lines(old)), whole=Whole(kind="deleted"))
    length = len(text.lines(new))
    if file.before is None:
        return Unit(path=file.after, start=1, length=length, old=(), whole=Whole(kind="added"))
    if file.kind is not diff.Kind.RENAMED:
        return None
    return Unit(path=file.after, start=1, length=0, old=(), whole=Whole(kind="moved", source=file.before))


def parts(unit: Unit, changed: Changed) -> tuple[Unit, ...]:
    """Return the unit line by line: those that stand in each other's place together; a whole file as it is."""
    if unit.whole is not None:
        return (unit,)
    new = text.lines(changed.source(unit.path))[unit.start - 1 : unit.end]
    return tuple(_parts(unit, new))


def _parts(unit: Unit, new: Sequence[str]) -> Iterator[Unit]:
    matcher = difflib.SequenceMatcher(
        None, [line.strip() for line in unit.old], [line.strip() for line in new], autojunk=False
    )
    # one that is equal but for its indentation is a change, too
    steps = [("replace", 0, len(unit.old), 0, len(new))] if len(unit.old) == len(new) else matcher.get_opcodes()
    for _, old_start, old_end, new_start, new_end in steps:
        old, lines = unit.old[old_start:old_end], range(unit.start + new_start, unit.start + new_end)
        pairs = _alike(old, new[new_start:new_end]) if len(old) != len(lines) else [(at, at) for at in range(len(old))]
        if pairs is None:
            yield replace(unit, start=lines.start, length=len(lines), old=old)
            continue
        lost_at = line_at = 0
        for lost, line in [*pairs, (len(old), len(lines))]:
            yield from (replace(unit, start=lines.start + line_at, length=0, old=(gone,)) for gone in old[lost_at:lost])
            yield from (replace(unit, start=one, length=1, old=()) for one in lines[line_at:line])
            if line < len(lines):
                yield replace(unit, start=lines[line], length=1, old=(old[lost],))
            lost_at, line_at = lost + 1, line + 1


def _alike(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]] | None:
    """Return which lines stand in the place of which: both in order, as alike as can be; None for too many lines."""
    if len(old) * len(new) > _PAIRS:
        return None
    best: dict[tuple[int, int], tuple[float, list[tuple[int, int]]]] = {}
    for lost, line in itertools.product(range(len(old) + 1), range(len(new) + 1)):
        found = max((best[lost - 1, line] if lost else (0.0, []), best[lost, line - 1] if line else (0.0, [])))
        if lost and line:
            likeness = difflib.SequenceMatcher(None, old[lost - 1].strip(), new[line - 1].strip()).ratio()
            so_far, pairs = best[lost - 1, line - 1]
            if likeness >= _ALIKE and so_far + likeness > found[0]:
                found = so_far + likeness, [*pairs, (lost - 1, line - 1)]
        best[lost, line] = found
    return best[len(old), len(new)][1]


def _by_file(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.path, []).append(unit)
    return found


def _lines(content: str, first: int, last: int | None, back: Sequence[Unit]) -> list[str]:
    """Return the 1-based lines `first` to `last` of the text with the units taken back, which are all among them."""
    there, made, at = text.lines(content), [], first
    for unit in sorted(back, key=lambda one: (one.start, one.length)):
        made += [*there[at - 1 : unit.start - 1], *unit.old]
        at = max(at, unit.end + 1)
    return made + there[at - 1 : last]
