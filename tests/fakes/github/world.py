"""GitHub as a test sees it: what people do there, and what the App left behind."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.fakes.github import (
    apps,
    checks,
    comments,
    contents,
    events,
    gitdata,
    office,
    pulls,
    queue,
    reviews,
    state,
    store,
)
from tests.fakes.github import (
    clock as clocks,
)

_ROLES = ("admin", "maintain", "write", "triage", "read", "none")


class World(store.Store):
    """A GitHub of its own, with git repositories in `folder`. Each method is one act of a person there.

    Accounts are named by login; one that is not known yet is made. Acts send the webhooks that GitHub would send.
    """

    def __init__(self, folder: Path, clock: clocks.Clock | None = None) -> None:
        super().__init__(folder, clock or clocks.Clock())
        self.office = office.Office(self)
        self.events = events.Events(self, self.office)
        self.pulls = pulls.Pulls(self, self.events)
        self.contents = contents.Contents(self, self.pulls)
        self.queue = queue.Queue(self, self.events, self.pulls)
        self.checks = checks.Checks(self, self.events)
        self.reviews = reviews.Reviews(self, self.events)
        self.comments = comments.Comments(self, self.events)

    # accounts and Apps

    def user(self, login: str) -> state.Account:
        """Return the account, made as a user if it is not known."""
        with self.lock:
            known = self.account(login)
            if known is None:
                known = self.accounts[login.lower()] = state.Account(id=self.next_id(), login=login)
            return known

    def organisation(self, login: str) -> state.Account:
        """Return the account as an organisation."""
        account = self.user(login)
        account.kind = "Organization"
        return account

    def create_app(
        self,
        name: str = "Gatekeeper",
        *,
        permissions: state.Permissions | None = None,
        events: Iterable[str] | None = None,
        webhook_secret: str | None = "a secret of the hook",
        hook_url: str | None = None,
        owner: str = "octo",
    ) -> state.App:
        """Register an App; by default with the permissions and events that a gate needs."""
        with self.lock:
            return apps.register(self, self.user(owner), name, permissions, events, webhook_secret, hook_url)

    def create_from_manifest(self, app: state.App, code: str) -> None:
        """Let the code be exchanged, once, for the App's key and secrets."""
        with self.lock:
            self.manifests[code] = app

    def install(
        self, app: state.App, account: str, repositories: Sequence[state.Repository] | None = None
    ) -> state.Installation:
        """Install the App on all of an account's repositories, or on those given."""
        with self.lock:
            owner = self.user(account)
            one = apps.install(self, app, owner, None if repositories is None else list(repositories))
            self.events.installation(one, "created", owner)
            return one

    def uninstall(self, one: state.Installation) -> None:
        """Take the App off the account; its tokens end."""
        with self.lock:
            del self.installations[one.id]
            for value in [token.value for token in self.tokens.values() if token.installation is one]:
                del self.tokens[value]
            self.events.installation(one, "deleted", one.account)

    def suspend(self, one: state.Installation) -> None:
        """Suspend the installation: it gets no tokens and no events."""
        with self.lock:
            one.suspended = self.now()
            self.events.installation(one, "suspend", one.account)

    def unsuspend(self, one: state.Installation) -> None:
        """Take the installation's suspension back."""
        with self.lock:
            one.suspended = None
            self.events.installation(one, "unsuspend", one.account)

    def accept_permissions(self, one: state.Installation, permissions: state.Permissions) -> None:
        """Let the App ask for other permissions, and the account accept them."""
        with self.lock:
            one.app.permissions = dict(permissions)
            one.permissions = dict(permissions)
            self.events.installation(one, "new_permissions_accepted", one.account)

    def add_to_installation(self, one: state.Installation, *repositories: state.Repository) -> None:
        """Give the App further repositories."""
        with self.lock:
            one.repositories = [*(one.repositories or ()), *repositories]
            self.events.installation_repositories(one, repositories, (), one.account)

    def remove_from_installation(self, one: state.Installation, *repositories: state.Repository) -> None:
        """Take repositories from the App."""
        with self.lock:
            assert one.repositories is not None
            one.repositories = [other for other in one.repositories if other not in repositories]
            self.events.installation_repositories(one, (), repositories, one.account)

    # repositories and branches

    def create_repository(
        self,
        full_name: str,
        files: gitdata.Files | None = None,
        *,
        private: bool = False,
        default_branch: str = "main",
    ) -> state.Repository:
        """Make a repository whose default branch has one commit with the files."""
        with self.lock:
            owner, _, name = full_name.partition("/")
            number = self.next_id()
            git = gitdata.BareGit.create(self.folder / f"{number}.git", default_branch)
            one = self._register(number, self.user(owner), name, default_branch, git, None, private=private)
            self._commit(one, default_branch, files or {"README.md": f"# {name}\n"}, "first", None)
            return one

    def fork(self, parent: state.Repository, owner: str) -> state.Repository:
        """Make the owner's fork."""
        with self.lock:
            number = self.next_id()
            git = parent.git.clone(self.folder / f"{number}.git")
            branch = parent.default_branch
            return self._register(number, self.user(owner), parent.name, branch, git, parent, private=parent.private)

    def rename(self, repository: state.Repository, name: str) -> None:
        """Rename the repository; its old name leads to it."""
        with self.lock:
            self.former_names[repository.full_name.lower()] = repository.id
            repository.name = name

    def grant(self, repository: state.Repository, login: str, role: state.Role) -> None:
        """Give a person a role in the repository; `none` takes it."""
        assert role in _ROLES
        with self.lock:
            repository.roles[self.user(login).login] = role

    def require(self, repository: state.Repository, branch: str, *checks: tuple[str, state.App | None]) -> None:
        """Require checks on a branch by a ruleset, each pinned to an App or (None) to nobody."""
        with self.lock:
            repository.required[branch] = [(name, None if app is None else app.id) for name, app in checks]

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

    def set_draft(self, pull: state.Pull, draft: bool, *, by: str | None = None) -> None:  # noqa: FBT001 - the value
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

    def _register(
        self,
        number: int,
        owner: state.Account,
        name: str,
        branch: str,
        git: gitdata.BareGit,
        parent: state.Repository | None,
        *,
        private: bool,
    ) -> state.Repository:
        one = state.Repository(
            id=number,
            owner=owner,
            name=name,
            private=private,
            default_branch=branch,
            git=git,
            parent=parent,
            created=self.now(),
            roles={owner.login: "admin"} if owner.kind == "User" else {},
        )
        self.repositories[one.id] = one
        return one

    def _commit(
        self, repository: state.Repository, branch: str, files: gitdata.Files, message: str, parent: str | None
    ) -> str:
        git = repository.git
        base = None if parent is None else str(git.commit(parent).tree_id)
        who = ("someone", "someone@example.invalid")
        tree = git.write_files(base, files)
        sha = git.write_commit(tree, [] if parent is None else [parent], message, who, self.now())
        git.point(f"refs/heads/{branch}", sha)
        return sha
