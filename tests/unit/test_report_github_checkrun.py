from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from gatekeeper import evaluation, hosted, offers, review
from gatekeeper.halting import risk
from gatekeeper.impact import selection
from gatekeeper.report.github import annotations, checkrun, markdown
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import authority, publication, verdict
from tests import github_fixes, github_markdown
from tests.integration import report_samples

_REPOSITORY = "https://github.example/acme/ledger"
_RULES = "https://github.example/acme/ledger/settings/rules"
_REVIEW = report_samples.realistic()
_WIDE = "\N{SNOWMAN}" * 290
_DONE = checkrun.Standing(
    pull=7,
    state=evaluation.State.DONE,
    review=_REVIEW,
    conclusion=publication.CheckConclusion.FAILURE,
    authority=authority.Authority.BLOCK,
    why_authority="`authority: block` in .github/gatekeeper.yml",
)
_WAITING = replace(_DONE, state=evaluation.State.QUEUED, review=None, conclusion=None, why_authority="")
_PASSED = replace(
    _DONE,
    conclusion=publication.CheckConclusion.SUCCESS,
    review=replace(
        _REVIEW,
        predictions=tuple(said for said in _REVIEW.predictions if said.outcome is prediction.Outcome.PASS),
        selection=replace(_REVIEW.selection, unparsable={}),
        verdict=verdict.Verdict(
            conclusion=verdict.Conclusion.WOULD_PASS, reason="13 of 13 affected tests analysed, none would fail"
        ),
    ),
)


def _render(
    *standings: checkrun.Standing,
    requirement: hosted.Requirement | None = None,
    report_url: str | None = None,
    repository_url: str | None = _REPOSITORY,
) -> publication.CheckRun:
    return checkrun.render(
        standings,
        external_id="1/b81c07d",
        head=_REVIEW.subject.head,
        requirement=requirement,
        report_url=report_url,
        repository_url=repository_url,
    )


def test_a_review_that_waits_is_queued_without_a_conclusion_or_a_button() -> None:
    run = _render(_WAITING)

    assert (run.status, run.conclusion, run.title) == (publication.Status.QUEUED, None, "Queued")
    assert run.actions == ()


def test_a_review_that_runs_says_what_it_does() -> None:
    run = _render(replace(_WAITING, state=evaluation.State.RUNNING, progress="12 of 41 tests\x1b[31m"))

    assert (run.status, run.conclusion) == (publication.Status.IN_PROGRESS, None)
    assert run.title == "12 of 41 tests\\x1b[31m"


def test_what_would_fail_is_the_title() -> None:
    run = _render(_DONE)

    assert (run.status, run.conclusion) == (publication.Status.COMPLETED, publication.CheckConclusion.FAILURE)
    assert run.title == "7 of 23 affected tests would fail"


def test_a_pass_says_how_many_tests_were_analysed() -> None:
    run = _render(_PASSED)

    assert run.conclusion is publication.CheckConclusion.SUCCESS
    assert run.title == "Would pass: 13 of 13 affected tests analysed, none would fail"
    assert [action.identifier for action in run.actions] == [checkrun.RERUN]


def test_what_was_not_analysed_says_why() -> None:
    assert _REVIEW.verdict.reason
    none = replace(
        _REVIEW,
        predictions=(),
        selection=selection.Selection(affected=(), unaffected={}, total=0, unparsable={}),
        verdict=verdict.Verdict(conclusion=verdict.Conclusion.NOT_ANALYSED, reason="does not merge"),
    )
    run = _render(replace(_DONE, review=none, conclusion=publication.CheckConclusion.NEUTRAL))

    assert (run.conclusion, run.title) == (publication.CheckConclusion.NEUTRAL, "Not analysed: does not merge")


