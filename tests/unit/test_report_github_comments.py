import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from gatekeeper import offers, review
from gatekeeper.diffs import diff, parse
from gatekeeper.repair import candidate
from gatekeeper.report.github import comments, markdown
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings, publication
from tests import github_fixes, github_markdown
from tests.integration import report_samples

_REVIEW = report_samples.realistic()
_FIX = github_fixes.fix(_REVIEW)
_MARKER = re.compile(r"<!-- gatekeeper:([0-9a-f]{64}) -->\Z")
_SUGGESTION = re.compile(r"```suggestion\n(.*?)```", re.DOTALL)


def _same(_path: str, line: int) -> int | None:
    return line


def _draft(
    done: review.Review = _REVIEW,
    *fixes: candidate.FixCandidate,
    head_diff: diff.Diff | None = None,
    to_head: Callable[[str, int], int | None] = _same,
    limit: int = 10,
    report_url: str | None = None,
) -> publication.PullReview:
    return comments.draft(
        done,
        head_diff=done.diff if head_diff is None else head_diff,
        to_head=to_head,
        offered=offers.Offers(fixes=fixes),
        limit=limit,
        report_url=report_url,
        repository_url="https://github.example/acme/ledger",
    )


def _at(made: Sequence[publication.Comment], line: int) -> publication.Comment:
    (found,) = (comment for comment in made if comment.line == line)
    return found


def test_each_finding_is_a_comment_on_its_line_the_most_important_first() -> None:
    drafted = _draft()

    assert drafted.head == _REVIEW.subject.head
    assert [(made.path, made.line, made.start_line) for made in drafted.comments] == [
        ("src/ledger/tax.py", 10, None),
        ("src/ledger/split.py", 17, None),
        ("src/ledger/split.py", 20, None),
        ("src/ledger/split.py", 26, None),
    ]


def test_a_comment_ends_in_the_fingerprint_that_finds_it_again() -> None:
    known = {found.fingerprint for found in findings.find(_REVIEW.predictions, _REVIEW.selection, _REVIEW.policy)}

    for made in _draft().comments:
        marker = _MARKER.search(made.body)
        assert marker
        assert marker[1] == made.fingerprint
    assert {made.fingerprint for made in _draft().comments} == known


def test_a_comment_says_what_fails_and_how_it_gets_there() -> None:
    body = _at(_draft().comments, 20).body

    assert body.startswith("**3 affected tests would fail**\n\n`AssertionError: assert [34] == [34, 33, 33]`")
    assert "- `tests/test_split.py::test_order_of_people`" in body
    assert "| 20 | return | `    return parts[:index]` | `[34]` |" in body


def test_lines_of_the_judged_tree_are_moved_to_head() -> None:
    drafted = _draft(to_head=lambda _, line: line - 1)

    assert [made.line for made in drafted.comments] == [9, 16, 19, 25]


def test_a_line_outside_the_hunks_is_a_comment_on_its_file_that_names_the_line() -> None:
    drafted = _draft(to_head=lambda path, line: line if "tax" in path else None)

    assert [(made.path, made.line) for made in drafted.comments] == [
        ("src/ledger/tax.py", 10),
        *[("src/ledger/split.py", None)] * 3,
    ]
    assert "at [`src/ledger/split.py:17`]" in drafted.comments[1].body


def test_a_file_outside_the_diff_is_named_in_the_body_alone() -> None:
    tax = parse.parse(_REVIEW.diff.text[_REVIEW.diff.text.index("diff --git a/src/ledger/tax.py") :])
    drafted = _draft(head_diff=tax)

    assert [made.path for made in drafted.comments] == ["src/ledger/tax.py"]
    assert "Outside the diff:" in drafted.body
    assert drafted.body.count("at [`src/ledger/split.py:") == 3


def test_comments_beyond_the_limit_are_counted_in_the_body() -> None:
    drafted = _draft(limit=1, report_url="https://gate.example/reviews/1")

    assert [made.path for made in drafted.comments] == ["src/ledger/tax.py"]
    assert "… and 3 more findings" in drafted.body
    assert drafted.body.endswith("[the full report](https://gate.example/reviews/1).")


def test_a_review_without_findings_says_nothing() -> None:
    quiet = replace(_REVIEW, predictions=(), selection=replace(_REVIEW.selection, unparsable={}))

    assert _draft(quiet) == publication.PullReview(head=_REVIEW.subject.head, body="", comments=())


def test_a_fix_inside_a_hunk_is_a_suggestion_anchored_to_the_lines_that_it_replaces() -> None:
    made = _at(_draft(_REVIEW, _FIX).comments, 20)

    assert (made.start_line, made.line) == (15, 20)
    assert _suggested(made) == _FIX.replacement.text
    assert "mends 3 tests and breaks none of 17 other affected tests" in made.body


def test_a_fix_for_another_line_than_the_finding_names_the_line_at_fault() -> None:
    made = _at(_draft(_REVIEW, github_fixes.fix(_REVIEW, start=14, end=14)).comments, 14)

    assert made.start_line is None
    assert "at [`src/ledger/split.py:20`]" in made.body


