"""The diff of a pull request: merge base to head, three lines of context, and what may be commented on in it."""

from dataclasses import dataclass
from functools import lru_cache

import pygit2
from pygit2.enums import DeltaStatus

from tests.fakes.github import gitdata, state

_STATUSES = {
    DeltaStatus.ADDED: "added",
    DeltaStatus.DELETED: "removed",
    DeltaStatus.MODIFIED: "modified",
    DeltaStatus.RENAMED: "renamed",
    DeltaStatus.COPIED: "copied",
    DeltaStatus.TYPECHANGE: "changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a hunk: its mark, its number on each side where it is there, its place in the file's patch."""

    mark: str
    text: str
    left: int | None
    right: int | None
    position: int

    def number(self, side: str) -> int | None:
        return self.right if side == "RIGHT" else self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """A hunk: its header and lines."""

    header: str
    lines: tuple[Line, ...]

    def up_to(self, last: Line) -> str:
        """Return the hunk's text as far as the line, which GitHub shows beside a comment."""
        shown = (f"{line.mark}{line.text}" for line in self.lines if line.position <= last.position)
        return "\n".join((self.header, *shown))


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a diff; binary files have no hunks."""

    path: str
    old_path: str
    status: str
    blob: str
    additions: int
    deletions: int
    hunks: tuple[Hunk, ...]

    @property
    def patch(self) -> str:
        rows = [row for hunk in self.hunks for row in (hunk.header, *(f"{o.mark}{o.text}" for o in hunk.lines))]
        return "\n".join(rows)

    def find(self, side: str, number: int) -> tuple[Hunk, Line] | None:
        """Return the line of that number on the side, with its hunk."""
        for hunk in self.hunks:
            for line in hunk.lines:
                if line.mark != "\\" and line.number(side) == number:
                    return hunk, line
        return None


def of_pull(pull: state.Pull) -> tuple[File, ...]:
    """Return the files that the pull request changes."""
    return between(pull.repository.git, pull.repository.git.merge_base(pull.base_sha, pull.head_sha), pull.head_sha)


@lru_cache(maxsize=256)
def between(git: gitdata.BareGit, before: str | None, after: str, context: int = 3) -> tuple[File, ...]:
    """Return the files that differ between two commits."""
    return tuple(_file(patch) for patch in git.diff(before, after, context) if patch is not None)


def moved(git: gitdata.BareGit, before: str, after: str, path: str, number: int) -> int | None:
    """Return where the line of the file is in a later commit; None where the later one touched it."""
    for file in between(git, before, after, 0):
        if file.old_path == path:
            return None if file.path != path else _shifted(file, number)
    return number


def _shifted(file: File, number: int) -> int | None:
    if file.status == "removed" or file.find("LEFT", number) is not None:
        return None
    shift = 0
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.mark == "-" and line.left is not None and line.left < number:
                shift -= 1
            elif line.mark == "+" and line.right is not None and line.right <= number + shift:
                shift += 1
    return number + shift


def _file(patch: pygit2.Patch) -> File:
    delta = patch.delta
    _, additions, deletions = patch.line_stats
    return File(
        path=delta.new_file.path,
        old_path=delta.old_file.path,
        status=_STATUSES[delta.status],
        blob=str(delta.old_file.id if delta.status == DeltaStatus.DELETED else delta.new_file.id),
        additions=additions,
        deletions=deletions,
        hunks=_hunks(patch),
    )


def _hunks(patch: pygit2.Patch) -> tuple[Hunk, ...]:
    hunks = []
    position = 0
    for number, hunk in enumerate(patch.hunks):
        # the header of every hunk but the first counts as a line
        position += number > 0
        lines = []
        for line in hunk.lines:
            position += 1
            lines.append(_line(line, position))
        hunks.append(Hunk(header=hunk.header.rstrip("\n"), lines=tuple(lines)))
    return tuple(hunks)


def _line(line: pygit2.DiffLine, position: int) -> Line:
    if line.origin in "<>=":
        return Line(mark="\\", text=" No newline at end of file", left=None, right=None, position=position)
    left, right = (number if number > 0 else None for number in (line.old_lineno, line.new_lineno))
    return Line(mark=line.origin, text=line.content.rstrip("\n"), left=left, right=right, position=position)
