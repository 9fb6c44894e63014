"""The group of all commands: what they have in common, whatever goes wrong."""

import contextlib
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import click

from gatekeeper import __version__, errors
from gatekeeper.wiring import interrupts, streams

EXITS = {"would_pass": 0, "would_fail": 1, "not_analysed": 3}
USAGE, NOT_ANALYSED, INTERRUPTED = 2, 3, 130


class Commands(click.Group):
    """Commands that end with a sentence and an exit code, whatever goes wrong; each gets `Interrupts` as its `obj`."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the command that was named."""
        streams.accept_any_character()
        with _explained(), interrupts.Interrupts() as ctx.obj:
            return super().invoke(ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
