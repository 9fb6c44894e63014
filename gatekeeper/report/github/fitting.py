"""Blocks of Markdown -> one text within GitHub's limit, cut between blocks and saying so."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.report.github import markdown

# bytes kept free for the words on what was left out
_TRAILER = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Blocks of one kind, each shown whole or not at all."""

    items: tuple[str, ...]
    # what stands before and after them, where at least one is shown
    head: str = ""
    tail: str = ""
    joint: str = "\n\n"
    # what one of them is called
    what: str = "paragraph"
    # bytes, so that room is left for the parts after it; None: all that there is
    largest: int | None = None


def whole(*blocks: str) -> Part:
    """Return blocks that follow each other."""
    return Part(items=blocks)


def fit(parts: Iterable[Part], closing: str, limit: int) -> str:
    """Return the parts in at most `limit` bytes of UTF-8, ending in `closing`.

    A part that is cut does not keep out those after it. What was left out is counted before `closing`, which tells
    where all of it is.
    """
    room = limit - markdown.size(closing) - _TRAILER
    shown: list[str] = []
    left: Counter[str] = Counter()
    for part in parts:
        around = markdown.size(part.head + part.tail) + 2
        free = room if part.largest is None else min(room, part.largest)
        kept = list(_within(part.items, free - around, markdown.size(part.joint)))
        left[part.what] += len(part.items) - len(kept)
        if kept:
            shown.append(part.head + part.joint.join(kept) + part.tail)
            room -= markdown.size(shown[-1]) + 2
    return "\n\n".join([*shown, *_left_out(left), *([closing] if closing else [])])


def _within(items: Sequence[str], room: int, joint: int) -> Iterator[str]:
    for item in items:
        room -= markdown.size(item) + joint
        if room < 0:
            return
        yield item


def _left_out(left: Counter[str]) -> Iterator[str]:
    counts = [markdown.counted(number, f"more {what}") for what, number in left.items() if number]
    if counts:
        yield f"… and {', '.join(counts)}, left out for want of room."
