"""Where a line of one version of a file stands in another."""

import pygit2

from gatekeeper.git import difftext


def has(content: bytes, line: int) -> bool:
    """Whether the text has a line of that 1-based number."""
    return 1 <= line <= content.count(b"\n") + (not content.endswith(b"\n") and content != b"")


def moved(old: bytes, new: bytes, line: int) -> int | None:
    """Return the 1-based line of `new` that is `line` of `old`, by git's diff; None where `new` has it no longer.

    None also where `old` has no such line, and where either is binary or larger than what a diff is made of.
    """
    if not has(old, line) or max(len(old), len(new)) > difftext.LARGEST_TEXT:
        return None
    found = pygit2.Patch.create_from(old, new, context_lines=0)
    if found.delta.is_binary:
        return None
    shift = 0
    for hunk in found.hunks:
        # a hunk without old lines names the line that it comes after
        if line < hunk.old_start + (hunk.old_lines == 0):
            break
        if line < hunk.old_start + hunk.old_lines:
            return None
        shift += hunk.new_lines - hunk.old_lines
    return line + shift
