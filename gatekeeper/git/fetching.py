"""Fetching into one mirror: the commits of its history, and the trees and files of those few that are compared.

A mirror is a bare repository, partial as git knows it (gitrepository-layout(5), partial-clone(7)): it has every commit
that leads to what was fetched, and complete trees where `complete` was asked for. A server that knows no filters sends
everything at once, and then nothing is missing.
"""

import itertools
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pygit2
from pygit2 import enums

from gatekeeper import errors
from gatekeeper.git import failures, objects, program, repository, trees

# object ids in one request: as many as git sends in one piece
_AT_ONCE = 10_000
# fetches until a tree is complete: two are enough, but for a server that leaves something out
_MOST_ROUNDS = 8
# merge bases, and theirs, that are completed: several exist only where branches were merged crosswise
_MOST_BASES = 16

# different files and folders in the trees that are compared
_MOST_OBJECTS = 3 * trees.MOST_ENTRIES
# objects looked at until it is asked whether to go on
_BETWEEN_CHECKS = 2_000

_QUIETLY = ("--quiet", "--no-progress", "--no-write-fetch-head")
# what is here is not told to the server, which would take what it leads to for present as well
_EXACT = ("-c", "fetch.negotiationAlgorithm=noop")

_CONFIG = """\
[core]
\trepositoryformatversion = 1
\tbare = true
\tlogAllRefUpdates = false
[extensions]
\tpartialClone = origin
[remote "origin"]
\tpromisor = true
\tpartialclonefilter = tree:0
"""
_COMMIT = re.compile(r"[0-9a-f]{40}")
# where commits that were asked for by their id are kept from being forgotten
PINNED = "refs/gatekeeper/commits/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a repository is fetched from."""

    # http or https, without a user
    url: str
    # None: anybody may read it
    token: str | None = field(repr=False)


def make(folder: Path) -> bool:
    """Make `folder` an empty mirror where it is none, or lacks a part; return whether it was there."""
    was_there = (folder / "objects/pack").is_dir()
    for inner in ("objects/pack", "objects/info", "refs/heads", "refs/tags"):
        (folder / inner).mkdir(parents=True, exist_ok=True)
    for name, text in (("HEAD", "ref: refs/heads/main\n"), ("config", _CONFIG)):
        path = folder / name
        if not path.is_file() or path.read_bytes() != text.encode():
            begun = folder / f"{name}.lock"
            begun.write_bytes(text.encode())
            begun.replace(path)
    return was_there


