"""The text of a regular expression -> texts that are hard for it: what a repetition takes, many times, and no match.

A matcher that backtracks tries every way to share out what several repetitions can take, once the rest does not match:
exponentially many where one repetition is within another, polynomially many where they follow each other (Weideman et
al. 2016). The patterns are parsed by the standard library's own parser, which is given no text to match.
"""

import importlib
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# not public, and untyped: how `re` itself reads a pattern
_constants: Any = importlib.import_module("re._constants")
_parser: Any = importlib.import_module("re._parser")

# characters of a pattern that is looked at, and of what is repeated
_LONGEST = 2_000
_LONGEST_PUMP = 12
# texts of one pattern
MOST = 16
# what is taken for a class of characters where it is in it, so that classes that overlap are given the same
_PREFERRED = "a0 A-_.,:;/x1\t\n\"'!@#=+~"
# ends that match nothing, or not at the end of a line
_ENDS = ("!", "\n!")
_REPEATS = frozenset({_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT})
# from this many on, a repetition is as good as endless
_MANY = 10
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    _constants.CATEGORY_DIGIT: str.isdigit,
    _constants.CATEGORY_SPACE: str.isspace,
    _constants.CATEGORY_WORD: lambda text: text.isalnum() or text == "_",
}
_OTHERS: dict[Any, Any] = {
    _constants.CATEGORY_NOT_DIGIT: _constants.CATEGORY_DIGIT,
    _constants.CATEGORY_NOT_SPACE: _constants.CATEGORY_SPACE,
    _constants.CATEGORY_NOT_WORD: _constants.CATEGORY_WORD,
}
# (operator, argument), as the parser makes them
_Node = tuple[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pump:
    """A family of texts: `before`, then `again` so and so often, then `after`."""

    before: str
    again: str
    after: str

    def text(self, times: int) -> str:
        """Return the source of one of them: `'a' * 28 + '!'`."""
        parts = [repr(self.before)] if self.before else []
        return " + ".join([*parts, f"{self.again!r} * {times}", repr(self.after)])

    def length(self, times: int) -> int:
        """Return how many characters it has."""
        return len(self.before) + len(self.again) * times + len(self.after)


def of(pattern: str, flags: int = 0) -> tuple[Pump, ...]:
    """Return families of texts that are hard for a pattern, the likeliest first; none where it cannot be parsed.

    `flags` as `re` has them.
    """
    if len(pattern) > _LONGEST:
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes = list(_parser.parse(pattern, flags))
        places = sorted(_places(nodes, ""), key=lambda place: -place.depth)
        letters = _letters(nodes)
    except (re.error, RecursionError, OverflowError, ValueError, MemoryError):
        return ()
    pumps = dict.fromkeys(
        Pump(before=place.before, again=again, after=end)
        for again_at in range(3)
        for place in places
        for again in [*place.bodies, *letters][again_at : again_at + 1]
        for end in _ENDS
    )
    return tuple(pumps)[:MOST]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A repetition without an end in sight."""

    before: str
    # what one turn of it may take
    bodies: tuple[str, ...]
    # repetitions that it is in, or that are in it
    depth: int


def _places(nodes: Sequence[_Node], before: str, depth: int = 0) -> Iterator[_Place]:
    for operator, argument in nodes:
        if operator in _REPEATS:
            _, most, inner = argument
            endless = most is _constants.MAXREPEAT or most >= _MANY
            bodies = tuple(dict.fromkeys(text for text in _bodies(list(inner)) if text))
            if endless and bodies:
                yield _Place(before=before, bodies=bodies, depth=depth + _nested(list(inner)))
            yield from _places(list(inner), before, depth + endless)
        else:
            for part in _parts(operator, argument):
                yield from _places(part, before, depth)
        before = (before + _sample([(operator, argument)]))[:_LONGEST]


def _nested(nodes: Sequence[_Node]) -> int:
    """Return how many repetitions are within each other, or beside a choice."""
    deepest = 0
    for operator, argument in nodes:
        if operator in _REPEATS:
            deepest = max(deepest, 1 + _nested(list(argument[2])))
        for part in _parts(operator, argument):
            deepest = max(deepest, int(operator is _constants.BRANCH), _nested(part))
    return deepest


def _parts(operator: Any, argument: Any) -> Iterator[list[_Node]]:  # noqa: ANN401 - as the parser makes them
    """Yield what a node that is no repetition holds."""
    if operator is _constants.SUBPATTERN:
        yield list(argument[3])
    elif operator is _constants.BRANCH:
        yield from map(list, argument[1])
    elif operator is _constants.ATOMIC_GROUP:
        yield list(argument)
    elif operator in {_constants.ASSERT, _constants.ASSERT_NOT}:
        yield list(argument[1])


def _bodies(nodes: Sequence[_Node]) -> Iterator[str]:
    """Yield texts that one turn takes: the shortest, that with all that may be left out, and of each choice."""
    yield from (_sample(nodes, least=least)[:_LONGEST_PUMP] for least in (0, 1))
    for operator, argument in nodes:
        for part in _parts(operator, argument):
            yield from (_sample(part, least=least)[:_LONGEST_PUMP] for least in (0, 1))
        if operator in _REPEATS:
            yield _sample(list(argument[2]), least=1)[:_LONGEST_PUMP]


def _letters(nodes: Sequence[_Node]) -> list[str]:
    """Return the single characters that a pattern names, which one of its classes may take too."""
    found: dict[str, None] = {}
    waiting = list(nodes)
    while waiting:
        operator, argument = waiting.pop(0)
        if operator is _constants.LITERAL:
            found[chr(argument)] = None
        elif operator in _REPEATS:
            waiting.extend(argument[2])
        for part in _parts(operator, argument):
            waiting.extend(part)
    return list(found)


def _sample(nodes: Iterable[_Node], least: int = 0) -> str:
    """Return a text that the nodes match, but for what they ask of their surroundings."""
    text = ""
    for operator, argument in nodes:
        if len(text) > _LONGEST:
            break
        text += _one(operator, argument, least)
    return text


def _one(operator: Any, argument: Any, least: int) -> str:  # noqa: ANN401, PLR0911 - as the parser makes them
    if operator is _constants.LITERAL:
        return chr(argument)
    if operator is _constants.NOT_LITERAL:
        return "b" if argument == ord("a") else "a"
    if operator is _constants.ANY:
        return "a"
    if operator is _constants.IN:
        return next((letter for letter in _PREFERRED if _is_in(letter, argument)), _first(argument))
    if operator in _REPEATS:
        times: int = min(max(argument[0], least), _LONGEST)
        return _sample(list(argument[2]), least) * times
    if operator in {_constants.ASSERT, _constants.ASSERT_NOT}:
        return ""
    return next((_sample(part, least) for part in _parts(operator, argument)), "")


def _first(members: Sequence[_Node]) -> str:
    """Return a character that a class names itself; empty where it names none."""
    for operator, argument in members:
        if operator is _constants.LITERAL:
            return chr(argument)
        if operator is _constants.RANGE:
            return chr(argument[0])
    return ""


def _is_in(letter: str, members: Sequence[_Node]) -> bool:
    negated = any(operator is _constants.NEGATE for operator, _ in members)
    return negated != any(_has(letter, operator, argument) for operator, argument in members)


def _has(letter: str, operator: Any, argument: Any) -> bool:  # noqa: ANN401 - as the parser makes them
    if operator is _constants.LITERAL:
        return bool(ord(letter) == argument)
    if operator is _constants.RANGE:
        return bool(argument[0] <= ord(letter) <= argument[1])
    if operator is _constants.CATEGORY:
        known = _OTHERS.get(argument, argument)
        return known in _CATEGORIES and _CATEGORIES[known](letter) != (argument in _OTHERS)
    return False
