"""A halting bench: labels, a model, questions, scores."""

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from concurrent import futures
from pathlib import Path

from rich import console, progress

from gatekeeper import settings
from gatekeeper.halting import asking, assessment, risk
from gatekeeper.inference import halting, serving
from gatekeeper.inference.profiles import profile
from gatekeeper.wiring import streams
from gatekeeper.wiring.bench.halting import jsonform, labels, scores, tables

# functions that are asked about at a time, at most
_AT_A_TIME = 16
# deadlines of one request that all answers about one function may take
_PATIENCE = 5.0


def bench(
    folder: Path, engine: str | None, chosen: settings.Settings, cancelled: Callable[[], bool], *, as_json: bool
) -> None:
    """Ask about the labelled functions of `folder` and print what was said, and how right it was.

    `engine` is a model profile; None: the one of the settings. Raises UsageError where the labels cannot be read or no
    model server is set, and ModelError where it cannot be used.
    """
    listed = labels.read(folder)
    server = serving.wanted(dataclasses.replace(chosen, model_profile=engine or chosen.model_profile))
    budget = asking.Budget(seconds=_PATIENCE * chosen.model_seconds, samples=chosen.model_samples)
    begun = time.monotonic()
    with halting.connected(lambda: serving.connect(server), server.profile) as asked:
        found = risks(listed, asked, budget, cancelled)
    told = scores.Bench(
        said=tuple(scores.Said(label=one.label, risk=said) for one, said in zip(listed, found, strict=True)),
        usage=asked.usage,
        seconds=time.monotonic() - begun,
        dollars=profile.dollars(server.profile.prices, asked.usage),
    )
    if as_json:
        streams.say(json.dumps(jsonform.as_json(told)) + "\n")
    else:
        streams.say(streams.rendered(lambda shown: shown.print(tables.render(told))))


def risks(
    listed: Sequence[labels.Labelled],
    asked: asking.Reasoner,
    budget: asking.Budget,
    cancelled: Callable[[], bool],
) -> list[risk.HaltingRisk]:
    """Return what is said of each function, several at a time, with progress on standard error."""
    shown = console.Console(stderr=True)

    def one(labelled: labels.Labelled) -> risk.HaltingRisk:
        return assessment.of_suspects([labelled.suspect], asked, budget, cancelled)[0]

    with futures.ThreadPoolExecutor(_AT_A_TIME) as pool:
        answers = pool.map(one, listed)
        return list(progress.track(answers, "asking", len(listed), console=shown, transient=True))