class Fetching:
    """One visit to a repository, by one who holds the mirror's lock for writing."""

    def __init__(
        self, folder: Path, source: Source, environ: Mapping[str, str], lock: int, check: Callable[[], None]
    ) -> None:
        """Fetch from `source` into `folder`; `check` is called while git runs, and ends that by raising."""
        self._folder = folder
        self._git = ("--git-dir", str(folder))
        self._source = source
        self._environ = environ
        self._lock = lock
        self._check = check

    def commits(self, refs: Sequence[str]) -> dict[str, str]:
        """Fetch the history of each ref or commit id, without its files; return ref -> commit id. Raises FetchError."""
        asked = [ref for ref in refs if not self._has(ref)]
        if asked:
            self._unblock(asked)
            self._fetch([_refspec(ref) for ref in asked], "--filter=tree:0")
        opened = repository.open_repository(self._folder)
        return {ref: repository.resolve(opened, ref) for ref in refs}

    def complete(self, commits: Sequence[str]) -> None:
        """Fetch the trees and files of the first commit, of the others, and of where each of these left the first.

        Raises FetchError; what was too large is taken out again, so that the mirror serves others.
        """
        bases = set().union(*(self._bases(commits[0], other) for other in commits[1:]))
        indexes = set(self._indexes())
        try:
            self._complete({*commits, *bases})
        except errors.FetchError as problem:
            if problem.failure is errors.FetchFailure.TOO_LARGE:
                # no ref leads to any of it
                _remove(set(self._indexes()) - indexes)
            raise

    def _complete(self, commits: set[str]) -> None:
        for _ in range(_MOST_ROUNDS):
            self._check()
            absent_trees, blobs = self._absent(commits)
            # a tree comes with the trees in it; what files these have is known only then
            for wanted in _batches(absent_trees or blobs):
                self._fetch(wanted, "--filter=blob:none", "--no-tags", settings=_EXACT)
            if not absent_trees and not blobs:
                return
        raise errors.FetchError(
            f"the repository {self._source.url} leaves out objects that were asked for: check it with `git fsck`",
            errors.FetchFailure.BROKEN,
        )

    def _indexes(self) -> Iterator[Path]:
        return (self._folder / "objects/pack").glob("*.idx")

    def _has(self, ref: str) -> bool:
        if not _COMMIT.fullmatch(ref):
            return False
        opened = repository.open_repository(self._folder)
        try:
            return opened.names.get(ref) is not None and isinstance(opened.commit(ref), pygit2.Commit)
        except (errors.RepositoryError, pygit2.GitError):
            return False

    def _unblock(self, refs: Sequence[str]) -> None:
        """Delete refs that leave no room for new ones: after `a` is gone from the repository there may be an `a/b`."""
        names = repository.open_repository(self._folder).names
        for old, new in itertools.product(list(names.references), refs):
            if old.startswith(f"{new}/") or new.startswith(f"{old}/"):
                names.references.delete(old)

    def _fetch(self, wanted: Sequence[str], *options: str, settings: Sequence[str] = ()) -> None:
        with program.outward(self._environ, self._source.url, self._source.token) as (environment, descriptors):
            ended = program.run(
                [*self._git, *settings, "fetch", *_QUIETLY, *options, "--stdin", "origin"],
                environment,
                given="".join(f"{each}\n" for each in wanted).encode(),
                # whoever takes the lock next finds no git at work that outlived its master
                descriptors=[*descriptors, self._lock],
                check=self._check,
            )
        if ended.code != 0:
            raise failures.error(self._source.url, ended.said, self._source.token)

    def _bases(self, one: str, other: str) -> set[str]:
        """Return the merge bases of the two commits and, where there are several, theirs: git merges them too."""
        found: set[str] = set()
        waiting = [(one, other)]
        while waiting and len(found) < _MOST_BASES:
            ended = program.run(
                [*self._git, "merge-base", "--all", *waiting.pop()],
                program.alone(self._environ),
                descriptors=[self._lock],
                check=self._check,
            )
            bases = sorted(set(ended.printed.decode().split()) - found)[:_MOST_BASES]
            found.update(bases)
            waiting += itertools.pairwise(bases)
        return found

    def _absent(self, commits: set[str]) -> tuple[list[str], list[str]]:
        """Return the ids of the trees and of the files that the commits' trees lack here, as far as is known."""
        known = objects.Objects(self._folder / "objects")
        roots: list[pygit2.Oid] = []
        for commit in sorted(commits):
            found = known.bare[pygit2.Oid(hex=commit)]
            assert isinstance(found, pygit2.Commit)
            roots.append(found.tree_id)
        return self._walked(known, roots)

    def _walked(self, known: objects.Objects, roots: Sequence[pygit2.Oid]) -> tuple[list[str], list[str]]:
        absent: tuple[list[str], list[str]] = ([], [])
        seen = set(roots)
        waiting = [(oid, True) for oid in roots]
        for steps in itertools.count():
            if steps % _BETWEEN_CHECKS == 0:
                self._check()
            if not waiting or len(seen) > _MOST_OBJECTS:
                break
            oid, is_tree = waiting.pop()
            if oid not in known:
                absent[0 if is_tree else 1].append(str(oid))
            elif is_tree:
                new = [child for child in _children(known, oid) if child[0] not in seen]
                seen.update(child for child, _ in new)
                waiting += new
            else:
                # raises where a damaged pack merely lists it
                known.size(oid)
        if waiting:
            raise errors.FetchError(
                f"the repository {self._source.url} has more than {_MOST_OBJECTS:,} files and folders in the trees to "
                "be compared, which is more than can be reviewed",
                errors.FetchFailure.TOO_LARGE,
            )
        return absent


def _children(known: objects.Objects, oid: pygit2.Oid) -> list[tuple[pygit2.Oid, bool]]:
    """Return the id of each entry of a tree, and whether it is a tree; submodules are in other repositories."""
    try:
        entries = list(trees.parse(known.read(oid, enums.ObjectType.TREE)))
    except ValueError as problem:
        raise errors.RepositoryError(f"the tree {oid} is malformed: check with `git fsck`") from problem
    kinds = [(child, mode & 0o170000) for _, mode, child in entries]
    return [(child, kind == enums.FileMode.TREE) for child, kind in kinds if kind != enums.FileMode.COMMIT]


def _remove(indexes: set[Path]) -> None:
    for index in indexes:
        for file in (index, *index.parent.glob(f"{index.stem}.*")):
            file.unlink(missing_ok=True)


def _refspec(ref: str) -> str:
    return f"+{ref}:{PINNED}{ref}" if _COMMIT.fullmatch(ref) else f"+{ref}:{ref}"


def is_ref(ref: str) -> bool:
    """Whether `ref` is a full commit id or a full name of a ref (git-check-ref-format(1))."""
    return bool(_COMMIT.fullmatch(ref)) or (ref.startswith("refs/") and pygit2.reference_is_valid_name(ref))


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]


def size(folder: Path) -> int:
    """Return the bytes of the files below `folder`; those that vanish meanwhile count nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - called ten times a second
            except FileNotFoundError:
                continue
    return total
