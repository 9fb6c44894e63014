"""A closed program as values: text in pieces, each line of which is a line of a tree or was written for the program."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.simulation import prediction

# names the entry point
ENTRY = "main"
# the comment on its `def` line, where CWM looks for it; traces show the line without
MARK = "# << START_OF_TRACE"
ENTRY_LINE = f"def {ENTRY}():  {MARK}\n"


class Kind(StrEnum):
    """What a piece is, which decides its place: in this order."""

    # the same text in both programs, up to the first that differs: the farthest from the tests first
    UNCHANGED = "unchanged"
    # what the change touches, and what follows it: code that needs it when its module is imported
    CHANGED = "changed"
    # the test, with what it alone needs
    TEST = "test"
    # the closed entry point: calls the test with its fixtures and parameters
    MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some whole lines of one file, verbatim but for masked secrets, or lines written for the program."""

    kind: Kind
    # each line ends in `\n`
    text: str
    # file of the tree; "" for what was written: comments that name files, and `main()`
    path: str = ""
    # 1-based line of the file that `text` starts with; 0 for what was written
    first: int = 0

    def places(self) -> Iterator[prediction.Location | None]:
        """Yield the place of each line in the tree, None for what was written."""
        for offset in range(self.text.count("\n")):
            yield prediction.Location(path=self.path, line=self.first + offset) if self.path else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What a program lacks of what the test may reach."""

    # `path::qualified.name`, or the name that could not be resolved
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One test on one tree, closed."""

    # in the order of Kind
    pieces: tuple[Piece, ...]
    # so many of the first pieces are those of every program of the group on this tree
    shared: int
    left_out: tuple[LeftOut, ...] = ()

    @property
    def text(self) -> str:
        """The whole program."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def places(self) -> tuple[prediction.Location | None, ...]:
        """The place of each line of `text`."""
        return tuple(place for piece in self.pieces for place in piece.places())


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A test that can be simulated."""

    # pytest's node id, parametrisation included
    test: str
    # None where the test is new, or could not be closed before
    before: Program | None
    after: Program


@dataclass(frozen=True, slots=True, kw_only=True)
class NotClosed:
    """A test that cannot be simulated, and why, in one sentence for people."""

    # pytest's node id as far as it is known
    test: str
    why: str
