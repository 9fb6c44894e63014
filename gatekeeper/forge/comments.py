"""Comments on pull requests: found again by what is hidden in them, and never made twice."""

import re
from collections.abc import Mapping, Sequence

from gatekeeper import errors, hosted
from gatekeeper.forge import clients, markers, permissions, session, threads, translation, written
from gatekeeper.verdicts import publication

# said where the App may not resolve threads
_GONE = "*No longer found in the newest commit.*"

# said in a comment that stays, whose suggestion is for other lines
_MOVED = "*Goes on in another comment, on the lines that the fix replaces.*"
# at most so many ticks of our own open a suggestion, see the report's `markdown.suggestion`
_SUGGESTION = re.compile(r"^`{3,}suggestion\s*$", re.MULTILINE)


class Comments:
    """Implements the workflows' `Comments`. Only what the App's own bot wrote is taken for ours."""

    def __init__(self, made: clients.Clients) -> None:
        """Ask with the clients of `made`."""
        self._clients = made

    @translation.bordered
    def publish(self, place: hosted.Place, number: int, review: publication.PullReview) -> hosted.Published:
        """Make the pull request's comments what the review says.

        The review's body is shown with new comments alone: a review without any is not made. A finding whose comment
        is outdated keeps its thread. Where the App may not resolve threads, the comment says that it is mended. What
        is suggested for other lines than a comment stands on takes a new one: GitHub replaces those of the comment.
        """
        asked = self._clients.at(place, permissions.COMMENTS)
        wanted = {comment.fingerprint: comment for comment in reversed(review.comments)}
        there = self._there(asked, place, number)
        left = self._leave(asked, place, there, wanted)
        updated = sum(self._update(asked, place, there[mark], wanted[mark]) for mark in wanted if mark in there)
        new = [comment for comment in wanted.values() if comment.fingerprint not in there]
        # as they were given, the first of each fingerprint
        refused = self._make(asked, place, number, review, new[::-1])
        resolved = self._settle(asked, place, number, there | left, wanted)
        return hosted.Published(
            made=len(new) - len(refused), updated=updated, resolved=resolved, refused=tuple(refused)
        )

    @translation.bordered
    def reply(self, place: hosted.Place, number: int, key: str, body: str) -> None:
        """Comment on the pull request once for each `key`; a second call with the key changes that comment."""
        asked = self._clients.at(place, permissions.COMMENTS)
        _, bot = self._clients.app()
        path = f"/repos/{place.name}/issues/{number}/comments"
        whole = markers.marked(body, markers.reply(key))
        ours = _replies(asked, path, bot, key)
        if not ours:
            asked.post(path, {"body": whole})
            ours = _replies(asked, path, bot, key)
        if ours and not markers.same(ours[0].body, whole):
            written.edit(asked, f"/repos/{place.name}/issues/comments/{ours[0].id}", whole)
        for extra in ours[1:]:
            written.delete(asked, f"/repos/{place.name}/issues/comments/{extra.id}")

    @translation.bordered
    def react(self, place: hosted.Place, comment: int, *, review_comment: bool, content: str) -> None:
        """React to a comment: `eyes`, `+1`, `-1`, `confused`; GitHub keeps one of each."""
        kind = "pulls" if review_comment else "issues"
        asked = self._clients.at(place, permissions.COMMENTS)
        asked.post(f"/repos/{place.name}/{kind}/comments/{comment}/reactions", {"content": content})

    def _there(self, asked: session.Session, place: hosted.Place, number: int) -> dict[str, written.Written]:
        """Return our comments by fingerprint; of two with the same the newer is taken away."""
        _, bot = self._clients.app()
        found: dict[str, written.Written] = {}
        listed = written.find(asked, f"/repos/{place.name}/pulls/{number}/comments", bot)
        for comment in sorted((comment for comment in listed if comment.first), key=lambda comment: comment.id):
            mark = markers.finding_of(comment.body)
            if mark is not None and mark in found:
                written.delete(asked, _path(place, comment))
            elif mark is not None:
                found[mark] = comment
        return found

    def _leave(
        self,
        asked: session.Session,
        place: hosted.Place,
        there: dict[str, written.Written],
        wanted: Mapping[str, publication.Comment],
    ) -> dict[str, written.Written]:
        """Take from `there` what stands elsewhere than its suggestion is for; return of it what was not deleted."""
        left = {}
        for mark in [mark for mark in wanted if mark in there and _is_astray(there[mark], wanted[mark])]:
            comment = there.pop(mark)
            if comment.answered or comment.line is None:
                # no longer found by its finding, so that the new one is
                written.edit(asked, _path(place, comment), f"{_MOVED}\n\n{markers.unmarked(comment.body)}")
                left[f"left {comment.id}"] = comment
            else:
                written.delete(asked, _path(place, comment))
        return left

    def _update(
        self, asked: session.Session, place: hosted.Place, old: written.Written, comment: publication.Comment
    ) -> bool:
        """Bring the comment's body up to date; return whether it had to change."""
        body = _body(comment)
        if markers.same(old.body, body):
            return False
        written.edit(asked, _path(place, old), body)
        return True

    def _make(
        self,
        asked: session.Session,
        place: hosted.Place,
        number: int,
        review: publication.PullReview,
        new: Sequence[publication.Comment],
    ) -> list[str]:
        """Make the comments; return the fingerprints of those that GitHub does not take."""
        if not new:
            return []
        refused = _made(asked, f"/repos/{place.name}/pulls/{number}", review, new)
        # what an earlier attempt made without an answer may not have been listed before
        self._there(asked, place, number)
        return refused

    def _settle(
        self,
        asked: session.Session,
        place: hosted.Place,
        number: int,
        there: Mapping[str, written.Written],
        wanted: Mapping[str, publication.Comment],
    ) -> int:
        """Open threads of what is found again, resolve those of what is mended; return how many were resolved."""
        if not there:
            return 0
        known = threads.find(asked, place.name, number)
        writing = self._clients.at(place, permissions.THREADS)
        may, resolved = True, 0
        for mark, comment in there.items():
            thread, gone = known.get(comment.id), mark not in wanted
            if thread is None or thread.resolved is gone or (gone and comment.body.startswith(_GONE)):
                continue
            # what is forbidden for one is forbidden for all
            may = may and threads.settle(writing, thread, resolved=gone)
            if gone:
                resolved += 1
                if not may:
                    _say_gone(asked, place, comment)
        return resolved


