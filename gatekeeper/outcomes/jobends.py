"""How the jobs ended -> what that says of the change, beside what their tests say."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gatekeeper.outcomes import attempts, counting, job, settlement, sides, testresults
from gatekeeper.simulation import prediction

_Kind = settlement.Uncounted


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the ends of the jobs say."""

    # a sentence on each name that broke
    broken: Sequence[str]
    # the jobs that did
    broke: Sequence[job.Job]
    # names of test jobs that ended well, or that failed through nothing but what fails on base
    sound: Sequence[str]
    kept: Sequence[settlement.Kept]
    timed_out: bool
    # a sentence on why there is nothing that counts
    nothing: str


@dataclass(slots=True)
class _Found:
    broken: list[str] = field(default_factory=list)
    broke: list[job.Job] = field(default_factory=list)
    sound: list[str] = field(default_factory=list)
    kept: list[settlement.Kept] = field(default_factory=list)
    # clauses on jobs that count and yet say nothing
    unsaid: list[str] = field(default_factory=list)
    timed_out: bool = False

    def keep(self, kind: _Kind, one: job.Job, why: str) -> None:
        """Note a job that is kept out."""
        self.kept.append(settlement.Kept(kind=kind, what=one.name, why=why))

    def fail(self, one: job.Job, why: str) -> None:
        """Note a job that broke."""
        self.broken.append(f"{one.name} {why}.")
        self.broke.append(one)


def judge(both: sides.Sides, tests: testresults.Judged) -> Judged:
    """Return what the ends of the jobs say, name by name; where tests were reported, they decide."""
    found = _Found()
    for name, one in both.head.items():
        for uncounted, ending in one.others:
            if ending.uncounted is not None:
                found.keep(ending.uncounted, uncounted, ending.why)
        if one.last is None:
            continue
        if counting.ending(one.last).timed_out:
            _cut_off(both, name, one.last, found)
        elif not both.is_truth(name):
            found.keep(_Kind.NO_TESTS, one.last, "no report or summary of tests was seen in it")
        elif one.last.conclusion is job.Conclusion.SUCCESS:
            _passed(both, name, one.last, found)
        else:
            _failed(both, name, one.last, tests, found)
    return Judged(
        broken=found.broken,
        broke=found.broke,
        sound=found.sound,
        kept=found.kept,
        timed_out=found.timed_out,
        nothing=_nothing(both, found),
    )


def _cut_off(both: sides.Sides, name: attempts.Name, last: job.Job, found: _Found) -> None:
    """Judge a job that its time limit ended: a hang, unless it hangs on base or did not do so before."""
    before = both.base[name].last if name in both.base else None
    if not both.runs_tests(name):
        found.keep(_Kind.NO_TESTS, last, "its time limit ended it, and it is not known to run tests")
    elif before is not None and counting.ending(before).timed_out:
        found.keep(_Kind.RED_ON_BASE, last, "its time limit ends it without the change, too")
    elif any(one.conclusion is job.Conclusion.SUCCESS for one in both.head[name].counted):
        found.keep(_Kind.FLAKY, last, "it ended well and was ended by its time limit on the same commit")
    else:
        found.timed_out = True
        found.fail(last, "was ended by its time limit")


def _passed(both: sides.Sides, name: attempts.Name, last: job.Job, found: _Found) -> None:
    """Judge a job whose last run ended well."""
    bad = [one for one in both.head[name].counted if one.conclusion is not job.Conclusion.SUCCESS]
    results = both.results[name]
    skip = prediction.Outcome.SKIP
    ran = any(one.outcome is not skip for one in (*results.tests.values(), *results.others.values()))
    # where tests are known it is they that are flaky
    if any(counting.ending(one).timed_out for one in bad) or (bad and not ran):
        found.keep(_Kind.FLAKY, last, "it failed and ended well on the same commit")
    elif ran or last.report.passed or both.is_named(name):
        found.sound.append(last.name)
    else:
        found.unsaid.append(f"{last.name} ran no test")


def _failed(both: sides.Sides, name: attempts.Name, last: job.Job, tests: testresults.Judged, found: _Found) -> None:
    """Judge a job whose last run failed: by its tests, or where none of them broke by its end, if that is truth."""
    results = both.results[name]
    before = both.base[name].last if name in both.base else None
    unread = last.report.source is job.Source.SUMMARY and bool(last.report.why)
    if name in tests.explained:
        found.sound.append(last.name)
    elif any(one.outcome.broken for one in (*results.tests.values(), *results.others.values())):
        found.unsaid.append(f"{last.name} failed through tests that do not count")
    elif not both.is_named(name) and not unread:
        found.unsaid.append(f"{last.name} failed, yet none of the tests that it reported did")
    elif any(one.conclusion is job.Conclusion.SUCCESS for one in both.head[name].counted):
        found.keep(_Kind.FLAKY, last, "it failed and ended well on the same commit")
    elif before is not None and before.conclusion is not job.Conclusion.SUCCESS:
        found.keep(_Kind.RED_ON_BASE, last, "it fails without the change, too")
    else:
        found.fail(last, "failed")


def _nothing(both: sides.Sides, found: _Found) -> str:
    if not both.head:
        return "CI has not tested the tree that was judged."
    if found.unsaid:
        return f"Nothing that counts was seen: {found.unsaid[0]}."
    if found.kept:
        first = min(found.kept, key=lambda one: (one.kind is _Kind.NO_TESTS, one.kind.value, one.what))
        return f"Nothing that counts was seen: of {first.what}, {first.why}."
    return "Nothing that counts was seen."
