"""Comments in a pull request's conversation, and reactions to comments."""

from tests.fakes.github import events, problems, reviews, state, store

_CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


class Comments:
    """Takes the conversation's comments."""

    def __init__(self, world: store.Store, tell: events.Events) -> None:
        self._world = world
        self._tell = tell

    def create(
        self, pull: state.Pull, author: state.Account, body: object, app: state.App | None = None
    ) -> state.IssueComment:
        """Take a comment."""
        reviews.check_body(body, "IssueComment")
        now = self._world.now()
        comment = state.IssueComment(
            id=self._world.next_id(),
            pull=pull,
            author=author,
            app=app,
            body=str(body),
            created=now,
            updated=now,
            shows=self._world.when_listed(),
        )
        pull.comments[comment.id] = comment
        self._tell.issue_comment(comment, "created", author)
        return comment

    def edit(self, comment: state.IssueComment, by: state.Account, body: object) -> None:
        """Change the text of a comment."""
        reviews.check_body(body, "IssueComment")
        before, comment.body, comment.updated = comment.body, str(body), self._world.now()
        self._tell.issue_comment(comment, "edited", by, changes={"body": {"from": before}})

    def delete(self, comment: state.IssueComment, by: state.Account) -> None:
        """Take a comment away."""
        del comment.pull.comments[comment.id]
        self._tell.issue_comment(comment, "deleted", by)

    def react(
        self, comment: state.IssueComment | state.ReviewComment, by: state.Account, content: object
    ) -> tuple[tuple[int, state.Account, str], bool]:
        """Add a reaction; return it, and whether it is a new one."""
        if content not in _CONTENTS:
            raise problems.invalid("Validation Failed", problems.field("Reaction", "content", "invalid"))
        for known in comment.reactions:
            if known[1:] == (by, content):
                return known, False
        comment.reactions.append((self._world.next_id(), by, str(content)))
        return comment.reactions[-1], True
