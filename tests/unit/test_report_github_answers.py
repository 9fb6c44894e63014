from dataclasses import replace

import pytest

from gatekeeper import commands, evaluation
from gatekeeper.report.github import explanation, markdown, replies
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import publication
from tests import github_fixes, github_markdown
from tests.integration import report_samples

_REVIEW = report_samples.realistic()
_TRACED = "tests/test_split.py::test_shares_add_up[weights0]"


def test_a_test_is_explained_with_its_outcome_reason_and_trace() -> None:
    said = explanation.explain(_REVIEW, _TRACED)

    assert said.startswith(f"### `{_TRACED}`\n\n**It would fail**")
    assert "- What ends it: `AssertionError: assert [34] == [34, 33, 33]`" in said
    assert "| 15 |  | `    rest = total - sum(parts)` | `parts` = `[33, 33, 33]` |" in said
    assert "Not analysed in this review: 2 parts" in said


def test_why_a_failing_test_was_selected_is_told() -> None:
    said = explanation.explain(_REVIEW, "tests/test_split.py::test_negative_total")

    assert "- Selected because it calls `ledger.split.shares`, changed" in said


@pytest.mark.parametrize("end", ["test_negative_total", "test_split.py::test_negative_total"])
def test_the_end_of_an_id_is_enough_where_it_leaves_no_doubt(end: str) -> None:
    assert explanation.explain(_REVIEW, end).startswith("### `tests/test_split.py::test_negative_total`")


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("test_locale", "It does not pass before the change either"),
        ("test_windows_paths", "It would be skipped."),
        ("test_parallel", "Nothing can be said of it."),
        ("test_statement", "It would pass."),
    ],
)
def test_every_outcome_has_its_words(test: str, words: str) -> None:
    assert words in explanation.explain(_REVIEW, test)


def test_a_failure_below_the_bar_is_not_held_against_the_change() -> None:
    unsure = report_samples.said("t", outcome=prediction.Outcome.FAIL, p_fail=0.4)

    said = explanation.explain(replace(_REVIEW, predictions=(unsure,)), "t")

    assert "less surely than the bar of 50%" in said


def test_a_control_that_was_not_passed_is_not_said_to_be() -> None:
    reason = "the model says that it fails before the change too, where it is taken to pass"
    assumed = prediction.Control.ASSUMED
    known = replace(report_samples.said("t"), imagined=True, control=assumed)
    unknown = replace(known, outcome=prediction.Outcome.UNKNOWN, p_fail=None, reason=reason)

    told, doubted = (explanation.explain(replace(_REVIEW, predictions=(one,)), "t") for one in (known, unknown))

    assert "the model says that it passes on base, as is assumed" in told
    assert "passes on base" not in doubted
    assert f"- Reason: {reason}" in doubted


def test_a_test_with_parameters_names_each_of_them() -> None:
    said = explanation.explain(_REVIEW, "test_shares_add_up")

    assert _TRACED in said
    assert "tests/test_split.py::test_shares_add_up[weights1]" in said
    assert "Outcome" not in said


def test_a_test_that_is_not_known_has_near_ones_named() -> None:
    said = explanation.explain(_REVIEW, "tests/test_split.py::test_locles")

    assert "It is not among the 23 tests that the change can affect" in said
    assert "- `tests/test_split.py::test_locale`" in said


def test_a_review_that_left_nothing_out_says_so() -> None:
    whole = replace(_REVIEW, verdict=replace(_REVIEW.verdict, not_analysed=()))

    assert explanation.explain(whole, _TRACED).endswith("Everything that the change can affect was analysed.")


def test_nothing_near_is_nothing_named() -> None:
    assert "Perhaps" not in explanation.explain(_REVIEW, "zzz")


