"""What is offered beyond a verdict, in GitHub's Markdown."""

from dataclasses import replace

import pytest

from gatekeeper import evaluation, offers, review
from gatekeeper.repair import candidate, cause
from gatekeeper.report.github import checkrun, comments, markdown
from gatekeeper.verdicts import authority, findings, publication, verdict
from tests import github_markdown
from tests.integration import offer_samples, report_samples

_REVIEW = offer_samples.review_with_halting()
_OFFERED = offer_samples.offered(_REVIEW)
_EDIT, _MODEL, _UNDO = _OFFERED.fixes
_URL = "https://github.example/acme/ledger"
_UNREACHED = replace(
    _REVIEW,
    predictions=(),
    selection=replace(_REVIEW.selection, unparsable={}),
    verdict=verdict.Verdict(conclusion=verdict.Conclusion.NOT_ANALYSED, reason="no test reaches ledger.split.settle"),
)


def _comments(done: review.Review, offered: offers.Offers) -> publication.PullReview:
    return comments.draft(
        done,
        head_diff=done.diff,
        to_head=lambda _, line: line,
        offered=offered,
        limit=10,
        report_url=None,
        repository_url=_URL,
    )


def _summary(done: review.Review, offered: offers.Offers) -> str:
    standing = checkrun.Standing(
        pull=7, state=evaluation.State.DONE, review=done, authority=authority.Authority.ADVISE, offered=offered
    )
    run = checkrun.render([standing], external_id="1/b", head=done.subject.head, requirement=None, report_url=None)
    return run.summary


def _at(drafted: publication.PullReview, line: int) -> str:
    (found,) = (made.body for made in drafted.comments if made.line == line)
    return found


def test_a_comment_shows_the_lines_at_fault_and_where_the_run_departs() -> None:
    body = _at(_comments(_REVIEW, _OFFERED), 20)

    assert "**Where the fault is:** without these lines the test passes." in body
    assert "```diff\n-    return parts\n+    return parts[:index]\n```" in body
    assert "base: return [34, 33, 33] \N{MIDDLE DOT} head: return [34]" in body
    assert f"[`src/ledger/split.py:20`]({_URL}/blob/{_REVIEW.subject.head}/src/ledger/split.py#L20)" in body


def test_a_comment_of_a_finding_whose_cause_is_not_known_says_nothing_of_it() -> None:
    assert "Where the fault is" not in _at(_comments(_REVIEW, _OFFERED), 17)


def test_the_check_shows_the_cause_of_each_finding_that_has_one() -> None:
    shown = _summary(_REVIEW, _OFFERED)

    assert shown.count("**Where the fault is:**") == 2
    assert "base: raises ValueError \N{MIDDLE DOT} head: raises ZeroDivisionError" in shown


def test_at_most_three_places_and_twelve_lines_of_each_are_shown() -> None:
    many = cause.Lines(path="a.py", start=1, end=0, old=tuple(f"line {number}\n" for number in range(20)))
    large = replace(_OFFERED.causes[0], lines=(many,) * 5)

    body = _at(_comments(_REVIEW, offers.Offers(causes=(large,))), 20)

    assert body.count("-line 11\n") == 3
    assert "-line 12" not in body
    assert body.count("… and 8 more lines") == 3
    assert "… and 2 more places" in body


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        (_EDIT, "This edit mends 3 tests and breaks none of 17 other affected tests, tried with `sandbox`."),
        (_MODEL, "This edit, written by the model (3 samples agree), mends 3 tests"),
        (replace(_MODEL, agreement=1), "This edit, written by the model, mends 3 tests"),
        (_UNDO, "**As a last resort:** taking this part of the change back mends 3 tests"),
    ],
)
def test_a_fix_says_who_wrote_it(fix: candidate.FixCandidate, said: str) -> None:
    offered = offers.Offers(fixes=(fix,))

    assert said in _at(_comments(_REVIEW, offered), 20)
    assert said in _summary(_REVIEW, offered)


def test_a_fix_that_was_only_imagined_says_so() -> None:
    imagining = tuple(replace(said, engine="cwm", imagined=True) for said in _REVIEW.predictions)
    done = replace(_REVIEW, predictions=imagining)

    assert "imagined by `cwm`, not run." in _at(_comments(done, offers.Offers(fixes=(_MODEL,))), 20)


