"""Whether two texts stand for the same Python value. Nothing is evaluated but literals."""

import ast
from collections.abc import Hashable

# characters of a text that is read as a literal
_LONGEST = 100_000


class _NoLiteralError(Exception):
    """A text is not a literal."""


def same(said: str, wanted: str) -> bool:
    """Whether both are literals of equal values and types; texts that are not literals must read the same.

    1, 1.0 and True are three values, and the order of sets and dictionaries does not count.
    """
    try:
        return _value(said) == _value(wanted)
    except _NoLiteralError:
        return said.strip() == wanted.strip()


def _value(text: str) -> Hashable:
    if len(text) > _LONGEST:
        raise _NoLiteralError
    try:
        return _typed(ast.literal_eval(text.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise _NoLiteralError from error


def _typed(value: object) -> Hashable:
    """Return a value that equals another one's only where the types, all the way down, are the same too."""
    match value:
        case list() | tuple():
            return type(value), tuple(map(_typed, value))
        case set():
            return set, frozenset(map(_typed, value))
        case dict():
            return dict, frozenset((_typed(key), _typed(item)) for key, item in value.items())
        case str() | bytes() | int() | float() | complex() | None:
            return type(value), value
        case _:
            raise _NoLiteralError
