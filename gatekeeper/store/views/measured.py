"""How good everyone's predictions were over a window: rates from the sums by day, intervals from pull requests."""

import functools
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.accuracy import counts, figures, measuring, parts
from gatekeeper.store import database, hostedmodels, outcomemodels
from gatekeeper.store.views import stored
from gatekeeper.views import overview
from gatekeeper.views import repository as views

# reviews whose scores make the intervals, and resamples of their pull requests: in what is kept
MOST = 2_000
DRAWS = 1_000
# and while somebody waits
_FEW = 150
_FEW_DRAWS = 200

ALWAYS_PASS = "always pass"  # noqa: S105 - not a password
_OTHERS = (parts.GATE, parts.PARROT, parts.HISTORICAL)

# the tables themselves: rows are many, and nothing has to be mapped
_Rollup, _Score = database.table(outcomemodels.Rollup).c, database.table(outcomemodels.Score).c


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """The scores of one day, of one who predicts."""

    day: date
    key: parts.Key
    pulls: int
    # as `counts.as_json` writes them
    kept: Mapping[str, Any]


def sums(session: orm.Session, repository: int, window: views.Window, *, gate: bool = False) -> tuple[Sum, ...]:
    """Return the repository's sums by day in the window, the oldest first, of all engines or of the gate alone."""
    query = sqlalchemy.select(
        _Rollup.day, _Rollup.engine, _Rollup.model, _Rollup.version, _Rollup.unit, _Rollup.pulls, _Rollup.counts
    ).where(_Rollup.repository_id == repository, _Rollup.day.between(window.first, window.last))
    if gate:
        query = query.where(_Rollup.engine == parts.GATE)
    return tuple(
        Sum(
            day=row.day,
            key=_key(row.engine, row.model, row.version, row.unit),
            pulls=row.pulls,
            kept=row.counts,
        )
        for row in session.execute(query.order_by(_Rollup.day)).all()
    )


@functools.lru_cache(maxsize=1024)
def _key(engine: str, model: str, version: str, unit: str) -> parts.Key:
    """Return the key: there are few of them, in thousands of rows."""
    return parts.Key(engine=engine, model=model, version=version, unit=parts.Unit(unit))


