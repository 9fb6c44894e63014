"""Carries out reviews for the service: objects from GitHub, the review itself, its words for GitHub, its record."""

import contextlib
import urllib.parse
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import sqlalchemy
import structlog

from gatekeeper import configuration, errors, evaluation, review, settings
from gatekeeper.diffs import parse
from gatekeeper.forge import permissions, tokens
from gatekeeper.git import difftext, mirrors, repository
from gatekeeper.report.github import annotations, comments
from gatekeeper.store import offers, records
from gatekeeper.verdicts import authority, publication
from gatekeeper.wiring import adopting, calibrating, carried, discretion, offering, standing
from gatekeeper.wiring import progress as progressing
from gatekeeper.wiring import review as reviews

_log = structlog.get_logger(__name__)

_EXECUTED = review.EXECUTED


class Reviewer:
    """Implements the workflows' `Reviewer` on this machine."""

    def __init__(
        self,
        chosen: settings.Settings,
        engine: sqlalchemy.Engine,
        broker: tokens.Tokens,
        kept: mirrors.Mirrors,
        github: str,
    ) -> None:
        """Record in `engine`'s database; `broker` opens the repositories below the address `github`."""
        self._chosen, self._engine, self._broker, self._mirrors, self._github = chosen, engine, broker, kept, github

    def review(
        self, assignment: evaluation.Assignment, progress: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> evaluation.Reviewed | evaluation.NotReviewed | evaluation.Stopped:
        """Fetch, review, record."""
        asked, base = assignment.asked, _base(assignment.asked)
        progress("fetching the change")
        try:
            with self._fetched(asked, [asked.head_ref, base], cancelled) as fetched:
                return self._reviewed(assignment, fetched, fetched.commits[base], progress, cancelled)
        except errors.FetchError as ended:
            if ended.failure is errors.FetchFailure.CANCELLED:
                return evaluation.Stopped()
            raise

    def offer(
        self, asked: evaluation.Asked, identity: str, cancelled: Callable[[], bool]
    ) -> publication.PullReview | None:
        """Look at the recorded review, try, record, and draft the comments anew."""
        done = records.find(self._engine, identity)
        try:
            with self._fetched(asked, [asked.head_ref, done.subject.base], cancelled) as fetched:
                if fetched.commits[asked.head_ref] != asked.head:
                    return None
                known = offers.of_review(self._engine, identity)
                looked = offering.of_recorded(
                    done,
                    known,
                    fetched.folder,
                    self._chosen,
                    progressing.Progress(),
                    cancelled,
                    lambda noted: _log.info("noted", note=noted),
                )
                if looked is None or not looked.offered.anything or cancelled():
                    return None
                offers.record(self._engine, identity, looked.offered)
                return self._drafted(asked, looked)
        except errors.FetchError as ended:
            if ended.failure is errors.FetchFailure.CANCELLED:
                return None
            raise

    def terms(self, assignment: evaluation.Assignment) -> evaluation.Terms:
        """Read base's configuration alone: it may be head that is too large, or broken."""
        with self._fetched(assignment.asked, [_base(assignment.asked)], lambda: False) as fetched:
            opened = repository.open_repository(fetched.folder)
            configured = configuration.read(opened.tree(fetched.commits[_base(assignment.asked)]))
            return self._terms(assignment.asked, configured)

    def _fetched(
        self, asked: evaluation.Asked, refs: list[str], cancelled: Callable[[], bool]
    ) -> contextlib.AbstractContextManager[mirrors.Fetched]:
        place = asked.place
        token = self._broker.token(place.installation, place.repository, permissions.FETCH)
        url = f"{self._github}/{urllib.parse.quote(place.name)}.git"
        return self._mirrors.fetched(place.repository, url, token, refs, cancelled=cancelled)

    def _reviewed(
        self,
        assignment: evaluation.Assignment,
        fetched: mirrors.Fetched,
        base: str,
        tell: Callable[[str], None],
        cancelled: Callable[[], bool],
    ) -> evaluation.Reviewed | evaluation.NotReviewed | evaluation.Stopped:
        asked = assignment.asked
        if fetched.commits[asked.head_ref] != asked.head:
            raise errors.FetchError(
                f"{asked.head_ref} of {asked.place.name} is not at {asked.head[:10]}: it was pushed to since, or is "
                "not there yet",
                errors.FetchFailure.MISSING,
            )
        opened = repository.open_repository(fetched.folder)
        configured = configuration.read(opened.tree(base))
        if why := _kept_out(assignment, configured, opened, base):
            return self._not_reviewed(assignment, configured, why)
        request = reviews.Request(
            repository=fetched.folder,
            base=base,
            head=asked.head,
            judged=review.Judged.MERGE,
            id=assignment.review,
            name=asked.place.name,
        )
        done = reviews.carry_out(
            request,
            self._chosen,
            _Told(tell),
            cancelled=cancelled,
            measured=partial(records.seconds_of_a_test, self._engine),
            calibrated=calibrating.Calibrated(self._engine, asked.place.name),
        )
        if cancelled():
            return evaluation.Stopped()
        for note in done.review.notes:
            _log.info("noted", note=note)
        done = replace(done, review=discretion.without_addresses(done.review, self._chosen.model_urls))
        records.record(self._engine, done.review, number=asked.place.repository)
        if asked.pull is not None:
            adopting.note(self._engine, asked, done.review, opened, datetime.now(UTC))
        return self._worded(assignment, done)

    def _worded(self, assignment: evaluation.Assignment, done: carried.Carried) -> evaluation.Reviewed:
        asked = assignment.asked
        terms = self._terms(asked, done.configuration, done.review.rests_on)
        blocks = terms.authority is authority.Authority.BLOCK
        # of what is set by hand nothing is measured that it depends on; a merge queue takes what is late for a failure
        may_wait = blocks and done.configuration.earn and asked.pull is not None
        return evaluation.Reviewed(
            review=assignment.review,
            terms=terms,
            annotations=annotations.annotate(
                done.review, authority=terms.authority, to_head=done.to_head, halting_at=terms.halting_at
            ),
            comments=self._drafted(asked, done) if asked.pull is not None else None,
            held_back=may_wait and evaluation.is_held_back(assignment.review, done.configuration.held_back),
        )

    def _drafted(self, asked: evaluation.Asked, done: carried.Carried) -> publication.PullReview:
        return comments.draft(
            done.review,
            head_diff=done.head_diff,
            to_head=done.to_head,
            offered=done.offered,
            limit=done.configuration.comments.limit,
            report_url=f"{self._chosen.url}/reviews/{done.review.id}" if self._chosen.url else None,
            repository_url=f"{self._github}/{asked.place.name}",
        )

    def _not_reviewed(
        self, assignment: evaluation.Assignment, configured: configuration.Configuration, why: str
    ) -> evaluation.NotReviewed:
        # a skipped check passes, and a draft that becomes ready must not be merged before it is reviewed
        drafted = assignment.draft and not configured.drafts
        waits = drafted and self._terms(assignment.asked, configured).authority is authority.Authority.BLOCK
        said = publication.CheckConclusion.CANCELLED if waits else publication.CheckConclusion.SKIPPED
        return evaluation.NotReviewed(reason=why, conclusion=said)

    def _terms(
        self, asked: evaluation.Asked, configured: configuration.Configuration, basis: str = _EXECUTED
    ) -> evaluation.Terms:
        """Return what a verdict that rests on `basis` is held to, having decided anew what has been earned."""
        return standing.terms(self._engine, asked, configured, basis, datetime.now(UTC))


def _base(asked: evaluation.Asked) -> str:
    """Return what base is fetched by: a pull request's as it is now, a merge group's as the queue took it."""
    return f"refs/heads/{asked.base_ref}" if asked.pull is not None else asked.base


def _kept_out(
    assignment: evaluation.Assignment, configured: configuration.Configuration, opened: repository.Repository, base: str
) -> str | None:
    """Return why the base branch's configuration keeps the pull request out, or None where it does not."""
    applies = partial(
        configuration.applies,
        configured,
        base_ref=assignment.asked.base_ref,
        draft=assignment.draft,
        labels=assignment.labels,
    )
    if (why := applies()) or configured.paths == configuration.Configuration().paths:
        return why
    start = opened.names.merge_base(base, assignment.asked.head)
    before = opened.tree(str(start) if start else base)
    changed = parse.parse(difftext.unified(opened.objects, before, opened.tree(assignment.asked.head)))
    return applies(paths=changed.paths)


class _Told(progressing.Progress):
    """Passes on what a review is doing."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def step(self, what: str) -> None:
        self._tell(what)

    def predicted(self, done: int, of: int) -> None:
        # `of` is no more than a lower bound until every module was collected
        self._tell(f"{done} affected tests pre-executed" + (f" of {of} or more" if of > done else ""))
