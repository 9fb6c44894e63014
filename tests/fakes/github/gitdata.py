"""One bare git repository as GitHub keeps it: objects, references, test merges."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pygit2
from pygit2.enums import FileMode, ObjectType

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
_SETTINGS = {"uploadpack.allowFilter": "true", "uploadpack.allowReachableSHA1InWant": "true", "gc.auto": "0"}

Commit = pygit2.Commit
Files = Mapping[str, str | bytes | None]


class BareGit:
    """A bare repository in a folder; ids are 40 hexadecimal digits, references are full names."""

    def __init__(self, folder: Path, repository: pygit2.Repository) -> None:
        self.folder = folder
        self._repository = repository
        for name, value in _SETTINGS.items():
            repository.config[name] = value

    @classmethod
    def create(cls, folder: Path, branch: str) -> "BareGit":
        """Make an empty repository whose HEAD is the branch."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        return cls(folder, pygit2.init_repository(str(folder), bare=True, initial_head=branch))

    def clone(self, folder: Path) -> "BareGit":
        """Make a copy with all branches, as a fork is."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        _run("clone", "--quiet", "--bare", str(self.folder), str(folder))
        copy = BareGit(folder, pygit2.Repository(str(folder)))
        for name in [name for name in copy.references() if not name.startswith("refs/heads/")]:
            copy.delete(name)
        return copy

    def take(self, other: "BareGit", sha: str) -> None:
        """Bring the other's commit, and what it needs, into this repository."""
        if not self.has_commit(sha):
            _run("-C", str(self.folder), "fetch", "--quiet", "--no-tags", str(other.folder), sha)

    def references(self, prefix: str = "refs/") -> dict[str, str]:
        """Return the references that begin with the prefix, and the ids they point to."""
        names = sorted(name for name in self._repository.references if name.startswith(prefix))
        return {name: str(self._repository.references[name].resolve().target) for name in names}

    def resolve(self, name: str) -> str | None:
        """Return the id that a full reference name points to."""
        found = self._repository.references.get(name)
        return None if found is None else str(found.resolve().target)

    def point(self, name: str, sha: str) -> None:
        """Make the reference point to the commit."""
        self._repository.references.create(name, sha, force=True)

    def delete(self, name: str) -> None:
        """Take the reference away."""
        self._repository.references.delete(name)

    def commit_of(self, revision: str) -> str | None:
        """Return the commit that a branch, a tag, a reference or a full id names."""
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            if name.startswith("refs/") and pygit2.reference_is_valid_name(name) and (found := self.resolve(name)):
                return found
        return revision if self.has_commit(revision) else None

    def has_commit(self, sha: str) -> bool:
        """Return whether the full id is that of a commit here."""
        return self.kind(sha) == "commit"

    def kind(self, sha: str) -> str | None:
        """Return the type of an object by its full id."""
        if len(sha) != 40 or not set(sha) <= set("0123456789abcdef"):
            return None
        found = self._repository.get(sha)
        return None if found is None else found.type_str

    def commit(self, sha: str) -> pygit2.Commit:
        """Return the commit of that id."""
        found = self._repository[sha]
        assert isinstance(found, pygit2.Commit)
        return found

    def entries(self, tree: str, *, recursive: bool = False, prefix: str = "") -> Iterator[tuple[str, pygit2.Object]]:
        """Return what a tree has, by path."""
        for entry in self._tree(tree):
            yield f"{prefix}{entry.name}", entry
            if recursive and isinstance(entry, pygit2.Tree):
                yield from self.entries(str(entry.id), recursive=True, prefix=f"{prefix}{entry.name}/")

    def find(self, commit: str, path: str) -> pygit2.Object | None:
        """Return the blob or tree at the path in the commit."""
        tree = self.commit(commit).tree
        if not path:
            return tree
        try:
            return tree[path]
        except KeyError:
            return None

    def read(self, blob: str) -> bytes:
        """Return the content of a blob."""
        found = self._repository[blob]
        assert isinstance(found, pygit2.Blob)
        return found.data

    def write_blob(self, content: bytes) -> str:
        """Store the content and return its id."""
        return str(self._repository.create_blob(content))

    def write_tree(self, base: str | None, changes: Mapping[str, tuple[int, str] | None]) -> str:
        """Return a tree: the base's entries, with paths set to (mode, id) or, by None, taken away."""
        index = pygit2.Index()
        if base is not None:
            index.read_tree(self._tree(base))
        for path, change in changes.items():
            if change is None:
                index.remove_all([path])
            else:
                index.add(pygit2.IndexEntry(path, pygit2.Oid(hex=change[1]), FileMode(change[0])))
        return str(index.write_tree(self._repository))

    def write_files(self, base: str | None, files: Files) -> str:
        """Return a tree: the base's files, with the given ones written or, by None, deleted."""
        changes: dict[str, tuple[int, str] | None] = {}
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            changes[path] = None if data is None else (FileMode.BLOB, self.write_blob(data))
        return self.write_tree(base, changes)

    def write_commit(self, tree: str, parents: list[str], message: str, who: tuple[str, str], when: datetime) -> str:
        """Store a commit and return its id."""
        signature = pygit2.Signature(who[0], who[1], int(when.timestamp()), 0)
        return str(self._repository.create_commit(None, signature, signature, message, tree, list(parents)))

    def merge_tree(self, base: str, head: str) -> str | None:
        """Return the tree that merging head into base gives; None where they conflict."""
        index = self._repository.merge_commits(base, head)
        return None if index.conflicts else str(index.write_tree(self._repository))

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the best common ancestor."""
        found = self._repository.merge_base(one, other)
        return None if found is None else str(found)

    def descends(self, sha: str, ancestor: str) -> bool:
        """Return whether the commit is the ancestor or comes after it."""
        return sha == ancestor or self._repository.descendant_of(sha, ancestor)

    def count(self, base: str, head: str) -> int:
        """Return how many commits head has that base has not."""
        return self._repository.ahead_behind(head, base)[0]

    def diff(self, before: str | None, after: str, context: int = 3) -> pygit2.Diff:
        """Return the difference of two commits, renames found; before None stands for an empty tree."""
        new = self.commit(after).tree
        if before is None:
            made = new.diff_to_tree(context_lines=context, swap=True)
        else:
            made = self.commit(before).tree.diff_to_tree(new, context_lines=context)
        made.find_similar()
        return made

    def _tree(self, tree: str) -> pygit2.Tree:
        found = self._repository[tree]
        assert found.type == ObjectType.TREE
        assert isinstance(found, pygit2.Tree)
        return found


def _run(*words: str) -> None:
    subprocess.run(["git", *words], env=_ENVIRONMENT, check=True, capture_output=True)


def when(commit: pygit2.Commit) -> datetime:
    """Return when the commit was made."""
    return datetime.fromtimestamp(commit.commit_time, UTC)