def test_what_takes_the_change_back_is_told_from_a_fix_by_its_heading_and_its_button() -> None:
    def shown(fix: candidate.FixCandidate) -> publication.CheckRun:
        standing = checkrun.Standing(
            pull=7,
            state=evaluation.State.DONE,
            review=_REVIEW,
            authority=authority.Authority.ADVISE,
            offered=offers.Offers(fixes=(fix,)),
        )
        return checkrun.render([standing], external_id="1/b", head="b", requirement=None, report_url=None)

    edit, undo = shown(_EDIT), shown(_UNDO)

    assert "### A fix that was tried" in edit.summary
    assert "### Undoing that was tried" in undo.summary
    labels = [
        next(action.label for action in run.actions if action.identifier == checkrun.APPLY_FIX) for run in (edit, undo)
    ]
    assert labels == ["Apply fix", "Undo the fault"]


def test_what_takes_the_change_back_is_shown_only_where_nothing_else_mends() -> None:
    offered = offers.Offers(fixes=(_UNDO, _EDIT))
    standing = checkrun.Standing(
        pull=7, state=evaluation.State.DONE, review=_REVIEW, authority=authority.Authority.ADVISE, offered=offered
    )

    assert checkrun.best_fix([standing]) == _EDIT
    assert checkrun.best_fix([replace(standing, offered=offers.Offers(fixes=(_UNDO,)))]) == _UNDO
    assert "This edit mends 3 tests" in _summary(_REVIEW, offered)
    assert "```suggestion\n    return parts[index:]\n```" in _at(_comments(_REVIEW, offered), 20)


def test_a_review_without_a_verdict_for_want_of_tests_shows_them_first() -> None:
    shown = _summary(_UNREACHED, offers.Offers(tests=_OFFERED.tests))

    assert shown.index("### Tests for what no test reaches (2)") < shown.index("### May not halt")
    assert "`ledger.split.settle`: it passes before the change and fails after it." in shown
    assert "fail (`AssertionError: assert [1] == []`); before it pass." in shown
    assert "before it the function was not there." in shown
    assert "<details><summary>A test that would reach it</summary>" in shown
    assert "def test_settle():" in shown
    assert "`tests/test_settle_proposed.py`" in shown


def test_beside_a_verdict_proposed_tests_stand_behind_the_findings_and_in_the_body_of_the_comments() -> None:
    shown = _summary(_REVIEW, _OFFERED)

    assert shown.index("### 4 findings") < shown.index("### Tests for what no test reaches (2)")
    assert "### Tests for what no test reaches (2)" in _comments(_REVIEW, _OFFERED).body
    assert _comments(_UNREACHED, offers.Offers(tests=_OFFERED.tests)).body


def test_what_is_slow_is_told_apart_from_what_may_not_halt() -> None:
    shown = _summary(_REVIEW, offers.Offers())

    assert "### May not halt (2)" in shown
    assert "### Slow for some inputs (1)" in shown
    assert "`match`" in shown.partition("### Slow for some inputs (1)")[2]


@pytest.mark.parametrize("text", github_markdown.HOSTILE)
def test_hostile_text_stays_in_code(text: str) -> None:
    done = github_markdown.poisoned(_REVIEW, text)
    at_its_line = tuple(
        said if said.at is None else replace(said, at=report_samples.at("src/ledger/split.py", said.at.line))
        for said in done.predictions
    )
    done = replace(done, diff=_REVIEW.diff, predictions=at_its_line)
    (first, *_) = findings.find(done.predictions, done.selection, done.policy)
    hostile = github_markdown.poisoned(_OFFERED, text)
    hostile = replace(
        hostile,
        causes=tuple(replace(one, fingerprint=first.fingerprint) for one in hostile.causes),
        fixes=tuple(replace(one, mends=(first.fingerprint,)) for one in hostile.fixes),
    )
    drafted = _comments(done, hostile)

    told = [made.body for made in drafted.comments if "Where the fault is" in made.body]
    assert told or "Where the fault is" in _summary(done, hostile)
    for shown in (drafted.body, _summary(done, hostile), *(made.body for made in drafted.comments)):
        github_markdown.assert_harmless(shown)


def test_a_huge_offer_keeps_to_the_limits() -> None:
    wide = "\N{SNOWMAN}" * 5_000
    huge = github_markdown.poisoned(_OFFERED, wide)
    fingerprints = {one.fingerprint for one in findings.find(_REVIEW.predictions, _REVIEW.selection, _REVIEW.policy)}
    many = offers.Offers(
        causes=tuple(replace(huge.causes[0], fingerprint=one) for one in fingerprints),
        fixes=tuple(replace(fix, mends=tuple(fingerprints)) for fix in huge.fixes),
        tests=huge.tests * 50,
    )
    drafted = _comments(_REVIEW, many)

    for text in (drafted.body, _summary(_REVIEW, many), *(made.body for made in drafted.comments)):
        assert markdown.size(text) <= publication.LONGEST_TEXT
        github_markdown.assert_harmless(text)
