"""How far a guest's words are trusted."""

from gatekeeper.sandbox import hearing


def test_a_guest_cannot_report_an_outcome_that_pytest_does_not_have() -> None:
    assert hearing.ran({"outcome": "PASSED!"}, how="PASSED!").how == "error"


def test_a_guests_texts_are_cut() -> None:
    told = hearing.ran({"exception": "x" * 10_000, "noted": ["y" * 10_000]}, how="fail")
    assert told.exception is not None
    assert len(told.exception) <= 500
    assert len(told.noted[0]) <= 200
