"""`gatekeeper config`."""

import sys

import click

from gatekeeper import errors
from gatekeeper.cli import group
from gatekeeper.wiring import streams


@group.main.group()
def config() -> None:
    """Look at a repository's configuration, .github/gatekeeper.yml, before it counts."""


@config.command()
@click.argument("file", metavar="[FILE]", required=False)
def check(file: str | None) -> None:
    """Check the file and show what holds with it, defaults included.

    FILE is .github/gatekeeper.yml under the folder you are in; `-` reads standard input. A review takes the file of
    the branch that a pull request is to be merged into.

    \b
    Exit code:
      0  every value is printed, those that the file does not give marked as defaults
      2  every problem is printed as path:line:column: what is wrong
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper.report import visible
    from gatekeeper.wiring import config as wired

    try:
        shown = wired.check(file)
    except errors.ConfigurationError as problem:
        # as compilers write them, so that editors find the place
        click.echo("\n".join(visible.visible(line) for line in str(problem).split("\n")), err=True)
        sys.exit(group.USAGE)
    streams.say(shown)


@config.command()
def schema() -> None:
    """Print the JSON Schema of the file, by which editors complete and check it while it is written.

    \b
    For editors with the YAML language server (VS Code, Neovim, Helix and others):
      gatekeeper config schema > .github/gatekeeper.schema.json
    and make this the first line of .github/gatekeeper.yml:
      # yaml-language-server: $schema=gatekeeper.schema.json
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper.wiring import config as wired

    streams.say(wired.schema())
