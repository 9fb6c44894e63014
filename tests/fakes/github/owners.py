"""What owners of accounts, Apps and repositories do."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.fakes.github import apps, events, gitdata, office, state, store
from tests.fakes.github import clock as clocks

_ROLES = ("admin", "maintain", "write", "triage", "read", "none")


class Owners(store.Store):
    """The state, and the acts of those who own accounts, Apps and repositories."""

    def __init__(self, folder: Path, clock: clocks.Clock) -> None:
        super().__init__(folder, clock)
        self.office = office.Office(self)
        self.events = events.Events(self, self.office)

    # accounts and Apps

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
