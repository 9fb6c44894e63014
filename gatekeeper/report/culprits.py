"""The lines of a change that a finding is due to, as a diff shows them."""

from gatekeeper.diffs import diff
from gatekeeper.repair import cause
from gatekeeper.simulation import prediction

# lines of one place that are shown
MOST = 12


def marked(culprit: cause.Lines, change: diff.Diff) -> list[str]:
    """Return the lines without their endings, `-` before what stood there and `+` before what stands there now."""
    added = {
        number: line
        for file in change.files
        if file.after == culprit.path
        for hunk in file.hunks
        for number, line in hunk.added
    }
    old = [f"-{line.rstrip()}" for line in culprit.old]
    return old + [f"+{added[line]}" for line in range(culprit.start, culprit.end + 1) if line in added]


def location(culprit: cause.Lines) -> prediction.Location:
    """Return the first of the lines."""
    return prediction.Location(path=culprit.path, line=culprit.start)
