"""Where a program has a line that is known by its text alone."""

from collections.abc import Sequence

from gatekeeper.simulation import prediction
from gatekeeper.simulation.program import program as programs

# lines that agree in so many characters are the same to a tracer that cuts them
_COMPARED = 200


class ProgramLines:
    """The lines of a program's text; numbers are 1-based."""

    def __init__(self, program: programs.Program) -> None:
        """Read every line once."""
        self.text = program.text
        self._places = program.places
        self._numbers: dict[str, list[int]] = {}
        for number, line in enumerate(self.text.split("\n"), 1):
            self._numbers.setdefault(_read(line), []).append(number)
        self.entry = _entry(program)

    def numbers(self, source: str) -> Sequence[int]:
        """Return the numbers of the lines that read so, ascending; 0, where a module is entered, reads as nothing."""
        found = self._numbers.get(_read(source), [])
        return [0, *found] if not source else found

    def place(self, number: int) -> prediction.Location | None:
        """Return where a line stands in the tree; None for one that was written for the program."""
        return self._places[number - 1] if 0 < number <= len(self._places) else None


def _read(line: str) -> str:
    return line.rstrip().removesuffix(programs.MARK)[:_COMPARED].rstrip()


def _entry(program: programs.Program) -> int | None:
    """Return the number of the entry point's `def` line; None where the program has no such point."""
    number = 0
    for piece in program.pieces:
        for line in piece.text.split("\n")[:-1]:
            number += 1
            if piece.kind is programs.Kind.MAIN and line.startswith(f"def {programs.ENTRY}():"):
                return number
    return None
