"""Each test's history in real CI: what a prediction could have known, and how often it was wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.outcomes import job, matching
from gatekeeper.simulation import prediction
from gatekeeper.store import outcomemodels, upserts

_Row = outcomemodels.TestRecord
# characters of a key: it is part of the primary key, and PostgreSQL's index takes no more than some 2,700 bytes
_LONGEST = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was known of a test when it was predicted."""

    last_outcome: prediction.Outcome
    # share of its runs that did not pass
    failure_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """By how much the predictions of a test that were scored, and those that were wrong, have become more."""

    # pytest's node id
    test: str
    predicted: int
    wrong: int


@dataclass(slots=True, kw_only=True)
class _History:
    runs: int = 0
    failures: int = 0
    flaky: int = 0
    last_outcome: str = prediction.Outcome.UNKNOWN.value
    known: datetime
    seconds: float = 0.0
    predicted: int = 0
    wrong: int = 0


def as_known(session: orm.Session, repository: int, tests: Sequence[str]) -> dict[str, Known]:
    """Return what is known of those of the `tests` (node ids) that CI has reported."""
    if not _is_any(session, repository):
        return {}
    keys = _keys(session, repository, tests)
    histories = _histories(session, repository, set(keys.values()))
    return {
        test: Known(
            last_outcome=prediction.Outcome(histories[key].last_outcome),
            failure_rate=histories[key].failures / histories[key].runs,
        )
        for test, key in keys.items()
        if histories[key].runs
    }


def count_jobs(session: orm.Session, repository: int, new: Sequence[job.Job], before: Sequence[job.Job]) -> None:
    """Add what the `new` jobs of a commit reported, each job once; `before`: those of the commit counted already."""
    runs = [(one, test) for one in sorted(new, key=lambda one: (one.known, one.id)) for test in one.report.tests]
    flaky = _flaky((*before, *new)) - _flaky(before)
    histories = _histories(session, repository, {_key(test) for _, test in runs} | flaky)
    for one, test in runs:
        if test.outcome is not prediction.Outcome.SKIP:
            _add(histories, _key(test), one.known, test)
    for key in flaky & histories.keys():
        histories[key].flaky += 1
    _put(session, repository, histories)


def count_scored(session: orm.Session, repository: int, changed: Iterable[Scored], now: datetime) -> None:
    """Add to the counts of predictions what a settlement has changed."""
    by_test = {one.test: one for one in changed if one.predicted or one.wrong}
    keys = _keys(session, repository, list(by_test))
    added: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    new: dict[str, _History] = {}
    for test, one in sorted(by_test.items()):
        if test in keys:
            added[one.predicted, one.wrong].append(keys[test])
        else:
            history = new.setdefault(_cut(matching.key(test)), _History(known=now))
            history.predicted += one.predicted
            history.wrong += one.wrong
    for (predicted, wrong), names in added.items():
        _count(session, repository, names, {_Row.predicted: predicted, _Row.wrong: wrong})
    _put(session, repository, new)


def _count(
    session: orm.Session, repository: int, keys: Sequence[str], more: Mapping[orm.InstrumentedAttribute[int], int]
) -> None:
    """Add the same to the counts of many tests, a key as often as it is given."""
    counted = Counter(keys)
    for times in sorted(set(counted.values())):
        values = {column.key: column + number * times for column, number in more.items()}
        for some in upserts.chunks([key for key, count in counted.items() if count == times]):
            mine = (_Row.repository_id == repository, _Row.key.in_(some))
            changed = sqlalchemy.update(_Row).where(*mine).values(values)
            session.execute(changed.execution_options(synchronize_session=False))


def _add(histories: dict[str, _History], key: str, known: datetime, test: job.Reported) -> None:
    history = histories.setdefault(key, _History(known=known))
    history.runs += 1
    history.failures += test.outcome.broken
    if test.seconds is not None:
        # a mean over all runs, as if those of unknown length had taken as long as the others
        weight = history.runs if history.seconds else 1
        history.seconds += (test.seconds - history.seconds) / weight
    if known >= history.known:
        history.last_outcome, history.known = test.outcome.value, known


def _flaky(jobs: Sequence[job.Job]) -> set[str]:
    """Return the keys of tests with both results in jobs of one name, or in one report."""
    results: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    passed: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    both: set[str] = set()
    for one in jobs:
        name = (one.tested.value, one.workflow, one.name)
        for test in one.report.tests:
            key = _key(test)
            if test.flaky:
                both.add(key)
            elif test.outcome.broken:
                results[name][key] += 1
            elif test.outcome is prediction.Outcome.PASS:
                passed[name].add(key)
    return both | {key for name, failed in results.items() for key in failed.keys() & passed[name]}


def _is_any(session: orm.Session, repository: int) -> bool:
    mine = sqlalchemy.select(_Row.key).where(_Row.repository_id == repository).limit(1)
    return session.scalar(mine) is not None


def _keys(session: orm.Session, repository: int, tests: Sequence[str]) -> dict[str, str]:
    """Return under which name there is a row of each test: the longest that there is one of."""
    forms = {test: [_cut(form) for form in matching.suffixes(matching.key(test))] for test in tests}
    there: set[str] = set()
    for some in upserts.chunks(sorted({form for each in forms.values() for form in each})):
        mine = sqlalchemy.select(_Row.key).where(_Row.repository_id == repository, _Row.key.in_(some))
        there.update(session.scalars(mine))
    found = {test: next((form for form in each if form in there), None) for test, each in forms.items()}
    return {test: key for test, key in found.items() if key is not None}


_COLUMNS = ("runs", "failures", "flaky", "last_outcome", "known", "seconds", "predicted", "wrong")


def _histories(session: orm.Session, repository: int, keys: set[str]) -> dict[str, _History]:
    query = sqlalchemy.select(_Row.key, *(getattr(_Row, name) for name in _COLUMNS))
    found: dict[str, _History] = {}
    for some in upserts.chunks(sorted(keys)):
        for key, *values in session.execute(query.where(_Row.repository_id == repository, _Row.key.in_(some))):
            found[key] = _History(**dict(zip(_COLUMNS, values, strict=True)))
    return found


def _put(session: orm.Session, repository: int, histories: Mapping[str, _History]) -> None:
    # in one order: two workers must not wait for each other
    rows = [
        {"repository_id": repository, "key": key, **{name: getattr(history, name) for name in _COLUMNS}}
        for key, history in sorted(histories.items())
    ]
    upserts.put(session, _Row, rows)


def _key(test: job.Reported) -> str:
    return _cut(matching.reported_key(test))


def _cut(key: str) -> str:
    return key if len(key) <= _LONGEST else key[-_LONGEST:]
