"""A function that calls itself -> what its text tells of whether that comes to an end."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.halting import avoiding, risk, source, statements, whole
from gatekeeper.impact import scope

_IMMUTABLE = frozenset({"str", "tuple", "bytes"})


def of(function: source.Function, typed: whole.Kinds) -> Iterator[risk.Ranking]:
    """Yield at most one thing that is told, at the line of the first call; nothing of generators and coroutines."""
    node = function.node
    inside = [part for part in ast.walk(node) if part is not node]
    lazy = ast.Yield | ast.YieldFrom | ast.Await
    if isinstance(node, ast.AsyncFunctionDef) or any(isinstance(part, lazy) for part in inside):
        return
    known = _Recursion(function, typed)
    if not known.calls:
        return
    line = min(call.lineno for call in known.calls)
    if not avoiding.is_avoidable(node.body, known.is_own):
        yield risk.Ranking(course=risk.Course.NO_BASE, line=line, what=node.name, sound=known.is_quiet())
    elif (what := known.handed_on()) is not None:
        yield risk.Ranking(course=risk.Course.SAME, line=line, what=", ".join(what), sound=False)
    elif (moving := known.moving()) is not None:
        yield risk.Ranking(course=moving.course, line=line, what=moving.what, sound=moving.sound)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moving:
    course: risk.Course
    what: str
    sound: bool


class _Recursion:
    """The calls by which a function runs itself, and what they hand on."""

    def __init__(self, function: source.Function, typed: whole.Kinds) -> None:
        self._function, self._typed = function, typed
        self._node = function.node
        self.calls = [part for part in _outside(self._node) if self.is_own(part) and isinstance(part, ast.Call)]
        nested = any(self.is_own(part) for part in ast.walk(self._node)) and not self.calls
        given = self._node.args
        plain = not (given.vararg or given.kwarg or nested or self._has_others())
        first = 1 if function.owner is not None and not self._is_static() else 0
        self._names = [one.arg for one in (*given.posonlyargs, *given.args)][first:] if plain else []
        stored = (part for statement in self._node.body for part in ast.walk(statement))
        self._set = {part.id for part in stored if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}

    def is_own(self, node: ast.AST) -> bool:
        """Whether a node calls the function itself, by its name or on `self`."""
        match node:
            case ast.Call(func=ast.Name(id=name)):
                return self._function.owner is None and name == self._node.name and not self._is_hidden(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name)):
                return self._function.owner is not None and name == self._node.name
            case _:
                return False

    def is_quiet(self) -> bool:
        """Whether nothing in the function calls anything else, looks anything up, or may fail otherwise."""
        loud = ast.Attribute | ast.Subscript | ast.BinOp | ast.Raise | ast.Assert | ast.Try | ast.With
        parts = [part for statement in self._node.body for part in ast.walk(statement)]
        return not any(
            isinstance(part, loud) or (isinstance(part, ast.Call) and not self.is_own(part)) for part in parts
        )

    def handed_on(self) -> tuple[str, ...] | None:
        """Return the arguments that decide whether it calls itself, where every call hands them on as they are."""
        tests = [part for part in _outside(self._node) if isinstance(part, ast.If | ast.While | ast.IfExp)]
        others = [part for part in _outside(self._node) if isinstance(part, _DECIDING)]
        if not tests or others:
            return None
        read = [part for test in tests for part in ast.walk(test.test)]
        names = {part.id for part in read if isinstance(part, ast.Name)} - whole.HARMLESS
        if any(isinstance(part, ast.Attribute | ast.Subscript | ast.NamedExpr) for part in read):
            return None
        if any(isinstance(part, ast.Call) and not _is_harmless(part) for part in read) or not names:
            return None
        same = all(self._handed(call, name) for call in self.calls for name in names)
        return tuple(sorted(names)) if same and not self._touched(names) else None

    def moving(self) -> _Moving | None:
        """Return the argument that each call brings closer to a base case; None where there is none."""
        guards = list(_guards(self._node.body, self.is_own))
        found = [moving for guard in guards if (moving := self._moves(guard)) is not None]
        return min(found, key=lambda one: (one.course is not risk.Course.MOVES, not one.sound), default=None)

    def _moves(self, guard: ast.expr) -> _Moving | None:  # noqa: PLR0911 - one arm for each form
        """Return what brings an end nearer where the base case is taken when `guard` holds."""
        match guard:
            case ast.BoolOp(op=ast.Or(), values=parts):
                return next((moving for part in parts if (moving := self._moves(part)) is not None), None)
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Lt() | ast.LtE()], comparators=[bound]):
                return self._counted(name, bound)
            case ast.Compare(left=bound, ops=[ast.Gt() | ast.GtE()], comparators=[ast.Name(id=name)]):
                return self._counted(name, bound)
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[bound]):
                return self._overstepped(name, bound)
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
                return self._shortened(name)
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]),
                ops=[ast.Lt() | ast.LtE() | ast.Eq()],
                comparators=[bound],
            ):
                least = (statements.constant(bound) or 0) >= int(isinstance(guard.ops[0], ast.Lt))
                exact = isinstance(guard.ops[0], ast.Eq) and statements.constant(bound) != 0
                return self._shortened(name) if least and not exact else None
            case _:
                return None

    def _counted(self, name: str, bound: ast.expr) -> _Moving | None:
        least = statements.constant(bound)
        if least is None or not self._each(name, lambda value: _is_less(value, name, least)):
            return None
        sound = self._typed.is_whole(name) and name not in self._set
        return _Moving(course=risk.Course.MOVES, what=name, sound=sound)

    def _overstepped(self, name: str, bound: ast.expr) -> _Moving | None:
        down = self._each(name, lambda value: (statements.increase(value, name) or 0) < 0)
        if statements.constant(bound) is None or not down or not self._typed.is_whole(name):
            return None
        return _Moving(course=risk.Course.OVERSTEPS, what=name, sound=False)

    def _shortened(self, name: str) -> _Moving | None:
        if not self._each(name, lambda value: _is_shorter(value, name)):
            return None
        kind = self._typed.said(name)
        sound = name not in self._set and (kind in _IMMUTABLE or (kind == "list" and not self._changes_any()))
        return _Moving(course=risk.Course.MOVES, what=f"len({name})", sound=sound)

    def _each(self, name: str, holds: Callable[[ast.expr], bool]) -> bool:
        """Whether something holds of what each call gives for an argument; all calls are in sight."""
        if name not in self._names:
            return False
        given = [self._given(call, name) for call in self.calls]
        return all(value is not None and holds(value) for value in given)

    def _given(self, call: ast.Call, name: str) -> ast.expr | None:
        if any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords):
            return None
        place = self._names.index(name)
        if place < len(call.args):
            return call.args[place]
        return next((one.value for one in call.keywords if one.arg == name), None)

    def _handed(self, call: ast.Call, name: str) -> bool:
        if name not in self._names or name in self._set:
            return False
        value = self._given(call, name)
        return isinstance(value, ast.Name) and value.id == name

    def _touched(self, names: set[str]) -> bool:
        """Whether the values of names may be changed: something is done with them that is not looking."""
        for part in ast.walk(self._node):
            match part:
                case ast.Attribute(value=ast.Name(id=name)) if name in names:
                    return True
                case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()) if name in names:
                    return True
                case ast.Call(args=given) if not self.is_own(part) and not _is_harmless(part):
                    if any(isinstance(one, ast.Name) and one.id in names for one in given):
                        return True
                case _:
                    pass
        return False

    def _changes_any(self) -> bool:
        """Whether the function may change some collection: which one, its text need not tell."""
        for part in ast.walk(self._node):
            match part:
                case ast.Attribute() | ast.AugAssign() | ast.Subscript(ctx=ast.Store() | ast.Del()):
                    return True
                case ast.Call() if not self.is_own(part) and not _is_harmless(part):
                    return True
                case _:
                    pass
        return False

    def _has_others(self) -> bool:
        """Whether the function runs itself, or is handed about, in ways that are not looked at."""
        within = [part for part in ast.walk(self._node) if isinstance(part, ast.Name | ast.Attribute)]
        name, owned = self._node.name, self._function.owner is not None
        mentioned = [
            part
            for part in within
            if (isinstance(part, ast.Attribute) and part.attr == name and owned)
            or (isinstance(part, ast.Name) and part.id == name and not owned)
        ]
        return len(mentioned) != len(self.calls)

    def _is_static(self) -> bool:
        return any(scope.dotted(one) == "staticmethod" for one in self._node.decorator_list)

    def _is_hidden(self, name: str) -> bool:
        """Whether the function's name means something else within it."""
        inner = (part for part in ast.walk(self._node) if part is not self._node)
        return any(
            (isinstance(part, ast.arg) and part.arg == name)
            or (isinstance(part, ast.FunctionDef | ast.ClassDef) and part.name == name)
            or (isinstance(part, ast.Name) and part.id == name and not isinstance(part.ctx, ast.Load))
            for part in inner
        )


