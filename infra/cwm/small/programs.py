"""Make closed programs of small integers, strings, booleans and lists, deterministic by seed.

Each is a module with one to three functions, mostly a test of one, and a `main()`. All end: loops run over ranges and
lists, or up to a counter. Some assertions are wrong and some functions raise, so that tests fail as well as pass.
"""

# ruff: noqa: PLR2004 - shares and small numbers of the dice

import ast
import hashlib
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import expressions
from expressions import Kind

MARK = "  # << START_OF_TRACE"
FUTURE = "from __future__ import annotations"
MODULES = ("calc", "shop", "text", "items", "steps", "app")
NAMES = {
    Kind.INT: ("add", "total", "count", "score", "area", "step", "twice", "size", "f", "g"),
    Kind.STR: ("join", "label", "title", "pick", "name", "show", "f", "g"),
    Kind.BOOL: ("check", "valid", "ready", "same", "f", "g"),
    Kind.LIST: ("collect", "steps", "rest", "make", "f", "g"),
}
VARIABLES = {
    Kind.INT: ("n", "x", "y", "total", "count", "k", "m"),
    Kind.STR: ("s", "text", "name", "word"),
    Kind.BOOL: ("ok", "found", "flag"),
    Kind.LIST: ("items", "values", "found_items"),
}
COUNTERS = ("i", "j")
ELEMENTS = ("v", "item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large the programs are."""

    # statements of a function's body before its return
    statements: tuple[int, int]
    # most functions beside the test
    functions: int
    # most turns of a loop, and most elements of a list that is written down
    turns: int
    # largest integer that is written down in most places
    constant: int


PLAIN = Shape(statements=(1, 2), functions=2, turns=3, constant=9)
# longer bodies, longer loops, larger constants than any program of PLAIN has
LONGER = Shape(statements=(3, 4), functions=3, turns=4, constant=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One closed program."""

    source: str
    # the file that it stands for
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function that may be called."""

    name: str
    parameters: tuple[Kind, ...]
    returns: Kind


def generate(seed: str, shape: Shape) -> Iterator[Made]:
    """Yield programs without end; no two with the same text."""
    seen, number = set(), 0
    while True:
        made = _program(random.Random(f"{seed}/{number}"), shape)  # noqa: S311 - to be repeatable
        number += 1
        if made.source not in seen:
            seen.add(made.source)
            yield made


def normalised(source: str) -> str:
    """Return a digest that is the same for programs which differ in names, comments and blank lines alone."""
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        for attribute in ("name", "id", "arg", "module"):
            told = getattr(node, attribute, None)
            if isinstance(told, str):
                setattr(node, attribute, names.setdefault(told, f"n{len(names)}"))
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _program(rng: random.Random, shape: Shape) -> Made:
    module = rng.choice(MODULES)
    functions: list[Function] = []
    blocks = []
    for _ in range(rng.choice((1, 1, 1, 2, shape.functions))):
        writer = Writer(rng=rng, shape=shape, known=tuple(functions))
        function, lines = writer.function()
        functions.append(function)
        blocks.append(lines)
    last = functions[-1]
    call = f"{last.name}({', '.join(expressions.constant(rng, kind, shape.constant) for kind in last.parameters)})"
    if rng.random() < 0.25:
        return _assembled(rng, module, blocks, None, f"    return {call}")
    name, test = _test(rng, blocks, last, call, shape)
    return _assembled(rng, module, blocks, test, f"    {name}()")


def _assembled(rng: random.Random, module: str, blocks: list[list[str]], test: list[str] | None, entry: str) -> Made:
    """Return the parts under each other, in one of the ways that closed programs are laid out."""
    main = [f"def main():{MARK}", entry]
    if rng.random() < 0.7:
        # as a review closes tests: files under headings, without their blank lines
        parts = [[FUTURE, f"# {module}.py", *itertools.chain(*blocks)]]
        parts += [[f"# {rng.choice(('', 'tests/'))}test_{module}.py", *test]] if test else []
        parts, gap = [*parts, main], "\n\n"
    else:
        parts, gap = [*blocks, *([test] if test else []), main], rng.choice(("\n\n", "\n\n\n"))
    return Made(source=gap.join("\n".join(lines) for lines in parts) + "\n", path=f"{module}.py")


def _test(
    rng: random.Random, blocks: list[list[str]], function: Function, call: str, shape: Shape
) -> tuple[str, list[str]]:
    """Return the name and the lines of a test that holds in about two of three programs."""
    said = _value(blocks, call)
    wrong = rng.random() < 0.3
    expected = expressions.near(rng, said, shape.constant) if wrong else said
    if expected is None:
        expected = expressions.constant(rng, function.returns, shape.constant)
    name = f"test_{function.name}"
    if function.returns is Kind.BOOL and rng.random() < 0.7:
        return name, [f"def {name}():", f"    assert {'' if expected == 'True' else 'not '}{call}"]
    if rng.random() < 0.3:
        return name, [f"def {name}():", f"    result = {call}", f"    assert result == {expected}"]
    return name, [f"def {name}():", f"    assert {call} == {expected}"]


def _value(blocks: list[list[str]], call: str) -> str | None:
    """Return the `repr` of what the call returns, None where it raises; only what this module wrote is run."""
    namespace: dict[str, object] = {}
    exec("\n".join(line for lines in blocks for line in lines), namespace)  # noqa: S102 - as the docstring says
    try:
        return repr(eval(call, namespace))  # noqa: S307 - likewise
    except Exception:  # noqa: BLE001 - some are meant to raise
        return None


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes one function."""

    rng: random.Random
    shape: Shape
    known: tuple[Function, ...]
    scope: dict[str, Kind] = field(default_factory=dict)
    # names that no variable may hide
    functions: frozenset[str] = frozenset()

    def function(self) -> tuple[Function, list[str]]:
        """Return a function that no name of `known` hides, and its lines."""
        rng = self.rng
        returns = rng.choice((Kind.INT, Kind.INT, Kind.INT, Kind.STR, Kind.BOOL, Kind.LIST))
        taken = frozenset(one.name for one in self.known)
        name = rng.choice([one for one in NAMES[returns] if one not in taken])
        self.functions = taken | {name}
        kinds = rng.choice(((Kind.INT,), (Kind.INT,), (Kind.INT, Kind.INT), (Kind.STR,), (Kind.LIST,)))
        parameters = [self.fresh(kind) for kind in kinds]
        lines = [f"def {name}({', '.join(parameters)}):"]
        if self.known:
            lines.append(self.called("    "))
        for _ in range(rng.randint(*self.shape.statements)):
            lines += self.statement("    ", returns)
        lines.append(f"    return {self.expression(returns)}")
        return Function(name=name, parameters=kinds, returns=returns), lines

    def fresh(self, kind: Kind) -> str:
        """Return a name that holds `kind` from now on: a new one, where one is left."""
        free = [name for name in VARIABLES[kind] if name not in self.scope and name not in self.functions]
        name = self.rng.choice(free) if free else self.rng.choice(self.of(kind))
        self.scope[name] = kind
        return name

    def of(self, kind: Kind) -> list[str]:
        """Return the names in scope that hold `kind`."""
        return [name for name, its in self.scope.items() if its is kind]

    def expression(self, kind: Kind) -> str:
        """Return an expression of `kind`, now and then a call of a known function."""
        callable_ = [one for one in self.known if one.returns is kind]
        if callable_ and self.rng.random() < 0.3:
            return self.call(self.rng.choice(callable_))
        return expressions.expression(self.rng, kind, self.scope, self.shape.constant)

    def call(self, function: Function) -> str:
        """Return a call with names and constants."""
        return f"{function.name}({', '.join(self.simple(kind) for kind in function.parameters)})"

    def called(self, indent: str) -> str:
        """Assign what the last known function returns."""
        value = self.call(self.known[-1])
        return f"{indent}{self.fresh(self.known[-1].returns)} = {value}"

    def simple(self, kind: Kind) -> str:
        """Return a name or a constant."""
        return expressions.simple(self.rng, kind, self.scope, self.shape.constant)

    def condition(self) -> str:
        """Return a comparison."""
        return expressions.comparison(self.rng, self.scope, self.shape.constant)

    def statement(self, indent: str, returns: Kind) -> list[str]:
        """Return the lines of one statement of a function's body."""
        ways = (self.assigned, self.assigned, self.branch, self.early, self.ranged, self.over, self.counted)
        return self.rng.choice(ways)(indent, returns)

    def assigned(self, indent: str, returns: Kind) -> list[str]:
        """Assign to a new name or change one."""
        if self.rng.random() < 0.45:
            return self.changed(indent)
        kind = self.rng.choice((Kind.INT, Kind.INT, returns, Kind.STR, Kind.LIST))
        value = self.expression(kind)
        return [f"{indent}{self.fresh(kind)} = {value}"]

    def changed(self, indent: str) -> list[str]:
        """Change a name that is in scope."""
        kind = self.rng.choice([kind for kind in (Kind.INT, Kind.INT, Kind.LIST, Kind.STR) if self.of(kind)])
        name = self.rng.choice(self.of(kind))
        match kind:
            case Kind.INT:
                return [f"{indent}{name} {self.rng.choice(('+=', '+=', '-='))} {self.simple(Kind.INT)}"]
            case Kind.LIST:
                return [f"{indent}{name}.append({self.simple(Kind.INT)})"]
            case _:
                return [f"{indent}{name} = {self.expression(kind)}"]

    def branch(self, indent: str, _returns: Kind) -> list[str]:
        """Change something under a condition, or else something else."""
        lines = [f"{indent}if {self.condition()}:", *self.changed(f"{indent}    ")]
        if self.rng.random() < 0.2:
            lines += [f"{indent}elif {self.condition()}:", *self.changed(f"{indent}    ")]
        if self.rng.random() < 0.5:
            lines += [f"{indent}else:", *self.changed(f"{indent}    ")]
        return lines

    def early(self, indent: str, returns: Kind) -> list[str]:
        """Return, or raise, under a condition."""
        leave = f"return {self.simple(returns)}"
        if self.rng.random() < 0.35:
            leave = f"raise {self.rng.choice(('ValueError', 'KeyError'))}({expressions.quoted(self.rng)})"
        return [f"{indent}if {self.condition()}:", f"{indent}    {leave}"]

    def ranged(self, indent: str, _returns: Kind) -> list[str]:
        """Change something a fixed number of times."""
        counter = next((name for name in COUNTERS if name not in self.scope), COUNTERS[0])
        header = f"{indent}for {counter} in range({self.rng.randint(1, self.shape.turns)}):"
        return [header, *self._inside(indent, counter)]

    def over(self, indent: str, _returns: Kind) -> list[str]:
        """Go over a list."""
        given = self.of(Kind.LIST)
        lines = []
        if given:
            source = self.rng.choice(given)
        else:
            source = expressions.listed(self.rng, self.shape.turns, self.shape.constant)
            if self.rng.random() < 0.5:
                name = self.fresh(Kind.LIST)
                lines, source = [f"{indent}{name} = {source}"], name
        element = next((name for name in ELEMENTS if name not in self.scope), ELEMENTS[0])
        return [*lines, f"{indent}for {element} in {source}:", *self._inside(indent, element, source)]

    def _inside(self, indent: str, counter: str, source: str | None = None) -> list[str]:
        """Return a loop's body: one change, perhaps under a condition."""
        before = dict(self.scope)
        self.scope = before | {counter: Kind.INT}
        changeable = [name for name in self.of(Kind.INT) if name != counter]
        # what is gone over must not grow meanwhile, by another name neither
        lists = [] if source in before else self.of(Kind.LIST)
        if changeable and (not lists or self.rng.random() < 0.7):
            value = counter if self.rng.random() < 0.6 else self.simple(Kind.INT)
            change = f"{self.rng.choice(changeable)} {self.rng.choice(('+=', '+=', '-='))} {value}"
        elif lists:
            change = f"{self.rng.choice(lists)}.append({counter})"
        else:
            change = f"{counter} += {self.rng.randint(1, 5)}"
        lines = [f"{indent}    {change}"]
        if self.rng.random() < 0.3:
            lines = [f"{indent}    if {counter} {self.rng.choice(('>', '<', '=='))} {self.rng.randint(0, 3)}:",
                     f"{indent}        {change}"]  # fmt: skip
        self.scope = before
        return lines

    def counted(self, indent: str, _returns: Kind) -> list[str]:
        """Count up to a bound."""
        name = self.fresh(Kind.INT)
        lines = [f"{indent}{name} = 0", f"{indent}while {name} < {self.rng.randint(1, self.shape.turns)}:"]
        others = [one for one in self.of(Kind.INT) if one != name]
        if others:
            lines.append(f"{indent}    {self.rng.choice(others)} += {self.rng.choice((name, '1', '2'))}")
        return [*lines, f"{indent}    {name} += 1"]
