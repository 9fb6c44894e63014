"""Affected tests -> closed programs: one context for each group of tests, and a `main()` for each test."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gatekeeper import errors
from gatekeeper.impact import garbage, selection
from gatekeeper.simulation.program import (
    assembly,
    cases,
    entry,
    fitting,
    leftover,
    located,
    lost,
    marks,
    needs,
    program,
    project,
    reach,
    source,
)

_TOO_DEEP = "the code that it reaches is nested too deeply"
_NO_ROOM = "does not fit into the model's context"
_UNSEEN = "its tests are made when it is imported, so that they are not known"

Group = Sequence[selection.AffectedTest]
Reached = Mapping[source.Unit, int]
_Contexts = tuple[Sequence[program.Piece], Sequence[program.Piece]]


def groups(tests: Iterable[selection.AffectedTest]) -> list[tuple[selection.AffectedTest, ...]]:
    """Return the tests by module, in their order: tests of one module share most of what they reach."""
    found: dict[str, list[selection.AffectedTest]] = {}
    for test in tests:
        found.setdefault(test.path, []).append(test)
    return [tuple(group) for group in found.values()]


def close(
    group: Group, trees: project.Trees, count: fitting.Count, budget: int
) -> Iterator[program.Closed | program.NotClosed]:
    """Yield each test of a group, parametrisations apart, as closed programs of at most `budget` tokens.

    `count` gives the tokens of texts, each counted by itself; it is called once or twice. Programs of one group share
    their first pieces; so do those of both sides up to the first piece that differs. Does no I/O but what `trees` and
    `count` do.
    """
    with garbage.unsearched():
        found = _closed(group, trees, fitting.Counted(count), budget)
    yield from found


def _closed(
    group: Group, trees: project.Trees, counted: fitting.Counted, budget: int
) -> list[program.Closed | program.NotClosed]:
    try:
        gone = lost.Lost(trees)
        if why := gone.why(group[0].path):
            return _none(group, why)
        return list(_Closing(trees, gone, counted, budget).closed(group))
    except RecursionError:
        return _none(group, _TOO_DEEP)


def _none(group: Group, why: str) -> list[program.Closed | program.NotClosed]:
    names = (f"{test.path}::{test.name}".removesuffix("::") for test in group)
    return [program.NotClosed(test=name, why=why) for name in names]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """A test on one side: what it reaches, and what is its alone."""

    entry: entry.Entry
    test: located.Located
    reach: reach.Reach
    # the test's own units in the order of the file
    units: tuple[source.Unit, ...]

    @property
    def others(self) -> Mapping[source.Unit, int]:
        """What it reaches of code that other tests may reach."""
        return {unit: distance for unit, distance in self.reach.distances.items() if unit not in set(self.units)}

    @property
    def pieces(self) -> list[program.Piece]:
        """The last pieces of its program."""
        own = assembly.pieces(self.units, program.Kind.TEST)
        return [*own, program.Piece(kind=program.Kind.MAIN, text=self.entry.text)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    id: str
    before: _Own | None
    after: _Own

    @property
    def sides(self) -> list[_Own]:
        return [side for side in (self.before, self.after) if side is not None]


class _Drawing:
    """One tree's tests, drawn up."""

    def __init__(self, tree: project.Project) -> None:
        self.tree = tree
        self.resolver = needs.Resolver(tree)
        self.locator = located.Locator(tree, self.resolver)
        self._planner = cases.Planner(tree, self.resolver)
        self._reached: dict[tuple[object, ...], reach.Reach] = {}

    def own(self, path: str, name: str) -> Iterator[tuple[str, _Own | str]]:
        """Yield each combination of a test's parameters by its id, or why it cannot be closed."""
        try:
            yield from self._own(path, name)
        except RecursionError:
            yield f"{path}::{name}", _TOO_DEEP

    def _own(self, path: str, name: str) -> Iterator[tuple[str, _Own | str]]:
        node = f"{path}::{name}"
        if self.tree.module(path).error:
            yield node, f"its module {self.tree.module(path).error}"
            return
        test = self.locator.locate(path, name)
        if test is None:
            yield node, "made when its module is imported, so that its code is not known"
            return
        try:
            plan = self._planner.plan(test)
        except errors.NotAnalysed as error:
            yield node, str(error)
            return
        for case in plan.cases:
            parameters = f"[{case.id}]" if case.direct or case.indirect else ""
            yield node + parameters, self._drawn(plan, case)

    def _drawn(self, plan: cases.Plan, case: cases.Case) -> _Own | str:
        test = plan.test
        members = [item for kin in test.classes for item in self.tree.module(kin.path).members.get(kin, ())]
        try:
            marks.refuse(case.refusing)
            written = entry.write(plan, case, members, self.tree.module(test.path), self.resolver)
        except errors.NotAnalysed as error:
            return str(error)
        found = self._reach(test, written)
        if any(program.ENTRY in unit.names for unit in found.distances if unit.owner is None):
            return f"it reaches something called `{program.ENTRY}`, which is the name of the entry point"
        units = [unit for unit in found.distances if unit.block is test.block]
        return _Own(entry=written, test=test, reach=found, units=tuple(sorted(units, key=lambda unit: unit.line)))

    def _reach(self, test: located.Located, written: entry.Entry) -> reach.Reach:
        loose = written.loose
        key = (
            test.unit,
            test.block,
            written.units,
            tuple(loose.units),
            frozenset(loose.words),
            frozenset(loose.missing),
        )
        if key not in self._reached:
            starts = {unit: int(unit.block is not test.block) for unit in written.units}
            self._reached[key] = reach.walk(starts, loose, self.resolver, self.tree)
        return self._reached[key]


