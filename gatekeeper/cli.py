"""The commands."""

import json
import os
import sys
from pathlib import Path

import click

from gatekeeper import __version__, errors

EXIT_USAGE = 2
EXIT_NOT_ANALYSED = 3


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gatekeeper")
def main() -> None:
    """Tell which tests a pull request would break, before CI has run."""


@main.command()
@click.option("--repo", type=click.Path(path_type=Path), default=".", show_default=True, help="The git repository.")
@click.option("--base", required=True, help="What the change would be merged into: a branch, tag or commit.")
@click.option("--head", required=True, help="The change: a branch, tag or commit.")
@click.option("--tree", "judged", type=click.Choice(["merge", "head"]), default="merge", show_default=True)
@click.option("--json", "as_json", is_flag=True)
def review(repo: Path, base: str, head: str, judged: str, as_json: bool) -> None:
    """Review."""
    from gatekeeper import review as reviews
    from gatekeeper import settings
    from gatekeeper.report import jsonform
    from gatekeeper.wiring import review as wired

    chosen = settings.read(os.environ)
    request = wired.Request(repository=repo, base=base, head=head, judged=reviews.Judged(judged))
    try:
        done = wired.run(request, chosen, wired.Progress())
    except errors.UsageError as error:
        click.echo(f"gatekeeper: {error}", err=True)
        sys.exit(EXIT_USAGE)
    if as_json:
        click.echo(json.dumps(jsonform.as_json(done)))
    else:
        click.echo(json.dumps(jsonform.as_json(done), indent=1))


if __name__ == "__main__":
    main()
