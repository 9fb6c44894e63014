"""Expressions of the generated programs: small, of one kind each, over names in scope."""

# ruff: noqa: PLR2004 - shares and small numbers of the dice

import random
from collections.abc import Mapping
from enum import StrEnum

# letters that no merge of the tokenizer joins, so that strings are read letter by letter
LETTERS = "bkqwxz"


class Kind(StrEnum):
    """What a name holds."""

    INT = "int"
    STR = "str"
    BOOL = "bool"
    LIST = "list"


Scope = Mapping[str, Kind]


def constant(rng: random.Random, kind: Kind, largest: int) -> str:
    """Return a constant of `kind`."""
    match kind:
        case Kind.INT:
            return str(rng.randint(0, largest))
        case Kind.STR:
            return quoted(rng)
        case Kind.BOOL:
            return rng.choice(("True", "False"))
        case Kind.LIST:
            return listed(rng, 3, largest)


def quoted(rng: random.Random) -> str:
    """Return a string of one to three letters, in the quotes of `repr`."""
    return repr("".join(rng.choices(LETTERS, k=rng.randint(1, 3))))


def listed(rng: random.Random, most: int, largest: int) -> str:
    """Return a list of one to `most` integers."""
    return repr([rng.randint(0, largest) for _ in range(rng.randint(1, most))])


def near(rng: random.Random, value: str | None, largest: int) -> str | None:
    """Return the text of another value of the same kind, mostly close to `value`; None where there is none."""
    match eval(value) if value else None:  # noqa: S307 - the `repr` of a builtin value that a program returned
        case bool() as said:
            return repr(not said)
        case int() as said:
            return repr(said + rng.choice((-2, -1, 1, 2)))
        case str() as said:
            return repr(said[1:] if said and rng.random() < 0.5 else said + rng.choice(LETTERS))
        case list() as said:
            return repr(said[1:] if said and rng.random() < 0.5 else [*said, rng.randint(0, largest)])
        case _:
            return None


def simple(rng: random.Random, kind: Kind, scope: Scope, largest: int, but: str = "") -> str:
    """Return a name in scope, not `but`, or a constant."""
    names = [name for name, its in scope.items() if its is kind and name != but]
    return rng.choice(names) if names and rng.random() < 0.7 else constant(rng, kind, largest)


def comparison(rng: random.Random, scope: Scope, largest: int) -> str:  # noqa: PLR0911 - one for each form
    """Return a comparison of a name in scope."""
    name = rng.choice(list(scope))
    operator = rng.choice(("<", ">", "==", "!=", ">=", "<="))
    match scope[name]:
        case Kind.INT if rng.random() < 0.2:
            return f"{name} % 2 == {rng.randint(0, 1)}"
        case Kind.INT:
            return f"{name} {operator} {simple(rng, Kind.INT, scope, largest, name)}"
        case Kind.STR if rng.random() < 0.5:
            return f"len({name}) {operator} {rng.randint(1, 3)}"
        case Kind.STR:
            return f"{name} == {simple(rng, Kind.STR, scope, largest, name)}"
        case Kind.LIST if rng.random() < 0.5:
            return f"{rng.randint(0, largest)} in {name}"
        case Kind.LIST:
            return f"len({name}) {operator} {rng.randint(1, 3)}"
        case Kind.BOOL:
            return rng.choice((name, f"not {name}"))


def expression(rng: random.Random, kind: Kind, scope: Scope, largest: int) -> str:
    """Return an expression of `kind` with at most one operation."""
    match kind:
        case Kind.INT:
            return _integer(rng, scope, largest)
        case Kind.STR:
            return _string(rng, scope, largest)
        case Kind.BOOL:
            return comparison(rng, scope, largest)
        case Kind.LIST:
            return _list(rng, scope, largest)


def _integer(rng: random.Random, scope: Scope, largest: int) -> str:
    sized = [name for name, kind in scope.items() if kind in {Kind.STR, Kind.LIST}]
    lists = [name for name, kind in scope.items() if kind is Kind.LIST]
    left, right = simple(rng, Kind.INT, scope, largest), simple(rng, Kind.INT, scope, largest)
    ways = [left, f"{left} + {right}", f"{left} + {right}", f"{left} - {right}", f"{left} * {rng.randint(2, 3)}"]
    ways += [f"{left} % {rng.randint(2, 5)}", f"{left} // {rng.randint(1, 3)}"]
    ways += [f"len({name})" for name in sized[:2]] + [f"{name}[{rng.choice((0, 0, 1, -1))}]" for name in lists[:2]]
    return rng.choice(ways)


def _string(rng: random.Random, scope: Scope, largest: int) -> str:
    name = simple(rng, Kind.STR, scope, largest)
    ways = [name, f"{name} + {simple(rng, Kind.STR, scope, largest)}", f"{name}.upper()", f"{name}[1:]", f"{name}[:1]"]
    ways += [f"{name} * 2", f"{name}[0]", f"str({simple(rng, Kind.INT, scope, largest)})"]
    return rng.choice(ways)


def _list(rng: random.Random, scope: Scope, largest: int) -> str:
    names = [name for name, kind in scope.items() if kind is Kind.LIST]
    items = [simple(rng, Kind.INT, scope, largest) for _ in range(rng.randint(1, 3))]
    ways = [f"[{', '.join(items)}]"]
    for name in names[:1]:
        ways += [name, f"{name}[1:]", f"{name} + [{items[0]}]"]
    return rng.choice(ways)
