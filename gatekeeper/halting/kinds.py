"""Values of classes and aliases of the tree: members of an enumeration, instances of what is made of known values.

It covers of annotations what hypothesis's `from_type` does, and yields expressions: the guest needs nothing for them.
"""

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.halting import calls, literals, source
from gatekeeper.impact import scope

_ENUMERATIONS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})
_PLAIN = frozenset({"object", "Generic", "Protocol", "ABC", "NamedTuple", "TypedDict"})
# instances within instances, and values of one class
_DEEPEST, _MOST = 2, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    annotation: ast.expr | None
    # whether it may be left out
    optional: bool


class Kinds:
    """What the names in the annotations of one module mean; implements `literals.Meaning`."""

    def __init__(self, module: source.Module, known: calls.Calls) -> None:
        """Follow imports with `known`."""
        self._module, self._known = module, known

    def __call__(self, name: str, depth: int) -> Iterator[str]:
        """Yield values of what a name stands for, as expressions in the module's own names."""
        if not name or depth > _DEEPEST:
            return
        module, own = self._known.home(self._module, name) or (self._module, name)
        owner = module.classes.get(own)
        meaning = self if module is self._module else Kinds(module, self._known)
        if owner is not None:
            yield from itertools.islice(_of_class(name, owner, meaning, depth), _MOST)
            return
        for statement in module.names.get(own, ()):
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                yield from _of_alias(statement.value, meaning, depth)


def made(name: str, owner: ast.ClassDef, meaning: literals.Meaning, depth: int = 0) -> Iterator[str]:
    """Yield expressions that make instances of a class, the typical first; none where its text does not tell how."""
    fields = _fields(owner)
    if fields is None:
        return
    needed = [one for one in fields if not one.optional]
    values = [list(itertools.islice(_of_field(one, meaning, depth), _MOST)) for one in needed]
    if not all(values):
        return
    for at in range(max(map(len, values), default=1)):
        chosen = [texts[at % len(texts)] for texts in values]
        given = ", ".join(f"{one.name}={text}" for one, text in zip(needed, chosen, strict=True))
        instance = f"{name}({given})"
        yield instance
        if at == 0:
            yield from _linked(instance, name, owner, fields)


def _linked(one: str, name: str, owner: ast.ClassDef, fields: Sequence[_Field]) -> Iterator[str]:
    """Yield an instance that is linked to itself, where it may be linked to one of its kind."""
    own = name.rpartition(".")[2]
    frozen = any("frozen=True" in ast.unparse(part) for part in owner.decorator_list)
    for field in fields:
        if field.optional and field.annotation is not None and not frozen and own in _named(field.annotation):
            yield f"(lambda one: setattr(one, {field.name!r}, one) or one)({one})"
            return


def _named(annotation: ast.expr) -> set[str]:
    """Return the names of an annotation that is a name, or a choice among some."""
    match annotation:
        case ast.Name(id=name):
            return {name}
        case ast.BinOp(left=left, right=right):
            return _named(left) | _named(right)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return _named(inner)
        case ast.Constant(value=str(text)):
            return {part.strip() for part in text.removeprefix("Optional[").removesuffix("]").split("|")}
        case _:
            return set()


def _of_field(one: _Field, meaning: literals.Meaning, depth: int) -> Iterator[str]:
    # without an annotation anything might be wrong
    return literals.edges(one.annotation, depth + 1, meaning) if one.annotation is not None else iter(())


def _of_class(name: str, owner: ast.ClassDef, meaning: literals.Meaning, depth: int) -> Iterator[str]:
    if _bases(owner) & _ENUMERATIONS:
        yield from (f"{name}.{member}" for member in _members(owner))
    else:
        yield from made(name, owner, meaning, depth)


def _bases(owner: ast.ClassDef) -> set[str]:
    outer = (base.value if isinstance(base, ast.Subscript) else base for base in owner.bases)
    return {scope.dotted(base).rpartition(".")[2] for base in outer}


def _members(owner: ast.ClassDef) -> Iterator[str]:
    for node in owner.body:
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            yield from (name for name in names if not name.startswith("_"))


def _fields(owner: ast.ClassDef) -> Sequence[_Field] | None:
    """Return what an instance is made of; None where the text of the class does not tell."""
    for node in owner.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return _arguments(node.args)
        if isinstance(node, ast.FunctionDef) and node.name == "__new__":
            return None
    bases = _bases(owner)
    decorators = [one.func if isinstance(one, ast.Call) else one for one in owner.decorator_list]
    kinds = {scope.dotted(one).rpartition(".")[2] for one in decorators}
    if not bases <= _PLAIN or not kinds <= {"dataclass", "total_ordering", "final", "runtime_checkable"}:
        return None
    if "dataclass" in kinds or bases & {"NamedTuple", "TypedDict"}:
        return [one for node in owner.body if isinstance(node, ast.AnnAssign) for one in _declared(node)]
    return None if bases & {"Protocol", "ABC"} else ()


def _declared(node: ast.AnnAssign) -> Iterator[_Field]:
    match node.annotation:
        case ast.Subscript(value=outer) if scope.dotted(outer).rpartition(".")[2] == "ClassVar":
            return
        case _:
            if isinstance(node.target, ast.Name):
                needed = node.value is None or _is_bare_field(node.value)
                yield _Field(name=node.target.id, annotation=node.annotation, optional=not needed)


def _is_bare_field(value: ast.expr) -> bool:
    """Whether a value is a `field(...)` that is asked for, and has no default."""
    match value:
        case ast.Call(func=func, keywords=named) if scope.dotted(func).rpartition(".")[2] == "field":
            return not {one.arg for one in named} & {"default", "default_factory", "init"}
        case _:
            return False


def _arguments(given: ast.arguments) -> Sequence[_Field]:
    positional = [*given.posonlyargs, *given.args]
    first = len(positional) - len(given.defaults)
    found = [_Field(name=one.arg, annotation=one.annotation, optional=at >= first) for at, one in enumerate(positional)]
    named = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    found.extend(_Field(name=one.arg, annotation=one.annotation, optional=value is not None) for one, value in named)
    return found[1:]


def _of_alias(value: ast.expr, meaning: literals.Meaning, depth: int) -> Iterator[str]:
    """Yield values of what a name was set to: another type, a `NewType` of one, a `TypeVar` over some."""
    match value:
        case ast.Call(func=func, args=[_, *given], keywords=named):
            bound = [one.value for one in named if one.arg == "bound"]
            match scope.dotted(func).rpartition(".")[2]:
                case "NewType":
                    yield from literals.edges(given[0] if given else None, depth + 1, meaning)
                case "TypeVar":
                    over = bound or given or [ast.Name(id="object", ctx=ast.Load())]
                    yield from itertools.chain(*(literals.edges(one, depth + 1, meaning) for one in over))
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.BinOp(op=ast.BitOr()):
            yield from literals.edges(value, depth + 1, meaning)
        case _:
            return
