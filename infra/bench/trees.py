"""Trees of a git repository made of other trees, in a clone of its own."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pygit2

from gatekeeper import errors

_SOMEONE = pygit2.Signature("bench", "bench@example.invalid", 0, 0)
_QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(folder: Path, *words: str) -> str:
    """Run git and return what it prints, without white space around it. Raises BenchError."""
    done = subprocess.run(
        ["git", *words], cwd=folder, env=dict(os.environ) | _QUIET, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise errors.BenchError(f"git {words[0]} in {folder}: {done.stderr.strip()}")
    return done.stdout.strip()


def clone(source: Path, folder: Path) -> pygit2.Repository:
    """Make a bare clone that shares the objects of `source`."""
    git(source, "clone", "--quiet", "--bare", "--shared", ".", str(folder))
    return pygit2.Repository(str(folder))


def checkout(repository: Path, revision: str, folder: Path) -> Path:
    """Write the revision's files to `folder` and return it."""
    folder.mkdir(parents=True)
    git(repository, f"--work-tree={folder}", "checkout", "--quiet", "--force", revision, "--", ".")
    return folder


def under(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or in it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def index_of(repository: pygit2.Repository, revision: str) -> pygit2.Index:
    """Return the files of a revision, to be changed and committed."""
    index = pygit2.Index()
    index.read_tree(repository.revparse_single(revision).peel(pygit2.Tree))
    return index


def put(repository: pygit2.Repository, index: pygit2.Index, files: Mapping[str, bytes]) -> None:
    """Write `files` to the index."""
    for path, content in files.items():
        index.add(pygit2.IndexEntry(path, repository.create_blob(content), pygit2.enums.FileMode.BLOB))


def commit(repository: pygit2.Repository, index: pygit2.Index, parent: str, message: str) -> str:
    """Commit the index on top of `parent`, on no branch, and return the commit's id."""
    tree = index.write_tree(repository)
    parents = [repository.revparse_single(parent).peel(pygit2.Commit).id]
    return str(repository.create_commit(None, _SOMEONE, _SOMEONE, message, tree, list(parents)))


def reverted(repository: pygit2.Repository, new: str, old: str, tests: str) -> str:
    """Commit the files of `old` with the tests of `new`, on top of `new`; return the commit's id."""
    index, theirs = index_of(repository, old), index_of(repository, new)
    for path in [entry.path for entry in index if under(entry.path, tests)]:
        index.remove(path)
    for entry in theirs:
        if under(entry.path, tests):
            index.add(entry)
    return commit(repository, index, new, "Revert the code")
