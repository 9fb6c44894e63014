"""Where the double keeps its state; the rules are in the other modules."""

import itertools
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.fakes.github import ci_state, faults, journal, limits, state
from tests.fakes.github import clock as clocks

# in requests
_LONGEST_LAG = 1000


@dataclass(slots=True)
class Lag:
    """How many requests later a thing shows: in lists once it was made, and in a pull request once it was pushed to."""

    lists: int = 0
    heads: int = 0


class Store:
    """Everything there is, found by id or by name; `lock` guards it."""

    def __init__(self, folder: Path, clock: clocks.Clock) -> None:
        self.folder = folder
        self.clock = clock
        self.lock = threading.RLock()
        self.base_url = "http://github.invalid"
        self.lag = Lag()
        self.limits = limits.Limits()
        self.faults: faults.Plan = faults.none
        self.log: list[journal.Entry] = []
        self.attempts: Counter[tuple[str, str]] = Counter()
        # what was served and is not in GitHub's description: empty, or the double is wrong
        self.drift: list[str] = []
        self.accounts: dict[str, state.Account] = {}
        self.apps: dict[int, state.App] = {}
        self.manifests: dict[str, state.App] = {}
        self.installations: dict[int, state.Installation] = {}
        self.tokens: dict[str, state.Token] = {}
        self.repositories: dict[int, state.Repository] = {}
        self.former_names: dict[str, int] = {}
        self.runs: dict[int, state.Run] = {}
        self.deliveries: list[state.Delivery] = []
        self.workflow_runs: dict[int, ci_state.WorkflowRun] = {}
        self.statuses: list[ci_state.Status] = []
        # repositories in which GitHub Actions is switched off
        self.without_actions: list[state.Repository] = []
        self.storage = ci_state.Storage()
        # who sits at the browser, signed in on GitHub, and whether they let no App in
        self.browser: str | None = None
        self.browser_refuses = False
        self.codes: dict[str, state.Code] = {}
        self.user_tokens: dict[str, state.UserToken] = {}
        # None: for ever, as an App may be set to
        self.user_tokens_last: timedelta | None = timedelta(hours=8)
        self.requests = 0
        # requests, and what `settle` skipped of the wait for them
        self.ticks = 0
        self._ids = itertools.count(1001)

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/api/v3"

    def now(self) -> datetime:
        return self.clock.now()

    def next_id(self) -> int:
        return next(self._ids)

    def settle(self) -> None:
        """Let every list and every pull request show what there is by now."""
        with self.lock:
            self.ticks += _LONGEST_LAG

    def when_listed(self) -> int:
        """Return the tick at which lists have what is made now."""
        return self.ticks + self.lag.lists

    def listed(self, shows: int) -> bool:
        """Return whether lists have by now what was to show at that tick."""
        return shows <= self.ticks

    def shown_head(self, pull: state.Pull) -> str:
        """Return the head that the API tells of, which lags behind as `lag.heads` says."""
        if pull.shown is not None and self.ticks <= pull.shown[0]:
            return pull.shown[1]
        return pull.head_sha

    def account(self, login: str) -> state.Account | None:
        return self.accounts.get(login.lower())

    def user(self, login: str) -> state.Account:
        """Return the account, made as a user if it is not known."""
        with self.lock:
            known = self.account(login)
            if known is None:
                known = self.accounts[login.lower()] = state.Account(id=self.next_id(), login=login)
            return known

    def repository(self, full_name: str) -> state.Repository | None:
        """Return the repository of that name; not by a former one."""
        return next((r for r in self.repositories.values() if r.full_name.lower() == full_name.lower()), None)

    def installation_of(self, app: state.App, repository: state.Repository) -> state.Installation | None:
        return next((i for i in self.installations.values() if i.app is app and i.covers(repository)), None)

    def suites(self, repository: state.Repository, sha: str) -> list[state.Suite]:
        return [suite for suite in repository.suites if suite.head_sha == sha]

    def pulls_at(self, repository: state.Repository, sha: str) -> list[state.Pull]:
        """Return the open pull requests from the repository itself whose head is the commit."""
        pulls = repository.pulls.values()
        return [pull for pull in pulls if pull.open and pull.head_sha == sha and not pull.from_fork]

    def review_comment(self, repository: state.Repository, comment: int) -> state.ReviewComment | None:
        found = (pull.review_comments.get(comment) for pull in repository.pulls.values())
        return next((one for one in found if one is not None), None)

    def issue_comment(self, repository: state.Repository, comment: int) -> state.IssueComment | None:
        found = (pull.comments.get(comment) for pull in repository.pulls.values())
        return next((one for one in found if one is not None), None)
