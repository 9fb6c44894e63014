"""A change between two trees as values."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a file changed, in git's words."""

    ADDED = "added"
    DELETED = "deleted"
    MODIFIED = "modified"
    RENAMED = "renamed"
    # a different type or mode (file, symlink, submodule) under the same name
    TYPE_CHANGED = "type changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One hunk of a unified diff without context lines' text."""

    # 1-based first line and number of lines, context included
    before_start: int
    before_length: int
    after_start: int
    after_length: int
    # 1-based line numbers in the before file -> text without line ending
    removed: tuple[tuple[int, str], ...]
    # 1-based line numbers in the after file -> text without line ending
    added: tuple[tuple[int, str], ...]

    @property
    def after_gap(self) -> int:
        """1-based line of the after file before which the hunk's first removed line stood."""
        return self.after_start + self.removed[0][0] - self.before_start


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One changed file."""

    kind: Kind
    # None for an added file
    before: str | None
    # None for a deleted file
    after: str | None
    # True: git gives no text for it, and `hunks` is empty
    binary: bool
    hunks: tuple[Hunk, ...]

    @property
    def path(self) -> str:
        """The path that people know the file by: after's, or before's where it was deleted."""
        path = self.after or self.before
        assert path is not None
        return path

    @property
    def added_lines(self) -> frozenset[int]:
        """1-based lines of the after file that the change added."""
        return frozenset(number for hunk in self.hunks for number, _ in hunk.added)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Everything that changed between two trees."""

    files: tuple[FileChange, ...]
    # the unified diff these values were parsed from
    text: str

    @property
    def paths(self) -> frozenset[str]:
        """Every path that the change touches, on either side."""
        return frozenset(path for file in self.files for path in (file.before, file.after) if path)

    @property
    def changed_lines(self) -> dict[str, frozenset[int]]:
        """After file -> 1-based lines that were added, or, where a hunk only removes, the line that follows."""
        changed: dict[str, frozenset[int]] = {}
        for file in self.files:
            if file.after is not None and file.hunks:
                changed[file.after] = file.added_lines | frozenset(
                    hunk.after_gap for hunk in file.hunks if not hunk.added
                )
        return changed

    def touches(self, path: str, line: int) -> bool:
        """Whether the 1-based `line` of the after file `path` was added by the change."""
        return any(file.after == path and line in file.added_lines for file in self.files)
