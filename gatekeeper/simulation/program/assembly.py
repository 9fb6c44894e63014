"""What is taken of both trees -> the pieces that all programs of a group share, in an order that works as a program.

First the code that is the same in both trees, the farthest from the tests first, then what the change touches. Code
that a changed part must be there for when it is made (a class's base, a decorator, a table that is computed) follows
the changed part, as a file's order cannot be kept across both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from gatekeeper.simulation.program import binding, needs, program, project, source

# annotations are never evaluated: what they name may stand below, or nowhere
FUTURE = program.Piece(kind=program.Kind.UNCHANGED, text="from __future__ import annotations\n")


@dataclass(slots=True, kw_only=True)
class Side:
    """What is taken of one tree."""

    tree: project.Project
    resolver: needs.Resolver
    # unit -> distance from the nearest test
    taken: Mapping[source.Unit, int]
    # (file, global name) that the tests' own code looks up
    roots: AbstractSet[tuple[str, str]]
    # blocks that follow the unchanged ones
    changed: set[source.Unit] = field(default_factory=set)
    _members: dict[source.Unit, list[source.Unit]] | None = None
    _looked_up: set[tuple[str, str]] | None = None
    _wanted: dict[source.Unit, frozenset[source.Unit]] = field(default_factory=dict)

    @property
    def blocks(self) -> Mapping[source.Unit, list[source.Unit]]:
        """Statements of modules that are taken, each with its members that are, in the order of the file."""
        if self._members is None:
            self._members = {unit: [] for unit in self.taken if unit.owner is None}
            for unit in self.taken:
                if unit.owner is not None:
                    self._members[unit.owner].append(unit)
            for members in self._members.values():
                members.sort(key=lambda unit: unit.line)
        return self._members

    def names(self, block: source.Unit) -> list[str]:
        """Return the names that the block binds and that something in its file looks up."""
        if self._looked_up is None:
            found = {*self.roots}
            found.update((unit.path, name) for unit in self.taken for name in self.resolver.of(unit).roots)
            for path, name in [*found]:
                found.update((unit.path, there) for unit, there in self.resolver.handed_on(path, name))
            self._looked_up = found
        return [name for name in block.names if (block.path, name) in self._looked_up]

    def wanted(self, block: source.Unit) -> frozenset[source.Unit]:
        """Return the taken blocks that must be there when the block is made, its module being imported."""
        if block not in self._wanted:
            own = [block, *self.blocks[block]]
            found = {item for unit in own for item in self.resolver.present(unit).units}
            waiting = [item for unit in own for item in self.resolver.run(unit).units]
            seen = set(waiting)
            while waiting:
                unit = waiting.pop()
                for inner in (unit, *self.blocks.get(unit, ())):
                    more = self.resolver.of(inner).units.keys() - seen
                    seen |= more
                    waiting += more
            blocks = {item.block for item in found | seen}
            self._wanted[block] = frozenset(item for item in blocks if item in self.blocks and item is not block)
        return self._wanted[block]


def divide(before: Side, after: Side, trees: project.Trees) -> None:
    """Find the changed blocks of both sides, and those that have to follow them."""
    pairs: dict[source.Unit, source.Unit] = {}
    for block in after.blocks:
        twin = trees.twin(block, trees.after, trees.before)
        if twin is not None and twin in before.blocks and _is_same(block, twin, before, after, trees):
            pairs[block] = twin
    while True:
        before.changed = before.blocks.keys() - set(pairs.values())
        after.changed = after.blocks.keys() - pairs.keys()
        moved = [block for block, twin in pairs.items() if _follows(block, after) or _follows(twin, before)]
        if not moved:
            return
        for block in moved:
            del pairs[block]


def _is_same(block: source.Unit, twin: source.Unit, before: Side, after: Side, trees: project.Trees) -> bool:
    """Whether the same members are taken of both, in the same order."""
    here = [trees.twin(member, trees.after, trees.before) for member in after.blocks[block]]
    return here == before.blocks[twin]


def _follows(block: source.Unit, side: Side) -> bool:
    if not side.changed.isdisjoint(side.wanted(block)):
        return True
    # a name that is bound again keeps the order of its bindings
    binders = side.tree.module(block.path).binders
    return any(not side.changed.isdisjoint(binders[name]) for name in block.names if len(binders.get(name, ())) > 1)


def shared(before: Side, after: Side, trees: project.Trees) -> tuple[list[program.Piece], list[program.Piece]]:
    """Return the pieces of both sides that come before a test's own; `divide` was called."""
    same = [block for block in after.blocks if block not in after.changed]
    superfluous = {
        block
        for block in same
        if _is_superfluous(block, after)
        and (twin := trees.twin(block, trees.after, trees.before)) is not None
        and _is_superfluous(twin, before)
    }
    ordered = [unit for unit in _ordered([(after, same)]) if unit.block not in superfluous]
    twins = [twin for unit in ordered if (twin := trees.twin(unit, trees.after, trees.before)) is not None]
    touched = _order_of_files([(before, before.changed), (after, after.changed)])
    rest = [
        [unit for unit in _in_files(side, side.changed, touched) if not _is_superfluous(unit.block, side)]
        for side in (before, after)
    ]
    found = [
        [FUTURE, *pieces(units, program.Kind.UNCHANGED), *pieces(later, program.Kind.CHANGED)]
        for units, later in zip((twins, ordered), rest, strict=True)
    ]
    return _sharing(*found)


