"""What a finding is due to, as a value: the culprit lines, and where the run of its test departs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Changed lines of one file of the judged tree."""

    path: str
    # 1-based first and last line; `end` is `start - 1` where lines were only removed before `start`
    start: int
    end: int
    # lines of the tree before in whose place they stand, with their endings
    old: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """The first step at which the runs before and after the change differ."""

    test: str
    # of the judged tree; 1-based
    path: str
    line: int
    # what differs there: a local, `return` or `raise` for what leaves the scope; empty: the line that comes next
    name: str
    # as `repr` says them; for a next line its source
    before: str
    after: str

    def __str__(self) -> str:
        """Return `base: total = 6 · head: total = 5`."""
        sign = {"": "goes on with ", "return": "return ", "raise": "raises "}.get(self.name, f"{self.name} = ")
        return f"base: {sign}{self.before} \N{MIDDLE DOT} head: {sign}{self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What of the change a finding is due to, and how that shows."""

    # of the finding
    fingerprint: str
    # the test that was run
    test: str
    # the smallest part of the change that causes the failure; empty: it was not isolated
    lines: tuple[Lines, ...]
    # True: seen by running without them; False: the lines that the test ran of the change
    exact: bool
    # one sentence
    why: str
    # the first step at which the runs before and after the change differ; None: not known
    departure: Departure | None = None
