"""Keeping a mirror in order, by one who holds its lock for writing."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pygit2

from gatekeeper.git import fetching, repository

# from which on they are made one; each review that fetches adds up to three
MOST_PACKS = 50

# files beside a pack's index
_OF_A_PACK = {".pack", ".rev", ".promisor", ".bitmap"}
# what pull requests leave behind
_PASSING = ("refs/pull/", "refs/heads/gh-readonly-queue/", fetching.PINNED)


def mend(folder: Path) -> None:
    """Delete what a killed git left in the bare repository `folder`, in which no git runs."""
    for path in _debris(folder):
        path.unlink(missing_ok=True)


def tidy(folder: Path, older_than: float, git: Callable[[Sequence[str]], None]) -> None:
    """Forget old refs, and make one pack of many. `git` runs git with the words given; nobody reads `folder`.

    Objects stay, even when no ref leads to them any more: git never drops any of a partial clone.
    """
    mend(folder)
    _forget(repository.open_repository(folder).names, older_than)
    git(("pack-refs", "--all", "--prune"))
    if len(list((folder / "objects/pack").glob("*.pack"))) > MOST_PACKS:
        try:
            git(("repack", "-a", "-d", "--quiet"))
        finally:
            mend(folder)


def _debris(folder: Path) -> Iterator[Path]:
    yield from folder.glob("*.lock")
    yield from (folder / "refs").rglob("*.lock")
    for path in (folder / "objects").rglob("*"):
        # a pack gets its index last, and without one is never read
        is_begun = path.suffix in _OF_A_PACK and not path.with_suffix(".idx").exists()
        is_passing = path.suffix in {".lock", ".keep"} or path.name.startswith(("tmp_", ".tmp-"))
        if (is_begun or is_passing) and path.is_file():
            yield path


def _forget(names: pygit2.Repository, older_than: float) -> None:
    """Delete the refs of old pull requests; the newest stays where no branch is, for git to tell the server of."""
    passing = [name for name in names.references if name.startswith(_PASSING)]
    lasting = [name for name in names.references if name.startswith("refs/heads/") and name not in passing]
    oldest_first = sorted(passing, key=lambda name: _time(names, name))
    for name in oldest_first if lasting else oldest_first[:-1]:
        if _time(names, name) < older_than:
            names.references.delete(name)


def _time(names: pygit2.Repository, name: str) -> int:
    return names.references[name].peel(pygit2.Commit).commit_time
