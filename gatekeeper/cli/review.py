"""`gatekeeper review` and `gatekeeper report`."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper import errors
from gatekeeper.cli import group, options
from gatekeeper.wiring import interrupts, streams

if TYPE_CHECKING:
    from rich.console import Console

    from gatekeeper import review as reviews


@group.main.command()
@options.change
@options.engine
@click.option(
    "--trace",
    "traced",
    multiple=True,
    metavar="TEST",
    help="Show what this affected test runs, line by line, such as tests/test_a.py::test_b[1]; can be repeated.",
)
@options.as_json
@options.database
@click.pass_obj
def review(
    heard: interrupts.Interrupts,
    repo: Path,
    base: str,
    head: str,
    judged: str,
    engine: str | None,
    traced: tuple[str, ...],
    database: str | None,
    *,
    as_json: bool,
) -> None:
    """Review what one revision of a git repository would bring to another.

    Finds the tests that the change can affect and runs them in a sealed interpreter: on the tree after the change,
    and those that do not pass there also on the tree before it. Prints which would fail, why, and at which line.

    Only what is committed counts. The working tree and the repository's hooks and settings are not used, and nothing
    in the repository's folder is changed. Declared requirements are downloaded, once, unless GATEKEEPER_OFFLINE=1.

    \b
    Examples:
      gatekeeper review --base main --head my-change
      gatekeeper review --repo ~/project --base origin/main --head HEAD --json
      gatekeeper review --base main --head my-change --trace "tests/test_a.py::test_b[1]"

    \b
    Exit code:
      0  would pass: no affected test fails, or none is affected
      1  would fail: a test fails that passed before, or that is new
      2  bad use or input: a message says what to do
      3  not analysed: there is no verdict, and the reason is given

    \b
    Settings, as environment variables:
      GATEKEEPER_FUEL          billions of instructions for one test; one that needs more hangs (60)
      GATEKEEPER_TEST_SECONDS  seconds for one test, for what waits instead of working (30)
      GATEKEEPER_MEMORY        MiB for one interpreter (1024)
      GATEKEEPER_WORKERS       interpreters at a time (one for each core)
      GATEKEEPER_OFFLINE       1: download nothing
      GATEKEEPER_CACHE         folder of what is built and downloaded once
      GATEKEEPER_MODEL_URL     model server, such as http://gpu:30000 (`gatekeeper model check`)
      GATEKEEPER_MODEL_SAMPLES answers that it is asked for of each test (3)
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper import review as reviews
    from gatekeeper import settings
    from gatekeeper.wiring import review as wired

    chosen = settings.read(os.environ)
    request = wired.Request(
        repository=repo, base=base, head=head, judged=reviews.Judged(judged), engine=engine, traced=traced
    )
    with options.progress(silent=as_json) as shown:
        done = wired.run(request, chosen, shown, _import_recording, heard.came, _measured(database or chosen.database))
    _print(done, as_json=as_json, traced=traced)
    _record(database or chosen.database, done)
    sys.exit(group.EXITS[done.verdict.conclusion])


@group.main.command()
@click.argument("review_id", metavar="[REVIEW]", required=False)
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write one self-contained page instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
@options.database
def report(review_id: str | None, html: Path | None, database: str | None, *, as_json: bool) -> None:
    """Show the recorded reviews: all in a list, or one in full.

    \b
    Examples:
      gatekeeper report                    the list, newest first
      gatekeeper report 4f2a               the review whose id starts so
      gatekeeper report --html page.html   the newest reviews as a page to open or send
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    import json

    from gatekeeper import settings
    from gatekeeper.wiring import report as wired

    url = database or settings.read(os.environ).database
    if html is not None:
        wired.write_page(url, review_id, html)
        streams.say(f"written to {html}\n")
    elif as_json:
        streams.say(json.dumps(wired.as_json(url, review_id), indent=2) + "\n")
    elif review_id:
        streams.say(streams.rendered(lambda console: wired.print_review(console, url, review_id)))
    else:
        streams.say(streams.rendered(lambda console: wired.print_list(console, url)))


def _import_recording() -> None:
    """Import what records a review, while its tests run: SQLAlchemy takes 0.3 s."""
    from gatekeeper.wiring import recording  # noqa: F401


def _measured(url: str) -> Callable[[str], Mapping[bool, float]]:
    def measured(repository: str) -> Mapping[bool, float]:
        from gatekeeper.wiring import recording

        return recording.measured(url, repository)

    return measured


def _print(done: "reviews.Review", *, as_json: bool, traced: tuple[str, ...]) -> None:
    if as_json:
        import json

        from gatekeeper.report import jsonform

        streams.say(json.dumps(jsonform.as_json(done)) + "\n")
        return
    from gatekeeper.report import terminal, traces

    def render(console: "Console") -> None:
        console.print(terminal.summary(done))
        for said in done.predictions:
            if said.trace and said.test in traced:
                console.print(traces.render(said.trace))

    streams.say(streams.rendered(render))


def _record(url: str, done: "reviews.Review") -> None:
    from gatekeeper.wiring import recording

    try:
        recording.record(url, done)
    except errors.StoreError as error:
        raise errors.StoreError(f"the review was not recorded: {error}") from error
