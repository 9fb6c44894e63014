"""Halting risks as rows, and back."""

import json

import pytest

from gatekeeper.halting import risk
from gatekeeper.store import haltingrows

_EVIDENCE: tuple[risk.Evidence, ...] = (
    risk.Repetition(call="f(0)", line=3, state=(("n", "0"),), guessed=True, odd=True),
    risk.Recursion(call="f(1)", guessed=True),
    risk.Unended(call="f(2)", small=True, fuel=5, other="f(3)", other_fuel=2),
    risk.Ranking(course=risk.Course.UNCHANGED, line=4, what="n > 0", sound=True),
    risk.Backtracking(
        pattern="'(a+)+'",
        line=5,
        law=risk.Law.EXPONENTIAL,
        factor=2.1,
        text="'a' * 9 + '!'",
        points=((9.0, 10), (10.0, 20)),
    ),
    risk.Growth(law=risk.Law.CUBIC, points=((1.0, 2), (3.0, 4)), factor=8.0),
    risk.Ended(calls=3, fuel=9, longest="f(4)"),
    risk.Votes(samples=3, halting=1, diverging=2, uncounted=(("no answer", 1),), control=risk.Control.PASSED),
)


@pytest.mark.parametrize("item", _EVIDENCE, ids=lambda item: type(item).__name__)
def test_evidence_of_every_form_comes_back_from_json_as_it_was(item: risk.Evidence) -> None:
    stored = json.loads(json.dumps(haltingrows._of_evidence(item)))
    assert haltingrows._to_evidence(stored) == item


def test_evidence_that_was_stored_before_it_told_more_is_still_read() -> None:
    old = {"form": "ended", "calls": 3, "fuel": 9}
    assert haltingrows._to_evidence(old) == risk.Ended(calls=3, fuel=9)
