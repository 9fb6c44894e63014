"""Of a pull request that was pushed to and reviewed again: what became of the fixes that were offered for it."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

import sqlalchemy

from gatekeeper import errors, evaluation, review
from gatekeeper.diffs import tree as trees
from gatekeeper.git import difftext, repository
from gatekeeper.repair import adoption, fate
from gatekeeper.store import fates
from gatekeeper.verdicts import findings, verdict


def note(
    engine: sqlalchemy.Engine,
    asked: evaluation.Asked,
    done: review.Review,
    opened: repository.Repository,
    now: datetime,
) -> None:
    """Note which fixes of other heads the reviewed one has, and which findings are gone without their fix.

    Of what git no longer has nothing is known. Raises StoreError.
    """
    assert asked.pull is not None
    others = [one for one in fates.not_applied(engine, asked.place.repository, asked.pull) if one.head != asked.head]
    if not others:
        return
    found = {one.fingerprint for one in findings.find(done.predictions, done.selection, done.policy)}
    looked_at = list(_looked_at(others, asked.head, opened))
    # what could not be analysed does not say that a finding is gone
    analysed = done.verdict.conclusion is not verdict.Conclusion.NOT_ANALYSED
    gone = [
        (one.review, one.position)
        for one, has in looked_at
        if analysed and not has and one.became is fate.Became.OFFERED and found.isdisjoint(one.mends)
    ]
    fates.apply(engine, [(one.review, one.position) for one, has in looked_at if has], asked.head, now=now)
    fates.ignore(engine, gone, now=now)


def _looked_at(others: list[fates.Open], head: str, opened: repository.Repository) -> Iterator[tuple[fates.Open, bool]]:
    """Yield each fix whose file can be had as it was, and whether head has the fix."""

    @cache
    def content(commit: str, path: str) -> str | None:
        return _content(opened, commit, path)

    for one in others:
        path = one.replacement.path
        try:
            offered_on, later = content(one.head, path), content(head, path)
        except errors.GatekeeperError:
            continue
        if offered_on is not None:
            yield one, later is not None and adoption.is_adopted(offered_on, one.replacement, later)


def _content(opened: repository.Repository, commit: str, path: str) -> str | None:
    """Return the text of a file; None where there is none, or it is too large or no text. Raises GatekeeperError."""
    tree = opened.tree(commit)
    entry = tree.entries.get(path)
    if entry is None or entry.mode not in {trees.Mode.FILE, trees.Mode.EXECUTABLE}:
        return None
    if entry.size > difftext.LARGEST_TEXT:
        return None
    try:
        return tree.read(path).decode()
    except UnicodeDecodeError:
        return None
