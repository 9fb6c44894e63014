"""Reviews to record and to render: a realistic one, and whatever Hypothesis thinks of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from hypothesis import strategies

from gatekeeper import review
from gatekeeper.diffs import diff, parse
from gatekeeper.halting import risk
from gatekeeper.impact import selection
from gatekeeper.simulation import prediction, trace
from gatekeeper.verdicts import verdict

_CHANGE = Path(__file__).parents[1] / "assets/report/change.diff"
_SPLIT = "src/ledger/split.py"
_TAX = "src/ledger/tax.py"


def realistic() -> review.Review:
    """Return the review of a change that breaks, in different ways, a part of what it touches."""
    predictions = tuple(_predictions())
    chosen = selection.Selection(
        affected=(
            selection.AffectedTest(path="tests/test_split.py", name="", reason="calls ledger.split.shares, changed"),
            selection.AffectedTest(path="tests/test_tax.py", name="", reason="imports ledger.tax, changed"),
            selection.AffectedTest(
                path="tests/test_import.py", name="test_statement", reason="imports ledger.imports, renamed"
            ),
        ),
        unaffected={"tests/test_import.py": frozenset({"test_encoding", "test_empty"})},
        total=128,
        unparsable={_TAX: "line 10: '(' was never closed"},
    )
    policy = verdict.Policy()
    decided = verdict.decide(predictions, policy, executable=True, unreached=())
    part = verdict.NotAnalysedPart(what="docs/logo.png", why="binary file")
    return review.Review(
        id="0198f3c2a4b17d0e8c55",
        subject=review.Subject(
            repository="acme/ledger",
            base="4f2a9c1e8b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39",
            merge_base="4f2a9c1e8b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39",
            head="b81c07d35e2f4a6b8c9d0e1f2a3b4c5d6e7f8091",
            judged=review.Judged.MERGE,
            before="1111222233334444555566667777888899990000",
            after="aaaabbbbccccddddeeeeffff0000111122223333",
        ),
        started=datetime(2026, 11, 20, 16, 42, 7, tzinfo=UTC),
        seconds=6.84,
        engine="sandbox",
        notes=(
            "addopts: --cov=ledger left out, because pytest-cov is not there",
            "ledger 2.4.1: metadata made from pyproject.toml",
        ),
        diff=parse.parse(_CHANGE.read_text(encoding="utf-8")),
        selection=chosen,
        predictions=predictions,
        of=214,
        policy=policy,
        verdict=replace(decided, not_analysed=(*decided.not_analysed, part)),
        timings={"git": 0.031, "impact": 0.212, "requirements": 0.094, "sandbox": 6.503},
    )


def _predictions() -> list[prediction.Prediction]:
    passed = [
        said(f"tests/test_split.py::test_even[{total}-{people}]", reason="calls ledger.split.even, changed")
        for total in (0, 1, 100, 101)
        for people in (1, 2, 3)
    ]
    unequal = "AssertionError: assert [34] == [34, 33, 33]"
    wrong = {"outcome": prediction.Outcome.FAIL, "exception": unequal, "at": at(_SPLIT, 20), "p_fail": 1.0}
    closed = "SyntaxError: '(' was never closed (tax.py, line 10)"
    unparsed = {"outcome": prediction.Outcome.ERROR, "exception": closed, "at": at(_TAX, 10), "p_fail": 1.0}
    return [
        said("tests/test_import.py::test_statement", reason="imports ledger.imports, renamed"),
        *passed,
        said("tests/test_split.py::test_shares_add_up[weights0]", **wrong, trace=run_of_shares()),
        said("tests/test_split.py::test_shares_add_up[weights1]", **wrong),
        said("tests/test_split.py::test_order_of_people", **wrong),
        said(
            "tests/test_split.py::test_nobody",
            outcome=prediction.Outcome.FAIL,
            exception="ZeroDivisionError: nobody to pay",
            at=at(_SPLIT, 26),
            p_fail=1.0,
        ),
        said(
            "tests/test_split.py::test_negative_total",
            outcome=prediction.Outcome.HANG,
            reason="ran out of fuel (60 billion instructions); before the change it took 2 million",
            at=at(_SPLIT, 17),
            p_fail=1.0,
        ),
        said("tests/test_tax.py::test_gross[full]", **unparsed),
        said("tests/test_tax.py::test_gross[reduced]", **unparsed),
        said(
            "tests/test_split.py::test_locale",
            outcome=prediction.Outcome.FAIL,
            exception="locale.Error: unsupported locale setting",
            at=at("tests/test_split.py", 88),
            p_fail=1.0,
            already_failing=True,
        ),
        said(
            "tests/test_split.py::test_windows_paths",
            outcome=prediction.Outcome.SKIP,
            reason="only on Windows",
            p_fail=None,
        ),
        said(
            "tests/test_split.py::test_parallel",
            outcome=prediction.Outcome.UNKNOWN,
            reason="starts a thread, which the sandbox cannot",
            p_fail=None,
        ),
    ]


def said(test: str, **fields: object) -> prediction.Prediction:
    """Return a prediction by the sandbox: a pass, unless `fields` say otherwise."""
    passed = prediction.Prediction(
        test=test,
        outcome=prediction.Outcome.PASS,
        p_fail=0.0,
        reason="calls ledger.split.shares, changed",
        cost=prediction.Cost(seconds=0.021, fuel=41_000_000),
        engine="sandbox",
        model="CPython 3.14.0",
        version="1",
        raw_score=0.0,
    )
    return replace(passed, **fields)  # type: ignore[arg-type]


def at(path: str, line: int) -> prediction.Location:
    """Return a line of a file."""
    return prediction.Location(path=path, line=line)


def run_of_shares() -> trace.Trace:
    """Return the trace of a loop that ends too early."""
    scope = {"path": _SPLIT, "scope": "shares"}
    known = {"total": "..", "weights": "..", "whole": ".."}

    def line(number: int, source: str, **values: str) -> trace.Frame:
        return trace.Frame(event=trace.Event.LINE, line=number, source=source, locals={**known, **values}, **scope)

    head = (
        trace.Frame(
            event=trace.Event.CALL,
            line=11,
            source="def shares(total, weights):",
            locals={"total": "100", "weights": "[1, 1, 1]"},
            **scope,
        ),
        trace.Frame(
            event=trace.Event.LINE,
            line=13,
            source="    whole = sum(weights)",
            locals={"total": "..", "weights": ".."},
            **scope,
        ),
        line(14, "    parts = [total * weight // whole for weight in weights]", whole="3"),
        line(15, "    rest = total - sum(parts)", parts="[33, 33, 33]"),
    )
    tail = (
        line(17, "    while rest:", parts="..", rest="1", index="0"),
        line(18, "        parts[index] += rest", parts="..", rest="..", index=".."),
        line(20, "    return parts[:index]", parts="[34, 33, 33]", rest="..", index="1"),
        trace.Frame(
            event=trace.Event.RETURN, line=20, source="    return parts[:index]", locals={}, value="[34]", **scope
        ),
        trace.Frame(
            event=trace.Event.EXCEPTION,
            path="tests/test_split.py",
            line=31,
            scope="test_shares_add_up",
            source="    assert split.shares(100, weights) == expected",
            locals={},
            value="AssertionError('assert [34] == [34, 33, 33]')",
        ),
    )
    return trace.Trace(test="tests/test_split.py::test_shares_add_up[weights0]", head=head, left_out=2, tail=tail)


def run_of(text: str) -> trace.Trace:
    """Return a trace that says `text` wherever it can."""
    frame = trace.Frame(
        event=trace.Event.EXCEPTION, path=text, line=1, scope=text, source=text, locals={text: text}, value=text
    )
    line = replace(frame, event=trace.Event.LINE, value=None)
    return trace.Trace(test=text, head=(line,), left_out=1, tail=(frame,))


# every character there is, surrogates and NUL among them
_TEXT = strategies.text(strategies.characters(exclude_categories=()), max_size=20)
_NUMBER = strategies.integers(min_value=0, max_value=2**31 - 1)
_SECONDS = strategies.floats(min_value=0, max_value=1e6)
_SHARE = strategies.floats(min_value=0, max_value=1)
_MOMENT = strategies.integers(-60_000_000_000, 250_000_000_000).map(
    lambda seconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
_Value = TypeVar("_Value")


def _some(values: strategies.SearchStrategy[_Value]) -> strategies.SearchStrategy[tuple[_Value, ...]]:
    return strategies.lists(values, max_size=3).map(tuple)


_FRAME = strategies.builds(
    trace.Frame,
    event=strategies.sampled_from(trace.Event),
    path=_TEXT,
    line=_NUMBER,
    scope=_TEXT,
    source=_TEXT,
    locals=strategies.dictionaries(_TEXT, _TEXT, max_size=3),
    value=strategies.none() | _TEXT,
)
TRACES = strategies.builds(trace.Trace, test=_TEXT, head=_some(_FRAME), left_out=_NUMBER, tail=_some(_FRAME))
_LOCATION = strategies.builds(prediction.Location, path=_TEXT, line=_NUMBER)
_PREDICTION = strategies.builds(
    prediction.Prediction,
    test=_TEXT,
    outcome=strategies.sampled_from(prediction.Outcome),
    p_fail=strategies.none() | _SHARE,
    reason=_TEXT,
    already_failing=strategies.booleans(),
    exception=strategies.none() | _TEXT,
    at=strategies.none() | _LOCATION,
    traceback=_some(_LOCATION),
    trace=strategies.none() | TRACES,
    cost=strategies.builds(
        prediction.Cost, seconds=_SECONDS, fuel=strategies.integers(0, 2**62), tokens=strategies.integers(0, 2**40)
    ),
    engine=_TEXT,
    model=_TEXT,
    version=_TEXT,
    raw_score=strategies.none() | _SHARE,
    calibrator=strategies.none() | _TEXT,
)
_LINES = _some(strategies.tuples(_NUMBER, _TEXT))
_HUNK = strategies.builds(
    diff.Hunk,
    before_start=_NUMBER,
    before_length=_NUMBER,
    after_start=_NUMBER,
    after_length=_NUMBER,
    removed=_LINES,
    added=_LINES,
)
DIFFS = strategies.builds(
    diff.Diff,
    text=_TEXT,
    files=_some(
        strategies.builds(
            diff.FileChange,
            kind=strategies.sampled_from(diff.Kind),
            before=_TEXT,
            after=_TEXT | strategies.none(),
            binary=strategies.booleans(),
            hunks=_some(_HUNK),
        )
    ),
)
_SELECTION = strategies.builds(
    selection.Selection,
    affected=_some(strategies.builds(selection.AffectedTest, path=_TEXT, name=_TEXT, reason=_TEXT)),
    unaffected=strategies.dictionaries(_TEXT, strategies.frozensets(_TEXT, max_size=3), max_size=3),
    total=_NUMBER,
    unreached=_some(_TEXT),
    unparsable=strategies.dictionaries(_TEXT, _TEXT, max_size=3),
    executable=strategies.booleans(),
)
REVIEWS = strategies.builds(
    review.Review,
    id=strategies.text(strategies.characters(exclude_categories=()), min_size=1, max_size=20),
    subject=strategies.builds(
        review.Subject,
        repository=_TEXT,
        base=_TEXT,
        merge_base=_TEXT,
        head=_TEXT,
        judged=strategies.sampled_from(review.Judged),
        before=_TEXT,
        after=_TEXT,
    ),
    started=_MOMENT,
    seconds=_SECONDS,
    engine=_TEXT,
    notes=_some(_TEXT),
    diff=DIFFS,
    selection=_SELECTION,
    predictions=_some(_PREDICTION),
    of=_NUMBER,
    policy=strategies.builds(verdict.Policy, bar=_SHARE, min_analysed=_SHARE),
    verdict=strategies.builds(
        verdict.Verdict,
        conclusion=strategies.sampled_from(verdict.Conclusion),
        reason=_TEXT,
        not_analysed=_some(strategies.builds(verdict.NotAnalysedPart, what=_TEXT, why=_TEXT)),
    ),
    timings=strategies.dictionaries(_TEXT, _SECONDS, max_size=3),
)


def two_engines() -> review.Review:
    """Return a review in which a model stood in for the sandbox once, and contradicted it once."""
    ran = said("tests/test_split.py::test_threads", outcome=prediction.Outcome.UNKNOWN, p_fail=None, reason="threads")
    imagined = said(
        "tests/test_split.py::test_threads",
        outcome=prediction.Outcome.FAIL,
        p_fail=0.83,
        reason="passes before the change, not after",
        engine="cwm",
        imagined=True,
        control=prediction.Control.ASSUMED,
    )
    passing = said("tests/test_split.py::test_even")
    contradicted = replace(
        passing, engine="cwm", outcome=prediction.Outcome.FAIL, p_fail=0.7, raw_score=0.7, imagined=True
    )
    return replace(
        realistic(),
        halting=(_loops("ledger/split.py", 41, "settle", 0.82), _loops("ledger/split.py", 9, "shares", 0.1)),
        predictions=(replace(imagined, attempts=(ran,)), replace(passing, attempts=(contradicted,))),
        verdict=verdict.Verdict(conclusion=verdict.Conclusion.WOULD_FAIL, reason="1 of 2 affected tests would fail"),
    )


def _loops(path: str, line: int, function: str, probability: float) -> risk.HaltingRisk:
    doubted = probability > 0.5
    return risk.HaltingRisk(
        path=path,
        function=function,
        line=line,
        kind=risk.Kind.MAY_NOT_TERMINATE if doubted else risk.Kind.TERMINATES,
        probability=probability,
        reason="4 of 5 answers say that a `while` may not end" if doubted else "5 of 5 answers say that it ends",
        evidence=(
            risk.Votes(
                samples=5,
                halting=0 if doubted else 5,
                diverging=4 if doubted else 0,
                uncounted=(("cut short", 1),) if doubted else (),
                control=risk.Control.PASSED,
                line=42 if doubted else None,
            ),
        ),
        cost=prediction.Cost(seconds=2.5, tokens=4_100, cached_tokens=3_000, completion_tokens=900),
        engine="cwm",
        model="facebook/cwm",
        version="sglang 0.5.23",
        raw_score=probability,
    )
