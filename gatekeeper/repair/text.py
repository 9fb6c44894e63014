"""A file's text with some of its lines replaced, and the unified diff that says so.

Only a line feed ends a line, as git counts them. Format of the diff: git-apply(1); quoting of names: git-config(1),
`core.quotePath`.
"""

import re

from gatekeeper.repair import candidate

_CONTEXT = 3
_NO_NEWLINE = "\n\\ No newline at end of file\n"
_SPECIAL = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')


def lines(text: str) -> list[str]:
    """Return the lines, each with its ending; the last may have none."""
    split = text.split("\n")
    return [line + "\n" for line in split[:-1]] + split[-1:] * bool(split[-1])


def replaced(text: str, change: candidate.Replacement) -> str:
    """Return the text with the change made."""
    there = lines(text)
    return "".join(there[: change.start - 1]) + change.text + "".join(there[change.end :])


def covered(text: str, change: candidate.Replacement) -> str:
    """Return the lines of the text that the change replaces."""
    return "".join(lines(text)[change.start - 1 : change.end])


def unified(text: str, change: candidate.Replacement) -> str:
    """Return the change of a file that reads `text` as a unified diff of one hunk, with three lines of context."""
    there = lines(text)
    first = max(0, change.start - 1 - _CONTEXT)
    above, below = there[first : change.start - 1], there[change.end : change.end + _CONTEXT]
    removed, added = there[change.start - 1 : change.end], lines(change.text)
    context = len(above) + len(below)
    header = f"@@ -{_range(first, context + len(removed))} +{_range(first, context + len(added))} @@\n"
    body = [(" ", above), ("-", removed), ("+", added), (" ", below)]
    content = "".join(_marked(mark, line) for mark, part in body for line in part)
    return f"--- {_name('a/', change.path)}\n+++ {_name('b/', change.path)}\n{header}{content}"


def _range(first: int, length: int) -> str:
    """Return `start,length`; what has no lines is named by the line that it comes after."""
    return f"{first + 1 if length else first},{length}"


def _marked(mark: str, line: str) -> str:
    return mark + line if line.endswith("\n") else mark + line + _NO_NEWLINE


def _name(prefix: str, path: str) -> str:
    raw = (prefix + path).encode("utf-8", "surrogateescape")
    if _SPECIAL.search(raw):
        return '"' + _SPECIAL.sub(lambda found: b"\\%03o" % found[0][0], raw).decode() + '"'
    # the tab ends a name that holds a blank
    return raw.decode() + ("\t" if " " in path else "")
