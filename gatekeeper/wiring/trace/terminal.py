"""Stepping through a trace with single keys. Where they come from and what is drawn on are arguments."""

import os
import re
import termios
import tty
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import click
from rich.console import Console, Group, RenderableType
from rich.text import Text

from gatekeeper.report import cursor, palette, sidebyside, stepping

HELP = """\
s, Enter, →   step: to the next step, into a call
n             step over: to the next step of this call
o             out: to the first step behind this call
b, ←          back: to the step before
e             to the end
d             to the first departure of the prediction from the run
NUMBER Enter  to that step
q             quit"""
_KEYS = "s step  n over  o out  b back  e end  d departure  NUMBER  q quit  ? help"
# what terminals send for arrow keys
_ARROWS = {"\x1b[C": "s", "\x1bOC": "s", "\x1b[D": "b", "\x1bOD": "b", "\r": "s", "\n": "s", " ": "s"}
_QUIT = frozenset({"q", "quit", "\x04"})
_KEY = re.compile(r"\x1b[\[O][A-D]|.", re.DOTALL)
_MOVES: dict[str, Callable[[cursor.Cursor], cursor.Cursor]] = {
    "s": cursor.Cursor.step,
    "step": cursor.Cursor.step,
    "": cursor.Cursor.step,
    "n": cursor.Cursor.over,
    "next": cursor.Cursor.over,
    "over": cursor.Cursor.over,
    "o": cursor.Cursor.out,
    "out": cursor.Cursor.out,
    "b": cursor.Cursor.back,
    "back": cursor.Cursor.back,
    "e": cursor.Cursor.end,
    "end": cursor.Cursor.end,
}
# digits of a step's number
_LONGEST = 9


class Keys:
    """Reads commands from a terminal: a key each, or a number with Enter behind it; a context manager.

    The terminal gives single keys for as long as the context lasts, so that none pressed meanwhile is lost.
    """

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is the terminal's."""
        self._descriptor = descriptor
        self._before: list[Any] = []
        # what was pressed and not yet taken
        self._pressed = ""

    def __enter__(self) -> Self:
        """Ask the terminal for single keys, without echo."""
        self._before = termios.tcgetattr(self._descriptor)
        tty.setcbreak(self._descriptor, termios.TCSADRAIN)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def __call__(self) -> str:
        """Wait for one command; `q` where the terminal is gone, or Ctrl-C is pressed."""
        try:
            key = self._key()
            return self._number(key) if key.isdecimal() else _ARROWS.get(key, key)
        except (EOFError, OSError, KeyboardInterrupt):
            return "q"

    def _key(self) -> str:
        if not self._pressed:
            read = os.read(self._descriptor, 1024)
            if not read:
                raise EOFError
            self._pressed = read.decode(errors="replace")
        found = _KEY.match(self._pressed)
        assert found is not None
        self._pressed = self._pressed[found.end() :]
        return found[0]

    def _number(self, digits: str) -> str:
        click.echo(digits, nl=False)
        while (key := self._key()) not in {"\r", "\n"}:
            if key in {"\x7f", "\b"}:
                click.echo("\b \b" if digits else "", nl=False)
                digits = digits[:-1]
            elif key.isdecimal() and len(digits) < _LONGEST:
                digits += key
                click.echo(key, nl=False)
        return digits or "?"


@dataclass(frozen=True, slots=True)
class Screen:
    """Draws on a terminal; what is known of the whole trace stays at the top."""

    console: Console
    top: Sequence[str]

    def __call__(self, shown: RenderableType) -> None:
        """Show it in place of what was there."""
        self.console.clear()
        for line in self.top:
            self.console.print(Text(line, style=palette.FAINT, overflow="ellipsis", no_wrap=True))
        self.console.print(shown)


def drive(
    both: sidebyside.Both,
    sources: stepping.Sources,
    ask: Callable[[], str],
    show: Callable[[RenderableType], None],
) -> None:
    """Show steps until the user quits; there is at least one step."""
    here = cursor.Cursor(depths=tuple(pair.leading.depth for pair in both.pairs))
    told = ""
    while True:
        foot = Text(f"\n{told or _KEYS}", style="" if told else palette.FAINT)
        show(Group(stepping.view(both, here.at, sources), foot))
        command = ask().strip().lower()
        if command in _QUIT:
            return
        here, told = _moved(here, command, both)


def _moved(here: cursor.Cursor, command: str, both: sidebyside.Both) -> tuple[cursor.Cursor, str]:
    """Return where a command leads, and what is to be said of it."""
    if command in _MOVES:
        moved = _MOVES[command](here)
        ends = "this is the first step" if here.at == 0 and moved.at == 0 else "this is the last step"
        return moved, ends if moved.at == here.at else ""
    if command in {"d", "departure"}:
        if both.departure is None:
            why = "no departure was found" if both.compared else "there is one trace alone, so nothing to compare"
            return here, why
        return here.to(both.departure), ""
    if command in {"?", "h", "help"}:
        return here, HELP
    if command.isdecimal() and len(command) <= _LONGEST:
        wanted = int(command)
        moved = here.to(wanted - 1)
        return moved, "" if moved.at == wanted - 1 else f"the steps are 1 to {here.last + 1}"
    return here, f"{command[:20]!r} is no command\n{_KEYS}"
