"""Fill databases with invented reviews, as a load to measure pages under.

    infra/bench/fill.py [--reviews 100000] [--predictions 5000000] [--repositories 50] [--seed 1] URL...

Each URL is a new SQLite file (sqlite:////folder/load.sqlite) or an empty PostgreSQL database; all get the same rows.
Reviews, predictions, decisions, outcomes and what belongs to them are drawn from seeded distributions (invented.py)
and written in bulk; their scores, the sums by day and the summaries are then made of them by the service's own
functions. A SQLite file with 5 million predictions takes 3.1 GB, and twice that while it is written.

Nothing of it was measured: figures shown of such a database say nothing of any engine.
"""

import argparse
import contextlib
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import invented
import pouring
import sqlalchemy

from gatekeeper.accuracy import counts, parts
from gatekeeper.diffs import parse
from gatekeeper.simulation import prediction, trace
from gatekeeper.store import database, hostedmodels, models, outcomemodels, packing, rollups
from gatekeeper.verdicts import verdict
from gatekeeper.views import reviews
from gatekeeper.workflows import summarising

_DELIVERIES = 20_000
_DIFF = """\
diff --git a/src/part/module.py b/src/part/module.py
--- a/src/part/module.py
+++ b/src/part/module.py
@@ -10,6 +10,7 @@ def shares(total, weights):
     whole = sum(weights)
     given = 0
     parts = []
-    for weight in weights:
+    for weight in weights[1:]:
+        given += weight
         parts.append(total * weight // whole)
     return parts
"""


