"""Pull requests and pushes: what GitHub does in git and to what it shows, when a branch moves."""

from tests.fakes.github import events, patches, problems, state, store


class Pulls:
    """Opens pull requests and keeps them up with their branches."""

    def __init__(self, world: store.Store, tell: events.Events) -> None:
        self._world = world
        self._tell = tell

    def open(
        self,
        repository: state.Repository,
        head_repository: state.Repository,
        head: str,
        base: str,
        author: state.Account,
        title: str,
        body: str | None,
        *,
        draft: bool,
        maintainer_can_modify: bool,
    ) -> state.Pull:
        """Open a pull request of two branches that differ."""
        head_sha = head_repository.git.resolve(f"refs/heads/{head}")
        base_sha = repository.git.resolve(f"refs/heads/{base}")
        if head_sha is None or base_sha is None:
            name = "head" if head_sha is None else "base"
            raise problems.invalid("Validation Failed", problems.field("PullRequest", name, "invalid"))
        repository.last_number += 1
        now = self._world.now()
        pull = state.Pull(
            id=self._world.next_id(),
            number=repository.last_number,
            repository=repository,
            author=author,
            title=title,
            body=body,
            base_ref=base,
            base_sha=base_sha,
            head_repository=head_repository,
            head_ref=head,
            head_sha=head_sha,
            draft=draft,
            created=now,
            updated=now,
            maintainer_can_modify=maintainer_can_modify,
        )
        repository.pulls[pull.number] = pull
        self._point(pull)
        self._tell.pull_request(pull, "opened", author)
        return pull

    def moved(self, repository: state.Repository, branch: str, before: str | None, by: state.Account) -> None:
        """Follow a push: suites are asked for, pull requests from the branch go on, those into it are merged anew."""
        after = repository.git.resolve(f"refs/heads/{branch}")
        if after is None or after == before:
            return
        self.ask_suites(repository, after, branch, before, by)
        for pull in [pull for one in self._world.repositories.values() for pull in one.pulls.values() if pull.open]:
            if pull.head_repository is repository and pull.head_ref == branch:
                self._synchronise(pull, after, by)
            elif pull.repository is repository and pull.base_ref == branch:
                pull.base_sha = after
                self._point(pull)

    def ask_suites(
        self, repository: state.Repository, sha: str, branch: str | None, before: str | None, by: state.Account
    ) -> None:
        """Make a suite for each App that writes checks, and ask it for its runs."""
        for one in list(self._world.installations.values()):
            writes = one.permissions.get("checks") == "write" and one.suspended is None
            if writes and one.covers(repository):
                known = [suite for suite in self._world.suites(repository, sha) if suite.app is one.app]
                suite = known[0] if known else new_suite(self._world, one.app, repository, sha, branch, before)
                self._tell.suite(suite, "requested", by)

    def rebase(self, pull: state.Pull, base: str, by: state.Account) -> None:
        """Change the branch that the pull request is to be merged into."""
        sha = pull.repository.git.resolve(f"refs/heads/{base}")
        assert sha is not None
        changes = {"base": {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}}
        pull.base_ref, pull.base_sha = base, sha
        self._point(pull)
        self._tell.pull_request(pull, "edited", by, changes=changes)

    def _synchronise(self, pull: state.Pull, after: str, by: state.Account) -> None:
        before = pull.head_sha
        pull.head_sha = after
        pull.updated = self._world.now()
        self._point(pull)
        for comment in pull.review_comments.values():
            follow(comment, after)
        self._tell.pull_request(pull, "synchronize", by, before=before, after=after)
        if self._world.lag.heads:
            # once the event is told: it is the API that is behind
            pull.shown = (self._world.ticks + self._world.lag.heads, before)

    def _point(self, pull: state.Pull) -> None:
        """Bring the head's commits here, and make the test merge."""
        git = pull.repository.git
        git.take(pull.head_repository.git, pull.head_sha)
        git.point(f"refs/pull/{pull.number}/head", pull.head_sha)
        tree = git.merge_tree(pull.base_sha, pull.head_sha)
        pull.mergeable = tree is not None
        if tree is None:
            return
        message = f"Merge {pull.head_sha} into {pull.base_sha}"
        who = ("GitHub", "noreply@github.invalid")
        parents = [pull.base_sha, pull.head_sha]
        pull.merge_sha = git.write_commit(tree, parents, message, who, self._world.now())
        git.point(f"refs/pull/{pull.number}/merge", pull.merge_sha)


def new_suite(
    world: store.Store,
    app: state.App,
    repository: state.Repository,
    sha: str,
    branch: str | None = None,
    before: str | None = None,
) -> state.Suite:
    """Make the App's suite on a commit."""
    suite = state.Suite(
        id=world.next_id(),
        app=app,
        repository=repository,
        head_sha=sha,
        head_branch=branch,
        before=before,
        created=world.now(),
    )
    repository.suites.append(suite)
    return suite


def follow(comment: state.ReviewComment, head: str) -> None:
    """Move a comment along with its lines; it is outdated where they changed or left the diff."""
    if comment.subject == "file":
        comment.commit_id = head
        return
    if comment.line is None or comment.original_line is None or comment.side == "LEFT":
        comment.commit_id = head
        return
    git = comment.pull.repository.git
    line = patches.moved(git, comment.commit_id, head, comment.path, comment.line)
    start = None
    if comment.start_line is not None:
        start = patches.moved(git, comment.commit_id, head, comment.path, comment.start_line)
        line = None if start is None else line
    file = next((one for one in patches.of_pull(comment.pull) if one.path == comment.path), None)
    found = None if file is None or line is None else file.find("RIGHT", line)
    comment.commit_id = head
    comment.line, comment.start_line = (None, None) if found is None else (line, start)
    comment.position = None if found is None else found[1].position
