"""`gatekeeper fix`."""

import os
import sys
from pathlib import Path

import click

from gatekeeper.cli import group, options
from gatekeeper.wiring import interrupts, streams


@group.main.command()
@options.change
@options.engine
@click.option("--apply", "applied", is_flag=True, help="Write the best fix to the working tree.")
@options.as_json
@click.pass_obj
def fix(
    heard: interrupts.Interrupts,
    repo: Path,
    base: str,
    head: str,
    judged: str,
    engine: str | None,
    *,
    applied: bool,
    as_json: bool,
) -> None:
    """Find the lines of a change that break its tests, a fix for them, and tests where there are none.

    Reviews the change as `gatekeeper review` does, but asks whether a function ends only where a test hangs in it. For
    what fails, lines of the change are taken back one by one in the sandbox until it is known which of them matter.
    Then small edits around these lines are tried, and what a model writes where one is connected; shown is only what
    mends failing tests and breaks no other test that the change affects. Undoing what the change did is the last
    resort, and is said to be.

    For changed functions that no test reaches, tests are proposed: each was run before the change and after it, and is
    shown with what it found; where there is no verdict for want of tests, they come first.

    --apply writes the first fix shown, and commits nothing: only where HEAD is --head and nothing is uncommitted.

    \b
    Examples:
      gatekeeper fix --base main --head my-change
      gatekeeper fix --base main --head HEAD --apply

    \b
    Exit code: that of `gatekeeper review`, which a fix does not change
      0  would pass: there is nothing to fix
      1  would fail: what was found is shown
      2  bad use or input, or the fix cannot be applied: a message says what to do
      3  not analysed: there is no verdict, and the reason is given; for want of tests, tests are proposed
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    import json

    from gatekeeper import review as reviews
    from gatekeeper import settings
    from gatekeeper.repair import mending
    from gatekeeper.wiring import fix as wired
    from gatekeeper.wiring import review

    request = review.Request(repository=repo, base=base, head=head, judged=reviews.Judged(judged), engine=engine)
    with options.progress(silent=as_json) as shown:
        done = review.carry_out(
            request,
            settings.read(os.environ),
            shown,
            cancelled=heard.came,
            halting=False,
            searching=mending.SEARCHING,
        )
    if as_json:
        streams.say(json.dumps(wired.as_json(done)) + "\n")
    else:
        streams.say(streams.rendered(lambda console: console.print(wired.summary(done))))
    if applied and (written := wired.apply(repo, done)) and not as_json:
        streams.say(f"written to {written}\n")
    sys.exit(group.EXITS[done.review.verdict.conclusion])
