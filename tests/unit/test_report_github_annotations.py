from dataclasses import replace

import pytest

from gatekeeper.halting import risk
from gatekeeper.report.github import annotations
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import authority, publication
from tests import github_markdown
from tests.integration import report_samples

_REVIEW = report_samples.realistic()
_BLOCK = authority.Authority.BLOCK


def _same(_path: str, line: int) -> int | None:
    return line


def test_each_finding_is_an_annotation_at_its_line_of_head() -> None:
    notes = annotations.annotate(_REVIEW, authority=_BLOCK, to_head=lambda _, line: line + 100)

    assert [(note.path, note.start_line, note.end_line, note.title) for note in notes] == [
        ("src/ledger/tax.py", 110, 110, "Does not parse: 2 affected tests would fail"),
        ("src/ledger/split.py", 120, 120, "3 affected tests would fail"),
        ("src/ledger/split.py", 126, 126, "1 affected test would fail"),
        ("src/ledger/split.py", 117, 117, "May not halt: 1 affected test would fail"),
    ]


def test_the_message_says_what_ends_which_tests() -> None:
    note = annotations.annotate(_REVIEW, authority=_BLOCK, to_head=_same)[0]

    assert note.message == (
        "line 10: '(' was never closed\n"
        "\nerror: tests/test_tax.py::test_gross[full]\n  SyntaxError: '(' was never closed (tax.py, line 10)\n"
        "\nerror: tests/test_tax.py::test_gross[reduced]\n  SyntaxError: '(' was never closed (tax.py, line 10)"
    )


@pytest.mark.parametrize("may", authority.Authority)
def test_an_annotation_is_a_failure_only_where_the_check_may_block(may: authority.Authority) -> None:
    levels = {note.level for note in annotations.annotate(_REVIEW, authority=may, to_head=_same)}

    assert levels == {publication.Level.FAILURE if may is _BLOCK else publication.Level.WARNING}


def test_a_line_that_head_lacks_is_not_annotated() -> None:
    notes = annotations.annotate(_REVIEW, authority=_BLOCK, to_head=lambda path, line: line if "tax" in path else None)

    assert [note.path for note in notes] == ["src/ledger/tax.py"]


def test_there_are_no_more_than_a_run_can_take() -> None:
    failing = report_samples.said("a", outcome=prediction.Outcome.FAIL, p_fail=1.0, exception="E: x" * 10_000)
    many = tuple(replace(failing, test=f"t{line}", at=report_samples.at("a.py", line)) for line in range(1, 1_000))
    alike = tuple(replace(failing, test=f"u{number}" * 500, at=report_samples.at("b.py", 1)) for number in range(1_000))

    notes = annotations.annotate(replace(_REVIEW, predictions=(*alike, *many)), authority=_BLOCK, to_head=_same)

    assert len(notes) == annotations.MOST
    assert max(len(note.message.encode()) for note in notes) <= 64 * 1024
    assert any(note.message.endswith("… and 980 more tests") for note in notes)


@pytest.mark.parametrize("text", github_markdown.HOSTILE)
def test_hostile_text_is_made_visible(text: str) -> None:
    for note in annotations.annotate(github_markdown.poisoned(_REVIEW, text), authority=_BLOCK, to_head=_same):
        assert note.message.replace("\n", "").isprintable()
        assert len(note.title) <= 255


def test_a_loop_that_may_not_end_is_a_warning_on_its_line_whatever_the_authority() -> None:
    doubted = _risk()
    sure = replace(doubted, function="g", kind=risk.Kind.TERMINATES, probability=0.1)
    gone = replace(doubted, function="h", line=9)
    done = replace(_REVIEW, halting=(doubted, sure, gone))

    found = annotations.annotate(
        done, authority=authority.Authority.BLOCK, to_head=lambda _, line: line + 1 if line < 9 else None
    )

    (told,) = [one for one in found if one.path == "a.py" and one.title.startswith(("f ", "g ", "h "))]
    assert (told.start_line, told.level) == (4, publication.Level.WARNING)
    assert told.title == "f may not terminate"
    assert told.message == doubted.reason


def _risk(**given: object) -> risk.HaltingRisk:
    doubted = risk.HaltingRisk(
        path="a.py",
        function="f",
        line=3,
        kind=risk.Kind.MAY_NOT_TERMINATE,
        probability=0.9,
        reason="f(-1) did not end",
        engine="sandbox",
        model="1",
        version="1",
    )
    return replace(doubted, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("may", "at", "level"),
    [
        (_BLOCK, 0.9, publication.Level.FAILURE),
        (_BLOCK, 0.95, publication.Level.WARNING),
        (_BLOCK, None, publication.Level.WARNING),
        (authority.Authority.ADVISE, 0.9, publication.Level.WARNING),
    ],
)
def test_a_loop_is_a_failure_where_the_check_fails_for_it(
    may: authority.Authority, at: float | None, level: publication.Level
) -> None:
    done = replace(_REVIEW, predictions=(), halting=(_risk(),), selection=replace(_REVIEW.selection, unparsable={}))

    (note,) = annotations.annotate(done, authority=may, to_head=_same, halting_at=at)

    assert note.level is level


def test_what_is_slow_is_a_warning_that_does_not_say_that_it_hangs() -> None:
    hard = risk.Backtracking(
        pattern="'(a+)+$'", line=3, law=risk.Law.EXPONENTIAL, factor=2.0, text="'a' * 28 + '!'",
        points=((10.0, 1_000), (20.0, 1_000_000)),
    )  # fmt: skip
    slow = _risk(kind=risk.Kind.TERMINATES, probability=0.1, evidence=(hard,), reason="each character doubles it")
    done = replace(_REVIEW, predictions=(), halting=(slow,), selection=replace(_REVIEW.selection, unparsable={}))

    (note,) = annotations.annotate(done, authority=_BLOCK, to_head=_same, halting_at=0.0)

    assert (note.title, note.level) == ("f is slow for some inputs", publication.Level.WARNING)
