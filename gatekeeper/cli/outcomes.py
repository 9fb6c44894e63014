"""`gatekeeper outcomes`."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper import errors
from gatekeeper.cli import group, options
from gatekeeper.wiring import streams

if TYPE_CHECKING:
    from gatekeeper.workflows import uploading

_LENGTHS = frozenset({40, 64})


@group.main.group()
def outcomes() -> None:
    """Tell what real CI did, so that reviews can be compared with it."""


@outcomes.command()
@click.argument("files", type=click.Path(path_type=Path), metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--repo",
    "repository",
    required=True,
    metavar="OWNER/NAME",
    help="The repository, as its reviews name it: owner/name on GitHub, else the folder's absolute path.",
)
@click.option(
    "--sha", required=True, metavar="SHA", help="The commit that was tested; for a pull request its head's whole SHA."
)
@click.option("--job", "name", default="tests", show_default=True, metavar="NAME", help="What the job is called.")
@click.option(
    "--tested",
    type=click.Choice(["merge", "head"]),
    default="merge",
    show_default=True,
    help="What CI checked out. merge: the head merged into its base. head: the commit as it is, as after a push.",
)
@click.option(
    "--attempt",
    type=click.IntRange(min=1, max=9999),
    default=1,
    show_default=True,
    metavar="N",
    help="Counts re-runs of the job: what fails in one attempt and passes in another is flaky.",
)
@click.option(
    "--to",
    "url",
    metavar="URL",
    help="The service to send them to, such as https://gate.example.org; else they go into the records here.",
)
@options.database
def upload(
    files: tuple[Path, ...],
    repository: str,
    sha: str,
    name: str,
    tested: str,
    attempt: int,
    url: str | None,
    database: str | None,
) -> None:
    """Hand in the JUnit reports of a CI job, and compare them with what was predicted.

    For CI that is not GitHub Actions, which needs nothing of the kind, and for `gatekeeper review` on your own
    machine. FILE is JUnit XML, as `pytest --junitxml=FILE`, Maven and Jest write it; several files are the parts of one
    job. Call it whether the tests passed or not. Handing in the same again changes nothing.

    \b
    Examples:
      pytest --junitxml=report.xml
      gatekeeper outcomes upload report.xml --repo "$PWD" --sha "$(git rev-parse HEAD)" --tested head
      gatekeeper outcomes upload shard-*.xml --repo octo/hello --sha "$HEAD_SHA" --job "test (3.11)" \\
        --to https://gate.example.org

    \b
    Settings, as environment variables:
      GATEKEEPER_TOKEN  with --to: a token with the scope outcomes:write, from the service's page /tokens

    \b
    Exit code:
      0  handed in
      2  a file is no report, or the service did not take it: a message says what to do
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper import settings
    from gatekeeper.outcomes import job
    from gatekeeper.wiring import outcomes as wired
    from gatekeeper.workflows import uploading

    given = uploading.Upload(
        repository=_named(repository), sha=_whole(sha), tested=job.Tested(tested), name=name, attempt=attempt
    )
    reports = wired.read(files)
    if url is None:
        kept = database or settings.read(os.environ).database
        streams.say(_said(", ".join(map(str, files)), wired.keep(kept, reports, given, datetime.now(UTC))))
        return
    to = wired.service(url, os.environ.get("GATEKEEPER_TOKEN"))
    if wired.is_open(to):
        streams.warn(f"the token goes unencrypted to {to.url}: use https where you can")
    for file, report in zip(files, reports, strict=True):
        streams.say(_said(str(file), wired.send(to, report, given)))


def _named(repository: str) -> str:
    """Return the name in the records: a folder's is its absolute path."""
    is_folder = repository.startswith(("/", ".", "~"))
    return str(Path(repository).expanduser().resolve()) if is_folder else repository


def _whole(sha: str) -> str:
    if len(sha) not in _LENGTHS or not set(sha.lower()) <= set("0123456789abcdef"):
        raise errors.UsageError(f"--sha {sha}: give the whole SHA, as `git rev-parse HEAD` prints it")
    return sha.lower()


def _said(what: str, taken: "uploading.Taken") -> str:
    from gatekeeper.report import visible

    tests = f"{taken.tests} test{'' if taken.tests == 1 else 's'}, {taken.broken} of them did not pass"
    before = " (handed in before)" if taken.known else ""
    reviews = len(taken.settled)
    if not reviews:
        then = "no review of that commit is recorded yet: it is kept for when there is one"
    else:
        then = f"{reviews} review{'' if reviews == 1 else 's'} compared with it"
    return f"{visible.visible(what)}: {tests}{before}; {then}\n"
