"""A place in a trace, and the moves of a debugger. Pure: a move gives another cursor."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A step of a trace that has at least one."""

    # how many calls are open at each step
    depths: tuple[int, ...]
    # 0-based
    at: int = 0

    @property
    def last(self) -> int:
        """The last step."""
        return len(self.depths) - 1

    def step(self) -> "Cursor":
        """Go to the next step, into a call where one begins."""
        return self.to(self.at + 1)

    def back(self) -> "Cursor":
        """Go to the step before."""
        return self.to(self.at - 1)

    def over(self) -> "Cursor":
        """Go to the next step of the same call, or of one around it."""
        return self._next(self.depths[self.at])

    def out(self) -> "Cursor":
        """Go to the first step behind the call."""
        return self._next(self.depths[self.at] - 1)

    def end(self) -> "Cursor":
        """Go to the last step."""
        return self.to(self.last)

    def to(self, number: int) -> "Cursor":
        """Go to a 0-based step, or to the nearest that there is."""
        return replace(self, at=min(max(number, 0), self.last))

    def _next(self, depth: int) -> "Cursor":
        """Go to the next step with at most so many open calls, else to the last step."""
        found = (number for number in range(self.at + 1, len(self.depths)) if self.depths[number] <= depth)
        return self.to(next(found, self.last))
