"""`gatekeeper bench`."""

import os
import sys
from pathlib import Path

import click

from gatekeeper import errors
from gatekeeper.cli import group
from gatekeeper.wiring import interrupts


@group.main.command()
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

    With --halting, DIR has Python files and a labels.toml that lists functions in them. Each is tried in the sandbox;
    with --engine, the model server at GATEKEEPER_MODEL_URL is asked about it, GATEKEEPER_MODEL_SAMPLES times. What is
    said is scored: precision, recall, abstention, Brier score, tokens and cost, by kind of label.

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
      gatekeeper bench --halting functions --engine sandbox
      GATEKEEPER_MODEL_URL=http://127.0.0.1:30000 gatekeeper bench --halting functions --engine cwm
      GATEKEEPER_MODEL_URL=http://127.0.0.1:30000 gatekeeper bench --cruxeval cruxeval.jsonl --mode trace
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
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
