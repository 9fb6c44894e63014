from dataclasses import replace

from gatekeeper.impact import selection
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings, verdict

_POLICY = verdict.Policy()
_NOTHING = selection.Selection(affected=(), unaffected={}, total=3, unparsable={})
_FAILED = prediction.Prediction(
    test="tests/test_a.py::test_one",
    outcome=prediction.Outcome.FAIL,
    p_fail=1.0,
    reason="assertion failed",
    exception="AssertionError: assert 1 == 2",
    at=prediction.Location(path="a.py", line=3),
    engine="sandbox",
    model="CPython",
    version="1",
)


def test_tests_that_fail_alike_are_one_finding() -> None:
    other = replace(_FAILED, test="tests/test_a.py::test_two", exception="AssertionError: assert 3 == 4")
    elsewhere = replace(_FAILED, test="tests/test_a.py::test_three", at=prediction.Location(path="a.py", line=9))

    found = findings.find([_FAILED, elsewhere, other], _NOTHING, _POLICY)

    assert [finding.tests for finding in found] == [(_FAILED.test, other.test), (elsewhere.test,)]
    assert found[0].message == "AssertionError: assert 1 == 2"


def test_another_exception_at_the_same_line_is_another_finding() -> None:
    other = replace(_FAILED, test="tests/test_a.py::test_two", exception="KeyError: 'a'")

    assert [found.message for found in findings.find([_FAILED, other], _NOTHING, _POLICY)] == [
        "AssertionError: assert 1 == 2",
        "KeyError: 'a'",
    ]


def test_what_is_not_held_against_the_change_is_no_finding() -> None:
    passing = replace(_FAILED, outcome=prediction.Outcome.PASS, p_fail=0.0)
    unknown = replace(_FAILED, outcome=prediction.Outcome.UNKNOWN, p_fail=None)
    before = replace(_FAILED, already_failing=True)

    assert findings.find([passing, unknown, before], _NOTHING, _POLICY) == ()


def test_the_reason_stands_for_an_exception_that_there_is_not() -> None:
    hung = replace(_FAILED, outcome=prediction.Outcome.HANG, exception=None, reason="out of fuel", at=None)

    (found,) = findings.find([hung], _NOTHING, _POLICY)

    assert (found.message, found.at) == ("out of fuel", None)


def test_a_module_that_does_not_parse_is_a_finding_with_or_without_tests() -> None:
    broken = replace(_NOTHING, unparsable={"a.py": "line 3: invalid syntax", "b.py": "source is not UTF-8"})

    first, second = findings.find([_FAILED], broken, _POLICY)

    assert (first.kind, first.at, first.tests) == (findings.Kind.UNPARSABLE, _FAILED.at, (_FAILED.test,))
    assert (second.at, second.tests) == (prediction.Location(path="b.py", line=1), ())


def test_a_finding_that_moves_keeps_its_fingerprint_and_no_two_share_one() -> None:
    moved = replace(_FAILED, at=prediction.Location(path="a.py", line=30))
    twice = [_FAILED, replace(moved, test="tests/test_a.py::test_two")]

    (before,) = findings.find([_FAILED], _NOTHING, _POLICY)
    (after,) = findings.find([moved], _NOTHING, _POLICY)
    one, other = findings.find(twice, _NOTHING, _POLICY)

    assert before.fingerprint == after.fingerprint == one.fingerprint
    assert one.fingerprint != other.fingerprint


def test_a_syntax_error_that_moves_keeps_its_fingerprint() -> None:
    at_three, at_nine = (
        findings.find([], replace(_NOTHING, unparsable={"a.py": f"line {line}: invalid syntax"}), _POLICY)[0]
        for line in (3, 9)
    )

    assert at_three.at != at_nine.at
    assert at_three.fingerprint == at_nine.fingerprint


def test_tests_that_hang_in_one_loop_are_one_finding_wherever_in_it_their_fuel_ended() -> None:
    hung = replace(_FAILED, outcome=prediction.Outcome.HANG, exception=None, reason="does not end within 4 billion")
    places = [("a", 7), ("b", 8), ("c", 8), ("d", None)]
    failing = [
        replace(
            hung,
            test=test,
            at=prediction.Location(path="loop.py", line=line) if line else None,
            reason=f"does not end within {line} billion",
        )
        for test, line in places
    ]

    (found,) = findings.find(failing, _NOTHING, _POLICY)

    assert found.at == prediction.Location(path="loop.py", line=8)
    assert found.tests == ("a", "b", "c", "d")


def test_tests_that_hang_in_several_files_are_a_finding_for_each() -> None:
    hung = replace(_FAILED, outcome=prediction.Outcome.HANG, exception=None, reason="does not end")
    failing = [
        replace(hung, test="a", at=prediction.Location(path="one.py", line=1)),
        replace(hung, test="b", at=prediction.Location(path="two.py", line=2)),
        replace(hung, test="c", at=None),
    ]

    assert [found.tests for found in findings.find(failing, _NOTHING, _POLICY)] == [("a",), ("b",), ("c",)]
