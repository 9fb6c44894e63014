"""Which functions of the tree a function calls, by name: enough to see recursion and generators."""

import ast
from collections.abc import Iterable, Iterator, Sequence

from gatekeeper.diffs import tree
from gatekeeper.halting import source
from gatekeeper.impact import layout, scope

# functions that are looked at for one that may come back to itself
_MOST_FOLLOWED = 300
# methods of one name that a call may run, of which the class is not known
_MOST_ALIKE = 20
# modules that a name is followed through: packages that re-export
_MOST_HOPS = 4
# modules of which every name is imported that are looked at for one name
_MOST_STARS = 20


class Calls:
    """The functions of one tree, read as they are asked for."""

    def __init__(self, files: tree.Tree) -> None:
        """Look names up in `files`."""
        self._files = files
        self._layout = layout.Layout(path for path in files.entries if path.endswith(".py"))
        self._contents: dict[str, bytes | None] = {}
        self._modules: dict[str, source.Module | None] = {}
        # path -> methods by their own name
        self._alike: dict[str, dict[str, list[source.Function]]] = {}
        self._called: dict[source.Function, tuple[tuple[int, source.Function], ...]] = {}

    def module(self, path: str) -> source.Module | None:
        """Return the file taken apart; None where there is no such file or it does not parse."""
        if path not in self._modules:
            content = self._content(path)
            self._modules[path] = None if content is None else source.read(path, content)
        return self._modules[path]

    def mentions(self, path: str, function: source.Function) -> bool:
        """Whether the file's bytes hold the function's name: looked at before a file is taken apart for its calls."""
        return function.name.encode() in (self._content(path) or b"") or not function.name.isascii()

    def _content(self, path: str) -> bytes | None:
        if path not in self._contents:
            self._contents[path] = tree.content(self._files, path)
        return self._contents[path]

    def home(self, module: source.Module, dotted: str) -> tuple[source.Module, str] | None:
        """Return the module that a class or an alias is written in, and its name there; None where none is seen."""
        root, _, rest = dotted.partition(".")
        for _ in range(_MOST_HOPS):
            known = module.imports.get(root)
            if dotted in module.classes or dotted in module.names or known is None:
                break
            place, _, name = (f"{known.dotted}.{rest}" if rest else known.dotted).rpartition(".")
            found = (self.module(path) for path in self._paths(known.level, place, module.path))
            other = next((one for one in found if one is not None), None)
            if other is None:
                return None
            module, dotted, root, rest = other, name, name, ""
        return (module, dotted) if dotted in module.classes or dotted in module.names else None

    def called(self, function: source.Function) -> tuple[tuple[int, source.Function], ...]:
        """Return the line of each call in a function and what it may run, in the order of the text."""
        if function not in self._called:
            found = (node for node in ast.walk(function.node) if isinstance(node, ast.Call))
            ordered = sorted(found, key=lambda node: (node.lineno, node.col_offset))
            self._called[function] = tuple(
                (call.lineno, callee) for call in ordered for callee in self.callees(call, function)
            )
        return self._called[function]

    def callees(self, call: ast.Call, function: source.Function) -> Iterator[source.Function]:
        """Yield the functions that a call in `function` may run: those of that name, where it is in sight."""
        module = self.module(function.path)
        dotted = scope.dotted(call.func)
        if module is None or not dotted:
            return
        root, _, rest = dotted.partition(".")
        if root in {"self", "cls"} and function.owner is not None:
            yield from self._methods(module, rest, function.owned_by)
        elif root in module.imports:
            yield from self._imported(module, dotted, _MOST_HOPS)
        else:
            yield from _own(module, dotted)
            yield from self._starred(module, dotted)

    def returns(self, function: source.Function) -> tuple[int, bool] | None:
        """Return the line by which a function may come to run itself again, and whether it does so directly.

        None where there is none in sight.
        """
        module = self.module(function.path)
        direct = [line for line, callee in self.called(function) if callee == function]
        if module is not None:
            direct.extend(_by_name(function, module))
        if direct:
            return min(direct), True
        line = self._way_back(function)
        return None if line is None else (line, False)

    def _way_back(self, goal: source.Function) -> int | None:
        """Return the line of the call by which a function reaches itself through others, the nearest first."""
        # function -> the line of `goal` that leads to it
        seen: dict[source.Function, int] = {}
        for line, callee in self.called(goal):
            seen.setdefault(callee, line)
        waiting = list(seen)
        # grows while it is gone over, up to the bound
        for number, function in enumerate(waiting):
            if number == _MOST_FOLLOWED:
                break
            for _, callee in self.called(function):
                if callee == goal:
                    return seen[function]
                if callee not in seen:
                    seen[callee] = seen[function]
                    waiting.append(callee)
        return None

    def _methods(self, module: source.Module, name: str, owner: str) -> Sequence[source.Function]:
        """Return what `self.name` may be: the class's own methods, else those of that name in the module."""
        own = module.functions.get(f"{owner}.{name}")
        if own is not None:
            return own
        if module.path not in self._alike:
            self._alike[module.path] = _by_last_name(module)
        return self._alike[module.path].get(name, ())

    def _imported(self, module: source.Module, dotted: str, hops: int) -> Iterator[source.Function]:
        root, _, rest = dotted.partition(".")
        known = module.imports[root]
        place, _, name = (f"{known.dotted}.{rest}" if rest else known.dotted).rpartition(".")
        if not place and not known.level:
            return
        for path in self._paths(known.level, place, module.path):
            other = self.module(path)
            if other is None:
                continue
            yield from _own(other, name)
            if hops and name in other.imports and name not in other.functions:
                yield from self._imported(other, name, hops - 1)
            else:
                yield from self._starred(other, name)

    def _starred(self, module: source.Module, name: str) -> Iterator[source.Function]:
        """Yield what a name is that the module has of others, all of whose names it imports."""
        if name in module.functions or name in module.classes or name.startswith("_"):
            return
        waiting, seen = [module], {module.path}
        # grows while it is gone over, up to the bound
        for one in waiting:
            for path in (path for star in one.stars for path in self._paths(star.level, star.dotted, one.path)):
                if len(seen) > _MOST_STARS:
                    return
                other = None if path in seen else self.module(path)
                seen.add(path)
                if other is not None:
                    waiting.append(other)
                    yield from _own(other, name)

    def _paths(self, level: int, place: str, importer: str) -> Iterable[str]:
        found = self._layout.relative(level, place, importer) if level else self._layout.modules(place, importer)
        return (path for path in found if path.endswith(".py"))


