"""git's unified diff text -> Diff.

Names and kinds come from git's extended headers, read here: in `diff --git a/x b/y b/x b/y` the two names cannot be
told apart, and unidiff guesses. The hunks are read by unidiff. Format: git-diff(1), "Generating patch text with -p";
quoting of names: git-config(1), `core.quotePath`.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from unidiff import errors, patch

from gatekeeper.diffs import diff

_START = "diff --git "
_NOWHERE = "/dev/null"

_OCTAL = re.compile(r"(?:\\[0-3][0-7]{2})+")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
# `a/` and `b/`, and the letters of `diff.mnemonicPrefix`
_PREFIX = re.compile(r"^[abciow]/")
_QUOTED_PAIR = re.compile(r'(?P<before>"(?:[^"\\]|\\.)*"|\S.*?) (?P<after>"(?:[^"\\]|\\.)*")')


@dataclass(slots=True, kw_only=True)
class _Section:
    """What the extended headers of one file say, gathered line by line."""

    header: str
    names: dict[str, str] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    added: bool = False
    deleted: bool = False
    renamed: bool = False
    copied: bool = False
    binary: bool = False
    body: list[str] = field(default_factory=list)


def parse(text: str) -> diff.Diff:
    """Return the change that git's unified diff `text` describes, never raising.

    Names need git's default prefixes or those of `diff.mnemonicPrefix`. A hunk that is cut off is left out with those
    after it in its file. A file replaced by one of another type, which git prints as a deletion and an addition, is
    one change.
    """
    changes: list[diff.FileChange] = []
    for section in _sections(text):
        change = _file_change(section)
        if change is None:
            continue
        if changes and _replaces(changes[-1], change):
            change = _type_changed(changes.pop(), change)
        changes.append(change)
    return diff.Diff(files=tuple(changes), text=text)


def _sections(text: str) -> Iterator[_Section]:
    section: _Section | None = None
    # every line of a hunk starts with a blank, `+`, `-` or `\`, so that this start is never content
    for line in text.split("\n"):
        if line.startswith(_START):
            if section:
                yield section
            section = _Section(header=line[len(_START) :])
        elif section and (section.body or line.startswith("@@ ")):
            section.body.append(line)
        elif section:
            _read_header(section, line)
    if section:
        yield section


def _read_header(section: _Section, line: str) -> None:
    for start, side in (("--- ", "before"), ("+++ ", "after")):
        if line.startswith(start):
            # git ends a name that holds a blank by a tab, for the sake of GNU patch
            section.names.setdefault(side, _name(line[4:].removesuffix("\t"), prefixed=True))
            return
    for start, side in (("rename from ", "before"), ("rename to ", "after")):
        if line.startswith(start):
            section.renamed = True
            section.names[side] = _name(line[len(start) :], prefixed=False)
            return
    if line.startswith("copy to "):
        section.copied = True
        section.names["after"] = _name(line[len("copy to ") :], prefixed=False)
    elif line.startswith("new file mode "):
        section.added = True
    elif line.startswith("deleted file mode "):
        section.deleted = True
    elif line.startswith(("old mode ", "new mode ")):
        section.modes[line[:3]] = line[9:]
    elif line.startswith("Binary files ") or line == "GIT binary patch":
        section.binary = True


def _name(text: str, *, prefixed: bool) -> str:
    name = text
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        name = _unquote(text[1:-1])
    return _PREFIX.sub("", name) if prefixed and name != _NOWHERE else name


def _unquote(text: str) -> str:
    decoded: list[str] = []
    position = 0
    for run in _OCTAL.finditer(text):
        decoded.append(_letters(text[position : run.start()]))
        octets = bytes(int(digits, 8) for digits in run.group().split("\\")[1:])
        decoded.append(octets.decode("utf-8", "surrogateescape"))
        position = run.end()
    return "".join(decoded) + _letters(text[position:])


def _letters(text: str) -> str:
    return _ESCAPE.sub(lambda found: _LETTERS.get(found.group(1), found.group(1)), text)


def _names_of_header(header: str) -> tuple[str, str] | None:
    """Split `a/x b/x`, where no other line names the file: both names are then the same."""
    if quoted := _QUOTED_PAIR.fullmatch(header):
        return _name(quoted["before"], prefixed=True), _name(quoted["after"], prefixed=True)
    half = len(header) // 2
    before, after = (_name(part, prefixed=True) for part in (header[:half], header[half + 1 :]))
    return (before, after) if header[half : half + 1] == " " and before == after else None


def _file_change(section: _Section) -> diff.FileChange | None:
    before, after = _sides(section)
    if before is None and after is None:
        return None
    return diff.FileChange(
        kind=_kind(section, before, after),
        before=before,
        after=after,
        binary=section.binary,
        hunks=() if section.binary else tuple(_hunks(section.body)),
    )


def _sides(section: _Section) -> tuple[str | None, str | None]:
    names = section.names
    if not {"before", "after"} <= names.keys() and (pair := _names_of_header(section.header)):
        names = {"before": pair[0], "after": pair[1], **names}
    before, after = names.get("before"), names.get("after")
    if section.added or section.copied or before == _NOWHERE:
        before = None
    if section.deleted or after == _NOWHERE:
        after = None
    return before or None, after or None


def _kind(section: _Section, before: str | None, after: str | None) -> diff.Kind:
    if before is None:
        return diff.Kind.ADDED
    if after is None:
        return diff.Kind.DELETED
    if section.renamed or before != after:
        return diff.Kind.RENAMED
    only_mode = section.modes and not section.body and not section.binary
    return diff.Kind.TYPE_CHANGED if only_mode else diff.Kind.MODIFIED


def _hunks(body: list[str]) -> Iterator[diff.Hunk]:
    """Yield the hunks one by one, up to the first that is cut off."""
    starts = [number for number, line in enumerate(body) if line.startswith("@@ ")]
    for start, end in itertools.pairwise([*starts, len(body)]):
        try:
            (file,) = patch.PatchSet(["--- a/file\n", "+++ b/file\n", *(line + "\n" for line in body[start:end])])
        except (errors.UnidiffParseError, ValueError):
            return
        yield from map(_hunk, file)


def _hunk(hunk: patch.Hunk) -> diff.Hunk:
    return diff.Hunk(
        before_start=hunk.source_start,
        before_length=hunk.source_length,
        after_start=hunk.target_start,
        after_length=hunk.target_length,
        removed=tuple((line.source_line_no or 0, _text(line.value)) for line in hunk if line.is_removed),
        added=tuple((line.target_line_no or 0, _text(line.value)) for line in hunk if line.is_added),
    )


def _text(value: str) -> str:
    return value.removesuffix("\n").removesuffix("\r")


def _replaces(earlier: diff.FileChange, later: diff.FileChange) -> bool:
    deleted_then_added = earlier.kind is diff.Kind.DELETED and later.kind is diff.Kind.ADDED
    return deleted_then_added and earlier.before == later.after


def _type_changed(deleted: diff.FileChange, added: diff.FileChange) -> diff.FileChange:
    return diff.FileChange(
        kind=diff.Kind.TYPE_CHANGED,
        before=deleted.before,
        after=added.after,
        binary=deleted.binary or added.binary,
        hunks=deleted.hunks + added.hunks,
    )
