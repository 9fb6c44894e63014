"""Workspaces of a review with one file of a tree replaced or added, made of links to the review's own."""

import contextlib
import errno
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from gatekeeper import errors
from gatekeeper.diffs import tree as trees
from gatekeeper.git import materialise
from gatekeeper.sandbox import workspace


@dataclass(slots=True, kw_only=True)
class PatchedSpaces:
    """The workspaces of a review, with one file of the judged tree replaced."""

    like: workspace.Spaces
    judged: trees.Tree
    path: str
    _made: workspace.Workspace | None = None

    def after(self, tree: trees.Tree) -> workspace.Workspace:
        """Return the patched tree's workspace. Raises SandboxError."""
        if self._made is None:
            self._made = patched(self.like.after(self.judged), self.path, tree.read(self.path))
        return self._made

    def before(self, tree: trees.Tree) -> workspace.Workspace:
        """Return the before tree's workspace."""
        return self.like.before(tree)

    def close(self) -> None:
        """Remove what was written."""
        if self._made is not None:
            shutil.rmtree(self._made.folder, ignore_errors=True)


def patched(like: workspace.Workspace, path: str, content: bytes) -> workspace.Workspace:
    """Return a workspace like that one with the content of one file replaced. Raises SandboxError.

    A file that was left out of the sandbox stays so.
    """
    made = copied(like)
    try:
        _replace(made.folder / "tree" / path, content)
    except OSError as problem:
        shutil.rmtree(made.folder, ignore_errors=True)
        raise _full(made.folder, problem) from problem
    return made


def added(like: workspace.Workspace, path: str, content: str) -> workspace.Workspace:
    """Return a workspace like that one with one more file in its tree. Raises SandboxError."""
    made = copied(like)
    tree = made.folder / "tree"
    file = tree / path
    try:
        if not file.parent.resolve().is_relative_to(tree.resolve()):
            # a link of the pull request's must not lead what is written here out of it
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(content)
    except OSError as problem:
        shutil.rmtree(made.folder, ignore_errors=True)
        raise _full(made.folder, problem) from problem
    return made


def copied(like: workspace.Workspace) -> workspace.Workspace:
    """Return a workspace like that one, its files linked to it. Raises SandboxError where the disk refuses."""
    folder = Path(tempfile.mkdtemp(dir=like.folder.parent, prefix="fix-"))
    try:
        for part in ("tree", "metadata"):
            shutil.copytree(like.folder / part, folder / part, symlinks=True, copy_function=_linked)
    except OSError as problem:
        shutil.rmtree(folder, ignore_errors=True)
        raise _full(folder, problem) from problem
    with contextlib.suppress(OSError):
        # what of it cannot be copied is compiled again
        shutil.copytree(like.folder / "bytecode", folder / "bytecode", symlinks=True)
    return replace(like, folder=folder)


def _full(folder: Path, problem: OSError) -> errors.SandboxError:
    return errors.SandboxError(
        f"cannot write what is to be tried to {folder}: {problem.strerror}: free some space, or set TMPDIR"
    )


def _linked(source: str, target: str) -> str:
    """Make `target` a hard link, or a copy where the file system does not."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def _replace(file: Path, content: bytes) -> None:
    if not file.is_file() or file.is_symlink():
        return
    file.unlink()
    file.write_bytes(content)
    # another time than the judged file's, whose bytecode must not be taken for this one's
    os.utime(file, (materialise.MTIME + 1, materialise.MTIME + 1))
    file.chmod(0o444)
