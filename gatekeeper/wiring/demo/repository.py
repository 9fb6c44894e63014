"""The sample and its pull requests as a git repository: the same objects each time, whenever they are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pygit2
from pygit2 import enums

from gatekeeper import errors
from gatekeeper.wiring.demo import changes, sample

BASE = "main"
# fixed, so that the same commits get the same ids
_FIRST_COMMIT = 1_767_258_000
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A commit, and the tree of it that is tested."""

    commit: str
    tree: str


class Repository:
    """A bare repository in a folder."""

    def __init__(self, folder: Path) -> None:
        """Make it, or open the one that was made before. Raises UsageError where that holds something else."""
        self.folder = folder
        fresh = not folder.exists()
        self._git = pygit2.init_repository(str(folder), bare=True, initial_head=BASE)
        self._commits = self._grown()
        known = self._git.references.get(f"refs/heads/{BASE}")
        if known is not None and known.target != self._commits[-1] and not fresh:
            raise errors.UsageError(
                f"{folder.parent} holds the demo of another version: remove it, or name another folder with --folder"
            )
        self._git.references.create(f"refs/heads/{BASE}", self._commits[-1], force=True)

    @property
    def base(self) -> Merge:
        """The tip of the base branch."""
        tip = self._git[self._commits[-1]].peel(pygit2.Commit)
        return Merge(commit=str(tip.id), tree=str(tip.tree_id))

    def propose(self, change: changes.Change) -> Merge:
        """Commit the change on a branch of its own and return its head, with the tree of its merge into base."""
        start = self._git[self._commits[-1 - change.behind]].peel(pygit2.Commit)
        index = pygit2.Index()
        index.read_tree(start.tree)
        self._add(index, change.files)
        head = self._commit(index, change.title, [start.id], len(self._commits) + change.number)
        self._git.references.create(f"refs/heads/pull/{change.number}", head, force=True)
        base = self._git[self._commits[-1]].peel(pygit2.Commit)
        merged = self._git.merge_trees(start.tree, base.tree, self._git[head].peel(pygit2.Tree))
        return Merge(commit=str(head), tree=str(merged.write_tree(self._git)))

    def unpack(self, tree: str, folder: Path) -> None:
        """Write the files of the tree to the folder; several threads may at a time."""
        # an open repository is for one thread
        git = pygit2.Repository(str(self.folder))
        index = pygit2.Index()
        index.read_tree(git[tree].peel(pygit2.Tree))
        for entry in index:
            path = folder / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(git[entry.id].peel(pygit2.Blob).data)

    def _grown(self) -> list[pygit2.Oid]:
        commits: list[pygit2.Oid] = []
        for number, commit in enumerate(sample.history()):
            index = pygit2.Index()
            self._add(index, commit.files)
            commits.append(self._commit(index, commit.message, commits[-1:], number))
        return commits

    def _add(self, index: pygit2.Index, files: sample.Files) -> None:
        for path, content in files.items():
            index.add(pygit2.IndexEntry(path, self._git.create_blob(content), enums.FileMode.BLOB))

    def _commit(self, index: pygit2.Index, message: str, parents: Sequence[pygit2.Oid], day: int) -> pygit2.Oid:
        someone = pygit2.Signature("sample", "sample@example.invalid", _FIRST_COMMIT + day * _DAY, 0)
        return self._git.create_commit(None, someone, someone, message, index.write_tree(self._git), list(parents))