# what decides beside conditions: how often, or whether at all
_DECIDING = (ast.For, ast.AsyncFor, ast.BoolOp, ast.comprehension, ast.Try, ast.TryStar, ast.Match, ast.With)


def _outside(function: ast.AST) -> Iterator[ast.AST]:
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _is_harmless(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in whole.HARMLESS


def _guards(body: Sequence[ast.stmt], is_own: Callable[[ast.AST], bool]) -> Iterator[ast.expr]:
    """Yield the conditions under which the function is left before it calls itself."""
    for statement in body:
        match statement:
            case ast.If(test=test, body=inner, orelse=other):
                inside = any(is_own(part) for one in inner for part in ast.walk(one))
                if not inside and isinstance(inner[-1], ast.Return | ast.Raise):
                    yield test
                    yield from _guards(other, is_own)
            case ast.Return(value=ast.IfExp(test=test, body=first)):
                if not any(is_own(part) for part in ast.walk(first)):
                    yield test
            case _:
                pass
        if any(is_own(part) for part in ast.walk(statement)):
            return


def _is_less(value: ast.expr, name: str, least: int) -> bool:
    """Whether a value is less than the name's, which is at least `least`, by one or more."""
    if (statements.increase(value, name) or 0) < 0:
        return True
    match value:
        case ast.BinOp(left=ast.Name(id=own), op=ast.FloorDiv(), right=ast.Constant(value=int(by))):
            return own == name and by > 1 and least >= 1
        case ast.BinOp(left=ast.Name(id=own), op=ast.RShift(), right=ast.Constant(value=int(by))):
            return own == name and by >= 1 and least >= 1
        case _:
            return False


def _is_shorter(value: ast.expr, name: str) -> bool:
    match value:
        case ast.Subscript(value=ast.Name(id=owner), slice=ast.Slice(lower=lower, upper=upper, step=None)):
            start = 0 if lower is None else statements.constant(lower)
            end = None if upper is None else statements.constant(upper)
            head = start is not None and start >= 1 and upper is None
            return owner == name and (head or (start in {0, 1} and end is not None and end <= -1))
        case _:
            return False