@pytest.mark.parametrize("text", github_markdown.HOSTILE)
def test_hostile_text_stays_in_code(text: str) -> None:
    done = github_markdown.poisoned(_REVIEW, text)
    one = replace(done, predictions=(replace(done.predictions[13], traceback=(report_samples.at(text, 1),)),))
    given = evaluation.Override(by=text, reason=text)

    for said in (
        explanation.explain(done, text),
        explanation.explain(done, "unknown"),
        explanation.explain(one, text, repository_url="https://github.example/a/b"),
        replies.unknown(commands.Unknown(text=text)),
        replies.refused(commands.Explain(test=text), text, text),
        replies.failed(commands.Review(), text),
        replies.overridden(given, text),
        replies.moved_on(text),
        replies.applied(github_markdown.poisoned(github_fixes.fix(_REVIEW), text), text),
        replies.reviewing(text),
    ):
        github_markdown.assert_harmless(said)
        assert markdown.size(said) <= 16_000


def test_explanations_that_do_not_fit_one_comment_are_counted() -> None:
    wide = replace(_REVIEW.predictions[13], trace=report_samples.run_of("\N{SNOWMAN}" * 100))
    one = explanation.explain(replace(_REVIEW, predictions=(wide,)), wide.test)
    assert "Step by step" in one

    shown = replies.cut("\n\n".join([one] * 200))

    kept = shown.count("### ")
    assert 1 < kept < 200
    assert markdown.size(shown) < publication.LONGEST_TEXT
    assert shown.endswith(f"… and {200 - kept} more explanations, left out for want of room.")
    github_markdown.assert_harmless(shown)


def test_what_fits_is_not_cut() -> None:
    both = "\n\n".join(explanation.explain(_REVIEW, test) for test in (_TRACED, "test_negative_total"))

    assert replies.cut(both) == both


def test_help_names_every_command_with_what_it_needs() -> None:
    text = replies.help_text()

    for usage, needs in (
        ("help", "read"),
        ("review", "triage"),
        ("explain TEST", "triage"),
        ("override REASON", "maintain"),
        ("cancel-override", "write"),
    ):
        assert f"| `/gatekeeper {usage}` |" in text
        assert text.split(f"`/gatekeeper {usage}`")[1].split("\n")[0].endswith(f"| {needs} |")


def test_no_answer_is_itself_a_command() -> None:
    for said in (
        replies.help_text(),
        replies.unknown(commands.Unknown(text="/gatekeeper override x")),
        replies.unknown(commands.Unknown(text="override")),
        replies.nothing_to_explain(),
    ):
        assert commands.parse(said) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("overide x", "There is no command `overide`. Is `/gatekeeper override REASON` meant?"),
        ("frobnicate", "There is no command `frobnicate`.\n"),
        ("override", "`override` lacks what has to follow it: write `/gatekeeper override REASON`."),
        ("review now", "`review` takes nothing after it: write `/gatekeeper review`."),
    ],
)
def test_a_command_that_is_not_understood_is_answered_with_the_nearest(text: str, words: str) -> None:
    wish = commands.parse(f"/gatekeeper {text}")
    assert isinstance(wish, commands.Unknown)

    assert replies.unknown(wish).startswith(words)


def test_a_refusal_says_what_is_needed_and_what_there_is() -> None:
    assert replies.refused(commands.Override(reason="x"), "octocat", "read") == (
        "`override` needs the permission `maintain` on this repository, and `octocat` has `read`. Nothing was done."
    )
    assert replies.refused(commands.ApplyFix(), "octocat", "read").startswith("Applying a fix needs")


def test_an_override_says_until_when_it_holds() -> None:
    said = replies.overridden(evaluation.Override(by="octocat", reason="flaky, see #12"), "b81c07d35e2f" + "0" * 28)

    assert "Overridden by `octocat` for `b81c07d35e`" in said
    assert "until the next push" in said
    assert said.endswith("Reason: flaky, see `#12`")


def test_what_cannot_be_done_says_so() -> None:
    assert len({replies.cancelled(was) for was in (True, False)}) == 2
    assert "nothing to override" in replies.nothing_to_override()
    assert "no fix to apply" in replies.no_fix()
    assert replies.failed(commands.Help(), "no answer from GitHub") == (
        "`help` could not be carried out: no answer from `GitHub`"
    )
