"""A bench as one JSON object."""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from gatekeeper.accuracy import confusion, scoring
from gatekeeper.wiring.bench import results, speed, spending


def as_json(bench: results.Bench) -> dict[str, Any]:
    """Return `bench` as values that `json.dumps` takes; rates that are undefined are null."""
    tally = bench.tally
    return {
        "cases": len(bench.ran),
        "of": bench.of,
        "failed": [{**_named(one), "why": one.failure} for one in bench.failed],
        "tests": {
            "micro": _rates(tally.tests),
            "macro": asdict(bench.macro),
            "always_pass": _rates(confusion.always_pass(tally.tests)),
        },
        "pull_requests": {
            **_rates(tally.changes),
            "undecided": tally.undecided,
            "always_pass": _rates(confusion.always_pass(tally.changes)),
        },
        "hangs": {"labelled": tally.hanging, "found": tally.hanging_found, "named": tally.hanging_named},
        "abstention": _abstention(tally),
        "packages": {name: _package(counted) for name, counted in bench.packages()},
        "false_alarms": [_mistake(one, mistake) for one in bench.ran for mistake in one.scored.false_alarms],
        "misses": [_mistake(one, mistake) for one in bench.ran for mistake in one.scored.misses],
        "reviews": [_review(one) for one in bench.ran],
        "speed": _speed(bench.speed) if bench.speed else None,
        "untimed": dict(bench.untimed),
        "engine": bench.engine,
        "spending": _spending(bench.spending),
    }


def _spending(taken: spending.Spending) -> dict[str, Any]:
    return {
        "imagined": taken.imagined,
        "executed": taken.executed,
        "disagreed": taken.disagreed,
        "engines": {name: _spent(name, spent) for name, spent in taken.engines.items()},
    }


def _spent(engine: str, spent: spending.Spent) -> dict[str, Any]:
    return {**asdict(spent), "cached_share": spent.cached, "dollars": spending.dollars(engine, spent)}


def _rates(counted: confusion.Confusion) -> dict[str, Any]:
    return {
        **asdict(counted),
        "precision": counted.precision,
        "recall": counted.recall,
        "f1": counted.f1,
        "accuracy": counted.accuracy,
    }


def _abstention(tally: scoring.Tally) -> dict[str, Any]:
    return {
        "predicted": tally.predicted,
        "unknown": tally.unknown,
        "share": tally.abstention,
        "already_failing": tally.already_failing,
        "already_failing_that_pass": tally.denied,
        "honest_share": tally.honest_abstention,
    }


def _package(tally: scoring.Tally) -> dict[str, Any]:
    return {"tests": _rates(tally.tests), "pull_requests": _rates(tally.changes), "abstention": _abstention(tally)}


def _named(one: results.Ran) -> dict[str, Any]:
    case = one.numbered.case
    return {
        "case": one.numbered.index,
        "package": case.package,
        "file": case.file,
        "operator": case.operator,
        "occurrence": case.occurrence,
    }


def _mistake(one: results.Ran, mistake: scoring.Mistake) -> dict[str, Any]:
    said = mistake.said
    return {
        "case": one.numbered.index,
        "test": mistake.test,
        "label": mistake.label,
        "outcome": said.outcome if said else None,
        "already_failing": said.already_failing if said else None,
        "why": said.why if said else None,
    }


def _review(one: results.Ran) -> dict[str, Any]:
    done = one.reviewed
    breaks = {"breaks": one.numbered.truth.breaks, "broken": len(one.numbered.truth.broken)}
    if done is None:
        return {**_named(one), **breaks, "verdict": None}
    return {
        **_named(one),
        **breaks,
        "verdict": done.conclusion,
        "reason": done.reason,
        "seconds": done.seconds,
        "timings": dict(done.timings),
        "selected": done.selected,
        "of": done.of,
        "spending": _spending(done.spending),
    }


def _speed(taken: speed.Speed) -> dict[str, Any]:
    return {
        "startup": asdict(taken.startup),
        "fixed": taken.fixed,
        "packages": {suite.package: _suite(taken, [suite], suite) for suite in taken.suites},
        "ratio": taken.ratio(taken.suites),
        "ratio_few_affected": taken.ratio(taken.suites, few=True),
    }


def _suite(taken: speed.Speed, only: Sequence[speed.Suite], suite: speed.Suite) -> dict[str, Any]:
    return {
        "native": suite.native,
        "empty": suite.empty,
        "review_median": median(timed.seconds for timed in suite.reviews) if suite.reviews else None,
        "ratio": taken.ratio(only),
        "ratio_few_affected": taken.ratio(only, few=True),
    }
