"""The ids that pytest gives to parameters (`IdMaker` in `_pytest/python.py` of pytest 9.2), without their values."""

import ast
import builtins
from collections import Counter, defaultdict
from collections.abc import Sequence

from gatekeeper import errors
from gatekeeper.impact import scope
from gatekeeper.simulation.program import needs, source, values

# characters of a value in a message
_SHOWN = 60
# a longer string does not name itself
_LONGEST = 100
_ESCAPED = {code: f"\\x{code:02x}" for code in range(128) if code not in range(32, 127)}
_ESCAPED.update({ord("\t"): "\\t", ord("\r"): "\\r", ord("\n"): "\\n"})
# calls of these make objects without a name
_NAMELESS_WORDS = (
    "dict list tuple set frozenset object bytearray range timedelta datetime date time timezone Decimal "
    "Fraction UUID Path PurePath SimpleNamespace OrderedDict defaultdict Counter deque StringIO BytesIO "
    "partial iter enumerate zip map filter reversed slice memoryview ZoneInfo"
)
_NAMELESS = frozenset(_NAMELESS_WORDS.split())
# methods of these classes that make objects of them
_MAKERS_WORDS = (
    "now utcnow today fromtimestamp utcfromtimestamp strptime combine fromisoformat fromordinal fromkeys from_float"
)
_MAKERS = frozenset(_MAKERS_WORDS.split())
_DISPLAYS = ast.List | ast.Dict | ast.Set | ast.Tuple | ast.ListComp | ast.DictComp | ast.SetComp
_PLAIN_ENUMS = frozenset({"Enum", "Flag"})
_TEXT_ENUMS = frozenset({"StrEnum", "IntEnum", "IntFlag"})
_BUILTIN_NAMED = frozenset(name for name, item in vars(builtins).items() if hasattr(item, "__name__"))


