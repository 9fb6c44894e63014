"""The trace grammar of the Code World Model: control tokens and texts -> frames, and back.

A frame is CONTROL LOCALS ACTION_SEP SOURCE FRAME_SEP, or CONTROL ACTION_SEP SOURCE ARG_SEP VALUE FRAME_SEP. LOCALS is
a JSON object whose values are strings with the `repr` of a local or `..`; SOURCE is a line with its ending; VALUE is a
JSON string. Format: the paper and the demonstrations published with the weights (facebookresearch/cwm).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gatekeeper.inference import generation
from gatekeeper.simulation import imagined, trace
from gatekeeper.simulation.program import program

# more than a context of 131,072 tokens holds
MOST_FRAMES = 32_768
# characters of one text: the locals of a frame, its source or its value
LONGEST = 100_000


class Control(StrEnum):
    """A token that no text can become, by the name that the tokenizer knows it by."""

    BEGIN_OF_TEXT = "<|begin_of_text|>"
    END_OF_TEXT = "<|end_of_text|>"
    START_HEADER = "<|start_header_id|>"
    END_HEADER = "<|end_header_id|>"
    EOT = "<|eot_id|>"
    FRAME_SEP = "<|frame_sep|>"
    ACTION_SEP = "<|action_sep|>"
    RETURN_SEP = "<|return_sep|>"
    CALL_SEP = "<|call_sep|>"
    LINE_SEP = "<|line_sep|>"
    EXCEPTION_SEP = "<|exception_sep|>"
    ARG_SEP = "<|arg_sep|>"
    TRACE_CONTEXT_START = "<|trace_context_start|>"


Item = Control | str
# a Control, or the ids of a text
Piece = Control | generation.Ids

# frames of the entry point that the prompt holds already; what a model writes goes on from here
ENTRY: tuple[Item, ...] = (
    Control.FRAME_SEP,
    Control.CALL_SEP,
    "{}",
    Control.ACTION_SEP,
    f"def {program.ENTRY}():\n",
    Control.FRAME_SEP,
)
# what to force after a CALL frame so that the call is stepped over
OVER = Control.RETURN_SEP

_EVENTS = {
    Control.CALL_SEP: trace.Event.CALL,
    Control.LINE_SEP: trace.Event.LINE,
    Control.RETURN_SEP: trace.Event.RETURN,
    Control.EXCEPTION_SEP: trace.Event.EXCEPTION,
}
_CONTROLS = {event: control for control, event in _EVENTS.items()}
# these end a frame
_ENDS = frozenset({Control.FRAME_SEP, Control.END_OF_TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What could be read of an answer that may go on."""

    imagined: imagined.Imagined
    # items up to the end of the last whole frame, and so where the answer can be cut
    consumed: int


class _Broken(Exception):  # noqa: N818 - a reason, not an error
    """A frame cannot be read; the message says why, without naming the frame."""


def cut(ids: Sequence[int], controls: Mapping[str, int]) -> list[Piece]:
    """Split ids at control tokens; `controls` is a server's own table of ids by name."""
    names = {controls[control]: control for control in Control if control in controls}
    pieces: list[Piece] = []
    start = 0
    for place, one in enumerate(ids):
        if one in names:
            if start < place:
                pieces.append(tuple(ids[start:place]))
            pieces.append(names[one])
            start = place + 1
    return pieces if start == len(ids) else [*pieces, tuple(ids[start:])]


def length(pieces: Sequence[Piece]) -> int:
    """Return how many ids the pieces were cut from."""
    return sum(1 if isinstance(piece, Control) else len(piece) for piece in pieces)


def texts(pieces: Sequence[Piece]) -> list[generation.Ids]:
    """Return what must be decoded, in order."""
    return [piece for piece in pieces if not isinstance(piece, Control)]


def items(pieces: Sequence[Piece], decoded: Sequence[str]) -> list[Item]:
    """Return the pieces with each text in place of its ids; `decoded` is parallel to `texts(pieces)`."""
    rest = iter(decoded)
    return [piece if isinstance(piece, Control) else next(rest) for piece in pieces]


def parse(found: Sequence[Item]) -> imagined.Imagined:
    """Return the frames of any sequence of items, as far as they can be read."""
    return read(found).imagined


