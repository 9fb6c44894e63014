"""What pages show, made up: a repository with half a year of reviews, and the same with hostile text everywhere."""

import random
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from gatekeeper import evaluation, hosted, review
from gatekeeper.accuracy import confusion, counts, measuring
from gatekeeper.outcomes import settlement
from gatekeeper.repair import candidate
from gatekeeper.simulation import prediction, trace
from gatekeeper.verdicts import authority, verdict
from gatekeeper.views import fixes, overview, repository, reviewpage, reviews, work
from tests.integration import offer_samples, report_samples

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
REVIEW = "0198f3c2a4b17d0e8c550198f3c2a4b1"
ATTACK = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">'\""
    " onmouseover=alert(1) {{ 7 * 7 }}\x1b\u202e"
)
_DAYS = 120
_Any = TypeVar("_Any")


def parts(seed: int, pulls: int, *, skill: float, tests: int = 12) -> list[counts.Counts]:
    """Return the counts of so many pull requests, of predictions that are as good as `skill` in 0..1."""
    chance = random.Random(seed)
    return [_part(chance, skill, tests) for _ in range(pulls)]


def _part(chance: random.Random, skill: float, tests: int) -> counts.Counts:
    broken: dict[int, int] = {}
    sound: dict[int, int] = {}
    known = {"true_positives": 0, "false_positives": 0, "false_negatives": 0, "true_negatives": 0}
    breaks = chance.random() < 0.35
    for _ in range(tests):
        really = breaks and chance.random() < 0.4
        seen = really if chance.random() < skill else chance.random() < 0.2
        score = min(1.0, max(0.0, chance.gauss(0.88 if seen else 0.06, 0.14)))
        side = broken if really else sound
        side[counts.bin_of(score)] = side.get(counts.bin_of(score), 0) + 1
        said = score >= 0.5
        name = f"{'true' if said == really else 'false'}_{'positives' if said else 'negatives'}"
        known[name] += 1
    silent = int(chance.random() < 0.06)
    return counts.Counts(
        broken=broken, sound=sound, confusion=confusion.Confusion(**known), abstained=silent,
        hangs=int(breaks), hangs_named=int(breaks and chance.random() < skill), hangs_found=int(breaks),
    )  # fmt: skip


def scored(engine: str, seed: int, skill: float, *, model: str = "", version: str = "") -> repository.Scored:
    """Return one who predicts; an engine that has a model says nothing of pull requests."""
    tests = measuring.measure(parts(seed, 90, skill=skill), draws=200)
    pulls = None if model else measuring.measure(parts(seed + 1, 90, skill=skill, tests=1), draws=200)
    return repository.Scored(engine=engine, model=model, version=version, tests=tests, pull_requests=pulls)


FIXES = (
    fixes.FixFigures(source=candidate.Source.EDIT, offered=31, applied=12, ignored=14, passed=9, failed=1),
    fixes.FixFigures(source=candidate.Source.MODEL, offered=8, applied=2, ignored=6, passed=2, failed=0),
    fixes.FixFigures(source=candidate.Source.UNDO, offered=11, applied=0, ignored=9, passed=0, failed=0),
)


