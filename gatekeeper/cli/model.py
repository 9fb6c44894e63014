"""`gatekeeper model`."""

import os
import sys

import click

from gatekeeper.cli import group


@group.main.group()
def model() -> None:
    """Look at a model server, for the neural engine."""


@model.command("check")
@click.argument("url", required=False, metavar="[URL]")
@click.option(
    "--profile", metavar="NAME", help="Kind of model: cwm or reasoning; else GATEKEEPER_MODEL_PROFILE, else cwm."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check_model(url: str | None, profile: str | None, *, as_json: bool) -> None:
    """Say what a model server serves, whether it is right, and how fast it answers.

    URL is the server's address, or several with commas between; else GATEKEEPER_MODEL_URL. Asks it for the trace of a
    program of three lines, twice.

    \b
    Examples:
      gatekeeper model check http://127.0.0.1:30000
      gatekeeper model check http://127.0.0.1:30000 --profile reasoning --json

    \b
    Exit code:
      0  it is right
      1  it is not, and what to do is said
      2  bad use
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper import settings
    from gatekeeper.wiring import model as wired

    given = {"GATEKEEPER_MODEL_URL": url, "GATEKEEPER_MODEL_PROFILE": profile}
    chosen = settings.read({**os.environ, **{name: value for name, value in given.items() if value}})
    sys.exit(wired.check(chosen, as_json=as_json))
