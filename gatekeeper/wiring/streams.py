"""What a command writes to standard output and standard error, whatever those two lead to."""

import contextlib
import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from gatekeeper import errors
from gatekeeper.report import visible

if TYPE_CHECKING:
    from rich.console import Console


def accept_any_character() -> None:
    """Write what the terminal's encoding lacks as Python escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Write to standard output; a reader that has left, as `head` does, misses the rest, and nothing else changes.

    Raises UsageError where it cannot be written for another reason.
    """
    try:
        click.echo(text, nl=False, color=True)
    except OSError as error:
        # what Python still holds, and would write when it ends, goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise errors.UsageError(
                f"the result cannot be written to standard output: {error.strerror}: send it elsewhere"
            ) from error


def warn(message: str) -> None:
    """Write a message of one or several lines to standard error; where that is impossible, the exit code has to do."""
    lines = "\n".join(visible.visible(line) for line in message.split("\n"))
    with contextlib.suppress(OSError):
        click.echo(f"gatekeeper: {lines}", err=True)


def rendered(render: Callable[["Console"], None]) -> str:
    """Return what `render` prints on a console like standard output."""
    from rich.console import Console

    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    # written to memory, since standard output may fail at any moment; None leaves it to the environment
    console = Console(file=io.StringIO(), force_terminal=True if is_terminal else None)
    with console.capture() as printed:
        render(console)
    return printed.get()
