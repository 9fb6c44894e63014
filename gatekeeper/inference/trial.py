"""A small program that a model is asked about, to see what it writes and how fast."""

from collections.abc import Iterable
from dataclasses import dataclass

from gatekeeper.inference import generation, grammar, grammar_text
from gatekeeper.inference.profiles import profile, reasoning
from gatekeeper.simulation import imagined, trace
from gatekeeper.simulation.program import program as programs

PROGRAM = f"{programs.ENTRY_LINE}    x = 1 + 2\n    return x\n"
_RIGHT = (
    imagined.Step(event=trace.Event.LINE, source="    x = 1 + 2"),
    imagined.Step(event=trace.Event.LINE, source="    return x", locals={"x": "3"}),
    imagined.Step(event=trace.Event.RETURN, source="    return x", value="3"),
)
# new tokens: a right trace has about 60
_TRACED, _REASONED = 256, 2048
_TEST = "def test_sum():\n    assert 1 + 2 == 3\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it."""

    # lines of what the model wrote
    written: tuple[str, ...]
    # whether that is what Python does
    right: bool
    # of the second time that the same was asked
    usage: generation.Usage

    @property
    def tokens_per_second(self) -> float:
        """How fast one answer is written, its prompt being known."""
        return self.usage.completion_tokens / self.usage.seconds if self.usage.seconds else 0.0


def question(chosen: profile.Profile) -> str:
    """Return the program that is asked about."""
    match chosen.way:
        case profile.Way.TOKENS:
            return PROGRAM
        case profile.Way.MESSAGES:
            return _TEST


async def run(model: generation.Model, chosen: profile.Profile) -> Trial:
    """Ask twice, each time the same. Raises ModelError."""
    match chosen.way:
        case profile.Way.TOKENS:
            return await _traced(model, chosen)
        case profile.Way.MESSAGES:
            return await _reasoned(model, chosen)


async def ids(model: generation.Model, items: Iterable[grammar.Item]) -> generation.Ids:
    """Return items as ids; no text becomes a control token. Raises ModelError."""
    listed = list(items)
    encoded = iter(await model.encode([item for item in listed if not isinstance(item, grammar.Control)]))
    controls = model.served.controls
    parts = [(controls[item],) if isinstance(item, grammar.Control) else next(encoded) for item in listed]
    return tuple(id_ for part in parts for id_ in part)


async def _traced(model: generation.Model, chosen: profile.Profile) -> Trial:
    context = (grammar.Control.BEGIN_OF_TEXT, grammar.Control.TRACE_CONTEXT_START, PROGRAM)
    asked = generation.Asked(
        prompt=await ids(model, (*context, *grammar.ENTRY)),
        sampling=generation.Sampling(temperature=0.0),
        most=_TRACED,
        stop=profile.stops(chosen, model.served.controls),
    )
    first, second = await model.generate(asked), await model.generate(asked)
    pieces = grammar.cut(first.samples[0].ids, model.served.controls)
    items = grammar.items(pieces, await model.decode(grammar.texts(pieces)))
    found = grammar.parse(items)
    lines = [_line(step) for step in found.steps] or [grammar_text.text_of(items)[:500]]
    return Trial(written=(*lines, _end(found)), right=found.ended and _same(found.steps), usage=second.usage)


async def _reasoned(model: generation.Model, chosen: profile.Profile) -> Trial:
    asked = generation.Conversation(
        messages=reasoning.messages(_TEST, "test_sum"),
        sampling=chosen.reasoning,
        most=_REASONED,
        schema=reasoning.schema(),
    )
    first, second = await model.converse(asked), await model.converse(asked)
    match reasoning.parse(first.samples[0].text):
        case reasoning.Answer(outcome=outcome, why=why):
            return Trial(written=(f"{outcome}: {why}",), right=outcome == "pass", usage=second.usage)
        case reasoning.Unreadable(reason=reason):
            return Trial(written=(reason, first.samples[0].text[:500]), right=False, usage=second.usage)


def _line(step: imagined.Step) -> str:
    state = ", ".join(f"{name} = {value}" for name, value in step.locals.items()) if step.value is None else step.value
    return f"{step.event:<9} {step.source:<30} {state}".rstrip()


def _end(found: imagined.Imagined) -> str:
    return found.broken or ("the trace ends" if found.ended else "the trace does not end")


def _same(steps: tuple[imagined.Step, ...]) -> bool:
    return tuple((step.event, step.source, step.value) for step in steps) == tuple(
        (step.event, step.source, step.value) for step in _RIGHT
    ) and steps[1].locals == {"x": "3"}