def _own(module: source.Module, name: str) -> Iterator[source.Function]:
    """Yield what a name of the module itself runs: a function, or the making of a class's instance."""
    yield from module.functions.get(name, ())
    yield from module.functions.get(f"{name}.__init__", ())


def _by_last_name(module: source.Module) -> dict[str, list[source.Function]]:
    found: dict[str, list[source.Function]] = {}
    for qualified, functions in module.functions.items():
        owner, _, name = qualified.rpartition(".")
        alike = found.setdefault(name, [])
        if owner and len(alike) < _MOST_ALIKE:
            alike.extend(functions)
    return found


def _by_name(function: source.Function, module: source.Module) -> Iterator[int]:
    """Yield the lines on which a method, or a nested function, may run itself, by its name alone."""
    for node in ast.walk(function.node):
        if isinstance(node, scope.Function):
            method = node is function.node and function.owner is not None
            for part in ast.walk(node):
                if _reads_itself(part, node) if method and _is_property(node) else _calls(part, node, module, method):
                    assert isinstance(part, ast.expr)
                    yield part.lineno


def _calls(part: ast.AST, node: scope.Function, module: source.Module, method: bool) -> bool:  # noqa: FBT001
    """Whether `part` calls what has the name of `node`.

    `self.left.depth()` in a method `depth` does; `super().depth()` and `module.depth()` do not.
    """
    match part:
        case ast.Call(func=ast.Name(id=called)):
            return called == node.name and not method
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")))):
            return False
        case ast.Call(func=ast.Attribute(attr=called) as callee):
            return method and called == node.name and scope.dotted(callee).partition(".")[0] not in module.imports
        case _:
            return False


def _is_property(node: scope.Function) -> bool:
    names = {scope.dotted(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(names & {"property", "cached_property", "setter"})


def _reads_itself(part: ast.AST, node: scope.Function) -> bool:
    """Whether `part` reads, or in a setter sets, the property that `node` is."""
    setter = any(scope.dotted(decorator).endswith(".setter") for decorator in node.decorator_list)
    match part:
        case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=context):
            return name == node.name and isinstance(context, ast.Store if setter else ast.Load)
        case _:
            return False