class _Closing:
    def __init__(self, trees: project.Trees, gone: lost.Lost, counted: fitting.Counted, budget: int) -> None:
        self._trees, self._lost = trees, gone
        self._counted = counted
        self._budget = budget
        self._before = _Drawing(trees.before)
        self._after = _Drawing(trees.after)

    def closed(self, group: Group) -> Iterator[program.Closed | program.NotClosed]:
        """Yield the group's tests."""
        drafts: list[_Draft] = []
        for found in self._drafts(group):
            if isinstance(found, program.NotClosed):
                yield found
            else:
                drafts.append(found)
        if not drafts:
            return
        self._learn(drafts)
        small = [draft for draft in drafts if self._cost(draft) <= self._budget // 2]
        large = [draft for draft in drafts if self._cost(draft) > self._budget // 2]
        for together in ([small] if small else []) + [[draft] for draft in large]:
            yield from self._programs(together)

    def _drafts(self, group: Group) -> Iterator[_Draft | program.NotClosed]:
        for test in group:
            try:
                names = [test.name] if test.name else self._after.locator.tests(test.path)
            except errors.NotAnalysed as error:
                yield program.NotClosed(test=test.path, why=str(error))
                continue
            if not names:
                yield program.NotClosed(test=test.path, why=_UNSEEN)
            for name in names:
                yield from self._of_function(test.path, name)

    def _of_function(self, path: str, name: str) -> Iterator[_Draft | program.NotClosed]:
        earlier = dict(self._before.own(path, name))
        for node, own in self._after.own(path, name):
            if why := own if isinstance(own, str) else self._lost.missed(own.reach.missing):
                yield program.NotClosed(test=node, why=why)
            elif not isinstance(own, str):
                before = earlier.get(node)
                yield _Draft(id=node, before=None if isinstance(before, str) else before, after=own)

    def _learn(self, drafts: Sequence[_Draft]) -> None:
        """Count every text of the group in one call."""
        texts = dict.fromkeys([assembly.FUTURE.text])
        for own in (side for draft in drafts for side in draft.sides):
            texts.update(dict.fromkeys(piece.text for piece in own.pieces))
        for unit in (unit for side in self._reached(drafts) for unit in side):
            texts[assembly.heading(unit.path)] = None
            texts.update(dict.fromkeys(text for _, text in unit.runs))
        self._counted.learn(texts)

    def _reached(self, drafts: Sequence[_Draft]) -> tuple[Reached, Reached]:
        """Return what the tests reach beside themselves, before and after, with the distance from the nearest."""
        before: dict[source.Unit, int] = {}
        after: dict[source.Unit, int] = {}
        for draft in drafts:
            _join(after, draft.after.others)
            _join(before, draft.before.others if draft.before else {})
        return fitting.twinned(before, after, self._trees)

    def _cost(self, draft: _Draft) -> int:
        """Return the tokens of what is a test's alone."""
        return max(sum(self._counted.of(piece.text) for piece in side.pieces) for side in draft.sides)

    def _programs(self, drafts: Sequence[_Draft]) -> Iterator[program.Closed | program.NotClosed]:
        room = self._budget - max(map(self._cost, drafts))
        if room <= 0:
            yield from (program.NotClosed(test=draft.id, why=_NO_ROOM) for draft in drafts)
            return
        before, after = self._reached(drafts)
        taken = fitting.fit(before, after, self._trees, self._counted, room)
        earlier = _side_of(self._before, taken.before, [draft.before for draft in drafts if draft.before])
        later = _side_of(self._after, taken.after, [draft.after for draft in drafts])
        assembly.divide(earlier, later, self._trees)
        contexts = assembly.shared(earlier, later, self._trees)
        for draft in drafts:
            yield _program(draft, contexts, taken)


def _side_of(drawing: _Drawing, taken: Reached, tests: Sequence[_Own]) -> assembly.Side:
    own = {unit for test in tests for unit in test.units}
    roots = {(unit.path, name) for unit in own for name in drawing.resolver.of(unit).roots}
    roots.update(*(test.entry.roots for test in tests))
    return assembly.Side(tree=drawing.tree, resolver=drawing.resolver, taken=taken, roots=roots)


def _join(found: dict[source.Unit, int], more: Reached) -> None:
    for unit, distance in more.items():
        found[unit] = min(distance, found.get(unit, distance))


def _program(draft: _Draft, contexts: _Contexts, taken: fitting.Taken) -> program.Closed | program.NotClosed:
    """Return a draft with its group's context; a fixture that does not fit leaves it open."""
    earlier, later = contexts
    for own, units in ((draft.before, taken.before), (draft.after, taken.after)):
        for unit in own.entry.units if own else ():
            if unit not in units and own and unit not in own.units:
                return program.NotClosed(test=draft.id, why=f"`{unit.name}` of {unit.path} {_NO_ROOM}")
    before = _side(draft.before, earlier, taken.before) if draft.before else None
    return program.Closed(test=draft.id, before=before, after=_side(draft.after, later, taken.after))


def _side(own: _Own, context: Sequence[program.Piece], taken: Reached) -> program.Program:
    return program.Program(
        pieces=(*context, *own.pieces), shared=len(context), left_out=leftover.of(own.reach, own.units, taken)
    )
