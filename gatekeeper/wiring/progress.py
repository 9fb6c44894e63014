"""What a long review tells while it works."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class Progress:
    """Says nothing: for output that another program reads."""

    def step(self, what: str) -> None:
        """Name what is being done now."""

    def predicted(self, done: int, of: int) -> None:
        """Tell how many predictions there are, of at least how many."""


class Shown(Progress):
    """Draws a bar on a terminal."""

    def __init__(self, bar: "Bar") -> None:
        """Draw on `bar`, which is started already."""
        self._bar = bar
        self._task = bar.add_task("reading the change", total=None)

    def step(self, what: str) -> None:
        """Name what is being done now."""
        self._bar.update(self._task, description=what, total=None)

    def predicted(self, done: int, of: int) -> None:
        """Move the bar on."""
        self._bar.update(self._task, description="pre-executing tests", completed=done, total=max(of, done))
