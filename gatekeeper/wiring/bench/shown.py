"""`gatekeeper bench` as people and programs see it."""

import json
import sys
from pathlib import Path
from typing import Self

from rich import console, progress

from gatekeeper import settings
from gatekeeper.report.visible import visible
from gatekeeper.wiring import engines
from gatekeeper.wiring.bench import cases, command, jsonform, results, tables

EXIT_ALL_RAN = 0
EXIT_SOME_FAILED = 1


def bench(
    listed: Path,
    chosen: settings.Settings,
    *,
    limit: int | None,
    native: bool,
    as_json: bool,
    engine: str | None = None,
) -> int:
    """Run the labelled pull requests of the file `listed` and print what was found; return the exit code.

    `limit`: at most so many, evenly spaced over the file. `native`: time reviews against the native suite too.
    `engine` predicts; None: the one that each package configures. Raises
    GatekeeperError where it cannot run; what cannot be reviewed or timed is reported, and makes the code 1.
    """
    known = cases.read(listed)
    used = engines.known(engine, chosen) if engine else None
    with _Bar(len(cases.spread(known, limit))) as bar:
        found = command.run(cases.spread(known, limit), len(known), chosen, timed=native, progress=bar, engine=used)
    if as_json:
        sys.stdout.write(json.dumps(jsonform.as_json(found)) + "\n")
    else:
        console.Console().print(tables.render(found))
    return EXIT_ALL_RAN if found.complete else EXIT_SOME_FAILED


class _Bar(command.Progress):
    """A progress bar on standard error."""

    def __init__(self, number: int) -> None:
        self._bar = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
            console=console.Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=number)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self, what: str) -> None:
        """Name what is being done now."""
        self._bar.update(self._task, description=visible(what))

    def reviewed(self, one: results.Ran) -> None:
        """Take note of one more pull request."""
        del one
        self._bar.advance(self._task)
