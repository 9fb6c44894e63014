"""Which lines of head can carry a comment: those that the pull request's diff shows."""

from dataclasses import dataclass

from gatekeeper.diffs import diff


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Lines of a file at head inside one hunk, 1-based, as GitHub names them."""

    # the last line
    line: int
    # the first of several; None for one
    start_line: int | None = None


def anchor(change: diff.Diff, path: str, first: int, last: int | None = None) -> Anchor | None:
    """Return the anchor of the lines `first` to `last` of `path`, or None where no one hunk shows all of them.

    `change` is merge base to head with three lines of context, as GitHub shows it; those count.
    """
    end = first if last is None else last
    for file in change.files:
        if file.after == path and any(_shows(hunk, first, end) for hunk in file.hunks):
            return Anchor(line=end, start_line=first if first < end else None)
    return None


def has_file(change: diff.Diff, path: str) -> bool:
    """Whether the diff shows the file at head, so that a comment can be made on it as a whole."""
    return any(file.after == path for file in change.files)


def _shows(hunk: diff.Hunk, first: int, last: int) -> bool:
    return hunk.after_start <= first <= last < hunk.after_start + hunk.after_length
