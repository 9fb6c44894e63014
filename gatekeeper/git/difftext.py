"""The unified diff between two trees, as git prints it."""

from collections.abc import Iterator

import pygit2
from pygit2 import enums

from gatekeeper.git import objects, trees

# bytes; a larger file is shown as binary, since a diff of it would say nothing to people and take long
LARGEST_TEXT = 4 * 1024 * 1024
# added and deleted files beyond this number are not compared with each other by content
_MOST_RENAMES = 400


def unified(known: objects.Objects, before: trees.GitTree, after: trees.GitTree) -> str:
    """Return the diff, with renames found, three lines of context and git's quoting of names.

    Bytes that are not UTF-8 are kept as surrogate escapes. Attributes, filters and text converters are not used.
    """
    return b"".join(_patches(known, before, after)).decode("utf-8", "surrogateescape")


def _patches(known: objects.Objects, before: trees.GitTree, after: trees.GitTree) -> Iterator[bytes]:
    found = _diff(known, before, after, enums.DiffOption.NORMAL)
    large = [number for number, delta in enumerate(found.deltas) if _is_large(known, delta)]
    binary = _diff(known, before, after, enums.DiffOption.FORCE_BINARY) if large else found
    for number in range(len(found)):
        patch = (binary if number in large else found)[number]
        if patch is not None:
            yield patch.data


def _diff(known: objects.Objects, before: trees.GitTree, after: trees.GitTree, flags: enums.DiffOption) -> pygit2.Diff:
    try:
        found = known.bare.diff(before.oid, after.oid, flags=flags)
        found.find_similar(enums.DiffFind.FIND_RENAMES, rename_limit=_MOST_RENAMES)
    except KeyError as problem:
        raise objects.unreadable(str(problem.args[0]), problem) from problem
    assert isinstance(found, pygit2.Diff)
    return found


def _is_large(known: objects.Objects, delta: pygit2.DiffDelta) -> bool:
    return any(
        known.size(file.id) > LARGEST_TEXT
        for file in (delta.old_file, delta.new_file)
        if file.mode not in {enums.FileMode.UNREADABLE, enums.FileMode.COMMIT}
    )
