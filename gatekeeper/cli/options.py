"""Options that several commands take, and what they make of the settings."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gatekeeper import settings
    from gatekeeper.wiring import progress as shown


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
