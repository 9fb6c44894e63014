"""Two revisions -> the two trees that are compared: before and after the change."""

from dataclasses import dataclass

import pygit2
from pygit2 import index as index_module

from gatekeeper import errors, review
from gatekeeper.git import objects, repository, trees

_CONFLICTS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is judged, and the trees to judge it by."""

    subject: review.Subject
    before: trees.GitTree
    after: trees.GitTree
    # the tip of base, whose configuration holds
    base: trees.GitTree


def compare(opened: repository.Repository, base: str, head: str, judged: review.Judged) -> Comparison:
    """Return the comparison of two commits, given by hex id; a merge is made in memory.

    Raises NotAnalysed where the two do not merge, RepositoryError where their history or objects are missing.
    """
    tips = opened.commit(base), opened.commit(head)
    # counted before libgit2 walks them, which knows no limit
    for tip in tips:
        len(opened.tree(str(tip.id)).entries)
    merge_base = _merge_base(opened, *tips)
    before, after = _trees(opened, *tips, merge_base, judged)
    subject = review.Subject(
        repository=str(opened.folder),
        base=base,
        merge_base=str(merge_base.id),
        head=head,
        judged=judged,
        before=str(before),
        after=str(after),
    )
    return Comparison(
        subject=subject,
        before=trees.GitTree(opened.objects, before),
        after=trees.GitTree(opened.objects, after),
        base=opened.tree(base),
    )


def _trees(
    opened: repository.Repository,
    base: pygit2.Commit,
    head: pygit2.Commit,
    merge_base: pygit2.Commit,
    judged: review.Judged,
) -> tuple[pygit2.Oid, pygit2.Oid]:
    if judged is review.Judged.HEAD:
        return merge_base.tree_id, head.tree_id
    if merge_base.id == head.id:
        return base.tree_id, base.tree_id
    if merge_base.id == base.id:
        return base.tree_id, head.tree_id
    return base.tree_id, _merge(opened, base, head, merge_base)


def _merge_base(opened: repository.Repository, base: pygit2.Commit, head: pygit2.Commit) -> pygit2.Commit:
    # a shallow clone says in a file where its history ends, which only the repository itself reads
    history = opened.names if opened.names.is_shallow else opened.objects.bare
    try:
        found = history.merge_base(base.id, head.id)
    except (KeyError, pygit2.GitError) as problem:
        raise errors.RepositoryError(
            f"the history of {opened.folder} cannot be read ({problem}): clone again without `--filter`"
        ) from problem
    if found is not None:
        return opened.commit(str(found))
    if opened.names.is_shallow:
        raise errors.RepositoryError(
            f"{opened.folder} is a shallow clone, without the commit where {str(head.id)[:10]} left "
            f"{str(base.id)[:10]}: run `git fetch --unshallow` in it"
        )
    raise errors.RepositoryError(
        f"{str(base.id)[:10]} and {str(head.id)[:10]} have no commit in common: name two branches of one project"
    )


def _merge(
    opened: repository.Repository, base: pygit2.Commit, head: pygit2.Commit, merge_base: pygit2.Commit
) -> pygit2.Oid:
    bare = opened.objects.bare
    try:
        if opened.names.is_shallow:
            index = bare.merge_trees(merge_base.tree_id, base.tree_id, head.tree_id)
        else:
            # where there are several merge bases it merges them first, as git does
            index = bare.merge_commits(base.id, head.id)
        if index.conflicts is None:
            return index.write_tree(bare)
    except (KeyError, SystemError, pygit2.GitError) as problem:
        raise _failure(problem) from problem
    raise errors.NotAnalysed(f"does not merge: conflicts in {_names(index.conflicts)}")


def _names(conflicts: index_module.ConflictCollection) -> str:
    paths = sorted({entry.path for sides in conflicts for entry in sides if entry is not None})
    more = f" and {len(paths) - _CONFLICTS_SHOWN} more" if len(paths) > _CONFLICTS_SHOWN else ""
    return ", ".join(paths[:_CONFLICTS_SHOWN]) + more


def _failure(problem: Exception) -> errors.GatekeeperError:
    """Return what libgit2's failure means: an absent object, or trees that it refuses to merge."""
    # cffi hides an error of the object database behind a SystemError
    cause = problem.__cause__ if isinstance(problem, SystemError) else problem
    if isinstance(cause, KeyError):
        return objects.unreadable(str(cause.args[0]), cause)
    return errors.NotAnalysed(f"does not merge: {cause}")
