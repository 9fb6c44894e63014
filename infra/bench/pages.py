"""Measure how long every page, every operation of the API and every query behind them takes on filled databases.

    infra/bench/pages.py [--requests 30] [--limit 300] [--only WORDS] [--json] URL...

Each URL is a database that `fill.py` filled, or any other with reviews. Everything is asked in this process, through
Flask's test client, by somebody who may see everything and by a reader of 20 repositories: 30 requests of each kind,
each with other parameters, after one that is not counted. The table has the median and the 95th percentile of
milliseconds as they passed, and the 95th percentile of this process's own time on the processor: where the two differ
much, other programs were at work, or the database server.

Ends with 1 where a 95th percentile of what passed is above the limit.
"""

import argparse
import functools
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import flask
import sqlalchemy

from gatekeeper.store import database, models, views
from gatekeeper.views import audience, repository, reviews
from gatekeeper.web import access, api, app, pages

_SEED = 7
_READABLE = 20
_SAMPLE = 400
_P95 = 0.95
_PLOTS = ("trend", "reliability")

Ask = Callable[[random.Random], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """How long one kind of request took, in milliseconds."""

    database: str
    audience: str
    kind: str
    median: float
    p95: float
    # of this process on the processor
    own_p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is to ask for."""

    seen: audience.Audience
    repositories: Sequence[int]
    # id of the review, tests in it
    reviews: Sequence[tuple[str, int]]
    newest: datetime


def main() -> None:
    """Measure, print, and say whether the limit holds."""
    options = _options()
    found: list[Timed] = []
    for url in options.urls:
        engine = database.open_database(url)
        for name, known in _audiences(engine).items():
            for kind, ask in _kinds(engine, known, options.only).items():
                found.append(_timed(engine.url.render_as_string(), name, kind, ask, options.requests))
                if not options.json:
                    _show(found[-1], options.limit)
        engine.dispose()
    if options.json:
        print(json.dumps([asdict(one) for one in found], indent=1))
    sys.exit(int(any(one.p95 > options.limit for one in found)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=30)
    parser.add_argument("--limit", type=float, default=300.0, help="milliseconds at the 95th percentile")
    parser.add_argument("--only", default="", help="kinds that begin so: query, /api, /")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("urls", nargs="+", metavar="URL")
    return parser.parse_args()


def _show(one: Timed, limit: float) -> None:
    mark = "  above the limit" if one.p95 > limit else ""
    times = f"{one.median:8.1f} {one.p95:8.1f} {one.own_p95:8.1f}"
    print(f"{one.database[-24:]:24} {one.audience:10} {one.kind:28} {times}{mark}", flush=True)


def _timed(url: str, name: str, kind: str, ask: Ask, requests: int) -> Timed:
    rng = random.Random(_SEED)  # noqa: S311 - which requests, no secret
    ask(rng)
    # as the web server does once it has loaded everything
    gc.collect()
    gc.freeze()
    passed, own = [], []
    for _ in range(requests):
        before, on_processor = time.perf_counter(), time.process_time()
        ask(rng)
        passed.append(1000 * (time.perf_counter() - before))
        own.append(1000 * (time.process_time() - on_processor))
    return Timed(
        database=url,
        audience=name,
        kind=kind,
        median=statistics.median(passed),
        p95=_percentile(passed),
        own_p95=_percentile(own),
    )


def _percentile(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(_P95 * len(values)))]


def _audiences(engine: sqlalchemy.Engine) -> Mapping[str, Known]:
    row, repositories = models.Review, models.Repository
    with engine.connect() as connection:
        numbers = connection.execute(sqlalchemy.select(repositories.number).order_by(repositories.id)).scalars().all()
    some = frozenset(number for number in numbers if number is not None)
    # the readable ones are neither the busiest nor the quietest
    first = max(0, min(5, len(some) - _READABLE))
    few = frozenset(sorted(some)[first : first + _READABLE])
    seen = {
        "everything": audience.Audience(everything=True, administrator=True),
        f"{len(few)} of {len(numbers)}": audience.Audience(numbers=few),
    }
    return {name: _known(engine, one, row, few) for name, one in seen.items()}


def _known(engine: sqlalchemy.Engine, seen: audience.Audience, row: type[models.Review], few: frozenset[int]) -> Known:
    repositories = sqlalchemy.select(models.Repository.id)
    if not seen.everything:
        repositories = repositories.where(models.Repository.number.in_(few))
    with engine.connect() as connection:
        mine = connection.execute(repositories.order_by(models.Repository.id)).scalars().all()
        listed = sqlalchemy.select(row.id, row.selected).where(row.repository_id.in_(mine), row.selected > 0)
        # ids are random, so that the first of them are of any time
        found = connection.execute(listed.order_by(row.id).limit(_SAMPLE)).all()
        newest = connection.execute(sqlalchemy.select(sqlalchemy.func.max(row.started))).scalar_one()
    sampled = [(str(one.id), int(one.selected)) for one in found]
    return Known(seen=seen, repositories=mine, reviews=sampled, newest=newest + timedelta(hours=1))


def _kinds(engine: sqlalchemy.Engine, known: Known, only: str) -> Mapping[str, Ask]:
    every = {**_queries(engine, known), **_addresses(engine, known)}
    return {name: ask for name, ask in every.items() if name.startswith(only)}


def _queries(engine: sqlalchemy.Engine, known: Known) -> Mapping[str, Ask]:
    """Return the queries of pages alone."""
    seen = known.seen

    def prediction(rng: random.Random) -> object:
        review, tests = rng.choice(known.reviews)
        return views.prediction(engine, seen, review, rng.randrange(tests))

    def listed(rng: random.Random) -> object:
        return views.reviews(engine, seen, _filter(known, rng), _cursor(known, rng))

    def usual(rng: random.Random) -> object:
        days = rng.choice((7, 30, 90, 365))
        today = known.newest.date()
        window = repository.Window(first=today - timedelta(days=days - 1), last=today)
        return views.repository(engine, seen, rng.choice(known.repositories), window)

    asked: dict[str, Ask] = {
        "query overview": lambda rng: views.overview(engine, seen, rng.choice((7, 30, 90, 365)), known.newest),
        "query repository": usual,
        "query repository, other days": lambda rng: views.repository(
            engine, seen, rng.choice(known.repositories), _window(known, rng)
        ),
        "query reviews": listed,
        "query review": lambda rng: views.review(engine, seen, rng.choice(known.reviews)[0]),
        "query prediction": prediction,
    }
    if seen.administrator:
        asked["query work"] = lambda _: views.work(engine, seen)
    return asked


def _window(known: Known, rng: random.Random) -> repository.Window:
    last = known.newest.date() - timedelta(days=rng.randrange(60))
    engine = rng.choice((None, "sandbox", "cwm"))
    return repository.Window(first=last - timedelta(days=rng.randrange(1, 360)), last=last, engine=engine)


def _filter(known: Known, rng: random.Random) -> reviews.Filter:
    chosen: list[reviews.Filter] = [
        reviews.Filter(),
        reviews.Filter(repository=rng.choice(known.repositories)),
        reviews.Filter(result=rng.choice(list(reviews.Result))),
        reviews.Filter(repository=rng.choice(known.repositories), result=reviews.Result.MISS),
        reviews.Filter(engine=rng.choice(("sandbox", "cwm", "nobody"))),
        reviews.Filter(pull=rng.randrange(1, 500)),
        reviews.Filter(sha=f"{rng.randrange(4096):03x}"),
        reviews.Filter(last=_window(known, rng).first, engine="cascade", result=reviews.Result.FALSE_ALARM),
    ]
    return rng.choice(chosen)


def _cursor(known: Known, rng: random.Random) -> reviews.Cursor | None:
    deep = reviews.Cursor(started=known.newest - timedelta(days=rng.randrange(300)), id="8" * 32)
    return rng.choice((None, deep))


def _addresses(engine: sqlalchemy.Engine, known: Known) -> Mapping[str, Ask]:
    """Return pages and operations of the API, through the application."""
    viewer = access.Viewer(how=access.How.OPEN, audience=known.seen)
    client = _application(engine, viewer, known.newest).test_client()

    def getting(address: Callable[[random.Random], str]) -> Ask:
        def get(rng: random.Random) -> object:
            path = address(rng)
            answer = client.get(path)
            if answer.status_code != HTTPStatus.OK:
                raise RuntimeError(f"{path}: {answer.status} {answer.text[:500]}")
            return answer.data

        return get

    def days(rng: random.Random) -> str:
        return f"days={rng.choice((7, 30, 90, 365))}"

    def one(rng: random.Random) -> int:
        return rng.choice(known.repositories)

    def review(rng: random.Random) -> str:
        return rng.choice(known.reviews)[0]

    def test(rng: random.Random) -> tuple[str, int]:
        identity, tests = rng.choice(known.reviews)
        return identity, rng.randrange(tests)

    def between(rng: random.Random) -> str:
        window = _window(known, rng)
        return f"first={window.first}&last={window.last}" + (f"&engine={window.engine}" if window.engine else "")

    paths: dict[str, Callable[[random.Random], str]] = {
        "/": lambda rng: f"/?{days(rng)}",
        "/repositories/{}": lambda rng: f"/repositories/{one(rng)}?{days(rng)}",
        "/repositories/{} other days": lambda rng: f"/repositories/{one(rng)}?{between(rng)}",
        "/repositories/{}/plots/{}": lambda rng: f"/repositories/{one(rng)}/plots/{rng.choice(_PLOTS)}.svg?days=365",
        "/reviews": lambda rng: f"/reviews?{_asked(known, rng)}",
        "/reviews/{}": lambda rng: f"/reviews/{review(rng)}",
        "/reviews/{}/tests/{}": lambda rng: "/reviews/{}/tests/{}".format(*test(rng)),
        "/api/overview": lambda rng: f"/api/overview?{days(rng)}",
        "/api/repositories": lambda rng: f"/api/repositories?{days(rng)}",
        "/api/repositories/{}": lambda rng: f"/api/repositories/{one(rng)}?{days(rng)}",
        "/api/.../trend": lambda rng: f"/api/repositories/{one(rng)}/trend?{days(rng)}",
        "/api/.../calibrators": lambda rng: f"/api/repositories/{one(rng)}/calibrators",
        "/api/.../authority-changes": lambda rng: f"/api/repositories/{one(rng)}/authority-changes",
        "/api/reviews": lambda rng: f"/api/reviews?{_asked(known, rng)}",
        "/api/reviews/{}": lambda rng: f"/api/reviews/{review(rng)}",
        "/api/reviews/{}/predictions": lambda rng: f"/api/reviews/{review(rng)}/predictions",
        "/api/.../predictions/{}": lambda rng: "/api/reviews/{}/predictions/{}".format(*test(rng)),
    }
    if known.seen.administrator:
        paths["/work"] = lambda _: "/work"
    return {name: getting(path) for name, path in paths.items()}


def _asked(known: Known, rng: random.Random) -> str:
    chosen = _filter(known, rng)
    given = {name: value for name, value in asdict(chosen).items() if value is not None}
    return "&".join(f"{name}={value}" for name, value in given.items())


def _application(engine: sqlalchemy.Engine, viewer: access.Viewer, now: datetime) -> flask.Flask:
    allowed = access.Access(lambda: viewer, lambda _: viewer)
    asked = {one.name: functools.partial(getattr(views, one.name), engine) for one in fields(pages.Queries)}
    queries = pages.Queries(**asked)
    shown = [pages.blueprint(queries, allowed, lambda: now), pages.files()]
    return app.create_app([*shown, *api.blueprints(engine, allowed, lambda: now, key=b"k" * 32)])


if __name__ == "__main__":
    main()