@cache
def repository_page() -> repository.RepositoryPage:
    """Return a repository with a trend that rises."""
    gate = scored("gate", 1, 0.93)
    window = repository.Window(first=NOW.date() - timedelta(days=89), last=NOW.date())
    return repository.RepositoryPage(
        id=7,
        name="acme/ledger",
        number=4711,
        window=window,
        authority=authority.Authority.ADVISE,
        why_authority="It has earned advise: of 38 pull requests it would have blocked, 36 were really broken.",
        standings=(
            repository.Standing(
                basis="executed", level=authority.Authority.ADVISE, since=NOW - timedelta(days=31),
                figures={"right": 36, "blocked": 38, "lower_bound": 0.843},
                terms={"pulls": 100, "advise": 0.7, "block": 0.9, "margin": 0.05},
            ),
            repository.Standing(
                basis="cwm", level=authority.Authority.SHADOW, since=NOW - timedelta(days=80),
                figures={"right": 5, "blocked": 8, "lower_bound": 0.289},
                terms={"pulls": 100, "advise": 0.7, "block": 0.9, "margin": 0.05},
            ),
        ),
        changes=(
            repository.Change(
                at=NOW - timedelta(days=31), basis="executed", before=authority.Authority.SHADOW,
                after=authority.Authority.ADVISE, why="The lower bound of its precision reached 71 %.",
                figures={"right": 19, "blocked": 20, "lower_bound": 0.784},
            ),
        ),
        scored=(
            gate,
            scored("sandbox", 3, 0.95, model="CPython 3.14.0", version="1"),
            scored("cwm", 5, 0.55, model="facebook/cwm", version="sglang 0.5.23"),
            scored("always pass", 7, 0.0),
            scored("parrot", 9, 0.3),
            scored("historical", 11, 0.4),
        ),
        trend=tuple(_days(NOW.date())),
        slowest=_tests("ledger.tests.test_statement::TestStatements::test_year_of_entries", 42.7),
        flakiest=_tests("ledger.tests.test_clock::test_midnight[Europe/Vienna]", 1.2),
        most_often_wrong=_tests("ledger.tests.test_import::test_encoding[latin-1]", 0.2),
        value=value(),
        labelled=0.71,
        uncounted={"flaky": 14, "infrastructure": 3, "cancelled": 9, "no_tests": 120, "red_on_base": 2},
        fixes=FIXES,
        matched=4120,
        unselected=96_310,
        unmatched=11,
        engines=("cwm", "sandbox"),
        made=NOW - timedelta(minutes=40),
        calibrators=(
            repository.Calibrator(
                version="c4", engine="cwm", fitted=NOW - timedelta(days=3), pooled=True, method="isotonic", pulls=310,
                judged_pulls=77, brier=0.081, brier_before=0.124, kept=True,
            ),
        ),
    )  # fmt: skip


def _days(last: date) -> list[repository.Day]:
    chance = random.Random(3)
    found = []
    for back in range(_DAYS, -1, -1):
        if chance.random() < 0.3:
            continue
        skill = 0.75 + 0.2 * (1 - back / _DAYS)
        number = chance.randint(2, 14)
        found.append(
            repository.Day(
                day=last - timedelta(days=back),
                reviews=number,
                settled=max(1, number - chance.randint(0, 3)),
                conclusions={"would_pass": number - 1, "would_fail": 1},
                pull_requests=sum(parts(back, number, skill=skill, tests=1), counts.Counts()),
                tests=sum(parts(back + 500, number, skill=skill), counts.Counts()),
            )
        )
    return found


def _tests(key: str, seconds: float) -> tuple[repository.TestLine, ...]:
    return tuple(
        repository.TestLine(
            key=key if not number else f"{key}_{number}", runs=120 - number, failures=9, flaky=6 - number,
            seconds=seconds / (number + 1), predicted=40, wrong=5 - number,
        )
        for number in range(5)
    )  # fmt: skip


def value() -> overview.Value:
    """Return what a gate was worth."""
    return overview.Value(
        reviews=214, settled=152, saved_minutes=1270.0, job_minutes=9120.0, verdict_seconds=11.4, ci_seconds=512.0,
        cpu_seconds=2810.0, gpu_seconds=340.0, tokens=5_210_000,
    )  # fmt: skip


def overview_page(days: int = 90) -> overview.Overview:
    """Return three repositories: one measured, one without outcomes, one just installed with a long name."""
    gate = scored("gate", 1, 0.93).pull_requests
    empty = replace(
        value(), reviews=3, settled=0, saved_minutes=0, job_minutes=0, verdict_seconds=8.0, ci_seconds=None,
        cpu_seconds=31.0, gpu_seconds=0, tokens=0,
    )  # fmt: skip
    lines = (
        overview.Line(
            id=7, name="acme/ledger", authority=authority.Authority.ADVISE, figures=gate, value=value(),
            labelled=0.71, latest=NOW - timedelta(minutes=12), latest_conclusion=verdict.Conclusion.WOULD_FAIL,
        ),
        overview.Line(
            id=8, name="acme/payments", authority=authority.Authority.BLOCK,
            figures=scored("gate", 21, 0.99).pull_requests, value=value(), labelled=0.94,
            latest=NOW - timedelta(hours=7), latest_conclusion=verdict.Conclusion.WOULD_PASS,
        ),
        overview.Line(
            id=9, name="acme/a-rather-long-name-of-a-repository-that-still-has-to-fit-somewhere", authority=None,
            figures=None, value=empty, labelled=0.0, latest=NOW - timedelta(days=2),
            latest_conclusion=verdict.Conclusion.NOT_ANALYSED,
        ),
    )  # fmt: skip
    return overview.Overview(
        window=days, lines=lines, figures=gate, value=value(), made=NOW - timedelta(minutes=8), fixes=FIXES
    )


