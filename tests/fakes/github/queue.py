"""The merge queue: a group's branch, merged on top of the base or of the group before."""

from dataclasses import dataclass

from tests.fakes.github import events, payloads, pulls, state, store

_PREFIX = "refs/heads/"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """One pull request in the queue, and the branch that is to be tested."""

    pull: state.Pull
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str


class Queue:
    """Makes merge groups and takes them away."""

    def __init__(self, world: store.Store, tell: events.Events, requests: pulls.Pulls) -> None:
        self._world = world
        self._tell = tell
        self._pulls = requests

    def add(self, pull: state.Pull, after: Group | None, by: state.Account) -> Group:
        """Merge the pull request into a branch of the queue and ask for its checks."""
        git = pull.repository.git
        base = pull.base_sha if after is None else after.head_sha
        tree = git.merge_tree(base, pull.head_sha)
        assert tree is not None, "a pull request that conflicts does not enter the queue"
        title = f"Merge pull request #{pull.number}"
        sha = git.write_commit(
            tree, [base, pull.head_sha], title, ("GitHub", "noreply@github.invalid"), self._world.now()
        )
        branch = f"gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{base}"
        git.point(f"{_PREFIX}{branch}", sha)
        group = Group(
            pull=pull,
            head_ref=f"{_PREFIX}{branch}",
            head_sha=sha,
            base_ref=f"{_PREFIX}{pull.base_ref}",
            base_sha=base,
        )
        self._pulls.ask_suites(pull.repository, sha, branch, None, by)
        self._tell.merge_group(pull.repository, self._shown(group), "checks_requested", by)
        return group

    def remove(self, group: Group, reason: str, by: state.Account) -> None:
        """Take the group out of the queue: `merged`, `invalidated` or `dequeued`."""
        shown = self._shown(group)
        group.pull.repository.git.delete(group.head_ref)
        self._tell.merge_group(group.pull.repository, shown, "destroyed", by, reason=reason)

    def _shown(self, group: Group) -> state.Json:
        return {
            "head_sha": group.head_sha,
            "head_ref": group.head_ref,
            "base_sha": group.base_sha,
            "base_ref": group.base_ref,
            "head_commit": payloads.simple_commit(group.pull.repository, group.head_sha),
        }
