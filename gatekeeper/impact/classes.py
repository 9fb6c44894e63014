"""Which classes inherit from which."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from gatekeeper.impact import scopes, summary

Node = tuple[str, str]

# classes from outside whose overridden methods nothing but dunder calls reach
_QUIET_WORDS = (
    "object Exception BaseException ABC Protocol Generic NamedTuple TypedDict Enum IntEnum StrEnum Flag IntFlag "
    "dict list tuple set frozenset str int float bytes type TestCase IsolatedAsyncioTestCase Warning UserWarning "
    "DeprecationWarning ValueError TypeError RuntimeError KeyError AttributeError LookupError OSError IndexError "
    "NotImplementedError ArithmeticError ImportError"
)
_QUIET = frozenset(_QUIET_WORDS.split())


class Classes:
    """The classes of a tree by (path, qualified name)."""

    def __init__(
        self, files: Mapping[str, summary.Summary], index: Mapping[str, list[str]], names: scopes.Scopes
    ) -> None:
        self._files = files
        self._index = index
        self._names = names
        self._families: dict[Node, frozenset[Node]] = {}
        self._parents: dict[Node, tuple[Node, ...]] = {}
        self._children: dict[Node, tuple[Node, ...]] = {}
        self._ancestors: dict[Node, list[Node]] = {}
        self._computed: dict[Node, bool] = {}
        self._called: dict[Node, bool] = {}

    def bases(self, node: Node) -> tuple[Node, ...]:
        """Return the classes of the tree that the class derives from directly."""
        if node not in self._parents:
            found = [target for base in self._base_names(node) for target in self._names.resolve(node[0], base)]
            self._parents[node] = tuple((item.path, item.name) for item in found if item.kind == "s")
        return self._parents[node]

    def ancestors(self, node: Node) -> list[Node]:
        """Return the class and all it derives from, nearest first."""
        if node not in self._ancestors:
            self._ancestors[node] = _closure(node, self.bases)
        return self._ancestors[node]

    def derived(self, node: Node) -> tuple[Node, ...]:
        """Return the classes that derive from the class directly."""
        if node not in self._children:
            last = node[1].rpartition(".")[2]
            names = {last, *self._aliases.get(last, ())}
            candidates = dict.fromkeys(item for name in names for item in self._deriving.get(name, ()))
            self._children[node] = tuple(item for item in candidates if node in self.bases(item))
        return self._children[node]

    @cached_property
    def _deriving(self) -> dict[str, list[Node]]:
        """Last word of a base -> the classes that name a base so."""
        found: dict[str, list[Node]] = {}
        for path, file in self._files.items():
            for unit in file.units:
                for base in unit.bases:
                    found.setdefault(base.rpartition(".")[2], []).append((path, unit.name))
        return found

    @cached_property
    def _aliases(self) -> dict[str, set[str]]:
        """Name -> the other names that it is imported as somewhere."""
        found: dict[str, set[str]] = {}
        for file in self._files.values():
            for item in file.imports:
                if item.name != item.alias and item.name:
                    found.setdefault(item.name, set()).add(item.alias)
        return found

    def family(self, node: Node) -> frozenset[Node]:
        """Return every class whose objects may also be of the class `node`, or share a class with it."""
        if node not in self._families:
            below = _closure(node, self.derived)
            self._families[node] = frozenset(item for lower in below for item in self.ancestors(lower))
        return self._families[node]

    def registering(self, node: Node) -> list[Node]:
        """Return the ancestors that may list the classes derived from them."""
        listed = "__subclasses__" in self._index
        return [item for item in self.ancestors(node)[1:] if listed or self._hears_of_children(item)]

    def _hears_of_children(self, node: Node) -> bool:
        unit = self._names.unit(*node)
        has_metaclass = unit is not None and "k" in unit.flags
        return has_metaclass or self._names.unit(node[0], f"{node[1]}.__init_subclass__") is not None

    def related(self, one: Node, other: Node) -> bool:
        """Whether an object may have attributes of both classes."""
        return other in self.family(one) or self._has_computed_base(other)

    def is_called_from_outside(self, node: Node) -> bool:
        """Whether the class or an ancestor derives from a class outside the tree that may call its methods."""
        if node not in self._called:
            self._called[node] = self._is_called_from_outside(node)
        return self._called[node]

    def _is_called_from_outside(self, node: Node) -> bool:
        for ancestor in self.ancestors(node):
            for base in self._base_names(ancestor):
                outside = all(target.kind != "s" for target in self._names.resolve(ancestor[0], base)) if base else True
                if outside and base.rpartition(".")[2] not in _QUIET:
                    return True
        return False

    def is_test_case(self, node: Node) -> bool:
        """Whether the class derives from unittest's TestCase, or from something outside named like it."""
        return any(base.endswith("TestCase") for item in self.ancestors(node) for base in self._base_names(item))

    def _base_names(self, node: Node) -> Iterable[str]:
        unit = self._names.unit(*node)
        return unit.bases if unit else ()

    def _has_computed_base(self, node: Node) -> bool:
        if node not in self._computed:
            bases = (base for item in self.ancestors(node) for base in self._base_names(item))
            self._computed[node] = any(not base for base in bases)
        return self._computed[node]


def _closure(node: Node, step: Callable[[Node], Iterable[Node]]) -> list[Node]:
    found = {node: None}
    waiting = [node]
    while waiting:
        for item in step(waiting.pop()):
            if item not in found:
                found[item] = None
                waiting.append(item)
    return list(found)
