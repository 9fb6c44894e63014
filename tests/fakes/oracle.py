"""A model that is always right: it runs the program of its prompt natively and writes down its trace.

Implements `generation.Model` with one token a character. Only for programs that tests wrote themselves.
"""

import asyncio
import builtins
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from gatekeeper import errors
from gatekeeper.inference import generation, grammar
from gatekeeper.simulation import imagined, trace

_CONTROLS = {str(control): number for number, control in enumerate(grammar.Control)}
_FIRST = 100
# samples of one prompt, at most
_SAMPLES = 8
SERVED = generation.Served(model="oracle", server="python", context=1_000_000, architecture="cwm", controls=_CONTROLS)


@dataclass(slots=True, kw_only=True)
class Oracle:
    """Answers with what Python does; `wrong` may change a trace's steps before they are written."""

    served: generation.Served = SERVED
    # (program, steps, number of the sample) -> steps
    wrong: Callable[[str, list[imagined.Step], int], list[imagined.Step]] = lambda _program, steps, _number: steps
    logprob: float = -0.01
    # what was asked for, in order
    asked: list[generation.Asked] = field(default_factory=list)
    # raises instead of answering
    down: bool = False
    # never answers
    stuck: bool = False
    # program -> ids written so far, where frames were left out of the prompt
    _written: dict[str, int] = field(default_factory=dict)

    async def generate(self, asked: generation.Asked) -> generation.Answer:
        self.asked.append(asked)
        if self.down:
            raise errors.ModelError("the model server is down")
        if self.stuck:
            await asyncio.Event().wait()
        cached = max((_common(asked.prompt, other.prompt) for other in self.asked[:-1]), default=0)
        drawn = tuple(self._sample(asked, number) for number in range(asked.samples)) if asked.most else ()
        usage = generation.Usage(
            prompt_tokens=len(asked.prompt),
            cached_tokens=cached,
            completion_tokens=sum(len(sample.ids) for sample in drawn),
            seconds=0.001,
        )
        return generation.Answer(samples=drawn, usage=usage)

    async def converse(self, asked: generation.Conversation) -> generation.Answer:
        raise AssertionError(asked)

    async def encode(self, texts: Sequence[str]) -> list[generation.Ids]:
        return [tuple(_FIRST + ord(character) for character in text) for text in texts]

    async def decode(self, ids: Sequence[generation.Ids]) -> list[str]:
        return [_text(each) for each in ids]

    def _sample(self, asked: generation.Asked, number: int) -> generation.Sample:
        if asked.prompt[1] != _CONTROLS[grammar.Control.TRACE_CONTEXT_START]:
            # it does not reason
            return generation.Sample(ids=(_CONTROLS[grammar.Control.EOT],), text="", finish=generation.Finish.STOP)
        context, shown = _read(asked.prompt)
        steps = run(context)
        # what goes on is one of the samples that were drawn before
        for each in (number, *range(_SAMPLES)):
            whole = _ids(grammar.write(self.wrong(context, steps, each), ended=True))
            if whole[: len(shown)] == shown:
                place = len(shown)
                break
        else:
            # frames were left out; the one that was begun is written anew
            ends = [0, *(spot + 1 for spot, id_ in enumerate(whole) if id_ == _CONTROLS[grammar.Control.FRAME_SEP])]
            place = max(end for end in ends if end <= self._written[context])
        ids = whole[place : place + asked.most]
        self._written[context] = place + len(ids)
        ended = place + len(ids) == len(whole)
        finish = generation.Finish.STOP if ended else generation.Finish.LENGTH
        return generation.Sample(ids=ids, text="", finish=finish, logprobs=(self.logprob,) * len(ids))


def run(context: str) -> list[imagined.Step]:
    """Return the frames of the program's `main()`, without its call."""
    lines = context.split("\n")
    own = "<program>"
    steps: list[imagined.Step] = []
    known: dict[FrameType, dict[str, str]] = {}

    def follow(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != own:
            return None
        source = lines[frame.f_lineno - 1] if frame.f_lineno else ""
        if event in {"call", "line"}:
            now = {name: repr(value) for name, value in frame.f_locals.items() if name.isidentifier()}
            before = known.get(frame, {})
            told = {name: trace.UNCHANGED if before.get(name) == value else value for name, value in now.items()}
            known[frame] = now
            steps.append(imagined.Step(event=trace.Event(event), source=source, locals=told))
        else:
            value = argument[1] if event == "exception" else argument
            steps.append(imagined.Step(event=trace.Event(event), source=source, value=repr(value)))
        return follow

    space: dict[str, Any] = {"__name__": "program"}
    space["__builtins__"] = vars(builtins) | {"__import__": _importing(space)}
    exec(compile(context, own, "exec"), space)
    sys.settrace(follow)
    try:
        space["main"]()
    except Exception:  # noqa: BLE001 - a test that fails; its frames say so
        pass
    finally:
        sys.settrace(None)
    return steps[1:]


def _importing(space: dict[str, Any]) -> Callable[..., Any]:
    """Return an import that finds in the program itself what the program's own modules were."""

    class Program:
        def __getattr__(self, name: str) -> Any:
            return space[name]

    def imported(name: str, *rest: Any) -> Any:
        try:
            return builtins.__import__(name, *rest)
        except ModuleNotFoundError:
            return Program()

    return imported


def _read(prompt: generation.Ids) -> tuple[str, generation.Ids]:
    """Return the program, and the ids behind the frames that every prompt holds."""
    entry = _ids(grammar.ENTRY)
    start = next(place for place in range(len(prompt)) if prompt[place : place + len(entry)] == entry)
    return _text(prompt[2:start]), prompt[start + len(entry) :]


def _ids(items: Sequence[grammar.Item]) -> generation.Ids:
    ids: list[int] = []
    for item in items:
        if isinstance(item, grammar.Control):
            ids.append(_CONTROLS[item])
        else:
            ids += [_FIRST + ord(character) for character in item]
    return tuple(ids)


def _text(ids: generation.Ids) -> str:
    return "".join(chr(id_ - _FIRST) for id_ in ids if id_ >= _FIRST)


def _common(one: generation.Ids, other: generation.Ids) -> int:
    for place, (mine, its) in enumerate(zip(one, other, strict=False)):
        if mine != its:
            return place
    return min(len(one), len(other))
