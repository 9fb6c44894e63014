"""Traces as one text: control tokens are written by their names.

A text's own `<|` is written `<||`, so that no source line or value can be taken for a control token.
"""

import re
from collections.abc import Sequence

from gatekeeper.inference import grammar
from gatekeeper.simulation import imagined

_CONTROL = re.compile("(" + "|".join(re.escape(control) for control in grammar.Control) + ")")


def parse_text(text: str | bytes) -> imagined.Imagined:
    """Return the frames of any text; bytes that are not UTF-8 become U+FFFD."""
    return grammar.parse(items_of(text))


def write_text(steps: Sequence[imagined.Step], *, ended: bool) -> str:
    """Return frames as text: `parse_text(write_text(steps, ended=ended))` gives them back."""
    return text_of(grammar.write(steps, ended=ended))


def items_of(text: str | bytes) -> list[grammar.Item]:
    """Return the items that a text names."""
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    # the odd ones are the separators: https://docs.python.org/3/library/re.html#re.split
    return [
        grammar.Control(part) if place % 2 else part.replace("<||", "<|")
        for place, part in enumerate(_CONTROL.split(text))
        if part
    ]


def text_of(items: Sequence[grammar.Item]) -> str:
    """Return items as one text."""
    return "".join(item if isinstance(item, grammar.Control) else item.replace("<|", "<||") for item in items)
