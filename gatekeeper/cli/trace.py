"""`gatekeeper trace`."""

import os
from pathlib import Path
from typing import Any

import click

from gatekeeper.cli import group, options
from gatekeeper.wiring import interrupts


@group.main.command()
@click.argument("target", metavar="FILE::FUNCTION")
@click.option(
    "--args",
    "arguments",
    metavar="TEXT",
    help="What stands between the brackets of the call, as in Python; names are those of FILE.",
)
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=".",
    help="The project's folder, or one in it, to which FILE is relative; the folder you are in by default.",
)
@click.option("--predicted", "--no-run", "side", flag_value="predicted", help="Ask the model alone: nothing is run.")
@click.option("--executed", "--no-model", "side", flag_value="executed", help="Run it in the sandbox alone.")
@click.option("--all", "whole", is_flag=True, help="Print all steps as a table instead of stepping through them.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def trace(
    heard: interrupts.Interrupts,
    target: str,
    arguments: str | None,
    repo: Path,
    side: Any,  # noqa: ANN401 - one of two words
    *,
    whole: bool,
    as_json: bool,
) -> None:
    """Step through a test or a call: as a model predicts it, beside what really happens.

    FILE::FUNCTION is a test, or a function or method with its arguments, of the files as they are now, committed or
    not. It is run in a sealed interpreter, never on this machine itself. Where GATEKEEPER_MODEL_URL names a server of
    a model that writes traces, the model simulates the same program, and both are shown side by side: the source, the
    stack, the locals with what has just changed, and where the prediction departs from the run. A test that cannot be
    simulated is run by pytest in the sandbox, and shown alone.

    \b
    Keys:
      s step     into a call          b back      to the step before
      n over     a call               e end       to the last step
      o out      of a call            d departure to the first one
      a number   to that step         ? help, q quit

    \b
    Where standard output is no terminal, all steps are printed as a table.

    \b
    Examples:
      gatekeeper trace "tests/test_a.py::test_b[1]"
      gatekeeper trace pack/sums.py::add --args "1, b=2"
      gatekeeper trace pack/stack.py::Stack.push --args "Stack(), 3" --executed
      gatekeeper trace tests/test_a.py::TestA::test_b --no-run --json

    \b
    Exit code:
      0  there is something to see
      2  bad use: no such function, arguments that are missing
      3  it cannot be traced, and the reason is given
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper import settings
    from gatekeeper.wiring.trace import command

    wanted = command.Wanted(target=target, arguments=arguments, base=repo, side=side)
    with options.progress(silent=as_json) as shown:
        traced = command.run(wanted, settings.read(os.environ), shown, heard.came)
    command.show(traced, whole=whole, as_json=as_json)
