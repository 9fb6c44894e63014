"""A local git repository and the revisions in it; nothing that its working tree or configuration says is used."""

import difflib
from dataclasses import dataclass
from pathlib import Path

import pygit2
from pygit2 import enums

from gatekeeper import errors
from gatekeeper.git import objects, trees

_USER_LEVELS = (
    enums.ConfigLevel.SYSTEM,
    enums.ConfigLevel.XDG,
    enums.ConfigLevel.GLOBAL,
    enums.ConfigLevel.PROGRAMDATA,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """An open repository."""

    # the working tree's root, or the repository itself where it is bare
    folder: Path
    # for names of revisions alone: everything else goes through `objects`, which has no configuration
    names: pygit2.Repository
    objects: objects.Objects

    def tree(self, commit: str) -> trees.GitTree:
        """Return the tree of the commit with that hex id."""
        return trees.GitTree(self.objects, self.commit(commit).tree_id)

    def commit(self, commit: str) -> pygit2.Commit:
        """Return the commit with that hex id. Raises RepositoryError where it is missing."""
        oid = pygit2.Oid(hex=commit)
        try:
            found = self.objects.bare[oid]
        except (KeyError, pygit2.GitError) as problem:
            raise objects.unreadable(oid, problem) from problem
        assert isinstance(found, pygit2.Commit)
        return found


def open_repository(path: Path) -> Repository:
    """Open the repository that holds the folder `path`: with a working tree, a linked one, or bare.

    Raises RepositoryError where there is none. Whose the folder is does not matter, since nothing in it is run.
    """
    _isolate()
    try:
        names = pygit2.Repository(str(path))
    except pygit2.GitError as problem:
        raise errors.RepositoryError(_not_opened(path, problem)) from problem
    folder = Path(names.workdir or names.path).resolve()
    return Repository(folder=folder, names=names, objects=objects.Objects(_common_folder(Path(names.path)) / "objects"))


def resolve(repository: Repository, revision: str) -> str:
    """Return the hex id of the commit that `revision` names: a branch, a tag, a short id, `HEAD~2`, `origin/main`.

    Raises RepositoryError where there is none, with the names that come near.
    """
    try:
        found = repository.names.revparse_single(revision)
    except KeyError as problem:
        raise errors.RepositoryError(_unknown(repository, revision)) from problem
    except (ValueError, pygit2.GitError) as problem:
        raise errors.RepositoryError(
            f"the revision {revision!r} is not usable ({problem}): name a branch, a tag or a commit"
        ) from problem
    try:
        return str(found.peel(pygit2.Commit).id)
    except pygit2.GitError as problem:
        raise errors.RepositoryError(
            f"the revision {revision!r} names a {found.type_str}, not a commit: name a branch, a tag or a commit"
        ) from problem


def nearest_tag(repository: Repository, commit: str) -> str | None:
    """Return the name of the tag nearest to the commit with that hex id, or None where it has none."""
    try:
        return repository.names.describe(
            commit, describe_strategy=enums.DescribeStrategy.TAGS, abbreviated_size=0, max_candidates_tags=1
        )
    except (KeyError, pygit2.GitError):
        return None


def _isolate() -> None:
    """Keep libgit2 from reading the user's and the system's configuration, for this process."""
    pygit2.settings.owner_validation = False
    for level in _USER_LEVELS:
        pygit2.settings.search_path[level] = ""
    # what older versions of git write into a partial clone; what it lacks is reported when it is asked for
    pygit2.option(enums.Option.SET_EXTENSIONS, ["partialclone"], 1)


def _not_opened(path: Path, problem: Exception) -> str:
    if not path.is_dir():
        return f"{path} is not a folder: name the folder of a git repository"
    if pygit2.discover_repository(str(path)) is None:
        return f"{path} is not in a git repository: name the folder of one"
    return f"the repository at {path} cannot be opened: {problem}"


def _common_folder(folder: Path) -> Path:
    """Return the folder with the objects: a linked working tree's own has a file that names it."""
    pointer = folder / "commondir"
    return folder / pointer.read_text().strip() if pointer.is_file() else folder


def _unknown(repository: Repository, revision: str) -> str:
    branches = sorted({*repository.names.branches.local, *repository.names.branches.remote})
    if not branches and repository.names.head_is_unborn:
        return f"the revision {revision!r} is unknown: {repository.folder} has no commit yet"
    if revision in branches:
        return f"the commit of {revision!r} is missing in {repository.folder}: check with `git fsck`"
    # a remote's branch under its bare name is the commonest slip
    near = [name for name in branches if name.endswith(f"/{revision}")]
    near += [name for name in difflib.get_close_matches(revision, branches, n=3) if name not in near]
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    elif repository.names.is_shallow:
        hint = "it is a shallow clone, so run `git fetch --unshallow` in it"
    else:
        hint = "see `git branch --all`, or fetch it first"
    return f"the revision {revision!r} is unknown in {repository.folder}: {hint}"