class Ids:
    """Names parameters of one tree."""

    def __init__(self, known: values.Values, resolver: needs.Resolver) -> None:
        self._values = known
        self._resolver = resolver

    def of(self, value: values.Value, argument: str, index: int, function: str = "") -> str:
        """Return the id of one value. `function`: `str` or `repr`, which was given to make ids.

        Raises NotAnalysed where the value is known only when it runs.
        """
        if function:
            return escaped(self._made(value, function))
        made = self._values.constant(value)
        if isinstance(made, str | bytes):
            return escaped(made) if len(made) <= _LONGEST else f"{argument}{index}"
        if made is not ...:
            return _printed(made, value)
        name = self._name(self._values.assigned(value))
        return f"{argument}{index}" if name is None else name

    def _made(self, value: values.Value, function: str) -> str:
        """Return what `str` or `repr` makes of a literal."""
        made = self._structure(self._values.assigned(value))
        if made is ...:
            raise _unknown(value)
        return _printed(made, value) if function == "str" else _printed(_Shown(made), value)

    def _structure(self, value: values.Value) -> object:
        """Return the constant, or the list, tuple or dictionary of such, that a value is; else Ellipsis."""
        match value.node:
            case ast.List(elts=nodes):
                made = self._structures(value.path, nodes)
                return ... if ... in made else made
            case ast.Tuple(elts=nodes):
                made = self._structures(value.path, nodes)
                return ... if ... in made else tuple(made)
            case ast.Dict(keys=keys, values=nodes) if all(keys):
                names = self._structures(value.path, [key for key in keys if key])
                made = self._structures(value.path, nodes)
                return ... if ... in (*names, *made) or not _hashable(names) else dict(zip(names, made, strict=True))
            case _:
                return self._values.constant(value)

    def _structures(self, path: str, nodes: Sequence[ast.expr]) -> list[object]:
        return [self._structure(self._values.assigned(self._values.at(path, node))) for node in nodes]

    def given(self, value: values.Value) -> str:
        """Return the id that `value`, of a list of ids, is. Raises NotAnalysed where it is known only when it runs."""
        made = self._values.constant(value)
        name = (
            self._name(value)
            if made is ...
            else escaped(made if isinstance(made, str | bytes) else _printed(made, value))
        )
        if name is None:
            raise _unknown(value)
        return name

    def _name(self, value: values.Value) -> str | None:
        """Return the name of a value that is no constant; None: it has none."""
        match value.node:
            case ast.GeneratorExp():
                return "<genexpr>"
            case ast.Lambda():
                return "<lambda>"
            case ast.Call(func=func):
                return self._name_of_call(value, scope.dotted(func))
            case ast.Name() | ast.Attribute():
                return self._name_of_symbol(value, scope.dotted(value.node))
            case node if not self._makes_nameless(value.path, node):
                raise _unknown(value)
        return None

    def _makes_nameless(self, path: str, node: ast.expr) -> bool:
        """Whether an expression that is no constant, call or name makes an object without a name."""
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
                # lists, dates, decimals: what they make with others is as nameless as they are
                return any(self._is_nameless(self._values.at(path, item)) for item in (left, right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._is_nameless(self._values.at(path, operand))
            case ast.Constant(value=kept):
                return kept is ...
            case _:
                return isinstance(node, _DISPLAYS)

    def _is_nameless(self, value: values.Value) -> bool:
        """Whether the value is known to have no name, and to be no constant."""
        if self._values.constant(value) is not ...:
            return False
        try:
            return self._name(self._values.assigned(value)) is None
        except errors.NotAnalysed:
            return False

    def _name_of_call(self, value: values.Value, dotted: str) -> str | None:
        found = list(self._resolver.symbols(value.path, dotted)) if dotted else []
        if found and all(unit.sort is source.Sort.CLASS and self._is_plain(unit) for unit in found):
            return None
        before, _, last = dotted.rpartition(".")
        if not found and (last in _NAMELESS or (last in _MAKERS and before.rpartition(".")[2] in _NAMELESS)):
            return None
        raise _unknown(value)

    def _name_of_symbol(self, value: values.Value, dotted: str) -> str | None:
        last = dotted.rpartition(".")[2]
        found = list(self._resolver.symbols(value.path, dotted)) if dotted else []
        if [unit.sort for unit in found] in ([source.Sort.FUNCTION], [source.Sort.CLASS]) and found[0].names == (last,):
            return last
        holders = list(self._resolver.symbols(value.path, dotted.rpartition(".")[0])) if "." in dotted else []
        if len(holders) == 1 and holders[0].sort is source.Sort.CLASS and _PLAIN_ENUMS & self._roots(holders[0]):
            return f"{holders[0].names[0]}.{last}"
        if not found and not holders and dotted in _BUILTIN_NAMED:
            return last
        raise _unknown(value)

    def _is_plain(self, unit: source.Unit) -> bool:
        """Whether objects of the class have no name of their own and are neither text, number nor enumeration."""
        texts = {"str", "bytes", "int", "float", "complex", "type", *_PLAIN_ENUMS, *_TEXT_ENUMS}
        return not texts & self._roots(unit)

    def _roots(self, unit: source.Unit) -> set[str]:
        """Return the last words of all bases of a class."""
        classes = [
            node for item in self._resolver.lineage(unit) for node in item.nodes if isinstance(node, ast.ClassDef)
        ]
        return {scope.dotted(base).rpartition(".")[2] for node in classes for base in node.bases}


class _Shown:
    """What is printed as its `repr`."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        return repr(self._value)


def _printed(made: object, value: values.Value) -> str:
    try:
        return str(made)
    except ValueError:
        # more digits than Python prints
        raise _unknown(value) from None


def _hashable(found: list[object]) -> bool:
    return all(isinstance(item, str | bytes | int | float | None) for item in found)


def escaped(value: str | bytes) -> str:
    """Return a text as pytest shows it in an id."""
    if isinstance(value, bytes):
        shown = value.decode("ascii", "backslashreplace")
    else:
        shown = value.encode("unicode_escape").decode("ascii")
    return shown.translate(_ESCAPED)


def unique(found: Sequence[str]) -> list[str]:
    """Return the ids, with a number after those that occur more than once."""
    made = list(found)
    counts = Counter(made)
    numbers: dict[str, int] = defaultdict(int)
    for index, name in enumerate(found):
        if counts[name] > 1:
            between = "_" if name and name[-1].isdigit() else ""
            while (numbered := f"{name}{between}{numbers[name]}") in set(made):
                numbers[name] += 1
            made[index] = numbered
            numbers[name] += 1
    return made


def _unknown(value: values.Value) -> errors.NotAnalysed:
    return errors.NotAnalysed(f"the id of parameter `{shown(value.text)}` is known only when its module is imported")


def shown(text: str) -> str:
    """Return the start of a text of the repository on one line, for a message."""
    line = " ".join(text.split())
    printable = "".join(letter if letter.isprintable() else "?" for letter in line[: _SHOWN + 1])
    return (f"{printable[:_SHOWN]}…" if len(printable) > _SHOWN else printable).replace("`", "'")
