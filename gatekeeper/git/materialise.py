"""A tree's files written to a folder, so that the sandbox can be given that folder and nothing else."""

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import errors
from gatekeeper.diffs import tree

# of every file, in seconds since the epoch (2020-01-01): equal sources then have equal bytecode caches
MTIME = 1_577_836_800

_TIMES = (MTIME * 10**9, MTIME * 10**9)
_READ_ONLY = 0o444
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# what a file system answers for a name that it cannot hold, or that another entry of the tree already took
_NAME_ERRORS = {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.EEXIST, errno.ENOTDIR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A tree as it stands in a folder."""

    tree: tree.Tree
    folder: Path
    # (path, why it is not there), in the tree's order within each reason's step
    left_out: tuple[tuple[str, str], ...]


def write(content: tree.Tree, folder: Path, *, size_limit: int, like: Written | None = None) -> Written:
    """Write the files of `content` to the empty `folder`, read-only, all with the same time.

    Left out are files above `size_limit` bytes, submodules, links that do not lead to something in the tree, and names
    that are not UTF-8 or cannot be written. Files that are the same in `like` become hard links to it. Raises
    SandboxError where the disk refuses.
    """
    writer = _Writer(content, folder, like)
    try:
        writer.write(size_limit)
    except OSError as problem:
        raise errors.SandboxError(
            f"cannot write the files under review to {folder}: {problem.strerror}: free some space, or set TMPDIR"
        ) from problem
    return Written(tree=content, folder=folder, left_out=tuple(writer.left_out.items()))


class _Writer:
    """Writes links last, when nothing else is left to write that could pass through them."""

    def __init__(self, content: tree.Tree, folder: Path, like: Written | None) -> None:
        self.left_out: dict[str, str] = {}
        self._content = content
        self._root = os.fsencode(folder)
        self._made = {self._root}
        self._like = _shared(content, like) if like else {}

    def write(self, size_limit: int) -> None:
        links = []
        for path, entry in self._content.entries.items():
            why = _refusal(path, entry, size_limit)
            if why:
                self.left_out[path] = why
            elif entry.mode is tree.Mode.SYMLINK:
                links.append(path)
            else:
                self._attempt(path, self._file)
        # folders come before the first link, so that none of them is made behind a link
        placed = [path for path in links if self._attempt(path, self._parent)]
        written = [path for path in placed if self._attempt(path, self._link)]
        self._remove_strays(written)

    def _attempt(self, path: str, step: Callable[[str, bytes], None]) -> bool:
        try:
            step(path, os.path.join(self._root, path.encode("utf-8", "surrogateescape")))
        except OSError as problem:
            if problem.errno not in _NAME_ERRORS:
                raise
            self.left_out[path] = f"its name cannot be written: {problem.strerror}"
            return False
        return True

    def _file(self, path: str, target: bytes) -> None:
        self._parent(path, target)
        source = self._like.get(path)
        if source is None or not _linked(source, target):
            _create(target, self._content.read(path))

    def _parent(self, path: str, target: bytes) -> None:
        folder = os.path.dirname(target)
        if folder in self._made:
            return
        self._parent(path, folder)
        try:
            os.mkdir(folder)
        except FileExistsError:
            # the same folder in other letters where case does not count; no link stands here yet
            if not os.path.isdir(folder):
                raise
        self._made.add(folder)

    def _link(self, path: str, target: bytes) -> None:
        aim = self._content.read(path)
        if not aim or b"\0" in aim:
            raise OSError(errno.EINVAL, "the link leads nowhere")
        os.symlink(aim, target)
        os.utime(target, ns=_TIMES, follow_symlinks=False)

    def _remove_strays(self, links: list[str]) -> None:
        """Remove links that do not lead to something in the folder, and then those that led there through them."""
        root = os.path.realpath(self._root)
        while strays := {path: why for path in links if (why := _stray(root, path))}:
            for path in strays:
                os.unlink(os.path.join(root, path.encode("utf-8", "surrogateescape")))
            self.left_out |= strays
            links = [path for path in links if path not in strays]


def _shared(content: tree.Tree, like: Written) -> Mapping[str, bytes]:
    """Return path -> file in `like` for each entry that is the same there."""
    root = os.fsencode(like.folder)
    absent = {path for path, _ in like.left_out}
    there = like.tree.entries
    return {
        path: os.path.join(root, path.encode("utf-8", "surrogateescape"))
        for path, entry in content.entries.items()
        if there.get(path) == entry and path not in absent
    }


def _refusal(path: str, entry: tree.Entry, size_limit: int) -> str | None:
    if entry.mode is tree.Mode.SUBMODULE:
        return "a submodule: its files are in another repository"
    if entry.size > size_limit:
        return f"{entry.size:,} bytes, more than the limit of {size_limit:,}"
    parts = path.split("/")
    if "\0" in path or any(part in {"", ".", ".."} or part.casefold() == ".git" for part in parts):
        return "its name is not one that git would check out"
    if not _is_utf8(path):
        return "its name is not UTF-8, and the sandbox could list nothing of the folder with it"
    return None


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _linked(source: bytes, target: bytes) -> bool:
    """Make `target` a hard link; False where the file system does not, and the file is to be written instead."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        return False
    return True


def _create(target: bytes, content: bytes) -> None:
    descriptor = os.open(target, _NEW_FILE, _READ_ONLY)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.utime(descriptor, ns=_TIMES)
    finally:
        os.close(descriptor)


def _stray(root: bytes, path: str) -> str | None:
    """Return why the link at `path` must go, judged by where the file system takes it."""
    link = os.path.join(root, path.encode("utf-8", "surrogateescape"))
    if os.readlink(link).startswith(b"/"):
        return "a link out of the tree"
    try:
        end = os.path.realpath(link, strict=True)
    except OSError:
        return "a link to nothing in the tree"
    return None if end == root or end.startswith(root + b"/") else "a link out of the tree"
