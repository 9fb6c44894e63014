"""A Replacement -> a suggestion that GitHub offers to commit, where it fits the pull request's diff."""

from dataclasses import dataclass

from gatekeeper.diffs import diff
from gatekeeper.repair import candidate
from gatekeeper.report import difflines
from gatekeeper.report.github import markdown
from gatekeeper.verdicts import anchors

# bytes; a larger one is nothing to read in a comment
_LARGEST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A suggestion, and exactly the lines that it replaces."""

    anchor: anchors.Anchor
    # Markdown
    text: str


def suggest(change: candidate.Replacement, head_diff: diff.Diff) -> Suggestion | None:
    """Return the suggestion that makes `change`, or None where no one hunk of `head_diff` shows all of its lines.

    Lines are only inserted by replacing one next to them by itself and them, since no place between lines has an
    anchor.
    """
    if change.end >= change.start:
        return _made(head_diff, change, change.start, change.end, change.text)
    for line, after in ((change.start, True), (change.end, False)):
        kept = _line(head_diff, change.path, line)
        if kept is not None:
            text = f"{change.text}{kept}\n" if after else f"{kept}\n{change.text}"
            return _made(head_diff, change, line, line, text)
    return None


def _made(head_diff: diff.Diff, change: candidate.Replacement, first: int, last: int, text: str) -> Suggestion | None:
    anchor = anchors.anchor(head_diff, change.path, first, last)
    shown = markdown.suggestion(text)
    if anchor is None or shown is None or markdown.size(shown) > _LARGEST:
        return None
    return Suggestion(anchor=anchor, text=shown)


def _line(change: diff.Diff, path: str, number: int) -> str | None:
    """Return the text of a line of the file at head, or None where the diff does not show it."""
    for part in difflines.parts(change):
        if part.change.after == path:
            for hunk in part.hunks:
                for line in hunk.lines:
                    if line.after == number:
                        return line.text
    return None
