"""A halting bench: labels, the sandbox or a model, scores."""

import dataclasses
import functools
import json
import time
from collections.abc import Callable, Sequence
from concurrent import futures
from pathlib import Path

from rich import console, progress

from gatekeeper import settings
from gatekeeper.halting import asking, assessment, risk
from gatekeeper.inference import generation, halting, serving
from gatekeeper.inference.profiles import profile
from gatekeeper.wiring import progress as progresses
from gatekeeper.wiring import streams
from gatekeeper.wiring.bench.halting import jsonform, labels, scores, tables
from gatekeeper.wiring.halting import trying
from gatekeeper.wiring.trace import executing, folder

# functions that are asked about at a time, at most
_AT_A_TIME = 16
# seconds for one function that is tried
_TRYING = 60.0
# deadlines of one request that all answers about one function may take
_PATIENCE = 5.0


def bench(
    place: Path, engine: str | None, chosen: settings.Settings, cancelled: Callable[[], bool], *, as_json: bool
) -> None:
    """Try the labelled functions of the folder `place`, or ask a model about them; print how right what was said is.

    `engine` is sandbox or a model profile; None: the one of the settings, and the sandbox where no model server is set.
    Raises UsageError where the labels cannot be read or no model server is set, SandboxError where the sandbox cannot
    be used, and ModelError where the model cannot.
    """
    listed = labels.read(place)
    if engine == trying.ENGINE or (engine is None and not chosen.model_urls):
        _show(_tried(listed, place, chosen, cancelled), as_json=as_json)
        return
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
    _show(told, as_json=as_json)


def _show(told: scores.Bench, *, as_json: bool) -> None:
    if as_json:
        streams.say(json.dumps(jsonform.as_json(told)) + "\n")
    else:
        streams.say(streams.rendered(lambda shown: shown.print(tables.render(told))))


def _tried(
    listed: Sequence[labels.Labelled], place: Path, chosen: settings.Settings, cancelled: Callable[[], bool]
) -> scores.Bench:
    """Return what the sandbox says of each function by trying it; the calls that labels name are not used."""
    tree, begun = folder.FolderTree(place.resolve()), time.monotonic()
    shown = console.Console(stderr=True)
    with executing.sandboxed(tree, chosen, progresses.Progress()) as (workers, made):
        using = trying.Trying(
            tree=tree,
            tests=(),
            space=functools.partial(made.after, tree),
            workers=workers.processes(),
            limits=workers.limits,
            cancelled=cancelled,
        )
        said = [
            scores.Said(label=one.label, risk=using.risks([one.suspect], (), _TRYING)[0])
            for one in progress.track(listed, "trying", console=shown, transient=True)
        ]
    return scores.Bench(said=tuple(said), usage=generation.Usage(), seconds=time.monotonic() - begun, dollars=0.0)


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
