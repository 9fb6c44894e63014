"""A small edit of a file as a value, and what is known where it is made. Pure."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.repair import scope

Place = tuple[int, int]


class Kind(StrEnum):
    """What an edit says was mistaken."""

    COMPARISON = "comparison"
    ARITHMETIC = "arithmetic"
    # `and` for `or`; a condition too many
    JUNCTION = "junction"
    # a `not` too many or too few
    NEGATION = "negation"
    # one more or one less at an end
    BOUNDARY = "boundary"
    NUMBER = "number"
    TRUTH = "truth"
    EXCEPTION = "exception"
    # the order of arguments, or of what stands on either side of a condition
    ORDER = "order"
    # `break` for `continue`
    JUMP = "jump"
    # `=`, `+=`, `-=`
    ASSIGNMENT = "assignment"
    # `return` or `await` that is missing
    RETURN = "return"
    # a function that is like another one
    FUNCTION = "function"
    # None that is not looked at
    GUARD = "guard"
    # nothing, where there should be a value
    VALUE = "value"
    NAME = "name"
    # a call, or a statement, too many
    SURPLUS = "surplus"


# kinds of which there are many edits at every place
GUESSED = frozenset({Kind.VALUE, Kind.NAME, Kind.SURPLUS})
# the share from which an edit of another kind is believed
LIKELY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Another text for a part of a file, or for nothing at a place in it."""

    # 1-based line and column in bytes, of UTF-8, of either end
    start: Place
    end: Place
    text: str
    kind: Kind
    # how likely it is among the edits of its kind, from 1 for the likeliest down to 0
    share: float = 1.0

    @property
    def guessed(self) -> bool:
        """Whether there are so many like it that one of them fits some tests by chance: undoing is safer."""
        return self.kind in GUESSED or self.share < LIKELY


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known where a node stands."""

    names: scope.Names
    # the type of exception that ended the test, and whether something was None that should not be
    exception: str
    none: bool
    # what the file says at a place
    lines: Sequence[bytes]
    # `id` of conditions that a `not` is right before
    negated: frozenset[int] = frozenset()

    def between(self, start: Place, end: Place) -> str:
        """Return the text from one place to another."""
        first, last = start[0] - 1, end[0] - 1
        if first == last:
            return self.lines[first][start[1] : end[1]].decode()
        middle = b"".join(self.lines[first + 1 : last])
        return (self.lines[first][start[1] :] + middle + self.lines[last][: end[1]]).decode()

    def of(self, node: ast.expr | ast.stmt) -> str:
        """Return the node's text."""
        return self.between(*ends(node))


def ends(node: ast.expr | ast.stmt | ast.excepthandler | ast.keyword) -> tuple[Place, Place]:
    """Return where the node starts and ends."""
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def within(node: ast.expr | ast.stmt, text: str, kind: Kind, share: float = 1.0) -> Edit:
    """Return the edit that puts the text in the node's place."""
    start, end = ends(node)
    return Edit(start=start, end=end, text=text, kind=kind, share=share)
