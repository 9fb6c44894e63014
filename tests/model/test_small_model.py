"""The small CWM on a real SGLang server says of programs that it never saw what the sandbox records."""

import asyncio
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from gatekeeper import settings
from gatekeeper.inference import generation, grammar, loop, serving, trial
from gatekeeper.sandbox import component, process, session, stepping
from gatekeeper.simulation import imagined, trace
from tests import model_contract, small_programs
from tests.model.conftest import Measured
from tests.model.servers import Server

PROGRAMS = 48
# less than is measured (infra/cwm/small/README.md): rounding differs from machine to machine
EXACT, OUTCOME, READABLE = 0.02, 0.5, 0.75
_LIMITS = session.Limits(fuel=session.BILLION, memory=512 << 20, seconds=20, disk=64 << 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One program, as recorded and as imagined."""

    recorded: tuple[imagined.Step, ...]
    said: imagined.Imagined

    @property
    def exact(self) -> bool:
        return self.said.ended and self.said.steps == self.recorded

    @property
    def same_end(self) -> bool:
        return self.said.ended and _raises(self.said.steps) is _raises(self.recorded)


def _raises(steps: Sequence[imagined.Step]) -> bool:
    """Whether `main()` is left by an exception: a frame of it, and the return without a value that follows."""
    return trace.Event.EXCEPTION in {step.event for step in steps[-2:]}


@pytest.fixture(name="recorded", scope="module")
def _recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[imagined.Step, ...]]:
    """Return programs that were held out, with all frames but the entry, which a prompt holds."""
    programs, record = small_programs.load("programs"), small_programs.load("record")
    compiled = component.ensure(settings.read(os.environ).cache, lambda _what: None)
    made = itertools.islice(programs.generate("small/held out", programs.PLAIN), 2 * PROGRAMS)
    texts = [stepping.Text(source=one.source, path=one.path) for one in made]
    worker = process.Process(compiled, disk=_LIMITS.disk)
    try:
        with stepping.empty(tmp_path_factory.mktemp("stepping")) as space:
            ended = stepping.run(texts, space, [worker], _LIMITS, together=len(texts))
    finally:
        worker.close()
    short = [(text.source, grammar.steps_of(done.trace(""))[1:]) for text, done in zip(texts, ended, strict=True)]
    return dict([(source, steps) for source, steps in short if len(steps) < record.FRAMES][:PROGRAMS])


@pytest.fixture(name="running", scope="module")
def _running() -> Iterator[loop.Running]:
    with loop.Running() as running:
        yield running


@pytest.fixture(name="compared", scope="module")
def _compared(
    running: loop.Running, small_server: Server, recorded: dict[str, tuple[imagined.Step, ...]]
) -> list[Compared]:
    async def ask() -> list[imagined.Imagined]:
        async with serving.connect(model_contract.wanted(small_server.url)) as model:
            return await asyncio.gather(*(imagine(model, source) for source in recorded))

    said = running.submit(ask()).result(600)
    return [Compared(recorded=steps, said=one) for steps, one in zip(recorded.values(), said, strict=True)]


async def imagine(model: generation.Model, source: str) -> imagined.Imagined:
    """Return the likeliest trace of a program."""
    opening = (grammar.Control.BEGIN_OF_TEXT, grammar.Control.TRACE_CONTEXT_START, source)
    stop = (model.served.controls[grammar.Control.END_OF_TEXT],)
    prompt = await trial.ids(model, (*opening, *grammar.ENTRY))
    sampling = generation.Sampling(temperature=0)
    answer = await model.generate(generation.Asked(prompt=prompt, sampling=sampling, most=600, stop=stop))
    pieces = grammar.cut(answer.samples[0].ids, model.served.controls)
    return grammar.parse(grammar.items(pieces, await model.decode(grammar.texts(pieces))))


def test_what_it_writes_is_the_trace_grammar(compared: list[Compared]) -> None:
    readable = sum(one.said.ended and one.said.broken is None for one in compared)
    assert readable / len(compared) >= READABLE


def test_some_traces_are_exactly_what_was_recorded(compared: list[Compared], measured: Measured) -> None:
    exact = sum(one.exact for one in compared)
    measured(f"exact traces of {len(compared)} held-out programs", str(exact))
    assert exact / len(compared) >= EXACT


def test_most_programs_end_as_they_do(compared: list[Compared], measured: Measured) -> None:
    same = sum(one.same_end for one in compared)
    measured(f"right ends of {len(compared)} held-out programs", str(same))
    assert same / len(compared) >= OUTCOME