def _made(
    asked: session.Session, pull: str, review: publication.PullReview, new: Sequence[publication.Comment]
) -> list[str]:
    on_lines = [comment for comment in new if comment.line is not None]
    left = list(new)
    if on_lines:
        shapes = [{"path": comment.path, "body": _body(comment), **written.lines(comment)} for comment in on_lines]
        try:
            written.review(asked, pull, review.head, review.body, shapes)
            left = [comment for comment in new if comment.line is None]
        except errors.RefusedError:
            # one that is not in the diff has all refused: GitHub says what, not which
            pass
    return [
        comment.fingerprint for comment in left if not written.single(asked, pull, review.head, comment, _body(comment))
    ]


def _is_astray(old: written.Written, comment: publication.Comment) -> bool:
    """Whether a suggestion would be read as one for the lines on which the old comment stands, and is not."""
    if old.outdated or markers.same(old.body, _body(comment)) or not _SUGGESTION.search(comment.body):
        return False
    return (old.path, old.start_line, old.line) != (comment.path, comment.start_line or comment.line, comment.line)


def _replies(asked: session.Session, path: str, bot: str, key: str) -> list[written.Written]:
    """Return our answers with the key, the oldest first."""
    ours = [found for found in written.find(asked, path, bot) if markers.is_reply(found.body, key)]
    return sorted(ours, key=lambda found: found.id)


def _say_gone(asked: session.Session, place: hosted.Place, comment: written.Written) -> None:
    whole = f"{_GONE}\n\n{comment.body}"
    if len(whole) > publication.LONGEST_TEXT:
        whole = f"{_GONE}\n\n{markers.finding(markers.finding_of(comment.body) or '')}"
    written.edit(asked, _path(place, comment), whole)


def _body(comment: publication.Comment) -> str:
    return markers.marked(comment.body, markers.finding(comment.fingerprint))


def _path(place: hosted.Place, comment: written.Written) -> str:
    return f"/repos/{place.name}/pulls/comments/{comment.id}"
