"""Which job of a run reported what: artifacts belong to runs, and do not say who uploaded them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gatekeeper.forge import ci_reading, reading, translation
from gatekeeper.outcomes import archives, job

# of all reports together; what one artifact may have is for its reader to say
MOST_TESTS = 50_000
_MOST_WHYS = 5
_MEBI = 1 << 20
# lists have whole seconds
_SLACK = timedelta(seconds=1)
_WORD = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*")
_MATRIX = re.compile(r"\(([^()]*)\)\s*$")
_TESTING = re.compile(r"test|\btox|\bnox|spec\b|specs\b|\bunit|\be2e\b|\bctest|coverage", re.IGNORECASE)
_OTHER = re.compile(
    r"lint|format|mypy|pyright|\btyp(?:e|ing)|ruff|flake8|\bdocs?\b|document|deploy|publish|release|label|stale|codeql"
    r"|analy|scorecard|wheel|sdist|docker|image|changelog|triage|greet|notify|\bpages\b|pre-commit|spell|link",
    re.IGNORECASE,
)
# jobs that ended so ran to their end, and their logs are whole
_RAN = {job.Conclusion.SUCCESS, job.Conclusion.FAILURE, job.Conclusion.TIMED_OUT}
_SEVERITY = (
    job.Conclusion.FAILURE,
    job.Conclusion.TIMED_OUT,
    job.Conclusion.STARTUP_FAILURE,
    job.Conclusion.ERROR,
    job.Conclusion.CANCELLED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A zip that a job of the run uploaded."""

    id: int
    name: str
    # bytes, packed
    size: int
    expired: bool
    # None where GitHub does not say
    created: datetime | None


def artifact(data: object) -> Artifact:
    """Return the artifact. Raises UnavailableError where it cannot be read."""
    return Artifact(
        id=reading.number(data, "id"),
        name=translation.quoted(reading.text(data, "name")),
        size=reading.number(data, "size_in_bytes"),
        expired=reading.flag(data, "expired"),
        created=reading.moment(data, "created_at") if reading.has(data, "created_at") else None,
    )


def is_worth(one: Artifact) -> bool:
    """Return whether it may have reports: as its name says, however large it is."""
    return archives.artifact_is_worth(one.name, min(one.size, archives.ARTIFACT))


def is_hinted(one: Artifact) -> bool:
    """Return whether its name alone says that it has reports."""
    return archives.artifact_is_worth(one.name, archives.ARTIFACT)


def unread(one: Artifact) -> str:
    """Return why there is no use in asking for it; empty where there is."""
    if one.expired:
        return f"the artifact {one.name!r} has expired"
    if one.size > archives.ARTIFACT:
        return (
            f"the artifact {one.name!r} has {one.size / _MEBI:.0f} MB, more than the "
            f"{archives.ARTIFACT / _MEBI:.0f} that are read"
        )
    return ""


def originals(jobs: Sequence[ci_reading.Job]) -> list[ci_reading.Job]:
    """Return the jobs without those that an attempt took over from the one before it, the oldest first."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for one in sorted(jobs, key=lambda one: (one.attempt, one.number)):
        # what was taken over keeps its times, and nothing is run twice at the same
        key = (one.name, one.started, one.completed, one.conclusion)
        if one.completed is None or one.attempt == 1 or key not in seen:
            kept.append(one)
        seen.add(key)
    return kept


def owner(one: Artifact, jobs: Sequence[ci_reading.Job]) -> ci_reading.Job | None:
    """Return the job that uploaded it; None where that cannot be told.

    It was running at the time. Of several it is the one whose matrix, or else whose name, the artifact's name has; or
    the only one of them that runs tests.
    """
    running = spanning(one, jobs)
    if len(running) == 1:
        return running[0]
    named = _named(one.name, running)
    if len(named) == 1:
        return named[0]
    testing = [each for each in named or running if runs_tests(each)]
    return testing[0] if len(testing) == 1 else None


def spanning(one: Artifact, jobs: Sequence[ci_reading.Job]) -> list[ci_reading.Job]:
    """Return the jobs that were running when it was made; all that ran, where nothing tells."""
    ran = [each for each in jobs if each.conclusion is not job.Conclusion.SKIPPED]
    if one.created is None:
        return ran
    return [
        each
        for each in ran
        if each.started is not None
        and each.completed is not None
        and each.started - _SLACK <= one.created <= each.completed + _SLACK
    ]


def runs_tests(one: ci_reading.Job) -> bool:
    """Return whether the job's name or one of its steps speaks of tests."""
    return any(_TESTING.search(words) for words in (one.name, *one.steps))


def log_is_worth(one: ci_reading.Job) -> bool:
    """Return whether the job's log may tell of tests; how it ended plays no part, so that reading favours neither."""
    return one.conclusion in _RAN and (runs_tests(one) or not _OTHER.search(one.name))


def together(reports: Collection[job.Report]) -> job.Report:
    """Return the tests of all the reports as one, with what is said of each; a report outdoes a summary."""
    source = min((each.source for each in reports), key=list(job.Source).index, default=job.Source.NONE)
    chosen = [each for each in reports if each.source is source]
    tests = tuple(test for each in chosen for test in each.tests)
    whys = [each.why for each in reports if each.why]
    if len(tests) > MOST_TESTS:
        whys.append(f"of {len(tests):,} tests the first {MOST_TESTS:,} are kept")
    counts = [each.passed for each in chosen if each.passed is not None]
    return job.Report(
        source=source,
        tests=tests[:MOST_TESTS],
        passed=sum(counts) if counts else None,
        why=_joined(list(dict.fromkeys(whys))),
    )


def worst(jobs: Sequence[ci_reading.Job]) -> job.Conclusion:
    """Return how an attempt with these jobs ended."""
    found = {one.conclusion for one in jobs}
    return next((each for each in _SEVERITY if each in found), job.Conclusion.SUCCESS)


def _joined(whys: Sequence[str]) -> str:
    told = [*whys[:_MOST_WHYS], f"and {len(whys) - _MOST_WHYS} reasons more"] if len(whys) > _MOST_WHYS else whys
    return "; ".join(told)


def _named(name: str, jobs: Sequence[ci_reading.Job]) -> list[ci_reading.Job]:
    """Return the jobs of which the name has most words, and all."""
    words = set(_WORD.findall(name.lower()))
    scores = [(len(wanted), one) for one in jobs if (wanted := _words(one.name)) and wanted <= words]
    most = max((score for score, _ in scores), default=0)
    return [one for score, one in scores if score == most]


def _words(name: str) -> set[str]:
    """Return the words of the job's matrix, or of its name without those of the workflows that called it."""
    found = _MATRIX.search(name)
    return set(_WORD.findall((found[1] if found else name.rpartition(" / ")[2]).lower()))
