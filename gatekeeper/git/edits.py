"""A tree with one file's content replaced, made in memory."""

import stat
from collections.abc import Sequence

import pygit2
from pygit2 import enums

from gatekeeper.git import objects, trees


def edited(known: objects.Objects, tree: trees.GitTree, path: str, content: bytes) -> trees.GitTree:
    """Return `tree` with the bytes of the file at `path` replaced, its mode as it was.

    Nothing is written to the repository. Raises KeyError where there is no such plain file.
    """
    blob = known.bare.create_blob(content)
    # as git stores names
    parts = [part.encode("utf-8", "surrogateescape") for part in path.split("/")]
    return trees.GitTree(known, _replaced(known, tree.oid, parts, blob))


def _replaced(known: objects.Objects, folder: pygit2.Oid, parts: Sequence[bytes], blob: pygit2.Oid) -> pygit2.Oid:
    """Return the id of the folder's tree object with the blob below it in the place that `parts` name."""
    found, made = False, []
    for name, mode, oid in trees.parse(known.read(folder, enums.ObjectType.TREE)):
        raw, new = name.encode("utf-8", "surrogateescape"), oid
        if raw == parts[0]:
            found, new = True, _child(known, mode, oid, parts, blob)
        made.append(b"%o %s\0%s" % (mode, raw, new.raw))
    if not found:
        raise _absent(parts)
    return known.bare.write(enums.ObjectType.TREE, b"".join(made))


def _child(known: objects.Objects, mode: int, oid: pygit2.Oid, parts: Sequence[bytes], blob: pygit2.Oid) -> pygit2.Oid:
    below = parts[1:]
    if below and stat.S_ISDIR(mode):
        return _replaced(known, oid, below, blob)
    if below or not stat.S_ISREG(mode):
        raise _absent(parts)
    return blob


def _absent(parts: Sequence[bytes]) -> KeyError:
    return KeyError(b"/".join(parts).decode("utf-8", "surrogateescape"))
