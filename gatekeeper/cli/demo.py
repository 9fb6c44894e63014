"""`gatekeeper demo`."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.cli import group, options
from gatekeeper.wiring import interrupts

if TYPE_CHECKING:
    from gatekeeper.wiring import progress as shown


@group.main.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the demo keeps everything; else a folder demo beside your records.",
)
@click.option(
    "--pulls",
    type=click.IntRange(min=1, max=999),
    default=24,
    show_default=True,
    metavar="N",
    help="How many pull requests there are to be.",
)
@click.option(
    "--listen", metavar="HOST:PORT", help="Where the report is served; else GATEKEEPER_LISTEN, else 127.0.0.1:8000."
)
@click.option("--no-serve", is_flag=True, help="Fill the records alone, and say how to look at them.")
@click.option("--no-browser", is_flag=True, help="Open no browser.")
@click.pass_obj
def demo(
    heard: interrupts.Interrupts,
    folder: Path | None,
    pulls: int,
    listen: str | None,
    *,
    no_serve: bool,
    no_browser: bool,
) -> None:
    """Review pull requests to a small sample, compare them with what its tests really do, and open the report.

    Makes a git repository of a library that comes with Gatekeeper and pull requests to it: features, rewritings,
    mistakes, a loop that never ends. Each is reviewed in the sandbox. Then the library's whole test suite is run on it
    natively, as CI would, and handed in as `gatekeeper outcomes upload` does. The code of the sample and of its
    changes is part of Gatekeeper; nothing is downloaded, and nothing is sent anywhere.

    Every figure is measured, and tells of generated changes to a sample alone. Ctrl-C ends it, and what was finished
    stays; starting it again goes on, and does nothing twice.

    \b
    Examples:
      gatekeeper demo
      gatekeeper demo --pulls 60 --listen 127.0.0.1:8080
      gatekeeper demo --folder /tmp/demo --no-serve

    \b
    Exit code:
      0    done, or the report was closed
      2    the folder or the address cannot be used: a message says what to do
      130  interrupted
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper.wiring.demo import command

    wanted = command.Wanted(folder=folder, pulls=pulls, served=not no_serve, browsed=not no_browser)
    sys.exit(command.run(wanted, options.chosen(None, listen), os.environ, _progress, heard))


@contextlib.contextmanager
def _progress() -> Iterator["shown.Progress"]:
    """Give what draws a bar on a terminal below the lines that are told, or nothing elsewhere."""
    from gatekeeper.wiring import progress

    if sys.stderr is None or not sys.stderr.isatty():
        yield progress.Progress()
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (bars.SpinnerColumn(), bars.TextColumn("{task.description}"), bars.BarColumn(), bars.MofNCompleteColumn())
    # lines for another program must not go where the bar is
    together = sys.stdout is not None and sys.stdout.isatty()
    console = Console(stderr=True)
    with bars.Progress(*columns, console=console, transient=True, redirect_stdout=together) as bar:
        yield progress.Shown(bar)