def _sharing(one: list[program.Piece], other: list[program.Piece]) -> tuple[list[program.Piece], list[program.Piece]]:
    """Return the pieces of both sides, unchanged as long as their texts are the same."""
    number = 0
    while number < min(len(one), len(other)) and one[number].text == other[number].text:
        number += 1
    return _marked(one, number), _marked(other, number)


def _marked(found: list[program.Piece], number: int) -> list[program.Piece]:
    kinds = [program.Kind.UNCHANGED] * number + [program.Kind.CHANGED] * (len(found) - number)
    return [
        program.Piece(kind=kind, text=piece.text, path=piece.path, first=piece.first)
        for kind, piece in zip(kinds, found, strict=True)
    ]


def _ordered(sides: Sequence[tuple[Side, Iterable[source.Unit]]]) -> Iterator[source.Unit]:
    files = _order_of_files(sides)
    for side, blocks in sides:
        yield from _in_files(side, blocks, files)


def _in_files(side: Side, blocks: Iterable[source.Unit], files: Sequence[str]) -> Iterator[source.Unit]:
    """Yield blocks with their members, file by file."""
    places = {path: number for number, path in enumerate(files)}
    for block in sorted(blocks, key=lambda block: (places[block.path], block.line)):
        yield block
        yield from side.blocks[block]


def _order_of_files(sides: Sequence[tuple[Side, Iterable[source.Unit]]]) -> list[str]:
    """Return the files of the blocks: those that others need when they are imported, then the farthest first."""
    nearest: dict[str, int] = {}
    needed: dict[str, set[str]] = {}
    for side, blocks in sides:
        inside = set(blocks)
        for block in inside:
            nearest[block.path] = min(side.taken[block], nearest.get(block.path, side.taken[block]))
            others = {item.path for item in side.wanted(block) if item in inside}
            needed.setdefault(block.path, set()).update(others - {block.path})
    found: dict[str, None] = {}
    entered: set[str] = set()

    def visit(path: str) -> None:
        if path not in entered:
            entered.add(path)
            for other in sorted(needed[path], key=lambda other: (-nearest[other], other)):
                visit(other)
            found[path] = None

    for path in sorted(nearest, key=lambda path: (-nearest[path], path)):
        visit(path)
    return list(found)


def _is_superfluous(block: source.Unit, side: Side) -> bool:
    """Whether the names that an import binds are defined in the program, as far as they are looked up at all."""
    if block.sort is not source.Sort.IMPORT or "*" in block.names:
        return False
    kept = binding.kept(block.nodes)
    return all(name in kept and _is_defined(block.path, name, side) for name in side.names(block))


def _is_defined(path: str, name: str, side: Side) -> bool:
    found = [*side.resolver.symbols(path, name), *(unit for unit, _ in side.resolver.handed_on(path, name))]
    return bool(found) and all(unit in side.blocks and name in unit.names for unit in found)


def pieces(units: Iterable[source.Unit], kind: program.Kind) -> Iterator[program.Piece]:
    """Yield the lines of units, after a comment where another file begins."""
    path = ""
    for unit in units:
        if unit.path != path:
            path = unit.path
            yield program.Piece(kind=kind, text=heading(path))
        for first, text in unit.runs:
            yield program.Piece(kind=kind, text=text, path=path, first=first)


def heading(path: str) -> str:
    """Return the comment that names a file; what cannot be shown of its name is escaped."""
    shown = "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in path)
    return f"# {shown[:200]}\n"
