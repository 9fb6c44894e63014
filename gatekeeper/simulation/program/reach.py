"""A test's own code -> everything that it may reach in one tree, with the distance."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gatekeeper.simulation.program import needs, project, source

# rounds in which attributes that no class reached so far has are looked for in classes that modules import
_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a test reaches."""

    # unit -> how many steps away; a class counts as near as its nearest member
    distances: Mapping[source.Unit, int]
    # what it lacks -> why
    missing: Mapping[str, str]


def walk(
    starts: Mapping[source.Unit, int], loose: needs.Needs, resolver: needs.Resolver, tree: project.Project
) -> Reach:
    """Return what is reached from units at given distances, and from what was written for the program (`loose`)."""
    found = _Walk(resolver, tree)
    for unit, distance in sorted(starts.items(), key=lambda item: item[1]):
        found.add(unit, distance)
    found.follow(loose, 0)
    found.run()
    for _ in range(_ROUNDS):
        if not found.guess():
            break
        found.run()
    return Reach(distances=found.distances, missing=found.missing)


@dataclass(slots=True)
class _Walk:
    resolver: needs.Resolver
    tree: project.Project
    distances: dict[source.Unit, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    waiting: deque[source.Unit] = field(default_factory=deque)
    # attribute -> distance of the first that reads it
    words: dict[str, int] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    # method's name -> methods of reached classes that nothing has read
    unread: dict[str, list[source.Unit]] = field(default_factory=dict)

    def run(self) -> None:
        while self.waiting:
            unit = self.waiting.popleft()
            distance = self.distances[unit]
            self.follow(self.resolver.of(unit), distance)

    def add(self, unit: source.Unit, distance: int) -> None:
        """Take a unit in, and of a class what every object of it needs."""
        if unit in self.distances:
            return
        self.distances[unit] = distance
        self.waiting.append(unit)
        if unit.owner:
            self.add(unit.owner, distance)
        inside = self.tree.module(unit.path).members.get(unit, ())
        if inside:
            self.add(anchor(inside, self.tree), distance)
        called = bool(inside) and self.resolver.is_called_from_outside(unit)
        for member in inside:
            name = member.names[0] if member.names else ""
            if _is_always_needed(member, self.tree) or (called and not source.is_docstring(member)):
                self.add(member, distance)
            elif name in self.words or any(map(name.startswith, self.starts)):
                self.add(member, max(distance, self.words.get(name, distance)) + 1)
            elif name:
                self.unread.setdefault(name, []).append(member)

    def follow(self, found: needs.Needs, distance: int) -> None:
        """Take in what is needed at `distance`."""
        for unit in found.units:
            self.add(unit, distance + 1)
        for word in sorted(found.words - self.words.keys()):
            self.words[word] = distance
            self._read([word], distance)
        for start in sorted(found.starts - self.starts.keys()):
            self.starts[start] = distance
            self._read([name for name in self.unread if name.startswith(start)], distance)
        self.missing.update(found.missing)

    def guess(self) -> bool:
        """Take in methods of classes near reached modules for attributes that no reached class has."""
        nearest: dict[str, int] = {}
        for unit, distance in self.distances.items():
            nearest[unit.path] = min(distance, nearest.get(unit.path, distance))
        known = len(self.distances)
        had = {name for unit in self.distances if unit.owner for name in unit.names}
        methods = self.resolver.nearby(tuple(sorted(nearest, key=lambda path: (nearest[path], path))))
        for word, distance in [*self.words.items()]:
            if word not in had:
                for method in methods.get(word, ()):
                    self.add(method, distance + 2)
        return len(self.distances) > known

    def _read(self, names: Iterable[str], distance: int) -> None:
        for name in names:
            for member in self.unread.pop(name, ()):
                self.add(member, distance + 1)


def anchor(inside: Sequence[source.Unit], tree: project.Project) -> source.Unit:
    """Return the member that is taken with a class whatever else is, as its body cannot be empty."""
    kept = next((member for member in inside if _is_always_needed(member, tree)), None)
    return kept or min(inside, key=lambda member: len(member.text))


def _is_always_needed(member: source.Unit, tree: project.Project) -> bool:
    """Whether making or showing an object, or running a test of the class, may run the member."""
    if source.is_docstring(member):
        return False
    if member.sort is not source.Sort.FUNCTION:
        return True
    name = member.names[0]
    return (name.startswith("__") and name.endswith("__")) or tree.rules.is_fixture_method(name)