def lines(number: int) -> tuple[reviews.Line, ...]:
    """Return lines of a list."""
    first = review.listed(report_samples.realistic())
    kinds = (
        (verdict.Conclusion.WOULD_FAIL, settlement.Label.BROKEN, reviews.Result.RIGHT),
        (verdict.Conclusion.WOULD_PASS, settlement.Label.SOUND, reviews.Result.RIGHT),
        (verdict.Conclusion.WOULD_PASS, settlement.Label.BROKEN, reviews.Result.MISS),
        (verdict.Conclusion.WOULD_FAIL, settlement.Label.SOUND, reviews.Result.FALSE_ALARM),
        (verdict.Conclusion.NOT_ANALYSED, settlement.Label.SOUND, reviews.Result.ABSTAINED),
        (verdict.Conclusion.WOULD_PASS, None, reviews.Result.UNSETTLED),
    )
    return tuple(
        reviews.Line(
            listed=replace(
                first, id=f"{REVIEW[:-4]}{place:04x}", conclusion=kinds[place % 6][0],
                would_fail=7 if kinds[place % 6][0] is verdict.Conclusion.WOULD_FAIL else 0,
                started=NOW - timedelta(hours=place * 5 + 1),
            ),
            repository_id=7, pull=412 - place if place % 7 else None, label=kinds[place % 6][1],
            result=kinds[place % 6][2],
        )
        for place in range(number)
    )  # fmt: skip


def reviews_page(chosen: reviews.Filter) -> reviews.ReviewsPage:
    """Return one page of the list."""
    shown = lines(25)
    return reviews.ReviewsPage(
        filter=chosen, lines=shown, following=reviews.Cursor(started=shown[-1].listed.started, id=shown[-1].listed.id),
        repositories=((7, "acme/ledger"), (8, "acme/payments")), engines=("sandbox", "cwm", "cascade"),
    )  # fmt: skip


def review_page(tests: int = 0) -> reviewpage.ReviewPage:
    """Return a review that was mostly right, with `tests` passing ones added."""
    done = replace(offer_samples.review_with_halting(), id=REVIEW)
    more = tuple(report_samples.said(f"tests/test_more.py::test_number[{number}]") for number in range(tests))
    done = replace(done, predictions=(*done.predictions, *more))
    outcomes = {
        said.test: settlement.Outcome(outcome=prediction.Outcome.PASS, seconds=0.2) for said in done.predictions
    }
    for said in done.predictions:
        if verdict.fails(said, done.policy):
            outcomes[said.test] = settlement.Outcome(outcome=prediction.Outcome.FAIL, seconds=0.3)
    outcomes["tests/test_split.py::test_order_of_people"] = settlement.Outcome(outcome=prediction.Outcome.PASS)
    outcomes["tests/test_split.py::test_even[101-3]"] = settlement.Outcome(outcome=prediction.Outcome.FAIL)
    outcomes["tests/test_split.py::test_even[0-1]"] = settlement.Outcome(
        outcome=prediction.Outcome.FAIL, uncounted=settlement.Uncounted.FLAKY
    )
    line = replace(lines(1)[0], listed=review.listed(done))
    return reviewpage.ReviewPage(
        done=done,
        line=line,
        authority=authority.Authority.ADVISE,
        why_authority="The ceiling is block, and advise is earned.",
        settled=reviewpage.Settled(
            label=settlement.Label.BROKEN,
            why="7 of its tests broke in a way that counts, and 1 of them was not predicted to.",
            known=NOW - timedelta(minutes=3),
            uncounted=(("flaky", "tests/test_split.py::test_even[0-1]", "it failed and passed on this commit"),
                       ("no_tests", "lint", "it ran no tests, as far as is known")),
            tests={"predicted": 22, "matched": 20, "unselected": 190, "unmatched": 1},
            verdict_seconds=9.1, ci_seconds=431.0, saved_seconds=1180.0,
        ),
        outcomes=outcomes,
        jobs=(
            reviewpage.Job(
                name="test (3.12, ubuntu)", workflow="CI", attempt=1, tested="merge", conclusion="failure",
                started=NOW - timedelta(minutes=12), completed=NOW - timedelta(minutes=4), source="report",
                reported=210, why="",
            ),
            reviewpage.Job(
                name="lint", workflow="CI", attempt=1, tested="merge", conclusion="success",
                started=NOW - timedelta(minutes=12), completed=NOW - timedelta(minutes=11), source="none", reported=0,
                why="no report among its artifacts, and no summary of pytest in its log",
            ),
        ),
        offered=offer_samples.offered(done), fates=offer_samples.fates(),
    )  # fmt: skip