@pytest.mark.parametrize(
    ("state", "fields", "concluded", "title"),
    [
        (
            evaluation.State.SKIPPED,
            {"reason": "it has the label wip", "conclusion": None},
            publication.CheckConclusion.SKIPPED,
            "Not reviewed: it has the label wip",
        ),
        (
            evaluation.State.SKIPPED,
            {"reason": "it is a draft", "conclusion": publication.CheckConclusion.CANCELLED},
            publication.CheckConclusion.CANCELLED,
            "Not reviewed: it is a draft",
        ),
        (
            evaluation.State.SUPERSEDED,
            {"superseded_by": "abc1234567" + "0" * 30},
            publication.CheckConclusion.CANCELLED,
            "Superseded by abc1234567",
        ),
        (evaluation.State.SUPERSEDED, {}, publication.CheckConclusion.CANCELLED, "Superseded by a newer review"),
        (
            evaluation.State.ABANDONED,
            {},
            publication.CheckConclusion.CANCELLED,
            "Not reviewed: closed before it was done",
        ),
        (
            evaluation.State.FAILED,
            {"reason": "the sandbox could not be started", "conclusion": publication.CheckConclusion.FAILURE},
            publication.CheckConclusion.FAILURE,
            "Not analysed: the sandbox could not be started",
        ),
    ],
)
def test_a_review_without_a_verdict_completes_the_run_and_says_why(
    state: evaluation.State, fields: dict[str, str], concluded: publication.CheckConclusion, title: str
) -> None:
    given = {"conclusion": publication.CheckConclusion.NEUTRAL, **fields}
    run = _render(replace(_WAITING, state=state, **given))  # type: ignore[arg-type]

    assert (run.status, run.conclusion, run.title) == (publication.Status.COMPLETED, concluded, title)
    assert run.summary


def test_a_failure_of_the_service_is_no_success_where_no_conclusion_is_given() -> None:
    run = _render(replace(_WAITING, state=evaluation.State.FAILED, reason="x"))

    assert run.conclusion is publication.CheckConclusion.NEUTRAL


def test_the_worst_pull_request_on_the_commit_decides_and_each_is_listed() -> None:
    run = _render(_PASSED, replace(_DONE, pull=8))

    assert run.conclusion is publication.CheckConclusion.FAILURE
    assert run.title == "#8: 7 of 23 affected tests would fail"
    assert "## #7" in run.summary
    assert "## #8" in run.summary


def test_a_run_is_not_completed_while_one_review_is_open() -> None:
    run = _render(_DONE, replace(_WAITING, pull=8))

    assert (run.status, run.conclusion, run.title) == (publication.Status.QUEUED, None, "#8: Queued")
    assert "7 of 23" in run.summary
    assert run.actions == ()


def test_what_was_superseded_does_not_weigh_beside_what_holds() -> None:
    run = _render(replace(_DONE, pull=6, state=evaluation.State.SUPERSEDED), _PASSED)

    assert run.conclusion is publication.CheckConclusion.SUCCESS
    assert "#6" in run.summary
    assert "7 of 23" not in run.summary


def test_no_standing_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        _render()


def test_an_override_is_neutral_and_says_by_whom_and_why() -> None:
    overridden = replace(
        _DONE,
        conclusion=publication.CheckConclusion.NEUTRAL,
        override=evaluation.Override(by="octocat", reason="flaky on main, see #12"),
    )
    run = _render(overridden)

    assert run.conclusion is publication.CheckConclusion.NEUTRAL
    assert run.title == "Overridden by octocat: 7 of 23 affected tests would fail"
    assert "**Overridden** by `octocat` until the next push: flaky on main, see `#12`" in run.summary


@pytest.mark.parametrize("state", [evaluation.State.QUEUED, evaluation.State.RUNNING, evaluation.State.FAILED])
def test_an_override_waits_for_no_review(state: evaluation.State) -> None:
    waiting = replace(
        _DONE,
        state=state,
        review=None,
        conclusion=None,
        override=evaluation.Override(by="octocat", reason="the machine is down"),
    )

    run = _render(waiting)

    assert (run.status, run.conclusion) == (publication.Status.COMPLETED, publication.CheckConclusion.NEUTRAL)
    assert (run.title or "").startswith("Overridden by octocat: ")
    assert "the machine is down" in run.summary


def test_the_summary_names_findings_their_lines_and_what_was_not_looked_at() -> None:
    summary = _render(_DONE).summary

    head = _REVIEW.subject.head
    assert f"[`src/ledger/split.py:20`]({_REPOSITORY}/blob/{head}/src/ledger/split.py#L20)" in summary
    assert "**May not halt: 1 affected test would fail**" in summary
    assert "**Does not parse: 2 affected tests would fail**" in summary
    assert "23 of 214 selected: 13 pass, 4 fail, 2 error, 1 hang, 1 skip, 1 unknown, 1 already failing" in summary
    assert "### Not analysed (2)" in summary
    assert "### Already failing before the change (1)" in summary
    assert "pytest-cov" in summary


