"""Each test's results, over all jobs -> what became of it, and whether that counts."""

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from gatekeeper.outcomes import attempts, job, settlement, sides
from gatekeeper.simulation import prediction

_Kind = settlement.Uncounted
_WHY = {
    _Kind.FLAKY: "it failed and passed on the same commit",
    _Kind.RED_ON_BASE: "it fails without the change, too",
    _Kind.FORGIVEN: "it broke in a job that ended well all the same",
    _Kind.SKIPPED: "it was skipped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of the tests."""

    # by id, of the predicted tests that CI reported
    outcomes: Mapping[str, settlement.Outcome]
    # names of what broke in a way that counts, predicted or not; of these, those that were not predicted; their jobs
    broken: AbstractSet[str]
    missed: AbstractSet[str]
    broke: tuple[job.Job, ...]
    kept: tuple[settlement.Kept, ...]
    unselected: AbstractSet[str]
    unmatched: AbstractSet[str]
    # jobs in which tests broke, and none but those that break on base
    explained: AbstractSet[attempts.Name]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the jobs of one name say of a test."""

    result: attempts.Result
    uncounted: settlement.Uncounted | None


def judge(both: sides.Sides, already_failing: AbstractSet[str]) -> Judged:
    """Return what became of each test; `already_failing`: ids of those that were said not to pass before either."""
    said: defaultdict[str, list[_Said]] = defaultdict(list)
    others: defaultdict[str, list[_Said]] = defaultdict(list)
    explained: set[attempts.Name] = set()
    for name, found in both.results.items():
        base = both.base_results.get(name)
        tests = _of_job(found.tests, base.tests if base else {}, already_failing)
        rest = _of_job(found.others, base.others if base else {}, frozenset())
        for test, one in tests.items():
            said[test].append(one)
        for key, one in rest.items():
            others[key].append(one)
        kinds = {one.uncounted for one in (*tests.values(), *rest.values()) if one.result.outcome.broken}
        if kinds == {_Kind.RED_ON_BASE}:
            explained.add(name)
    unmatched = {key for found in both.results.values() for key in found.unmatched}
    return _judged(said, others, unmatched, explained)


def _judged(
    said: Mapping[str, list[_Said]],
    others: Mapping[str, list[_Said]],
    unmatched: AbstractSet[str],
    explained: AbstractSet[attempts.Name],
) -> Judged:
    outcomes = {test: _outcome(each) for test, each in sorted(said.items())}
    rest = {key: _outcome(each) for key, each in sorted(others.items())}
    broken = {test for test, one in outcomes.items() if _counts(one)}
    missed = {key for key, one in rest.items() if _counts(one)}
    broke = (*(_broke(said[test]) for test in sorted(broken)), *(_broke(others[key]) for key in sorted(missed)))
    return Judged(
        outcomes=outcomes,
        broken=broken | missed,
        missed=missed - unmatched,
        broke=broke,
        kept=tuple(_kept(outcomes, said, skips=True) + _kept(rest, others, skips=False)),
        unselected=rest.keys() - unmatched,
        unmatched=unmatched,
        explained=explained,
    )


def _of_job(
    results: Mapping[str, attempts.Result], base: Mapping[str, attempts.Result], already_failing: AbstractSet[str]
) -> dict[str, _Said]:
    return {
        name: _said(result, base.get(name), already_failing=name in already_failing) for name, result in results.items()
    }


def _said(result: attempts.Result, before: attempts.Result | None, *, already_failing: bool) -> _Said:
    """Return whether a result counts: what the same job did on base says more than what was predicted of base."""
    if result.outcome is prediction.Outcome.SKIP:
        return _Said(result=result, uncounted=_Kind.SKIPPED)
    if result.flaky or (result.outcome.broken and before is not None and before.flaky):
        return _Said(result=result, uncounted=_Kind.FLAKY)
    if not result.outcome.broken:
        return _Said(result=result, uncounted=None)
    untold = before is None or before.outcome is prediction.Outcome.SKIP
    if (untold and already_failing) or (before is not None and before.outcome.broken):
        return _Said(result=result, uncounted=_Kind.RED_ON_BASE)
    forgiven = result.by.conclusion is job.Conclusion.SUCCESS
    return _Said(result=result, uncounted=_Kind.FORGIVEN if forgiven else None)


def _outcome(said: list[_Said]) -> settlement.Outcome:
    """Return what became of a test over a matrix: broken anywhere in a way that counts; else passed somewhere."""
    chosen = min(said, key=_rank)
    return settlement.Outcome(outcome=chosen.result.outcome, uncounted=chosen.uncounted, seconds=chosen.result.seconds)


def _rank(one: _Said) -> int:
    match one.uncounted:
        case None:
            return 0 if one.result.outcome.broken else 3
        case _Kind.FLAKY:
            return 1
        case _Kind.FORGIVEN:
            return 2
        case _Kind.RED_ON_BASE:
            return 4
        case _:
            return 5


def _counts(one: settlement.Outcome) -> bool:
    return one.uncounted is None and one.outcome.broken


def _broke(said: list[_Said]) -> job.Job:
    """Return the first of the jobs in which a test broke in a way that counts."""
    jobs = [one.result.by for one in said if one.uncounted is None and one.result.outcome.broken]
    return min(jobs, key=lambda one: (one.completed is None, one.completed or one.known, one.id))


def _kept(
    outcomes: Mapping[str, settlement.Outcome], said: Mapping[str, list[_Said]], *, skips: bool
) -> list[settlement.Kept]:
    """Return what was kept out; a test that counts in one job may not in another, and both are told."""
    kept: list[settlement.Kept] = []
    for name, outcome in outcomes.items():
        kinds = {one.uncounted for one in said[name] if one.uncounted is not None}
        if outcome.uncounted is not _Kind.SKIPPED or not skips:
            kinds.discard(_Kind.SKIPPED)
        kept += [settlement.Kept(kind=kind, what=name, why=_WHY[kind]) for kind in sorted(kinds)]
    return kept
