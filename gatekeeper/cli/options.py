"""Options that several commands take, and what they make of the settings."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gatekeeper import settings
    from gatekeeper.wiring import progress as shown


def change(function: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped
    """Add `--repo`, `--base`, `--head` and `--tree`: which change is meant. The last one is given as `judged`."""
    added = (
        click.option(
            "--repo",
            type=click.Path(path_type=Path),
            default=".",
            help="The git repository, or a folder in it; the folder you are in by default.",
        ),
        click.option(
            "--base",
            required=True,
            metavar="REV",
            help="What the change is to be merged into: a branch, a tag, a commit.",
        ),
        click.option("--head", required=True, metavar="REV", help="The change: a branch, a tag, a commit."),
        click.option(
            "--tree",
            "judged",
            type=click.Choice(["merge", "head"]),
            default="merge",
            show_default=True,
            help="What to judge. merge: head merged into base, as CI does. head: head as it is, against the commit "
            "where it left base.",
        ),
    )
    # click lists first what is added last
    for option in reversed(added):
        function = option(function)
    return function


def engine(function: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped
    """Add `--engine`."""
    return click.option(
        "--engine",
        metavar="NAME",
        help="What predicts the outcomes. sandbox: runs the tests. cwm, reasoning: a model at GATEKEEPER_MODEL_URL "
        "imagines them, and nothing is run. cascade: the sandbox where it can run a test, the model where it cannot. "
        "Else what .github/gatekeeper.yml on base says.",
    )(function)


def as_json(function: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped
    """Add `--json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, to standard output."
    )(function)


def database(function: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped
    """Add `--database`."""
    return click.option(
        "--database",
        metavar="URL",
        help="Where reviews are recorded, such as sqlite:///reviews.sqlite; else what GATEKEEPER_DATABASE says, else "
        "a file in your home.",
    )(function)


def polled(function: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped
    """Add `--poll`."""
    return click.option(
        "--poll", is_flag=True, help="Look for open pull requests every minute, for a service that GitHub cannot reach."
    )(function)


def chosen(database: str | None, listen: str | None = None) -> "settings.Settings":
    """Return the settings of the environment, with what was given as options in its place. Raises UsageError."""
    from gatekeeper import settings

    given = {"GATEKEEPER_DATABASE": database, "GATEKEEPER_LISTEN": listen}
    return settings.read({**os.environ, **{name: value for name, value in given.items() if value}})


@contextlib.contextmanager
def progress(*, silent: bool) -> Iterator["shown.Progress"]:
    """Give what draws a bar on a terminal, or nothing elsewhere."""
    from gatekeeper.wiring import progress

    if silent or sys.stderr is None or not sys.stderr.isatty():
        yield progress.Progress()
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (bars.SpinnerColumn(), bars.TextColumn("{task.description}"), bars.BarColumn(), bars.MofNCompleteColumn())
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield progress.Shown(bar)