def test_a_line_that_may_be_another_one_at_head_is_linked_to_its_file() -> None:
    moved = replace(_REVIEW, subject=replace(_REVIEW.subject, base="c" * 40))
    summary = _render(replace(_DONE, review=moved)).summary

    assert f"[`src/ledger/split.py:20`]({_REPOSITORY}/blob/{_REVIEW.subject.head}/src/ledger/split.py)" in summary


def test_nothing_is_linked_where_the_page_of_the_repository_is_not_known() -> None:
    assert "](" not in _render(_DONE, repository_url=None).summary


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        (hosted.Requirement(required=False, pinned=False, url=_RULES), "It blocks nothing yet"),
        (hosted.Requirement(required=True, pinned=False, url=_RULES), "pin it to this App"),
        (hosted.Requirement(required=None, pinned=False, url=_RULES), "could not be read"),
        (hosted.Requirement(required=True, pinned=True, url=_RULES), "pinned to this App."),
    ],
)
def test_a_check_that_may_block_says_whether_the_rules_let_it(requirement: hosted.Requirement, words: str) -> None:
    summary = _render(_DONE, requirement=requirement).summary

    assert words in summary
    assert (_RULES in summary) is not requirement.pinned


@pytest.mark.parametrize("may", [authority.Authority.SHADOW, authority.Authority.ADVISE])
def test_a_check_that_never_blocks_says_so_and_nothing_of_rules(may: authority.Authority) -> None:
    requirement = hosted.Requirement(required=False, pinned=False, url=_RULES)
    summary = _render(replace(_DONE, authority=may), requirement=requirement).summary

    assert "this check never blocks" in summary
    assert _RULES not in summary


def test_the_text_lists_every_test_and_the_traces() -> None:
    text = _render(_DONE).text

    assert all(markdown.cell(said.test) in text for said in _REVIEW.predictions)
    assert "| 20 | return | `    return parts[:index]` | `[34]` |" in text


def test_the_full_report_is_linked_or_else_the_command_that_prints_it_is_named() -> None:
    url = "https://gate.example/reviews/1"

    assert _render(_DONE, report_url=url).summary.endswith(f"Everything: [the full report]({url}).")
    assert _render(_DONE, report_url=url).details_url == url
    assert _render(_DONE).summary.endswith(f"Everything: `gatekeeper report {_REVIEW.id}`.")


def test_a_fix_that_was_tried_is_shown_and_can_be_applied() -> None:
    fix = github_fixes.fix(_REVIEW)
    run = _render(replace(_DONE, offered=offers.Offers(fixes=(fix,))))

    assert "mends 3 tests and breaks none of 17 other affected tests" in run.summary
    assert [action.identifier for action in run.actions] == [checkrun.RERUN, checkrun.APPLY_FIX, checkrun.EXPLAIN]


def test_no_fix_can_be_applied_where_it_is_not_plain_which_or_where() -> None:
    fix = github_fixes.fix(_REVIEW)
    weaker = replace(fix, mended=fix.mended[:1])
    alike = replace(_DONE, offered=offers.Offers(fixes=(fix, replace(fix, diff="another"))))
    group = replace(_DONE, pull=None, group="gh-readonly-queue/main/pr-7-4f2a9c1", offered=offers.Offers(fixes=(fix,)))

    assert checkrun.best_fix([replace(_DONE, offered=offers.Offers(fixes=(fix, weaker)))]) == fix
    assert checkrun.best_fix([alike]) is None
    assert checkrun.best_fix([group]) is None
    assert checkrun.best_fix([replace(_DONE, offered=offers.Offers(fixes=(fix,))), _PASSED]) is None


def test_shadow_offers_no_button_that_comments() -> None:
    run = _render(replace(_DONE, authority=authority.Authority.SHADOW))

    assert checkrun.EXPLAIN not in {action.identifier for action in run.actions}


def test_buttons_keep_to_the_limits_of_github() -> None:
    run = _render(replace(_DONE, offered=offers.Offers(fixes=(github_fixes.fix(_REVIEW),))))

    assert len(run.actions) <= 3
    for action in run.actions:
        assert len(action.label) <= 20
        assert len(action.description) <= 40
        assert len(action.identifier) <= 20


def test_annotations_of_what_holds_are_kept_once() -> None:
    notes = annotations.annotate(_REVIEW, authority=authority.Authority.BLOCK, to_head=lambda _, line: line)
    run = _render(replace(_DONE, annotations=notes), replace(_DONE, pull=8, annotations=notes[:1]))

    assert run.annotations == notes


