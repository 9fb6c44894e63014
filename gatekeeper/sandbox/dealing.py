"""Which worker runs what of a plan.

Modules are dealt out in groups; a worker that runs dry helps with the largest group still running, from its other
end. Each test is let in once, so two workers never run the same one.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gatekeeper.sandbox import session

# a group is worth splitting while it has this many tests ahead
WORTH_HELPING = 6
# test functions that make a group worth a session of its own, and that one interpreter's memory is asked to bear
SMALLEST_GROUP, LARGEST_GROUP = 40, 1500
# of what a worker would get of the rest, the share that is dealt to it at once
SHARE = 0.7


@dataclass(slots=True, kw_only=True, eq=False)
class Group:
    """Some modules that one interpreter runs in one session."""

    modules: tuple[str, ...]
    collected: dict[str, None] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    running: int = 0

    def far_half(self) -> tuple[str, ...]:
        """Return the modules with the later half of the tests ahead."""
        ahead = [test for test in self.collected if test not in self.claimed]
        return tuple(dict.fromkeys(test.partition("::")[0] for test in ahead[len(ahead) // 2 :]))

    @property
    def ahead(self) -> int:
        """Tests that were collected and not yet let in."""
        return len(self.collected) - len(self.claimed)


def deal(modules: Mapping[str, int], workers: int) -> list[Group]:
    """Return the modules in groups: large ones first, then ever smaller, so that all workers end together."""
    groups: list[Group] = []
    current: list[str] = []
    weight, ahead = 0, sum(modules.values())
    for module, tests in modules.items():
        current.append(module)
        weight += max(tests, 1)
        if weight >= max(min(ahead * SHARE / workers, LARGEST_GROUP), SMALLEST_GROUP):
            groups.append(Group(modules=tuple(current)))
            ahead -= weight
            current, weight = [], 0
    if current:
        groups.append(Group(modules=tuple(current)))
    return groups


class Board:
    """What all workers at one plan share: the groups that wait, those that are run, and what was found out."""

    def __init__(
        self,
        plan: session.Plan,
        workers: int,
        *,
        over: Callable[[], str | None],
        found: Callable[[str, session.Ran], None],
    ) -> None:
        """Deal the plan out to so many workers; `over` names a reason to stop early, `found` hears each test's end."""
        self._over, self._found = over, found
        self._lock = threading.Condition()
        self._active: list[Group] = []
        whole = {path: count for path, count in plan.modules.items() if path not in plan.absent}
        # those with stand-ins share no session with the others, which must see that the modules are not there
        lacking = {path: count for path, count in plan.modules.items() if path in plan.absent}
        self._queue = deque([*deal(whole, workers), *deal(lacking, workers)])
        self.runs = session.Runs()

    def next(self) -> tuple[Group, bool] | None:
        """Return the next group, and whether it is one that another worker is at already."""
        with self._lock:
            while self._over() is None:
                if self._queue:
                    group = self._queue.popleft()
                    group.running = 1
                    self._active.append(group)
                    return group, False
                if not self._active:
                    return None
                alone = [group for group in self._active if group.running == 1 and group.ahead >= WORTH_HELPING]
                if alone:
                    group = max(alone, key=lambda one: one.ahead)
                    group.running += 1
                    return group, True
                self._lock.wait(0.02)
        return None

    def leave(self, group: Group) -> None:
        """Remember that a worker has done with a group."""
        with self._lock:
            group.running -= 1
            if not group.running:
                self._active.remove(group)
            self._lock.notify_all()

    def modules(self, group: Group, *, helping: bool) -> tuple[str, ...]:
        """Return the modules of the group that one of its workers is to run."""
        with self._lock:
            return group.far_half() if helping else group.modules

    def hung(self) -> int:
        """Return how many tests ran out of fuel by now."""
        with self._lock:
            return sum(ran.how == "fuel" for ran in self.runs.tests.values())

    def ended(self, test: str, ran: session.Ran) -> None:
        """Record how a test ended."""
        with self._lock:
            self.runs.tests[test] = ran
        self._found(test, ran)

    def unusable(self, group: Group, ran: session.Ran, below: str | None = None) -> None:
        """Record that a group's session could not be run because of one of its modules, or of a conftest.

        `below`: the folder whose modules it concerns. What is not known to be concerned is run again by itself.
        """
        with self._lock:
            if group.collected and group.ahead <= 0:
                # it was the end of the session that failed, and every test has been let in
                return
            concerned = below is not None and all(
                module.startswith(f"{below}/" if below else "") for module in group.modules
            )
            if len(group.modules) == 1 or concerned:
                self.runs.modules.update({module: ran for module in group.modules if module not in self.runs.modules})
                return
            self._queue.extend(Group(modules=(module,)) for module in group.modules)
            self._lock.notify_all()

    def collected(self, group: Group, tests: Sequence[str]) -> None:
        """Remember tests that may be let in."""
        with self._lock:
            group.collected.update(dict.fromkeys(tests))

    def claim(self, group: Group, test: str) -> bool:
        """Let a collected test in, once."""
        with self._lock:
            if test not in group.collected or test in group.claimed:
                return False
            group.claimed.add(test)
            return True
