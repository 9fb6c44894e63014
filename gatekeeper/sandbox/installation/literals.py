"""Values that stand literally in Python source: setup.py's arguments, a module's `__version__`."""

import ast
from collections.abc import Iterator, Mapping

# expressions nested deeper than this are not evaluated
_DEPTH = 30
# steps for one file: names that name each other twice could otherwise multiply without end
_STEPS = 20_000


class _Computed(ValueError):  # noqa: N818 - a way out, not an error
    """The expression's value is known only to a running program."""


def arguments(module: ast.Module, function: str) -> dict[str, object]:
    """Return the arguments by keyword of the calls of `function`; those that are not literal are left out.

    Names assigned at the module's top level, `+` of lists and strings, `dict()` and `list()` are followed.
    """
    literals = Literals(module)
    found: dict[str, object] = {}
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call) and called(node) == function):
        for keyword in call.keywords:
            value = literals.value(keyword.value)
            if keyword.arg is not None and value is not None:
                found[keyword.arg] = value
            elif isinstance(value, dict):
                found.update(value)
    return found


def called(call: ast.Call) -> str:
    """Return the last part of the name that is called; `""` for other expressions."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def attribute(module: ast.Module, name: str) -> object:
    """Return the literal that the module assigns to `name` at its top level; None where there is none."""
    literals = Literals(module)
    expression = literals.names.get(name)
    return literals.value(expression) if expression is not None else None


class Literals:
    """Evaluates the literal expressions of one module, within a bound for all of them together."""

    def __init__(self, module: ast.Module) -> None:
        self.names: Mapping[str, ast.expr] = dict(_assignments(module))
        self._left = _STEPS

    def value(self, node: ast.expr) -> object:
        """Return the expression's value, with lists for tuples and sets; None for anything computed."""
        try:
            return self._value(node, 0)
        except _Computed:
            return None

    def _value(self, node: ast.expr, depth: int) -> object:
        self._left -= 1
        if depth > _DEPTH or self._left < 0:
            raise _Computed
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        return self._plain(node, depth)

    def _plain(self, node: ast.expr, depth: int) -> object:
        match node:
            case ast.Constant(value=value):
                self._left -= len(value) // 100 if isinstance(value, str | bytes) else 0
                return value
            case ast.Name(id=name) if name in self.names:
                return self._value(self.names[name], depth + 1)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return list(self._items(items, depth + 1))
            case ast.Dict(keys=keys, values=values):
                return dict(self._pairs(keys, values, depth + 1))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _added(self._value(left, depth + 1), self._value(right, depth + 1))
            case ast.Subscript(value=value, slice=key):
                return _picked(self._value(value, depth + 1), self._value(key, depth + 1))
        raise _Computed

    def _call(self, node: ast.Call, depth: int) -> object:
        match called(node), node.args, node.keywords:
            case "dict", [], keywords:
                return {word.arg: self._value(word.value, depth + 1) for word in keywords if word.arg}
            case "list" | "tuple" | "sorted" | "set", [argument], []:
                return self._value(argument, depth + 1)
            case "find_packages" | "find_namespace_packages", arguments, keywords:
                where = next((word.value for word in keywords if word.arg == "where"), None)
                where = where or (arguments[0] if arguments else None)
                return {"where": self._value(where, depth + 1)} if where is not None else {}
        raise _Computed

    def _items(self, items: list[ast.expr], depth: int) -> Iterator[object]:
        """Yield the literal items; computed ones are left out, so that one of them does not hide the others."""
        for item in items:
            try:
                if isinstance(item, ast.Starred):
                    inner = self._value(item.value, depth)
                    yield from inner if isinstance(inner, list) else []
                else:
                    yield self._value(item, depth)
            except _Computed:
                continue

    def _pairs(self, keys: list[ast.expr | None], values: list[ast.expr], depth: int) -> Iterator[tuple[str, object]]:
        """Yield the literal pairs whose keys are strings; computed ones are left out."""
        for key, value in zip(keys, values, strict=True):
            try:
                found = self._value(value, depth)
                if key is None:
                    yield from found.items() if isinstance(found, dict) else []
                elif isinstance(name := self._value(key, depth), str):
                    yield name, found
            except _Computed:
                continue


def _assignments(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for statement in module.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case _:
                pass


def _added(left: object, right: object) -> object:
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    raise _Computed


def _picked(value: object, key: object) -> object:
    if isinstance(value, dict) and isinstance(key, str) and key in value:
        return value[key]
    raise _Computed