def prediction_page(position: int = 13, steps: int = 0) -> reviewpage.PredictionPage:
    """Return a test that was run and imagined; the two part where the loop ends too early. `steps`: a loop so long."""
    done = review_page().done
    said = done.predictions[position]
    ran = _long_run(steps) if steps else report_samples.run_of_shares()
    whole = replace(ran, left_out=0) if not steps else ran
    imagined = replace(whole, head=whole.head, tail=tuple(_imagined(frame) for frame in whole.tail))
    guess = replace(said, engine="cwm", model="facebook/cwm", imagined=True, trace=imagined, p_fail=0.81)
    return reviewpage.PredictionPage(
        review=REVIEW, repository="acme/ledger", position=position, of=len(done.predictions),
        said=replace(said, attempts=(guess,)), would_fail=verdict.fails(said, done.policy),
        why_selected="calls ledger.split.shares, changed",
        outcome=settlement.Outcome(outcome=prediction.Outcome.FAIL, seconds=0.3),
        last_outcome=prediction.Outcome.PASS, failure_rate=0.02,
        executed=replace(said, trace=whole), imagined=guess, diff=done.diff,
    )  # fmt: skip


def _imagined(frame: trace.Frame) -> trace.Frame:
    if frame.event is trace.Event.RETURN:
        return replace(frame, value="[34, 33, 33]")
    return frame


def _long_run(steps: int) -> trace.Trace:
    short = report_samples.run_of_shares()
    turns = tuple(
        replace(short.tail[number % 2], locals={**short.tail[0].locals, "rest": str(number)}) for number in range(steps)
    )
    return replace(short, head=short.head + turns, left_out=1234)


def work_page() -> work.WorkPage:
    """Return one review in progress, one that failed, a worker, deliveries."""
    asked = evaluation.Asked(
        id="review/4711/412/b81c/4f2a/0", place=hosted.Place(installation=1, repository=4711, name="acme/ledger"),
        pull=412, head="b81c07d35e2f4a6b8c9d0e1f2a3b4c5d6e7f8091", head_ref="refs/pull/412/head", base_ref="main",
        base="4f2a9c1e8b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39",
    )  # fmt: skip
    running = evaluation.Evaluation(
        asked=asked, when=NOW - timedelta(seconds=70), state=evaluation.State.RUNNING, reason="",
        progress="31 of 84 tests", superseded_by=None, reviewed=None, terms=None, conclusion=None, open=True,
    )  # fmt: skip
    failed = replace(running, state=evaluation.State.FAILED, reason="the repository could not be fetched", progress="")
    deliveries = tuple(
        work.Delivery(
            id=f"72d3162e-cc78-11e3-81ab-4c9367dc0{number:03}", event="pull_request", action="synchronize",
            repository="acme/ledger", received=NOW - timedelta(minutes=number),
            workflow=asked.id if number % 3 else None,
        )
        for number in range(12)
    )  # fmt: skip
    worker = work.Worker(
        id="worker-1", version="7", host="gate", seen=NOW - timedelta(seconds=4), since=NOW - timedelta(days=2)
    )
    return work.WorkPage(live=(running,), failed=(failed,), workers=(worker,), deliveries=deliveries, following="next")


def poisoned(value: _Any, attack: str = ATTACK) -> _Any:
    """Return `value` with `attack` behind every text in it, whatever it is."""
    return _poisoned(value, attack)  # type: ignore[no-any-return]


def _poisoned(value: Any, attack: str) -> Any:
    # whose figures the page shows first goes by its name
    if isinstance(value, Enum) or value == "gate":
        return value
    if isinstance(value, str):
        return value + attack
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: _poisoned(getattr(value, part.name), attack) for part in fields(value)})
    if isinstance(value, Mapping):
        return {_key(key, attack): _poisoned(one, attack) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_poisoned(one, attack) for one in value)
    return value


def _key(key: Any, attack: str) -> Any:
    return key + attack if isinstance(key, str) and not isinstance(key, Enum) else key
