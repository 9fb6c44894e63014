"""A run of CRUXEval: samples, a model, answers, scores."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich import console, progress

from gatekeeper import errors, settings
from gatekeeper.inference import engine, generation, loop, serving
from gatekeeper.inference.profiles import catalogue, profile
from gatekeeper.wiring import streams
from gatekeeper.wiring.bench.cruxeval import asking, jsonform, samples, scores, tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a user asks for."""

    # CRUXEval's file, or a part of it
    file: Path
    # a model profile; None: the one of the settings
    profile: str | None = None
    # None: traces where the profile can write them
    mode: asking.Mode | None = None
    # at most so many samples, evenly spaced over the file
    limit: int | None = None
    # answers that are asked for of each
    answers: int = 1


def bench(wanted: Wanted, chosen: settings.Settings, *, as_json: bool) -> None:
    """Ask about the samples and print how many were right.

    Raises UsageError where the file cannot be read, no model server is set or the profile cannot do what is asked, and
    ModelError where the server cannot be used.
    """
    listed = samples.read(wanted.file)
    server = serving.wanted(replace(chosen, model_profile=wanted.profile or chosen.model_profile))
    told = ask(
        samples.spread(listed, wanted.limit),
        len(listed),
        server.profile,
        lambda: serving.connect(server),
        mode=mode_of(server.profile, wanted.mode),
        answers=wanted.answers,
    )
    if as_json:
        streams.say(json.dumps(jsonform.as_json(told)) + "\n")
    else:
        streams.say(streams.rendered(lambda shown: shown.print(tables.render(told))))


def mode_of(chosen: profile.Profile, mode: asking.Mode | None) -> asking.Mode:
    """Return how the profile is asked. Raises UsageError where it cannot be asked so."""
    if mode is None:
        return asking.Mode.REASONING if chosen.tracing is None else asking.Mode.TRACE
    if mode is asking.Mode.TRACE and chosen.tracing is None:
        able = ", ".join(name for name, each in catalogue.every().items() if each.tracing is not None)
        raise errors.UsageError(
            f"a model of the profile {chosen.name} writes no traces: use --mode reasoning, or --engine with {able}"
        )
    return mode


def ask(
    listed: Sequence[samples.Sample],
    of: int,
    chosen: profile.Profile,
    connect: engine.Connect,
    *,
    mode: asking.Mode,
    answers: int,
) -> scores.Bench:
    """Ask about all samples, with progress on standard error. Raises ModelError where the server cannot be used."""
    begun = time.monotonic()
    bar = progress.Progress(
        progress.TextColumn("asking"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        console=console.Console(stderr=True),
        transient=True,
    )
    with loop.Running() as running, running.entered(connect()) as model, bar:
        task = bar.add_task("", total=len(listed))
        asker = asking.Asker(model=model, profile=chosen, mode=mode, samples=answers)
        found = running.submit(asker.ask(listed, lambda: bar.advance(task))).result()
        served = model.served
    scored = tuple(scores.Scored(sample=one, answered=said) for one, said in zip(listed, found, strict=True))
    usage = sum((one.usage for one in found), generation.Usage())
    return scores.Bench(
        scored=scored,
        of=of,
        profile=chosen.name,
        model=served.model,
        server=served.server,
        mode=mode,
        seconds=time.monotonic() - begun,
        dollars=profile.dollars(chosen.prices, usage),
    )
