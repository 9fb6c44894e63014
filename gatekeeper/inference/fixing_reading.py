"""What a model's answer says is to be changed: functions and exchanges of lines in fences, and nothing else. Pure."""

import itertools
import re
from collections.abc import Iterator, Sequence

from gatekeeper.repair import sampling_edits

# characters of an answer that are looked at, from its end; lines of it; fenced blocks
_LONGEST, _LINES, _BLOCKS = 50_000, 5_000, 20
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}) {0,3}([A-Za-z0-9_+-]{0,20})\s*$")
_OLD, _MIDDLE, _NEW = (re.compile(form) for form in (r"^<{5,9} ?SEARCH\s*$", r"^={5,9}\s*$", r"^>{5,9} ?REPLACE\s*$"))
_HUNK = re.compile(r"^@@(?: .{0,200})?$")
_NUMBERED = re.compile(r"^ {0,6}\d{1,6}\| ?(.*)$")
_FILE = re.compile(r"^\+\+\+ (?:b/)?([^\t\n]{1,1000})")
# lines that are nowhere
_NOTHING = sampling_edits.Exchange(old=(), new=())


def read(text: str) -> tuple[sampling_edits.Edit, ...]:
    """Return the edits in an answer, in order; total.

    Read are fenced blocks: Python, unified diffs, and lines between `<<<<<<< SEARCH`, `=======` and `>>>>>>> REPLACE`;
    a whole answer without a fence is one of the last two, or nothing.
    """
    lines = text[-_LONGEST:].split("\n")[-_LINES:]
    blocks = [(language, _unnumbered(block)) for language, block in _blocks(lines)]
    if not blocks and not any(_FENCE.match(line) for line in lines):
        return tuple(_exchanges(lines)) or tuple(_hunks(lines))
    found: list[sampling_edits.Edit] = []
    for language, block in blocks[:_BLOCKS]:
        if any(_OLD.match(line) for line in block):
            found += _exchanges(block)
        elif language in {"diff", "patch"} or any(_HUNK.match(line) for line in block):
            found += _hunks(block)
        else:
            found.append(sampling_edits.Definition(text="\n".join(block)))
    return tuple(found)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the language and the lines of each fenced block that has an end."""
    opened, mark, language = -1, "", ""
    for number, line in enumerate(lines):
        found = _FENCE.match(line)
        if found is None:
            continue
        if opened < 0:
            opened, (mark, language) = number, found.groups()
        elif found[1].startswith(mark) and not found[2]:
            yield language.lower(), lines[opened + 1 : number]
            opened = -1


def _unnumbered(block: Sequence[str]) -> Sequence[str]:
    """Return the lines without their numbers, where they were copied with these."""
    numbered = [_NUMBERED.match(line) for line in block]
    return [found[1] for found in numbered if found] if all(numbered) else block


def _exchanges(lines: Sequence[str]) -> Iterator[sampling_edits.Exchange]:
    """Yield the exchanges; what has no end is one of nothing, which applies nowhere."""
    old: list[str] = []
    new: list[str] = []
    part: list[str] | None = None
    for line in lines:
        if part is None:
            if _OLD.match(line):
                old, new = [], []
                part = old
        elif part is old and _MIDDLE.match(line):
            part = new
        elif part is new and _NEW.match(line):
            yield sampling_edits.Exchange(old=tuple(old), new=tuple(new))
            part = None
        else:
            part.append(line)
    if part is not None:
        yield _NOTHING


def _hunks(lines: Sequence[str]) -> Iterator[sampling_edits.Exchange]:
    """Yield each hunk of a unified diff; at which lines it says that it stands is not looked at."""
    path: str | None = None
    body: list[str] | None = None
    hunks: list[tuple[str | None, list[str]]] = []
    for line, following in itertools.pairwise([*lines, ""]):
        if line.startswith("--- ") and _FILE.match(following):
            body = None
        elif body is None and (named := _FILE.match(line)):
            path = named[1].strip()
        elif _HUNK.match(line):
            body = []
            hunks.append((path, body))
        elif body is not None and not line.startswith("\\"):
            body.append(line)
    yield from (_hunk(path, body) for path, body in hunks)


def _hunk(path: str | None, body: Sequence[str]) -> sampling_edits.Exchange:
    # the end of the block may be blank, and editors strip the blank of a blank line
    rows = [line or " " for line in "\n".join(body).rstrip("\n").split("\n")]
    if any(row[0] not in " +-" for row in rows):
        return _NOTHING
    old, new = (tuple(row[1:] for row in rows if row[0] in marks) for marks in (" -", " +"))
    return sampling_edits.Exchange(old=old, new=new, path=path)
