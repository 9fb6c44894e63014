"""`gatekeeper halting`."""

import os
import sys
from pathlib import Path

import click

from gatekeeper.cli import group, options
from gatekeeper.wiring import interrupts


@group.main.command()
@click.argument("target", metavar="FILE[::FUNCTION]")
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=".",
    help="The project's folder, or one in it, to which FILE is relative; the folder you are in by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def halting(heard: interrupts.Interrupts, target: str, repo: Path, *, as_json: bool) -> None:
    """Say whether functions that can loop end.

    FILE is of the project as it is now, committed or not. Each function of it that has a while loop, recursion, a
    generator without an evident end or the like is tried in a sealed interpreter: the tests that call it are run, then
    it is called with what they give it, and with values at the edges of what its annotations admit. A loop that comes
    back to a state that it was in never ends: that is proven. A call that goes on while larger ones ended long ago may
    not end. What is slow is said to be slow.

    \b
    Examples:
      gatekeeper halting pack/sums.py
      gatekeeper halting pack/sums.py::Total.add --json

    \b
    Exit code:
      0  none that does not end was found
      1  a function does not end, or may not
      2  bad use: no such file or function
      3  it cannot be tried, and the reason is given
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper import settings
    from gatekeeper.wiring.halting import command

    with options.progress(silent=as_json) as shown:
        found = command.run(target, repo, settings.read(os.environ), shown, heard.came)
    command.show(found, as_json=as_json)
    sys.exit(command.exit_code(found))