def test_a_fix_that_reaches_out_of_the_hunk_is_a_diff() -> None:
    made = _at(_draft(_REVIEW, github_fixes.fix(_REVIEW, start=10)).comments, 20)

    assert "```suggestion" not in made.body
    assert "```diff\n--- a/src/ledger/split.py" in made.body


@pytest.mark.parametrize("text", ["x = 1\r\n", "x = 1", "x = '\u202e'\n", "x = 1\n" * 5_000])
def test_a_fix_that_a_suggestion_cannot_hold_is_a_diff(text: str) -> None:
    made = _at(_draft(_REVIEW, github_fixes.fix(_REVIEW, text=text)).comments, 20)

    assert "```suggestion" not in made.body
    assert "```diff" in made.body


def test_lines_that_are_only_removed_are_an_empty_suggestion() -> None:
    made = _at(_draft(_REVIEW, github_fixes.fix(_REVIEW, text="")).comments, 20)

    assert (made.start_line, _suggested(made)) == (15, "")


def test_lines_that_are_only_inserted_repeat_the_line_that_follows() -> None:
    drafted = _draft(_REVIEW, github_fixes.fix(_REVIEW, start=17, end=16, text="    new()\n"))
    (made,) = (made for made in drafted.comments if "```suggestion" in made.body)

    assert (made.line, made.start_line) == (17, None)
    assert _suggested(made) == "    new()\n    while rest:\n"


def test_lines_inserted_after_the_last_of_a_hunk_repeat_the_one_before() -> None:
    made = _at(_draft(_REVIEW, github_fixes.fix(_REVIEW, start=35, end=34, text="    new()\n")).comments, 34)

    assert _suggested(made) == "    return list(_payments(debts))\n    new()\n"


def test_lines_inserted_away_from_every_hunk_are_a_diff() -> None:
    made = _at(_draft(_REVIEW, github_fixes.fix(_REVIEW, start=90, end=89)).comments, 20)

    assert "```suggestion" not in made.body
    assert "```diff" in made.body


def test_a_fix_of_two_findings_is_suggested_once() -> None:
    every = tuple(one.fingerprint for one in findings.find(_REVIEW.predictions, _REVIEW.selection, _REVIEW.policy))
    drafted = _draft(_REVIEW, replace(_FIX, mends=every))

    assert [made.body.count("```suggestion") for made in drafted.comments] == [1, 0, 0, 0]
    assert all("suggested for another finding" in made.body for made in drafted.comments[1:])


def test_a_huge_review_keeps_to_the_limits() -> None:
    wide = "\N{SNOWMAN}" * 290
    failing = report_samples.said(
        "",
        outcome=prediction.Outcome.FAIL,
        p_fail=1.0,
        exception=f"E: {wide}",
        trace=report_samples.run_of(wide * 10),
        traceback=(report_samples.at(wide, 1),) * 100,
    )
    places = ["src/ledger/split.py", *(f"{wide}{number}.py" for number in range(200))]
    predictions = tuple(
        replace(failing, test=f"{path}::{number}{wide}", at=report_samples.at(path, 20))
        for path in places
        for number in range(20)
    )
    large = github_fixes.fix(_REVIEW, text=f"x = '{wide}'\n" * 20)
    drafted = _draft(replace(_REVIEW, predictions=predictions), replace(large, diff=wide * 100))

    for text in (drafted.body, *(made.body for made in drafted.comments)):
        assert markdown.size(text) <= publication.LONGEST_TEXT
        github_markdown.assert_harmless(text)
    assert "… and 180 more findings" in drafted.body


@pytest.mark.parametrize("text", github_markdown.HOSTILE)
def test_hostile_text_stays_in_code(text: str) -> None:
    done = github_markdown.poisoned(_REVIEW, text)
    poisoned = replace(done, diff=_REVIEW.diff, predictions=tuple(map(_at_its_line, done.predictions)))
    (first, *_) = findings.find(poisoned.predictions, poisoned.selection, poisoned.policy)
    drafted = _draft(poisoned, replace(github_markdown.poisoned(_FIX, text), mends=(first.fingerprint,)))

    assert drafted.comments or drafted.body
    for shown in (drafted.body, *(made.body for made in drafted.comments)):
        github_markdown.assert_harmless(shown)


def _at_its_line(said: prediction.Prediction) -> prediction.Prediction:
    return said if said.at is None else replace(said, at=report_samples.at("src/ledger/split.py", said.at.line))


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(report_samples.REVIEWS)
def test_any_review_is_drafted_harmlessly(done: review.Review) -> None:
    drafted = _draft(done)

    for text in (drafted.body, *(made.body for made in drafted.comments)):
        github_markdown.assert_harmless(text)
    assert bool(drafted.body) == bool(findings.find(done.predictions, done.selection, done.policy))


def _suggested(made: publication.Comment) -> str:
    found = _SUGGESTION.search(made.body)
    assert found
    return found[1]