def engines(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names that are engines', without the gate and the baselines."""
    return tuple(sorted({*names} - {*_OTHERS, ALWAYS_PASS}))


def added_up(kept: Iterable[Mapping[str, Any]]) -> counts.Counts:
    """Return the sum of counts as JSON, without making a value of each."""
    every = tuple(kept)
    lists = {"confusion": 4, "abstained": 2, "hangs": 3}
    return counts.from_json(
        {
            "broken": _bins(one["broken"] for one in every),
            "sound": _bins(one["sound"] for one in every),
            **{
                name: [sum(column) for column in zip([0] * size, *(one[name] for one in every), strict=True)]
                for name, size in lists.items()
            },
        }
    )


def _bins(histograms: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    # a Counter takes three times as long, and there may be a hundred thousand
    total: dict[str, int] = {}
    known = total.get
    for histogram in histograms:
        for score, count in histogram.items():
            total[score] = known(score, 0) + count
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Everyone:
    """The figures of everyone who predicts."""

    # the gate, the engines, the baselines
    scored: tuple[views.Scored, ...]
    # the first day whose pull requests make the intervals; None: those of the whole window do
    since: date | None
    # when they were made; None: now
    made: datetime | None = None


def kept(session: orm.Session, repository: int, window: views.Window) -> tuple[Everyone, overview.Value] | None:
    """Return what was made lately for a window up to its last day, of all engines; None for other windows."""
    if (window.engine, window.model, window.version) != (None, None, None):
        return None
    days = (window.last - window.first).days + 1
    found = session.get(outcomemodels.Summary, (str(repository), str(days)))
    if found is None or found.made.date() != window.last or "everyone" not in found.figures:
        return None
    return _everyone(found.figures["everyone"], found.made), stored.to_value(found.figures["value"])


def everyone(
    session: orm.Session, repository: int, window: views.Window, added: Sequence[Sum], *, waiting: bool
) -> Everyone:
    """Return everyone's figures; `added`: all sums of the window. Intervals are of less where somebody is `waiting`."""
    wanted = [one for one in added if _is_wanted(one.key, window)]
    whole: defaultdict[parts.Key, list[Sum]] = defaultdict(list)
    for one in wanted:
        for key in _shown(one.key, window):
            whole[key].append(one)
    since = _since(added, _FEW if waiting else MOST)
    pieces = _pieces(session, repository, window, since)
    draws = _FEW_DRAWS if waiting else DRAWS
    sums = {key: (added_up(one.kept for one in some), sum(one.pulls for one in some)) for key, some in whole.items()}
    figured = {
        key: measuring.bounded(total, pulls=pulls, latest=pieces.get(key, ()), draws=draws)
        for key, (total, pulls) in sums.items()
    }
    for key, (total, pulls) in sums.items():
        if key.engine == parts.GATE:
            figured[replace(key, engine=ALWAYS_PASS)] = measuring.summed(measuring.always_pass(total), pulls=pulls)
    return Everyone(scored=tuple(_lines(figured)), since=since)


def plotted(added: Sequence[Sum], window: views.Window) -> Iterator[views.Scored]:
    """Yield the gate and the engine that the window asks for: their tests, without intervals."""
    for engine in dict.fromkeys((parts.GATE, window.engine or parts.GATE)):
        mine = [one for one in added if one.key.engine == engine and one.key.unit is parts.Unit.TEST]
        some = [one for one in mine if _is_wanted(one.key, window)]
        if some:
            tests = measuring.summed(added_up(one.kept for one in some), pulls=sum(one.pulls for one in some))
            yield views.Scored(engine=engine, model="", version="", tests=tests, pull_requests=None)


def as_json(figured: Everyone) -> dict[str, Any]:
    """Return the figures as values that JSON holds; `kept` reads them as part of a summary's."""
    since = figured.since.isoformat() if figured.since else None
    return {"scored": [asdict(one) for one in figured.scored], "since": since}


def _everyone(written: Mapping[str, Any], made: datetime) -> Everyone:
    scored = tuple(
        views.Scored(
            engine=one["engine"],
            model=one["model"],
            version=one["version"],
            tests=stored.to_figures(one["tests"]),
            pull_requests=stored.to_figures(one["pull_requests"]) if one["pull_requests"] else None,
        )
        for one in written["scored"]
    )
    since = date.fromisoformat(written["since"]) if written["since"] else None
    return Everyone(scored=scored, since=since, made=made)


def _is_wanted(key: parts.Key, window: views.Window) -> bool:
    if key.engine in _OTHERS:
        return True
    asked = ((key.engine, window.engine), (key.model, window.model), (key.version, window.version))
    return all(wanted is None or name == wanted for name, wanted in asked)


def _shown(key: parts.Key, window: views.Window) -> Iterator[parts.Key]:
    """Yield the lines that a part adds to: its engine's, and its version's where one engine is looked at."""
    yield parts.Key(engine=key.engine, unit=key.unit)
    if window.engine is not None and key.model + key.version:
        yield key


def _since(added: Sequence[Sum], most: int) -> date | None:
    """Return the first of the latest days that together have at most `most` reviews; None: all days."""
    total, before = 0, None
    for one in reversed([one for one in added if one.key == parts.Key(engine=parts.GATE, unit=parts.Unit.TEST)]):
        total += one.pulls
        if total > most and before is not None:
            return before
        before = one.day
    return None


def _pieces(
    session: orm.Session, repository: int, window: views.Window, since: date | None
) -> Mapping[parts.Key, Sequence[counts.Counts]]:
    """Return the counts of each pull request, by whose they are."""
    mine = (_Score.repository_id == repository, _Score.day.between(since or window.first, window.last))
    pulls = _pulls(session, mine)
    query = sqlalchemy.select(
        _Score.review_id, _Score.engine, _Score.model, _Score.version, _Score.unit, _Score.counts
    ).where(*mine)
    if window.engine is not None:
        query = query.where(_Score.engine.in_((*_OTHERS, window.engine)))
    found: defaultdict[parts.Key, list[tuple[Hashable, counts.Counts]]] = defaultdict(list)
    for row in session.execute(query).all():
        key = _key(row.engine, row.model, row.version, row.unit)
        if _is_wanted(key, window):
            piece = (pulls.get(row.review_id, row.review_id), counts.from_json(row.counts))
            for shown in _shown(key, window):
                found[shown].append(piece)
    return {key: measuring.by_pull(some) for key, some in found.items()}


def _pulls(session: orm.Session, mine: Sequence[sqlalchemy.ColumnElement[bool]]) -> Mapping[str, Hashable]:
    """Return the pull request of each review that has one; a review without is a pull request of its own."""
    asked = hostedmodels.Evaluation
    query = (
        sqlalchemy.select(asked.review_id, asked.pull)
        .join(database.table(outcomemodels.Score), _Score.review_id == asked.review_id)
        .where(*mine, _Score.engine == parts.GATE, _Score.unit == parts.Unit.PULL_REQUEST, asked.pull.is_not(None))
    )
    return {review: pull for review, pull in session.execute(query).all() if review is not None}


def _lines(figured: Mapping[parts.Key, figures.Figures]) -> Iterator[views.Scored]:
    """Yield the gate, the engines, and the baselines."""
    last = (ALWAYS_PASS, parts.PARROT, parts.HISTORICAL)
    keys = {replace(key, unit=parts.Unit.TEST) for key in figured}
    order = {parts.GATE: 0, **{name: 2 + place for place, name in enumerate(last)}}
    for key in sorted(keys, key=lambda key: (order.get(key.engine, 1), key.engine, key.model, key.version)):
        tests = figured.get(key, measuring.summed(counts.Counts(), pulls=0))
        yield views.Scored(
            engine=key.engine,
            model=key.model,
            version=key.version,
            tests=tests,
            pull_requests=figured.get(replace(key, unit=parts.Unit.PULL_REQUEST)),
        )
