"""What is offered beyond the verdict of the realistic review, and functions that can loop, of every kind."""

from dataclasses import replace

from gatekeeper import offers, review
from gatekeeper.halting import risk
from gatekeeper.repair import candidate, cause, fate
from gatekeeper.simulation import prediction
from gatekeeper.unreached import proposed
from gatekeeper.verdicts import findings
from tests.integration import report_samples

_SPLIT = "src/ledger/split.py"


def offered(done: review.Review) -> offers.Offers:
    """Return causes of two findings, a fix from each source, and two tests of what no test reaches."""
    found = {
        one.at.line: one for one in findings.find(done.predictions, done.selection, done.policy) if one.at is not None
    }
    return offers.Offers(
        causes=(_returned(found[20]), _asked(found[26])),
        fixes=tuple(_fixes(found[20])),
        tests=(_observed(), _written()),
    )


def fates() -> tuple[fate.Fate, ...]:
    """Return what became of the fixes."""
    return (
        fate.Fate(became=fate.Became.APPLIED, commit="c0ffee1234" * 4, by="ada", after=fate.After.PASSED),
        fate.Fate(became=fate.Became.IGNORED),
        fate.Fate(),
    )


def _returned(found: findings.Finding) -> cause.Cause:
    return cause.Cause(
        fingerprint=found.fingerprint,
        test=found.tests[0],
        lines=(
            cause.Lines(path=_SPLIT, start=20, end=20, old=("    return parts\n",)),
            cause.Lines(path=_SPLIT, start=16, end=16),
        ),
        exact=True,
        why="without these lines the test passes",
        departure=cause.Departure(
            test=found.tests[0], path=_SPLIT, line=20, name="return", before="[34, 33, 33]", after="[34]"
        ),
    )


def _asked(found: findings.Finding) -> cause.Cause:
    return cause.Cause(
        fingerprint=found.fingerprint,
        test=found.tests[0],
        lines=(cause.Lines(path=_SPLIT, start=25, end=26, old=("    if people < 1:\n",)),),
        exact=False,
        why="the lines of the change that the test runs",
        departure=cause.Departure(
            test=found.tests[0], path=_SPLIT, line=26, name="raise", before="ValueError", after="ZeroDivisionError"
        ),
    )


def _fixes(found: findings.Finding) -> list[candidate.FixCandidate]:
    def fix(source: candidate.Source, text: str, by: str = "sandbox", agreement: int = 0) -> candidate.FixCandidate:
        return candidate.FixCandidate(
            source=source,
            replacement=candidate.Replacement(path=_SPLIT, start=20, end=20, text=f"{text}\n"),
            diff=f"--- a/{_SPLIT}\n+++ b/{_SPLIT}\n@@ -20 +20 @@\n-    return parts[:index]\n+{text}\n",
            mends=(found.fingerprint,),
            mended=found.tests,
            kept=17,
            tried_by=by,
            agreement=agreement,
        )

    return [
        fix(candidate.Source.EDIT, "    return parts[index:]"),
        fix(candidate.Source.MODEL, "    return list(parts)", "cwm", 3),
        fix(candidate.Source.UNDO, "    return parts"),
    ]


def _observed() -> proposed.ProposedTest:
    return proposed.ProposedTest(
        symbol="ledger.split.settle",
        path="tests/test_settle_proposed.py",
        text="from ledger import split\n\n\ndef test_settle():\n    assert split.settle({}) == []\n",
        source=proposed.Source.OBSERVED,
        before=proposed.Ended(outcome=prediction.Outcome.PASS),
        after=proposed.Ended(outcome=prediction.Outcome.FAIL, exception="AssertionError: assert [1] == []"),
        found="it passes before the change and fails after it",
        tried_by="sandbox",
    )


def _written() -> proposed.ProposedTest:
    return proposed.ProposedTest(
        symbol="ledger.tax.net",
        path="tests/test_net_proposed.py",
        text="from hypothesis import given\n\nfrom ledger import tax\n",
        source=proposed.Source.GHOSTWRITER,
        before=None,
        after=proposed.Ended(outcome=prediction.Outcome.PASS),
        found="the function is new, and no value of 100 makes it raise",
        tried_by="sandbox",
    )


def halting() -> tuple[risk.HaltingRisk, ...]:
    """Return one function of each kind, with every form of evidence."""
    return (
        _risk(
            "drain", 17, risk.Kind.DOES_NOT_TERMINATE, 0.99,
            "drain(-1) never ends: the loop on line 17 comes back to a state that it was in (rest = -1)",
            risk.Repetition(call="drain(-1)", line=17, state=(("rest", "-1"),)),
            risk.Ranking(course=risk.Course.STANDS, line=17, what="rest", sound=True),
        ),
        _risk(
            "search", 40, risk.Kind.MAY_NOT_TERMINATE, 0.9, "search(0) did not end within 90 times what search(9) took",
            risk.Unended(call="search(0)", small=True, fuel=9_000_000, other="search(9)", other_fuel=100_000),
            risk.Recursion(call="search([])", guessed=True),
            risk.Votes(samples=5, halting=1, diverging=3, uncounted=(("no answer", 1),)),
        ),
        _risk(
            "match", 52, risk.Kind.TERMINATES, 0.1, "a further character doubles what the pattern on line 52 takes",
            risk.Backtracking(
                pattern="r'(a+)+$'", line=52, law=risk.Law.EXPONENTIAL, factor=2.0, text="'a' * 28 + '!'",
                points=tuple((float(size), 900 * 2**size) for size in range(10, 29, 3)),
            ),
        ),
        _risk(
            "pairs", 61, risk.Kind.TERMINATES, 0.1, "6 calls with small arguments ended; its effort is quadratic",
            risk.Growth(
                law=risk.Law.QUADRATIC,
                points=tuple((float(2**power), 40_000 + 310 * 4**power) for power in range(2, 9)),
            ),
            risk.Ended(calls=6, fuel=20_000_000),
        ),
        _risk("steps", 70, risk.Kind.TERMINATES, 0.05, "7 calls ended",
            risk.Growth(law=risk.Law.CONSTANT, points=tuple((float(size), 5_000) for size in range(1, 8)))),
        _risk("poll", 80, risk.Kind.UNKNOWN, None, "it could not be tried: it opens a socket"),
    )  # fmt: skip


def _risk(
    function: str, line: int, kind: risk.Kind, probability: float | None, reason: str, *evidence: risk.Evidence
) -> risk.HaltingRisk:
    return risk.HaltingRisk(
        path=_SPLIT,
        function=function,
        line=line,
        kind=kind,
        probability=probability,
        reason=reason,
        evidence=evidence,
        engine="sandbox",
        model="CPython 3.14.0",
        version="1",
    )


def review_with_halting() -> review.Review:
    """Return the realistic review, of a change that touches these functions."""
    return replace(report_samples.realistic(), halting=halting())
