"""GitHub as a test sees it: what people do there, and what the App left behind."""

from pathlib import Path

from tests.fakes.github import (
    checks,
    ci,
    comments,
    contents,
    gitdata,
    owners,
    pulls,
    queue,
    reviews,
    state,
)
from tests.fakes.github import (
    clock as clocks,
)


class World(owners.Owners):
    """A GitHub of its own, with git repositories in `folder`. Each method is one act of a person there.

    Accounts are named by login; one that is not known yet is made. Acts send the webhooks that GitHub would send.
    """

    def __init__(self, folder: Path, clock: clocks.Clock | None = None) -> None:
        super().__init__(folder, clock or clocks.Clock())
        self.pulls = pulls.Pulls(self, self.events)
        self.contents = contents.Contents(self, self.pulls)
        self.queue = queue.Queue(self, self.events, self.pulls)
        self.checks = checks.Checks(self, self.events)
        self.ci = ci.Ci(self, self.events)
        self.reviews = reviews.Reviews(self, self.events)
        self.comments = comments.Comments(self, self.events)

    # branches and pull requests

    def push(
        self,
        repository: state.Repository,
        branch: str,
        files: gitdata.Files,
        *,
        message: str = "change",
        by: str | None = None,
        start: str | None = None,
        force: bool = False,
    ) -> str:
        """Commit files (None: delete) to the branch and return the commit's id.

        A new branch begins at `start`, a branch or commit, or else at the default branch. With `force` an old one
        begins there anew.
        """
        with self.lock:
            before = repository.git.resolve(f"refs/heads/{branch}")
            anew = before is None or force
            parent = repository.git.commit_of(start or repository.default_branch) if anew else before
            sha = self._commit(repository, branch, files, message, parent)
            self.pulls.moved(repository, branch, before, self.user(by) if by else repository.owner)
            return sha

    def move_branch(self, repository: state.Repository, branch: str, sha: str, by: str | None = None) -> None:
        """Push a commit that is in the repository already."""
        with self.lock:
            before = repository.git.resolve(f"refs/heads/{branch}")
            repository.git.point(f"refs/heads/{branch}", sha)
            self.pulls.moved(repository, branch, before, self.user(by) if by else repository.owner)

    # pull requests

    def open_pull(
        self,
        repository: state.Repository,
        head: str,
        *,
        base: str | None = None,
        head_repository: state.Repository | None = None,
        title: str = "A change",
        body: str | None = None,
        author: str | None = None,
        draft: bool = False,
        maintainer_can_modify: bool = False,
    ) -> state.Pull:
        """Open a pull request of the branch `head`, of the repository or of a fork."""
        with self.lock:
            source = head_repository or repository
            by = self.user(author) if author else source.owner
            into = base or repository.default_branch
            return self.pulls.open(
                repository,
                source,
                head,
                into,
                by,
                title,
                body,
                draft=draft,
                maintainer_can_modify=maintainer_can_modify,
            )

    def close(self, pull: state.Pull, *, merged: bool = False, by: str | None = None) -> None:
        """Close the pull request, merged or not; a merge moves the base branch."""
        with self.lock:
            who = self._by(pull, by)
            pull.open, pull.closed = False, self.now()
            if merged:
                assert pull.merge_sha is not None
                pull.merged = pull.closed
                self.move_branch(pull.repository, pull.base_ref, pull.merge_sha, who.login)
            self.events.pull_request(pull, "closed", who)

    def reopen(self, pull: state.Pull, *, by: str | None = None) -> None:
        """Open the pull request again."""
        with self.lock:
            pull.open, pull.closed = True, None
            self.events.pull_request(pull, "reopened", self._by(pull, by))

    def set_draft(self, pull: state.Pull, *, draft: bool, by: str | None = None) -> None:
        """Turn the pull request into a draft, or make it ready for review."""
        with self.lock:
            pull.draft = draft
            action = "converted_to_draft" if draft else "ready_for_review"
            self.events.pull_request(pull, action, self._by(pull, by))

    def edit(self, pull: state.Pull, *, title: str | None = None, base: str | None = None) -> None:
        """Change the title, or the branch that the pull request goes into."""
        with self.lock:
            if title is not None:
                changes = {"title": {"from": pull.title}}
                pull.title = title
                self.events.pull_request(pull, "edited", pull.author, changes=changes)
            if base is not None:
                self.pulls.rebase(pull, base, pull.author)

    def label(self, pull: state.Pull, name: str, *, by: str | None = None) -> None:
        """Put a label on the pull request."""
        with self.lock:
            pull.labels.append(name)
            label = self.events.label(pull, name)
            self.events.pull_request(pull, "labeled", self._by(pull, by), label=label)

    def unlabel(self, pull: state.Pull, name: str, *, by: str | None = None) -> None:
        """Take a label from the pull request."""
        with self.lock:
            pull.labels.remove(name)
            label = self.events.label(pull, name)
            self.events.pull_request(pull, "unlabeled", self._by(pull, by), label=label)

    def enqueue(self, pull: state.Pull, *, after: queue.Group | None = None, by: str | None = None) -> queue.Group:
        """Put the pull request into the merge queue, alone or behind another group."""
        with self.lock:
            return self.queue.add(pull, after, self._by(pull, by))

    def dequeue(self, group: queue.Group, reason: str = "dequeued", *, by: str | None = None) -> None:
        """Take the group out of the queue; the reason `merged` merges it too."""
        with self.lock:
            self.queue.remove(group, reason, self._by(group.pull, by))
            if reason == "merged":
                group.pull.merge_sha = group.head_sha
                self.close(group.pull, merged=True, by=by)

    # comments

    def comment(self, pull: state.Pull, login: str, body: str) -> state.IssueComment:
        """Write into the pull request's conversation."""
        with self.lock:
            return self.comments.create(pull, self.user(login), body)

    def review(self, pull: state.Pull, login: str, path: str, line: int, body: str) -> state.ReviewComment:
        """Comment on a line of the right side of the diff."""
        with self.lock:
            given = {"path": path, "line": line, "body": body, "commit_id": pull.head_sha}
            return self.reviews.comment(pull, self.user(login), given)

    def reply(self, comment: state.ReviewComment, login: str, body: str) -> state.ReviewComment:
        """Answer in the comment's thread."""
        with self.lock:
            root = comment.reply_to or comment.id
            return self.reviews.reply(comment.pull, self.user(login), root, body)

    # checks

    def rerun(self, run: state.Run, *, by: str) -> None:
        """Click Re-run at a check run; GitHub asks the App, and changes nothing itself."""
        with self.lock:
            self.events.run(run, "rerequested", self.user(by))

    def rerun_suite(self, suite: state.Suite, *, by: str) -> None:
        """Click Re-run all checks."""
        with self.lock:
            self.events.suite(suite, "rerequested", self.user(by))

    def press(self, run: state.Run, identifier: str, *, by: str) -> None:
        """Click an action button, which only a completed run shows."""
        with self.lock:
            assert run.status == "completed", "buttons appear on a completed run only"
            assert identifier in [action["identifier"] for action in run.actions], f"no button {identifier}"
            self.events.run(run, "requested_action", self.user(by), requested_action={"identifier": identifier})

    def report(
        self, app: state.App, repository: state.Repository, sha: str, name: str, conclusion: str | None
    ) -> state.Run:
        """Let another App report a check run: completed, or (None) in progress."""
        with self.lock:
            given = {"status": "in_progress"} if conclusion is None else {"conclusion": conclusion}
            return self.checks.create(app, repository, {"name": name, "head_sha": sha, **given})

    def runs_at(self, repository: state.Repository, sha: str, app: state.App | None = None) -> list[state.Run]:
        """Return the runs on the commit, oldest first, whatever lists show."""
        with self.lock:
            suites = self.suites(repository, sha)
            return [run for suite in suites if app in (None, suite.app) for run in suite.runs]

    def _by(self, pull: state.Pull, login: str | None) -> state.Account:
        return self.user(login) if login else pull.author
