"""The commands. Each imports what it needs when it runs, so that all of them start fast."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatekeeper import __version__, errors

if TYPE_CHECKING:
    from gatekeeper import review as reviews
    from gatekeeper.wiring import progress as shown

EXITS = {"would_pass": 0, "would_fail": 1, "not_analysed": 3}
USAGE, NOT_ANALYSED, INTERRUPTED = 2, 3, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gatekeeper")
def main() -> None:
    """Tell which tests a pull request would break, before CI has run.

    \b
    Try:
      gatekeeper review --repo . --base main --head my-branch
      gatekeeper report
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped


def _import_recording() -> None:
    """Import what records a review, while its tests run: SQLAlchemy takes 0.3 s."""
    from gatekeeper.wiring import recording  # noqa: F401


def _database(function: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped
    return click.option(
        "--database",
        metavar="URL",
        help="SQLAlchemy URL of the records; else GATEKEEPER_DATABASE, else a file of yours.",
    )(function)


@main.command()
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=".",
    show_default=True,
    help="The git repository, or a folder in it.",
)
@click.option("--base", required=True, metavar="REV", help="What the change goes into: a branch, a tag, a commit.")
@click.option("--head", required=True, metavar="REV", help="The change: a branch, a tag, a commit.")
@click.option(
    "--tree",
    "judged",
    type=click.Choice(["merge", "head"]),
    default="merge",
    show_default=True,
    help="Judge base's tip merged with head, as CI does; or head itself against the merge base.",
)
@click.option(
    "--engine", metavar="NAME", help="The engine; else what .github/gatekeeper.yml on base says, else sandbox."
)
@click.option(
    "--trace", "traced", multiple=True, metavar="TEST", help="Trace this test too (a node id); can be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@_database
def review(
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
    """Review a pull request of a local git repository.

    Selects the tests that the change can affect, runs them in a sealed interpreter, and says which would fail and at
    which line. Reads git objects alone: neither the working tree nor the repository's hooks or configuration are used.

    \b
    Exit code:  0 would pass   1 would fail   2 bad use or input   3 not analysed
    """  # noqa: D301 - as above
    from gatekeeper import review as reviews
    from gatekeeper import settings
    from gatekeeper.wiring import review as wired

    with _explained():
        chosen = settings.read(os.environ)
        request = wired.Request(
            repository=repo, base=base, head=head, judged=reviews.Judged(judged), engine=engine, traced=traced
        )
        with _progress(silent=as_json) as shown:
            done = wired.run(request, chosen, shown, _import_recording)
        _print(done, as_json=as_json, traced=traced)
        from gatekeeper.wiring import recording

        recording.record(database or chosen.database, done)
    sys.exit(EXITS[done.verdict.conclusion])


@main.command()
@click.argument("review_id", metavar="[REVIEW]", required=False)
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write one self-contained page instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
@_database
def report(review_id: str | None, html: Path | None, database: str | None, *, as_json: bool) -> None:
    """Show the recorded reviews: all in a list, or one in full by the start of its id."""
    import json

    from rich.console import Console

    from gatekeeper import settings
    from gatekeeper.wiring import report as wired

    with _explained():
        url = database or settings.read(os.environ).database
        if html is not None:
            wired.write_page(url, review_id, html)
            click.echo(f"written to {html}")
        elif as_json:
            click.echo(json.dumps(wired.as_json(url, review_id), indent=2))
        elif review_id:
            wired.print_review(Console(), url, review_id)
        else:
            wired.print_list(Console(), url)


@main.command()
@click.argument("cases", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="CASES.json")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only N of them, spread over the whole list.")
@click.option("--native", is_flag=True, help="Time each library's whole suite under native pytest in the same run.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(cases: Path, limit: int | None, *, native: bool, as_json: bool) -> None:
    """Review labelled pull requests and score what was predicted.

    Fetches each library's source archive, makes each change as a git repository, reviews it, and compares with what
    the library's own tests really did: precision, recall and false alarms, per test and per pull request, against
    always predicting a pass. Needs the extra `gatekeeper[bench]`.
    """
    from gatekeeper import settings
    from gatekeeper.wiring.bench import shown

    with _explained():
        sys.exit(shown.bench(cases, settings.read(os.environ), limit=limit, native=native, as_json=as_json))


@main.group()
def db() -> None:
    """Look after the database of records."""


@db.command()
@_database
def upgrade(database: str | None) -> None:
    """Bring the database up to the schema of this version; an SQLite file is copied first."""
    from gatekeeper import settings
    from gatekeeper.wiring import db as wired

    with _explained():
        click.echo(wired.upgrade(database or settings.read(os.environ).database))


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turn the errors that a user can do something about into a sentence and an exit code."""
    try:
        yield
    except errors.GatekeeperError as error:
        from gatekeeper.report import visible

        click.echo(f"gatekeeper: {visible.visible(str(error))}", err=True)
        code = USAGE if isinstance(error, errors.UsageError | errors.StoreError) else NOT_ANALYSED
        sys.exit(code)
    except KeyboardInterrupt:
        click.echo("gatekeeper: interrupted; nothing was recorded", err=True)
        sys.exit(INTERRUPTED)


@contextlib.contextmanager
def _progress(*, silent: bool) -> Iterator["shown.Progress"]:
    from gatekeeper.wiring import progress

    if silent or not sys.stderr.isatty():
        yield progress.Progress()
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (bars.SpinnerColumn(), bars.TextColumn("{task.description}"), bars.BarColumn(), bars.MofNCompleteColumn())
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield progress.Shown(bar)


def _print(done: "reviews.Review", *, as_json: bool, traced: tuple[str, ...]) -> None:
    if as_json:
        import json

        from gatekeeper.report import jsonform

        click.echo(json.dumps(jsonform.as_json(done)))
        return
    from rich.console import Console

    from gatekeeper.report import terminal, traces

    console = Console()
    console.print(terminal.summary(done))
    for said in done.predictions:
        if said.trace and (said.test in traced):
            console.print(traces.render(said.trace))


if __name__ == "__main__":
    main()
