"""`gatekeeper serve`, `work`, `broker` and `doctor`: the GitHub App."""

import contextlib
import os
import sys

import click

from gatekeeper.cli import group, options
from gatekeeper.wiring import streams


@group.main.command()
@click.option(
    "--listen", metavar="HOST:PORT", help="Where the web server listens; else GATEKEEPER_LISTEN, else 127.0.0.1:8000."
)
@options.polled
@click.option("--no-work", is_flag=True, help="Take deliveries alone; `gatekeeper work` does the work elsewhere.")
@click.option("--replace-app", is_flag=True, help="Create an App in place of the one that the setup page stored.")
@click.option(
    "--open", "is_open", is_flag=True, help="Without an App: show what is recorded to this machine's own browsers."
)
@options.database
def serve(
    listen: str | None, database: str | None, *, poll: bool, no_work: bool, replace_app: bool, is_open: bool
) -> None:
    """Run the GitHub App: take deliveries, review pull requests, publish what comes of it.

    The first time, without an App, it shows the address of a page that creates one. It runs a web server, a worker
    and a token broker, which alone reads the App's private key; each is started again if it ends. SIGTERM and Ctrl-C
    stop it: no more work is taken, and what runs is finished, or goes on at the next start.

    \b
    Examples:
      gatekeeper serve
      gatekeeper serve --listen 0.0.0.0:8000 --database postgresql+psycopg://gate@db/gate
      gatekeeper serve --poll
      gatekeeper serve --open

    \b
    Settings, as environment variables; infra/settings.md lists them all:
      GATEKEEPER_APP_ID          the App's number, where the setup page did not store one
      GATEKEEPER_APP_KEY_FILE    file with its private key
      GATEKEEPER_WEBHOOK_SECRET  what its deliveries are signed with
      GATEKEEPER_URL             public address of this service, for links
      GATEKEEPER_ADMINS          logins on GitHub of those who may see its work
      GATEKEEPER_GITHUB_API      https://HOST/api/v3 for GitHub Enterprise Server
      GATEKEEPER_REVIEWS         reviews at a time (half as many as cores)
      GATEKEEPER_DATA            folder of records, credentials and sockets
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper.wiring import serve as wired

    wanted = wired.Wanted(work=not no_work, polling=poll, replacing=replace_app, open=is_open)
    sys.exit(wired.run(options.chosen(database, listen), wanted, os.environ))


@group.main.command()
@options.polled
@options.database
def work(database: str | None, *, poll: bool) -> None:
    """Do the work of the GitHub App alone: a worker and a token broker, without a web server.

    For more workers than the one that `gatekeeper serve` runs; all of them share one PostgreSQL.
    """
    from gatekeeper.wiring import serve as wired

    sys.exit(wired.run(options.chosen(database), wired.Wanted(web=False, polling=poll), os.environ))


@group.main.command()
def broker() -> None:
    """Hand out GitHub's tokens alone: the one process that reads the App's private key.

    `gatekeeper serve` and `gatekeeper work` start one where none answers on the socket. To run it as a user of its
    own, so that nobody else can read the key, name the others' user numbers in GATEKEEPER_BROKER_USERS.
    """
    from gatekeeper import settings
    from gatekeeper.wiring import broker as wired

    with contextlib.suppress(KeyboardInterrupt):
        wired.run(settings.read(os.environ), streams.warn)


@group.main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@options.database
def doctor(database: str | None, *, as_json: bool) -> None:
    """Check this installation of the GitHub App, and say how to mend what is wrong.

    \b
    Exit code:
      0  nothing is wrong; there may be warnings
      1  something is wrong
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    from gatekeeper.wiring.doctor import command as wired

    sys.exit(wired.run(options.chosen(database), as_json=as_json))
