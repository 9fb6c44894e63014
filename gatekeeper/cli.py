"""The commands. Each imports what it needs when it runs, so that all of them start fast."""

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatekeeper import __version__, errors
from gatekeeper.wiring import interrupts, streams

if TYPE_CHECKING:
    from rich.console import Console

    from gatekeeper import review as reviews
    from gatekeeper import settings
    from gatekeeper.wiring import progress as shown

EXITS = {"would_pass": 0, "would_fail": 1, "not_analysed": 3}
USAGE, NOT_ANALYSED, INTERRUPTED = 2, 3, 130


class _Commands(click.Group):
    """Commands that end with a sentence and an exit code, whatever goes wrong; each gets `Interrupts` as its `obj`."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the command that was named."""
        streams.accept_any_character()
        with _explained(), interrupts.Interrupts() as ctx.obj:
            return super().invoke(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gatekeeper")
def main() -> None:
    """Tell which tests a pull request would break, before CI has run.

    Finds the tests that a change can affect, runs them in a sealed interpreter on this machine, and says which would
    fail, why, and at which line. Needs a git repository with tests that pytest runs; every review is recorded.

    \b
    Review the branch my-change of the repository here, before it is merged into main:
      gatekeeper review --base main --head my-change
    Look at what was recorded:
      gatekeeper report
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped


def _import_recording() -> None:
    """Import what records a review, while its tests run: SQLAlchemy takes 0.3 s."""
    from gatekeeper.wiring import recording  # noqa: F401


def _measured(url: str) -> Callable[[str], Mapping[bool, float]]:
    def measured(repository: str) -> Mapping[bool, float]:
        from gatekeeper.wiring import recording

        return recording.measured(url, repository)

    return measured


def _database(function: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped
    return click.option(
        "--database",
        metavar="URL",
        help="Where reviews are recorded, such as sqlite:///reviews.sqlite; else what GATEKEEPER_DATABASE says, else "
        "a file in your home.",
    )(function)


@main.command()
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=".",
    help="The git repository, or a folder in it; the folder you are in by default.",
)
@click.option(
    "--base", required=True, metavar="REV", help="What the change is to be merged into: a branch, a tag, a commit."
)
@click.option("--head", required=True, metavar="REV", help="The change: a branch, a tag, a commit.")
@click.option(
    "--tree",
    "judged",
    type=click.Choice(["merge", "head"]),
    default="merge",
    show_default=True,
    help="What to judge. merge: head merged into base, as CI does. head: head as it is, against the commit where it "
    "left base.",
)
@click.option(
    "--engine",
    metavar="NAME",
    help="What predicts the outcomes. sandbox: runs the tests. cwm, reasoning: a model at GATEKEEPER_MODEL_URL "
    "imagines them, and nothing is run. cascade: the sandbox where it can run a test, the model where it cannot. Else "
    "what .github/gatekeeper.yml on base says.",
)
@click.option(
    "--trace",
    "traced",
    multiple=True,
    metavar="TEST",
    help="Show what this affected test runs, line by line, such as tests/test_a.py::test_b[1]; can be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, to standard output.")
@_database
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
    """  # noqa: D301 - as above
    from gatekeeper import review as reviews
    from gatekeeper import settings
    from gatekeeper.wiring import review as wired

    chosen = settings.read(os.environ)
    request = wired.Request(
        repository=repo, base=base, head=head, judged=reviews.Judged(judged), engine=engine, traced=traced
    )
    with _progress(silent=as_json) as shown:
        done = wired.run(request, chosen, shown, _import_recording, heard.came, _measured(database or chosen.database))
    _print(done, as_json=as_json, traced=traced)
    _record(database or chosen.database, done)
    sys.exit(EXITS[done.verdict.conclusion])


@main.command()
@click.argument("review_id", metavar="[REVIEW]", required=False)
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write one self-contained page instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
@_database
def report(review_id: str | None, html: Path | None, database: str | None, *, as_json: bool) -> None:
    """Show the recorded reviews: all in a list, or one in full.

    \b
    Examples:
      gatekeeper report                    the list, newest first
      gatekeeper report 4f2a               the review whose id starts so
      gatekeeper report --html page.html   the newest reviews as a page to open or send
    """  # noqa: D301 - as above
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


@main.command()
@click.argument(
    "cases", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[CASES.json]", required=False
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only N of them, spread over the whole list.")
@click.option("--native", is_flag=True, help="Time each library's whole suite under native pytest in the same run.")
@click.option(
    "--halting",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Instead of pull requests: ask a model which of the functions in a folder halt.",
)
@click.option(
    "--cruxeval",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Instead of pull requests: ask a model what the functions of CRUXEval's public file return.",
)
@click.option(
    "--mode",
    type=click.Choice(["trace", "reasoning"]),
    help="With --cruxeval: how it is asked. trace: to write the call's trace. reasoning: in its chat format, or in "
    "messages. trace is the default where the kind of model writes traces.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=1, max=64),
    metavar="N",
    help="With --cruxeval: answers to each sample, over which the score is the mean (1).",
)
@click.option(
    "--engine",
    metavar="NAME",
    help="What predicts: as in `gatekeeper review`. With --halting and --cruxeval: the kind of model, cwm or "
    "reasoning; else GATEKEEPER_MODEL_PROFILE, else cwm.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def bench(
    heard: interrupts.Interrupts,
    cases: Path | None,
    limit: int | None,
    halting: Path | None,
    cruxeval: Path | None,
    mode: str | None,
    samples: int | None,
    engine: str | None,
    *,
    native: bool,
    as_json: bool,
) -> None:
    """Review labelled pull requests and score what was predicted; or ask which labelled functions halt.

    Fetches each library's source archive, makes each change as a git repository, reviews it, and compares with what
    the library's own tests really did: precision, recall and false alarms, per test and per pull request, against
    always predicting a pass; and by engine what it took: tokens, cached ones, seconds, dollars. Needs the extra
    `gatekeeper[bench]`.

    With --halting, DIR has Python files and a labels.toml that lists functions in them. The model server at
    GATEKEEPER_MODEL_URL is asked about each, GATEKEEPER_MODEL_SAMPLES times, and the answers are scored: precision,
    recall, abstention, Brier score, tokens and cost, by kind of label.

    With --cruxeval, FILE is data/cruxeval.jsonl of github.com/facebookresearch/cruxeval, or a part of it. The model
    server is asked what each call returns; none of the code is run. Prints pass@1 with its interval, beside what was
    published for CWM.

    \b
    A labelled function in labels.toml:
      [[function]]
      file = "counting.py"
      name = "countdown"
      halts = false
      why = "From a number below 0 it never meets 0."
      kind = "a base case out of reach"

    \b
    Examples:
      gatekeeper bench cases.json --limit 20
      gatekeeper bench cases.json --engine cascade
      GATEKEEPER_MODEL_URL=http://127.0.0.1:30000 gatekeeper bench --halting functions --engine cwm
      GATEKEEPER_MODEL_URL=http://127.0.0.1:30000 gatekeeper bench --cruxeval cruxeval.jsonl --mode trace
    """  # noqa: D301 - as above
    from gatekeeper import settings

    chosen = settings.read(os.environ)
    if cruxeval is not None:
        if cases is not None or native or halting is not None:
            raise errors.UsageError("--cruxeval asks about the samples of its file: leave the other inputs out")
        from gatekeeper.wiring.bench.cruxeval import asking
        from gatekeeper.wiring.bench.cruxeval import command as crux

        way = None if mode is None else asking.Mode(mode)
        wanted = crux.Wanted(file=cruxeval, profile=engine, mode=way, limit=limit, answers=samples or 1)
        crux.bench(wanted, chosen, as_json=as_json)
        return
    if mode is not None or samples is not None:
        raise errors.UsageError("--mode and --samples go with --cruxeval: name its file, or leave them out")
    if halting is not None:
        if cases is not None or native or limit is not None:
            raise errors.UsageError("--halting asks about the functions of its folder: leave the other options out")
        from gatekeeper.wiring.bench.halting import command

        command.bench(halting, engine, chosen, heard.came, as_json=as_json)
        return
    if cases is None:
        raise errors.UsageError(
            "name a file with labelled pull requests, or a folder with --halting, or a file with --cruxeval"
        )
    from gatekeeper.wiring.bench import shown

    sys.exit(shown.bench(cases, chosen, limit=limit, native=native, as_json=as_json, engine=engine))


@main.command()
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
    """  # noqa: D301 - as above
    from gatekeeper import settings
    from gatekeeper.wiring.trace import command

    wanted = command.Wanted(target=target, arguments=arguments, base=repo, side=side)
    with _progress(silent=as_json) as shown:
        traced = command.run(wanted, settings.read(os.environ), shown, heard.came)
    command.show(traced, whole=whole, as_json=as_json)


def _polled(function: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped
    return click.option(
        "--poll", is_flag=True, help="Look for open pull requests every minute, for a service that GitHub cannot reach."
    )(function)


@main.command()
@click.option(
    "--listen", metavar="HOST:PORT", help="Where the web server listens; else GATEKEEPER_LISTEN, else 127.0.0.1:8000."
)
@_polled
@click.option("--no-work", is_flag=True, help="Take deliveries alone; `gatekeeper work` does the work elsewhere.")
@click.option("--replace-app", is_flag=True, help="Create an App in place of the one that the setup page stored.")
@_database
def serve(listen: str | None, database: str | None, *, poll: bool, no_work: bool, replace_app: bool) -> None:
    """Run the GitHub App: take deliveries, review pull requests, publish what comes of it.

    The first time, without an App, it shows the address of a page that creates one. It runs a web server, a worker
    and a token broker, which alone reads the App's private key; each is started again if it ends. SIGTERM and Ctrl-C
    stop it: no more work is taken, and what runs is finished, or goes on at the next start.

    \b
    Examples:
      gatekeeper serve
      gatekeeper serve --listen 0.0.0.0:8000 --database postgresql+psycopg://gate@db/gate
      gatekeeper serve --poll

    \b
    Settings, as environment variables; infra/settings.md lists them all:
      GATEKEEPER_APP_ID          the App's number, where the setup page did not store one
      GATEKEEPER_APP_KEY_FILE    file with its private key
      GATEKEEPER_WEBHOOK_SECRET  what its deliveries are signed with
      GATEKEEPER_URL             public address of this service, for links
      GATEKEEPER_GITHUB_API      https://HOST/api/v3 for GitHub Enterprise Server
      GATEKEEPER_REVIEWS         reviews at a time (half as many as cores)
      GATEKEEPER_DATA            folder of records, credentials and sockets
    """  # noqa: D301 - as above
    from gatekeeper.wiring import serve as wired

    wanted = wired.Wanted(work=not no_work, polling=poll, replacing=replace_app)
    sys.exit(wired.run(_chosen(database, listen), wanted, os.environ))


@main.command()
@_polled
@_database
def work(database: str | None, *, poll: bool) -> None:
    """Do the work of the GitHub App alone: a worker and a token broker, without a web server.

    For more workers than the one that `gatekeeper serve` runs; all of them share one PostgreSQL.
    """
    from gatekeeper.wiring import serve as wired

    sys.exit(wired.run(_chosen(database), wired.Wanted(web=False, polling=poll), os.environ))


@main.command()
def broker() -> None:
    """Hand out GitHub's tokens alone: the one process that reads the App's private key.

    `gatekeeper serve` and `gatekeeper work` start one where none answers on the socket. To run it as a user of its
    own, so that nobody else can read the key, name the others' user numbers in GATEKEEPER_BROKER_USERS.
    """
    from gatekeeper import settings
    from gatekeeper.wiring import broker as wired

    with contextlib.suppress(KeyboardInterrupt):
        wired.run(settings.read(os.environ), streams.warn)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@_database
def doctor(database: str | None, *, as_json: bool) -> None:
    """Check this installation of the GitHub App, and say how to mend what is wrong.

    \b
    Exit code:
      0  nothing is wrong; there may be warnings
      1  something is wrong
    """  # noqa: D301 - as above
    from gatekeeper.wiring.doctor import command as wired

    sys.exit(wired.run(_chosen(database), as_json=as_json))


@main.group()
def db() -> None:
    """Look after the database of records."""


@db.command()
@_database
def upgrade(database: str | None) -> None:
    """Bring the database up to the schema of this version; an SQLite file is copied first."""
    from gatekeeper import settings
    from gatekeeper.wiring import db as wired

    streams.say(wired.upgrade(database or settings.read(os.environ).database) + "\n")


def _chosen(database: str | None, listen: str | None = None) -> "settings.Settings":
    from gatekeeper import settings

    given = {"GATEKEEPER_DATABASE": database, "GATEKEEPER_LISTEN": listen}
    return settings.read({**os.environ, **{name: value for name, value in given.items() if value}})


@main.group()
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
    """  # noqa: D301 - as above
    from gatekeeper import settings
    from gatekeeper.wiring import model as wired

    given = {"GATEKEEPER_MODEL_URL": url, "GATEKEEPER_MODEL_PROFILE": profile}
    chosen = settings.read({**os.environ, **{name: value for name, value in given.items() if value}})
    sys.exit(wired.check(chosen, as_json=as_json))


@main.group()
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
    """  # noqa: D301 - as above
    from gatekeeper.report import visible
    from gatekeeper.wiring import config as wired

    try:
        shown = wired.check(file)
    except errors.ConfigurationError as problem:
        # as compilers write them, so that editors find the place
        click.echo("\n".join(visible.visible(line) for line in str(problem).split("\n")), err=True)
        sys.exit(USAGE)
    streams.say(shown)


@config.command()
def schema() -> None:
    """Print the JSON Schema of the file, by which editors complete and check it while it is written.

    \b
    For editors with the YAML language server (VS Code, Neovim, Helix and others):
      gatekeeper config schema > .github/gatekeeper.schema.json
    and make this the first line of .github/gatekeeper.yml:
      # yaml-language-server: $schema=gatekeeper.schema.json
    """  # noqa: D301 - as above
    from gatekeeper.wiring import config as wired

    streams.say(wired.schema())


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turn the errors that a user can do something about into a sentence and an exit code."""
    try:
        yield
    except errors.GatekeeperError as error:
        streams.warn(str(error))
        code = USAGE if isinstance(error, errors.UsageError | errors.StoreError) else NOT_ANALYSED
        sys.exit(code)
    except KeyboardInterrupt:
        streams.warn("interrupted; nothing was recorded")
        sys.exit(INTERRUPTED)
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception:  # noqa: BLE001 - an edge: Python itself would end with 1, which means `would fail`
        streams.warn(f"a fault of this program, which says nothing of the change:\n{traceback.format_exc()}")
        sys.exit(NOT_ANALYSED)


@contextlib.contextmanager
def _progress(*, silent: bool) -> Iterator["shown.Progress"]:
    from gatekeeper.wiring import progress

    if silent or sys.stderr is None or not sys.stderr.isatty():
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


if __name__ == "__main__":
    main()