def main() -> None:
    """Fill the databases and say how long it took."""
    options = _options()
    started = time.monotonic()
    engines = []
    for url in options.urls:
        database.upgrade(url)
        engines.append(database.open_database(url))
    rng = random.Random(options.seed)  # noqa: S311 - a load, no secret
    owners = invented.repositories(options.repositories, rng)
    with contextlib.ExitStack() as open_until_written:
        sinks = [open_until_written.enter_context(pouring.into(engine)) for engine in engines]
        _pour(sinks, owners, options, rng, started)
    for engine in engines:
        _add_up(engine, owners)
        _say(started, f"added up {engine.url.render_as_string()}")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
        _say(started, "analysed")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=int, default=100_000)
    parser.add_argument("--predictions", type=int, default=5_000_000)
    parser.add_argument("--repositories", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("urls", nargs="+", metavar="URL")
    return parser.parse_args()


def _say(started: float, what: str) -> None:
    print(f"{time.monotonic() - started:7.0f} s  {what}", flush=True)


def _pour(
    sinks: Sequence[pouring.Pouring],
    owners: Sequence[invented.Repository],
    options: argparse.Namespace,
    rng: random.Random,
    started: float,
) -> None:
    digests = [packing.pack_trace(_trace(number)) for number in range(200)]
    diff = packing.pack_diff(parse.parse(_DIFF))
    named = [{"id": owner.id, "name": owner.name, "number": owner.number} for owner in owners]
    runs = [{"digest": digest, "recorded": invented.END, "content": content} for digest, content in digests]
    _add(sinks, models.Repository, named)
    _add(sinks, models.Trace, runs)
    total = 0
    for number, review in enumerate(invented.reviews(list(owners), options.reviews, options.predictions, rng), 1):
        total += len(review.said)
        for table, rows in _of_review(review, diff, digests[number % len(digests)][0]):
            _add(sinks, table, rows)
        for table, encoded in _of_tests(review, digests[number % len(digests)][0]):
            for sink in sinks:
                sink.add_encoded(table, encoded)
        if number % 10_000 == 0 or number == options.reviews:
            _say(started, f"{number} reviews with {total} predictions")
    for table, rows in _of_repositories(owners, rng):
        _add(sinks, table, rows)


def _add(sinks: Sequence[pouring.Pouring], table: type[models.Table], rows: Sequence[dict[str, Any]]) -> None:
    for sink in sinks:
        sink.add(table, rows)


def _of_review(review: invented.Review, diff: bytes, digest: str) -> Iterator[tuple[type[models.Table], list[Any]]]:
    settled = review.settled
    label = settled.label if settled else None
    decided = review.decided
    failing = [one for one in decided if one.would_fail]
    asked = review.started - timedelta(seconds=8)
    identity = f"review/{review.repository.number}/{review.pull}/{review.head}/{review.id}/0"
    yield (
        models.Review,
        [
            {
                "id": review.id,
                "repository_id": review.repository.id,
                "base": "b" * 40,
                "merge_base": "b" * 40,
                "head": review.head,
                "judged": "merge",
                "before_tree": "c" * 40,
                "after_tree": "d" * 40,
                "started": review.started,
                "seconds": review.seconds,
                "engine": review.repository.engine,
                "conclusion": review.conclusion.value,
                "result": reviews.result(label, review.conclusion).value,
                "reason": f"{len(failing)} of {len(decided)} tests would fail",
                "bar": verdict.Policy().bar,
                "min_analysed": verdict.Policy().min_analysed,
                "of": len(review.repository.tests),
                "total": len(review.repository.tests),
                "selected": len(decided),
                "would_fail": len(failing),
                "executable": True,
                "unaffected": {},
                "unreached": [],
                "unparsable": {},
                "notes": [],
                "timings": {"git": 0.1, "impact": 0.3, "engine": review.seconds},
                "diff": diff,
            }
        ],
    )
    yield (
        hostedmodels.Evaluation,
        [
            {
                "id": identity,
                "installation": 1,
                "repository": review.repository.number,
                "name": review.repository.name,
                "pull": review.pull,
                "head": review.head,
                "head_ref": f"refs/pull/{review.pull}/head",
                "base": "b" * 40,
                "base_ref": "main",
                "asked": asked,
                "state": "done",
                "reason": "",
                "progress": "",
                "open": False,
                "finished": review.started + timedelta(seconds=review.seconds),
                "review_id": review.id,
                "authority": "advise",
                "why_authority": "drawn by chance",
                "fail_not_analysed": False,
            }
        ],
    )
    yield (
        models.AffectedTest,
        [
            {"review_id": review.id, "position": place, "path": path, "name": "", "reason": "calls part.module.shares"}
            for place, path in enumerate(sorted({one.test.partition("::")[0] for one in decided}))
        ],
    )
    yield (
        models.Finding,
        [
            {
                "review_id": review.id,
                "position": 0,
                "kind": "failure",
                "path": "src/part/module.py",
                "line": 13,
                "message": "AssertionError: assert [34] == [34, 33, 33]",
                "tests": [one.test for one in failing],
                "fingerprint": digest,
            }
        ][: len(failing)],
    )
    yield hostedmodels.Fix, _fixes(review, failing, digest) if failing else []
    yield outcomemodels.Job, _jobs(review)
    if settled is None:
        return
    fails = review.conclusion is verdict.Conclusion.WOULD_FAIL
    yield (
        outcomemodels.Settlement,
        [
            {
                "review_id": review.id,
                "repository_id": review.repository.id,
                "known": settled.known,
                "label": settled.label.value,
                "why": settled.why,
                "engine": review.repository.engine,
                "conclusion": review.conclusion.value,
                "p_fail": max((one.p_fail for one in decided if one.p_fail is not None), default=0.0),
                "basis": "executed" if fails else None,
                "tests": invented.kept_out(review),
                "uncounted": [[one.kind.value, one.what, one.why] for one in settled.kept_out],
                "verdict_seconds": review.seconds + 8,
                "ci_seconds": review.ci_seconds,
                "job_seconds": settled.job_seconds,
                "saved_seconds": settled.job_seconds / 2 if fails and label == "broken" else 0.0,
                "cpu_seconds": review.seconds * 2,
                "gpu_seconds": review.seconds if review.repository.engine != "sandbox" else 0.0,
                "tokens": 40_000 if review.repository.engine != "sandbox" else 0,
            }
        ],
    )
    known = parts.of_review(settled, review.said, review.conclusion)
    yield (
        outcomemodels.Score,
        [
            {
                "review_id": review.id,
                "engine": key.engine,
                "model": key.model,
                "version": key.version,
                "unit": key.unit.value,
                "repository_id": review.repository.id,
                "day": settled.known.date(),
                "counts": counts.as_json(counted),
            }
            for key, counted in known.items()
        ],
    )


def _fixes(review: invented.Review, failing: Sequence[parts.Said], digest: str) -> list[dict[str, Any]]:
    """Return an edit, of every third what became of it known, and what undoes the change."""
    drawn = int(review.id[:4], 16)
    became = ("applied", "ignored", "offered")[drawn % 3]
    known = review.started + timedelta(hours=3)
    return [
        {
            "review_id": review.id,
            "position": position,
            "source": source,
            "path": "src/part/module.py",
            "start": 13,
            "end": 13,
            "text": "    for weight in weights:\n",
            "diff": _DIFF,
            "mends": [digest],
            "mended": [one.test for one in failing],
            "kept": 12,
            "tried_by": "sandbox",
            "agreement": 0,
            "became": became if counted else "offered",
            "applied": review.head[::-1] if counted and became == "applied" else None,
            "became_at": known if counted and became != "offered" else None,
            "in_ci": ("passed", "failed", None)[drawn // 3 % 3] if counted and became == "applied" else None,
            "repository_id": review.repository.id,
            "offered": review.started,
            "counted": counted,
        }
        for position, (source, counted) in enumerate((("edit" if drawn % 2 else "model", True), ("undo", False)))
    ]


def _jobs(review: invented.Review) -> list[dict[str, Any]]:
    if review.settled is None:
        return []
    return [
        {
            "id": f"actions/{review.id}/1/{place}",
            "repository_id": review.repository.id,
            "sha": review.head,
            "tested": "merge",
            "name": name,
            "workflow": "tests",
            "attempt": 1,
            "conclusion": "success" if review.settled.first_broken is None else "failure",
            "started": review.started,
            "completed": review.settled.known,
            "remarks": [],
            "failed_steps": [],
            "known": review.settled.known,
            "source": "report",
            "why": "",
            "reported": len(review.real),
        }
        for place, name in enumerate(("unit (3.11)", "unit (3.12)"))
    ]


def _of_tests(review: invented.Review, digest: str) -> Iterator[tuple[type[models.Table], list[pouring.Row]]]:
    """Yield predictions and decisions as tuples: there are millions."""
    ordered = [*review.decided, *(one for one in review.said if not one.decided)]
    attempts = {one.test for one in ordered[len(review.decided) :]}
    traced = next((place for place, one in enumerate(ordered) if one.would_fail), None)
    yield (
        models.Prediction,
        [
            _prediction(
                review.id, place, one, 1 + (one.decided and one.test in attempts), digest if place == traced else None
            )
            for place, one in enumerate(ordered)
        ],
    )
    yield models.Decision, [_decision(review, place, one) for place, one in enumerate(review.decided)]


def _prediction(review: str, place: int, one: parts.Said, attempt: int, digest: str | None) -> pouring.Row:
    imagined = one.engine == "cwm"
    wrong = one.would_fail
    named = {
        "review_id": review,
        "position": place,
        "test": one.test,
        "attempt": attempt,
        "engine": one.engine,
        "model": one.model,
        "version": one.version,
        "outcome": one.outcome.value,
        "p_fail": one.p_fail,
        "raw_score": one.p_fail,
        "calibrator": None,
        "reason": "calls part.module.shares, changed",
        "already_failing": False,
        "exception": "AssertionError: assert [34] == [34, 33, 33]" if wrong else None,
        "at_path": "src/part/module.py" if wrong else None,
        "at_line": 13 if wrong else None,
        "traceback": "[]",
        "trace_digest": digest,
        "seconds": 0.02,
        "fuel": 0 if imagined else 41_000_000,
        "tokens": 900 if imagined else 0,
        "cached_tokens": 0,
        "completion_tokens": 300 if imagined else 0,
        "imagined": imagined,
        "control": "assumed" if imagined else None,
        "left_out": "[]",
    }
    return tuple(named[name] for name in _PREDICTION)


def _decision(review: invented.Review, place: int, one: parts.Said) -> pouring.Row:
    real = review.real.get(one.test)
    named = {
        "review_id": review.id,
        "position": place,
        "prediction": place,
        "would_fail": one.would_fail,
        "last_outcome": one.last_outcome.value if one.last_outcome else None,
        "failure_rate": one.failure_rate,
        "outcome": real.outcome.value if real else None,
        "uncounted": real.uncounted.value if real and real.uncounted else None,
    }
    return tuple(named[name] for name in _DECISION)


_PREDICTION = tuple(column.name for column in database.table(models.Prediction).columns)
_DECISION = tuple(column.name for column in database.table(models.Decision).columns)


def _trace(number: int) -> trace.Trace:
    frames = tuple(
        trace.Frame(
            event=trace.Event.LINE,
            path="src/part/module.py",
            line=10 + step % 7,
            scope="shares",
            source="    parts.append(total * weight // whole)",
            locals={"total": "100", "weights": f"[{step}, {number}]", "whole": "..", "parts": f"[{step * number}]"},
        )
        for step in range(250)
    )
    return trace.Trace(test=f"tests/test_{number}.py::test", head=frames[:50], left_out=1_000, tail=frames[50:])


def _of_repositories(
    owners: Sequence[invented.Repository], rng: random.Random
) -> Iterator[tuple[type[models.Table], list[Any]]]:
    for owner in owners:
        yield outcomemodels.TestRecord, [_record(owner, test) for test in owner.tests if test.last is not None]
        yield (
            outcomemodels.Standing,
            [
                {
                    "repository_id": owner.id,
                    "basis": "executed",
                    "level": "advise",
                    "since": invented.END - timedelta(days=90),
                    "checked": invented.END,
                    "terms": {"pulls": 100, "advise": 0.7, "block": 0.9, "margin": 0.05},
                    "figures": {"blocked": 90, "right": 80, "lower_bound": 0.81},
                }
            ],
        )
        yield outcomemodels.AuthorityChange, [_change(owner, place) for place in range(60)]
        yield outcomemodels.Calibrator, [_calibrator(owner, place) for place in range(365)]
    yield (
        hostedmodels.Delivery,
        [
            {
                "id": f"{rng.getrandbits(128):032x}",
                "event": "pull_request",
                "action": "synchronize",
                "installation": 1,
                "repository": rng.choice(owners).number,
                "received": invented.END - timedelta(seconds=30 * place),
            }
            for place in range(_DELIVERIES)
        ],
    )


def _record(owner: invented.Repository, test: invented.Test) -> dict[str, Any]:
    last = test.last or prediction.Outcome.UNKNOWN
    return {
        "repository_id": owner.id,
        "key": test.key,
        "runs": test.runs,
        "failures": test.failures,
        "flaky": test.flaky,
        "last_outcome": last.value,
        "known": invented.END,
        "seconds": test.seconds,
        "predicted": test.predicted,
        "wrong": test.wrong,
    }


def _change(owner: invented.Repository, place: int) -> dict[str, Any]:
    return {
        "id": f"{owner.id}/{place}",
        "repository_id": owner.id,
        "basis": "executed",
        "at": invented.END - timedelta(days=6 * place),
        "before": "shadow" if place % 2 else "advise",
        "after": "advise" if place % 2 else "shadow",
        "why": "drawn by chance",
        "figures": {"blocked": 90, "right": 80, "lower_bound": 0.81},
    }


def _calibrator(owner: invented.Repository, place: int) -> dict[str, Any]:
    fitted = invented.END - timedelta(days=place)
    return {
        "version": f"cwm-{owner.id}-{place}",
        "engine": "cwm",
        "model": "facebook/cwm",
        "repository_id": owner.id,
        "fitted": fitted,
        "until": fitted - timedelta(days=10),
        "method": "isotonic",
        "points": [[step / 100, step / 100] for step in range(101)],
        "pulls": 700,
        "judged_pulls": 300,
        "brier": 0.04,
        "brier_before": 0.05,
        "kept": place % 9 == 0,
    }


def _add_up(engine: sqlalchemy.Engine, owners: Sequence[invented.Repository]) -> None:
    """Make the sums by day and the summaries, as the service makes them."""
    days = [(invented.END - timedelta(days=back)).date() for back in range(-3, 367)]
    for owner in owners:
        with database.writing(engine) as session:
            rollups.refresh(session, owner.id, days)
            for day in days:
                rollups.refresh_day(session, owner.id, day)
    summarising.summarise(engine, invented.END)


if __name__ == "__main__":
    main()