def test_a_huge_review_keeps_to_the_limits_and_says_what_it_leaves_out() -> None:
    failing = report_samples.said("", outcome=prediction.Outcome.FAIL, p_fail=1.0)
    predictions = tuple(
        replace(
            failing,
            test=f"tests/test_{number}.py::{_WIDE}",
            exception=f"E: {_WIDE}",
            at=report_samples.at(f"a{number // 5}.py", 1),
        )
        for number in range(3_000)
    )
    run = _render(replace(_DONE, review=replace(_REVIEW, predictions=predictions)))

    for text in (run.summary, run.text):
        assert markdown.size(text) <= publication.LONGEST_TEXT
        assert "left out for want of room." in text
        assert text.endswith(f"Everything: `gatekeeper report {_REVIEW.id}`.")
        github_markdown.assert_harmless(text)
    assert "### 601 findings" in run.summary
    shown = run.text.count("| fail |")
    assert f"… and {3_000 - shown:,} more tests" in run.text
    assert "### Not analysed (2)" in run.summary


@pytest.mark.parametrize("text", github_markdown.HOSTILE)
def test_hostile_text_stays_in_code(text: str) -> None:
    standing = github_markdown.poisoned(
        replace(
            _DONE,
            offered=offers.Offers(fixes=(github_fixes.fix(_REVIEW),)),
            override=evaluation.Override(by="x", reason="x"),
        ),
        text,
    )
    run = _render(standing)

    github_markdown.assert_harmless(run.summary)
    github_markdown.assert_harmless(run.text)
    assert run.title.isprintable()
    assert len(run.title) <= 120


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(report_samples.REVIEWS)
def test_any_review_is_rendered_harmlessly(done: review.Review) -> None:
    run = _render(replace(_DONE, review=done))

    for text in (run.summary, run.text):
        github_markdown.assert_harmless(text)
        assert markdown.size(text) <= publication.LONGEST_TEXT


def test_failures_that_a_model_only_imagined_do_not_block_and_the_check_says_so() -> None:
    imagined = replace(_DONE, review=report_samples.two_engines(), conclusion=publication.CheckConclusion.NEUTRAL)

    told = _render(imagined).summary

    assert "None of the tests that would fail was run: what a model only imagined does not block." in told
    assert "1 imagined by a model, not run" in told
    assert "### Engines disagree (1)" in told
    assert "### May not halt (1)" in told
    assert "does not block." not in _render(_DONE).summary


def test_a_model_that_has_earned_to_block_is_not_said_not_to() -> None:
    imagined = replace(_DONE, review=report_samples.two_engines(), conclusion=publication.CheckConclusion.FAILURE)

    told = _render(imagined).summary

    assert "the model that imagined it has earned to block." in told
    assert "does not block." not in told


def _endless(kind: risk.Kind) -> risk.HaltingRisk:
    proof = (risk.Repetition(call="drain(-1)", line=17, state=(("rest", "-1"),)),)
    return risk.HaltingRisk(
        path="src/ledger/split.py",
        function="drain",
        line=17,
        kind=kind,
        probability=0.9,
        reason="drain(-1) never ends",
        evidence=proof if kind is risk.Kind.DOES_NOT_TERMINATE else (),
        engine="sandbox",
        model="1",
        version="1",
    )


def test_a_function_for_which_the_check_fails_stands_in_its_title_and_beside_the_authority() -> None:
    may, does = _endless(risk.Kind.MAY_NOT_TERMINATE), _endless(risk.Kind.DOES_NOT_TERMINATE)
    failed = replace(_PASSED, conclusion=publication.CheckConclusion.FAILURE, endless=(may,))

    run = _render(failed)

    assert run.conclusion is publication.CheckConclusion.FAILURE
    assert run.title == "1 function may not halt; would pass: 13 of 13 affected tests analysed, none would fail"
    assert "1 function may not halt: `drain`. It fails for that alone" in run.summary
    assert "| Verdict | **Would pass** |" in run.summary
    assert _render(replace(failed, endless=(does,))).title.startswith("1 function does not halt; ")
    assert _render(replace(failed, endless=(does, may))).title.startswith("2 functions may not halt; ")


def test_a_function_that_may_not_halt_is_not_in_the_title_where_the_check_does_not_fail_for_it() -> None:
    advised = replace(_PASSED, authority=authority.Authority.ADVISE, endless=(_endless(risk.Kind.MAY_NOT_TERMINATE),))

    assert _render(advised).title == _render(_PASSED).title
