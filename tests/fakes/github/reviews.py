"""Reviews and the comments in them: where they may be anchored, and what becomes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.fakes.github import events, patches, problems, pulls, state, store

LONGEST = 65_536
_STATES = {"COMMENT": "COMMENTED", "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchor:
    """Where a comment is put in the diff; a file's comment has no line."""

    path: str
    subject: Literal["line", "file"] = "line"
    side: str = "RIGHT"
    line: int | None = None
    start_side: str | None = None
    start_line: int | None = None
    hunk: str = ""
    position: int | None = None


class Reviews:
    """Takes reviews and comments as GitHub does: a review whole, or not at all."""

    def __init__(self, world: store.Store, tell: events.Events) -> None:
        self._world = world
        self._tell = tell

    def submit(self, pull: state.Pull, author: state.Account, given: Mapping[str, object]) -> state.Review:
        """Take a review with all its comments; refuse it whole where one of them cannot be placed."""
        event, body, comments = str(given.get("event")), given.get("body") or "", given.get("comments") or []
        assert isinstance(comments, list)
        if event not in _STATES:
            raise problems.invalid("Variable $event of type PullRequestReviewEvent was provided invalid value")
        if event == "COMMENT" and not body and not comments:
            raise problems.invalid("Unprocessable Entity", "Review body can't be blank")
        _check_text(body, "Review body", blank=True)
        commit = given.get("commit_id")
        if commit is not None and not self._has_commit(pull, commit):
            raise problems.invalid("Unprocessable Entity", "commit_id is not part of the pull request")
        commit = pull.head_sha if commit is None else str(commit)
        anchors = []
        for comment in comments:
            _check_text(comment.get("body"), "Pull request review comment body")
            anchor = _anchor(pull, commit, comment)
            if isinstance(anchor, tuple):
                raise problems.invalid("Unprocessable Entity", *(f"Pull request review thread {why}" for why in anchor))
            anchors.append((anchor, str(comment["body"])))
        review = self._review(pull, author, str(body), _STATES[event], commit)
        for anchor, text in anchors:
            self._add(pull, author, review, anchor, text, commit)
        return review

    def comment(self, pull: state.Pull, author: state.Account, given: Mapping[str, object]) -> state.ReviewComment:
        """Take a single comment, which GitHub puts into a review of its own."""
        if given.get("in_reply_to") is not None:
            return self.reply(pull, author, given["in_reply_to"], given.get("body"))
        check_body(given.get("body"), "PullRequestReviewComment")
        for name in ("commit_id", "path"):
            if not given.get(name):
                raise problems.invalid(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        commit = str(given["commit_id"])
        if not self._has_commit(pull, commit):
            message = "commit_id is not part of the pull request"
            error = problems.field("PullRequestReviewComment", "commit_id", "custom", message)
            raise problems.invalid("Validation Failed", error)
        anchor = _anchor(pull, commit, given)
        if isinstance(anchor, tuple):
            name = "pull_request_review_thread"
            errors = [problems.field("PullRequestReviewComment", name, "custom", f"{name} {why}") for why in anchor]
            raise problems.invalid("Validation Failed", *errors)
        review = self._review(pull, author, "", "COMMENTED", commit)
        return self._add(pull, author, review, anchor, str(given["body"]), commit)

    def reply(self, pull: state.Pull, author: state.Account, to: object, body: object) -> state.ReviewComment:
        """Take a reply to the comment that a thread begins with."""
        check_body(body, "PullRequestReviewComment")
        root = pull.review_comments.get(to) if isinstance(to, int) else None
        if root is None:
            raise problems.not_found()
        if root.reply_to is not None:
            raise problems.invalid(
                "Validation Failed", problems.field("PullRequestReviewComment", "in_reply_to", "invalid")
            )
        anchor = _Anchor(
            path=root.path,
            subject=root.subject,
            side=root.side,
            line=root.line,
            start_side=root.start_side,
            start_line=root.start_line,
            hunk=root.hunk,
            position=root.position,
        )
        review = self._review(pull, author, "", "COMMENTED", root.commit_id)
        return self._add(pull, author, review, anchor, str(body), root.commit_id, root.id)

    def edit(self, comment: state.ReviewComment, by: state.Account, body: object) -> None:
        """Change the text of a comment."""
        check_body(body, "PullRequestReviewComment")
        before, comment.body, comment.updated = comment.body, str(body), self._world.now()
        self._tell.review_comment(comment, "edited", by, changes={"body": {"from": before}})

    def delete(self, comment: state.ReviewComment, by: state.Account) -> None:
        """Take a comment away."""
        del comment.pull.review_comments[comment.id]
        self._tell.review_comment(comment, "deleted", by)

    def _has_commit(self, pull: state.Pull, given: object) -> bool:
        """Return whether the commit is one of the pull request's."""
        git, sha = pull.repository.git, str(given)
        known = git.has_commit(sha) and git.descends(pull.head_sha, sha)
        return known and not git.descends(pull.base_sha, sha)

    def _review(self, pull: state.Pull, author: state.Account, body: str, outcome: str, commit: str) -> state.Review:
        review = state.Review(
            id=self._world.next_id(),
            author=author,
            body=body,
            state=outcome,
            commit_id=commit,
            submitted=self._world.now(),
            shows=self._world.when_listed(),
        )
        pull.reviews.append(review)
        return review

    def _add(
        self,
        pull: state.Pull,
        author: state.Account,
        review: state.Review,
        anchor: _Anchor,
        body: str,
        commit: str,
        reply_to: int | None = None,
    ) -> state.ReviewComment:
        now = self._world.now()
        comment = state.ReviewComment(
            id=self._world.next_id(),
            pull=pull,
            author=author,
            body=body,
            path=anchor.path,
            review=review,
            reply_to=reply_to,
            subject=anchor.subject,
            commit_id=commit,
            original_commit_id=commit,
            hunk=anchor.hunk,
            side=anchor.side,
            start_side=anchor.start_side,
            line=anchor.line,
            start_line=anchor.start_line,
            original_line=anchor.line,
            original_start_line=anchor.start_line,
            position=anchor.position,
            original_position=anchor.position,
            created=now,
            updated=now,
            shows=self._world.when_listed(),
        )
        pull.review_comments[comment.id] = comment
        if commit != pull.head_sha:
            pulls.follow(comment, pull.head_sha)
        self._tell.review_comment(comment, "created", author)
        return comment


def check_body(body: object, resource: str, *, blank: bool = False) -> None:
    """Refuse a text that is absent or too long."""
    if not isinstance(body, str) or not (blank or body.strip()):
        raise problems.invalid("Validation Failed", problems.field(resource, "body", "missing_field"))
    if len(body) > LONGEST:
        message = f"body is too long (maximum is {LONGEST} characters)"
        raise problems.invalid("Validation Failed", problems.field(resource, "body", "custom", message))


def _check_text(text: object, name: str, *, blank: bool = False) -> None:
    """Refuse a text of a review, whose errors are sentences."""
    if not isinstance(text, str) or not (blank or text.strip()):
        raise problems.invalid("Unprocessable Entity", f"{name} can't be blank")
    if len(text) > LONGEST:
        raise problems.invalid("Unprocessable Entity", f"{name} is too long (maximum is {LONGEST} characters)")


def _anchor(pull: state.Pull, commit: str, given: Mapping[str, object]) -> _Anchor | tuple[str, ...]:
    """Return the place in the diff, or why there is none."""
    git = pull.repository.git
    files = patches.between(git, git.merge_base(pull.base_sha, commit), commit)
    path = str(given.get("path"))
    file = next((one for one in files if one.path == path), None)
    if file is None:
        return ("path is invalid", "diff hunk can't be blank")
    if given.get("subject_type") == "file":
        return _Anchor(path=path, subject="file", position=1)
    side, line = given.get("side") or "RIGHT", given.get("line")
    start_side, start = given.get("start_side") or side, given.get("start_line")
    if not isinstance(line, int) or side not in ("LEFT", "RIGHT") or start_side not in ("LEFT", "RIGHT"):
        return ("line must be part of the diff", "diff hunk can't be blank")
    found = file.find(str(side), line)
    if found is None:
        return ("line must be part of the diff", "diff hunk can't be blank")
    if start is not None and (why := _wrong_start(file, found, str(start_side), start)):
        return (why,)
    hunk, last = found
    return _Anchor(
        path=path,
        side=str(side),
        line=line,
        start_side=None if start is None else str(start_side),
        start_line=start if isinstance(start, int) else None,
        hunk=hunk.up_to(last),
        position=last.position,
    )


def _wrong_start(file: patches.File, found: tuple[patches.Hunk, patches.Line], side: str, start: object) -> str:
    first = file.find(side, start) if isinstance(start, int) else None
    if first is None:
        return "start line must be part of the diff"
    if first[0] is not found[0]:
        return "start line must be part of the same hunk as the line."
    return "" if first[1].position < found[1].position else "start line must precede the end line."
