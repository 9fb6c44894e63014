"""The text of a Diff, line by line with numbers, for people to look at."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gatekeeper.diffs import diff, parse
from gatekeeper.simulation import prediction

_FILE = "diff --git "
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a hunk."""

    # " " on both sides, "+" only after, "-" only before
    mark: str
    # 1-based; None on the side that lacks the line
    before: int | None
    after: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Lines of a file that are near each other."""

    # the scope that git names after `@@`; may be empty
    scope: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One changed file; a file replaced by one of another type is two parts."""

    change: diff.FileChange
    hunks: tuple[Hunk, ...]


def parts(change: diff.Diff) -> Iterator[Part]:
    """Yield the changed files in the order of the text."""
    for section in _sections(change.text.split("\n")):
        start = next((number for number, line in enumerate(section) if line.startswith("@@ ")), len(section))
        for file in parse.parse("\n".join(section[:start])).files:
            yield Part(change=file, hunks=tuple(_hunks(section[start:])))


def excerpt(changed: Sequence[Part], at: prediction.Location, *, around: int) -> tuple[Line, ...]:
    """Return the after side's lines around `at`, as far as the diff shows them; empty where it does not show `at`."""
    for part in changed:
        if part.change.after == at.path:
            for hunk in part.hunks:
                kept = [line for line in hunk.lines if line.after is not None]
                if any(line.after == at.line for line in kept):
                    return tuple(line for line in kept if abs((line.after or 0) - at.line) <= around)
    return ()


def _sections(lines: list[str]) -> Iterator[list[str]]:
    starts = [number for number, line in enumerate(lines) if line.startswith(_FILE)]
    for start, end in pairwise([*starts, len(lines)]):
        yield lines[start:end]


def _hunks(lines: list[str]) -> Iterator[Hunk]:
    starts = [(number, found) for number, line in enumerate(lines) if (found := _HUNK.match(line))]
    ends = [*(start for start, _ in starts), len(lines)][1:]
    for (start, found), end in zip(starts, ends, strict=True):
        yield Hunk(scope=found[5], lines=tuple(_numbered(lines[start + 1 : end], int(found[1]), int(found[3]))))


def _numbered(lines: list[str], before: int, after: int) -> Iterator[Line]:
    for line in lines:
        mark, text = line[:1], line[1:].removesuffix("\r")
        if mark == "-":
            yield Line(mark=mark, before=before, after=None, text=text)
        elif mark == "+":
            yield Line(mark=mark, before=None, after=after, text=text)
        elif mark == " ":
            yield Line(mark=mark, before=before, after=after, text=text)
        before += mark in {" ", "-"}
        after += mark in {" ", "+"}
