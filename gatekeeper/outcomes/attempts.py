"""The jobs of one name on one commit -> what each test did there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gatekeeper.outcomes import counting, job, matching
from gatekeeper.simulation import prediction

# workflow and name: what stays the same over attempts, and between base and head
Name = tuple[str, str]
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one test did in the jobs of one name."""

    outcome: prediction.Outcome
    # it did both: in one report, or in several jobs of the name
    flaky: bool = False
    seconds: float | None = None
    # the job that says so: the last that ran the test
    by: job.Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the tests did in the jobs of one name."""

    # by the id of a predicted test
    tests: Mapping[str, Result]
    # by key: all other names
    others: Mapping[str, Result]
    # which keys of `others` are of tests that were not predicted, and which may be of one that was
    unselected: frozenset[str]
    unmatched: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The jobs of one name on one commit: re-runs, and duplicates."""

    name: Name
    # those whose end counts, the last one last
    counted: tuple[job.Job, ...]
    # the others, with the reason
    others: tuple[tuple[job.Job, counting.Ending], ...]

    @property
    def last(self) -> job.Job | None:
        """The job that has the last word; None where none counts."""
        return self.counted[-1] if self.counted else None

    @property
    def speaks(self) -> bool:
        """Whether a report or a summary of tests was seen in one of the jobs."""
        return any(one.report.source is not job.Source.NONE for one in self.all())

    def all(self) -> tuple[job.Job, ...]:
        """Return all jobs."""
        return (*self.counted, *(one for one, _ in self.others))


def grouped(jobs: Iterable[job.Job]) -> dict[Name, Attempts]:
    """Return the jobs by workflow and name, sorted, each name's in the order in which they ran."""
    named: defaultdict[Name, list[job.Job]] = defaultdict(list)
    for one in jobs:
        named[one.workflow, one.name].append(one)
    return {name: _attempts(name, named[name]) for name in sorted(named)}


def _attempts(name: Name, jobs: list[job.Job]) -> Attempts:
    ordered = sorted(jobs, key=lambda one: (one.started or one.completed or _NEVER, one.attempt, one.id))
    endings = [(one, counting.ending(one)) for one in ordered]
    return Attempts(
        name=name,
        counted=tuple(one for one, ending in endings if ending.uncounted is None),
        others=tuple((one, ending) for one, ending in endings if ending.uncounted is not None),
    )


@dataclass(slots=True)
class _Attempt:
    """What one job says of each test."""

    by: job.Job
    tests: dict[str, Result] = field(default_factory=dict)
    others: dict[str, Result] = field(default_factory=dict)


def results(attempts: Attempts, index: matching.Index, expected: Sequence[str]) -> Results:
    """Return what the tests did in the jobs of one name that count.

    `expected`: ids of the predicted tests of which a summary that does not name them says that they did not fail. That
    is all that it says, so they pass, in a job whose summary names all that failed and counts at least as many passes.
    """
    said: list[_Attempt] = []
    unselected: set[str] = set()
    unmatched: set[str] = set()
    for one in attempts.counted:
        matched = index.match(one.report.tests)
        unselected |= {matching.reported_key(test) for test in matched.unselected}
        unmatched |= {matching.reported_key(test) for test in (*matched.unmatched, *matched.ambiguous)}
        said.append(_attempt(one, matched))
    names = {key for one in said for key in one.others}
    for attempt in said:
        _imply(attempt, expected, names)
    return Results(
        tests=_last([one.tests for one in said]),
        others=_last([one.others for one in said]),
        unselected=frozenset(unselected - unmatched),
        unmatched=frozenset(unmatched),
    )


def _attempt(one: job.Job, matched: matching.Matching) -> _Attempt:
    others: defaultdict[str, list[job.Reported]] = defaultdict(list)
    for test in (*matched.unselected, *matched.unmatched, *matched.ambiguous):
        others[matching.reported_key(test)].append(test)
    return _Attempt(
        by=one,
        tests={node_id: _worst(one, reported) for node_id, reported in matched.matched.items()},
        others={key: _worst(one, reported) for key, reported in others.items()},
    )


def _worst(one: job.Job, reported: Sequence[job.Reported]) -> Result:
    """Return what a job's reports say of a test: they may be of several Pythons, so one that broke decides."""
    ranks = {prediction.Outcome.PASS: 1, prediction.Outcome.SKIP: 2}
    worst = min(reported, key=lambda test: (ranks.get(test.outcome, 0), test.outcome.value))
    seconds = [test.seconds for test in reported if test.seconds is not None]
    return Result(
        outcome=worst.outcome,
        flaky=any(test.flaky for test in reported),
        seconds=max(seconds, default=None),
        by=one,
    )


def _imply(attempt: _Attempt, expected: Sequence[str], names: set[str]) -> None:
    """Take tests that a complete summary does not name as passed, if it counts that many passes."""
    report = attempt.by.report
    timed_out = counting.ending(attempt.by).timed_out
    if report.source is not job.Source.SUMMARY or report.passed is None or report.why or timed_out:
        return
    tests = [node_id for node_id in expected if node_id not in attempt.tests]
    others = sorted(names - attempt.others.keys())
    passed = Result(outcome=prediction.Outcome.PASS, by=attempt.by)
    if len(tests) + len(others) <= report.passed:
        attempt.tests.update(dict.fromkeys(tests, passed))
        attempt.others.update(dict.fromkeys(others, passed))


def _last(said: Sequence[Mapping[str, Result]]) -> dict[str, Result]:
    """Return each test's last result, flaky where it broke in one job of the name and passed in another."""
    found: dict[str, Result] = {}
    seen: defaultdict[str, set[bool]] = defaultdict(set)
    flaky: set[str] = set()
    for attempt in said:
        for name, result in attempt.items():
            if result.outcome is prediction.Outcome.SKIP and name in found:
                continue
            found[name] = result
            if result.flaky:
                flaky.add(name)
            if result.outcome is not prediction.Outcome.SKIP:
                seen[name].add(result.outcome.broken)
    flaky |= {name for name, both in seen.items() if len(both) > 1}
    return {
        name: Result(outcome=one.outcome, flaky=True, seconds=one.seconds, by=one.by) if name in flaky else one
        for name, one in found.items()
    }