def read(found: Sequence[Item]) -> Reading:
    """Return the whole frames of any sequence of items, and how many items they take.

    Every item is looked at once; reading stops at what is not the grammar, at END_OF_TEXT and at MOST_FRAMES.
    """
    steps: list[imagined.Step] = []
    consumed, ended, broken = 0, False, None
    for start, end in _bodies(found):
        last = found[end] if end < len(found) else None
        try:
            if start < end:
                steps.append(_step(found[start:end], whole=last is not None, first=len(steps)))
        except _Broken as why:
            broken = f"frame {len(steps) + 1} {why}"
            break
        consumed = min(end + 1, len(found))
        ended = last is Control.END_OF_TEXT
    return Reading(imagined=imagined.Imagined(steps=tuple(steps), ended=ended, broken=broken), consumed=consumed)


def write(steps: Sequence[imagined.Step], *, ended: bool) -> list[Item]:
    """Return the items of frames: `parse(write(steps, ended=ended))` gives them back.

    Each source is one line without its ending.
    """
    written = [item for step in steps for item in _written(step)]
    return [*written, Control.END_OF_TEXT] if ended else written


def steps_of(run: trace.Trace) -> tuple[imagined.Step, ...]:
    """Return the frames of an executed trace that were kept, as a model would tell them."""
    return tuple(
        imagined.Step(event=frame.event, source=frame.source, locals=frame.locals, value=frame.value)
        for frame in (*run.head, *run.tail)
    )


def _bodies(found: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """Yield where each frame starts and ends; the last may lack its end."""
    start = 0
    for place, item in enumerate(found):
        if isinstance(item, Control) and item in _ENDS:
            yield start, place
            start = place + 1
            if item is Control.END_OF_TEXT:
                return
    if start < len(found):
        yield start, len(found)


def _step(body: Sequence[Item], *, whole: bool, first: int) -> imagined.Step:
    event = _EVENTS.get(body[0]) if isinstance(body[0], Control) else None
    if event is None:
        raise _Broken(f"begins with {body[0]}" if isinstance(body[0], Control) else "begins with text")
    if first >= MOST_FRAMES:
        raise _Broken(f"is beyond the {MOST_FRAMES} frames that are read")
    if not whole:
        raise _Broken("has no end: the answer stops within it")
    parts = _parts(body)
    match event:
        case trace.Event.CALL | trace.Event.LINE:
            known, source = _texts(parts, body[0], Control.ACTION_SEP)
            return imagined.Step(event=event, source=_source(source), locals=_locals(known))
        case trace.Event.RETURN | trace.Event.EXCEPTION:
            _, source, value = _texts(parts, body[0], Control.ACTION_SEP, Control.ARG_SEP)
            return imagined.Step(event=event, source=_source(source), value=_value(value))


def _parts(body: Sequence[Item]) -> list[tuple[Item, str]]:
    """Return each control of a frame with the text behind it."""
    parts: list[tuple[Item, str]] = []
    for item in body:
        if isinstance(item, Control):
            parts.append((item, ""))
        elif parts[-1][1]:
            raise _Broken("holds two texts side by side")
        elif len(item) > LONGEST:
            raise _Broken(f"holds a text of {len(item)} characters, more than {LONGEST}")
        else:
            parts[-1] = (parts[-1][0], item)
    return parts


def _texts(parts: Sequence[tuple[Item, str]], *wanted: Item) -> list[str]:
    if [control for control, _ in parts] != list(wanted):
        raise _Broken(f"is not made of {' '.join(wanted)}")
    return [text for _, text in parts]


def _source(text: str) -> str:
    line = text.removesuffix("\n").removesuffix("\r")
    if "\n" in line:
        raise _Broken("shows more than one line of source")
    return line


def _locals(text: str) -> dict[str, str]:
    known = _loaded(text)
    if not isinstance(known, dict):
        raise _Broken("has locals that are no JSON object")
    if any(isinstance(value, dict | list) for value in known.values()):
        raise _Broken("has a local whose value is no JSON string")
    return {name: str(value) for name, value in known.items()}


def _value(text: str) -> str:
    loaded = _loaded(text)
    # what a model writes of an exception is not always JSON
    return loaded if isinstance(loaded, str) else text


def _loaded(text: str) -> Any:  # noqa: ANN401 - any JSON; None also for what is none
    try:
        # numbers stay text: the longest are slow to read and mean nothing here
        return json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _written(step: imagined.Step) -> tuple[Item, ...]:
    control, source = _CONTROLS[step.event], f"{step.source}\n"
    match step.event:
        case trace.Event.CALL | trace.Event.LINE:
            return control, json.dumps(dict(step.locals)), Control.ACTION_SEP, source, Control.FRAME_SEP
        case trace.Event.RETURN | trace.Event.EXCEPTION:
            value = json.dumps(step.value or "")
            return control, Control.ACTION_SEP, source, Control.ARG_SEP, value, Control.FRAME_SEP
