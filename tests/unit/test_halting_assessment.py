from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.diffs import diff
from gatekeeper.halting import asking, assessment, listing, loops, risk
from gatekeeper.halting.asking import Answered, Reading, Unread, Word
from gatekeeper.simulation import prediction
from tests.fakes.memory_tree import MemoryTree
from tests.fakes.reasoner import TableReasoner

_BUDGET = asking.Budget()
_HALTS, _DOES_NOT, _UNKNOWN = (Reading(word=word) for word in Word)
_CUT = Unread(why="cut short")
_COST = prediction.Cost(seconds=1, tokens=100)
_BASE = "def f(n):\n    while n > 0: n -= 1\n"
_HEAD = "def f(n):\n    while n != 0: n -= 1\n"


def answered(*replies: asking.Reply) -> Answered:
    return Answered(replies=replies, cost=_COST)


def assessed(
    head: asking.Answer, base: asking.Answer | None, budget: asking.Budget = _BUDGET, after: str = _HEAD
) -> tuple[risk.HaltingRisk, ...]:
    """Assess the change from _BASE, or from nothing where there is no answer for it."""
    old = _BASE if base is not None else ""
    file = diff.FileChange(kind=diff.Kind.MODIFIED, before="a.py", after="a.py", binary=False, hunks=())
    reasoner = TableReasoner(lambda text: base if base is not None and "n > 0" in text else head)
    trees = MemoryTree({"a.py": old}), MemoryTree({"a.py": after})
    suspects = tuple(loops.find(diff.Diff(files=(file,), text=""), *trees))
    return assessment.of_suspects(suspects, reasoner, budget, lambda: False)


def _votes(said: risk.HaltingRisk) -> risk.Votes:
    (votes,) = said.evidence
    assert isinstance(votes, risk.Votes)
    return votes


def test_a_model_that_is_right_about_base_is_believed_on_head() -> None:
    (said,) = assessed(answered(_DOES_NOT, _DOES_NOT, _HALTS), answered(_HALTS, _HALTS, _HALTS))

    assert (said.path, said.function, said.line) == ("a.py", "f", 2)
    assert said.kind is risk.Kind.MAY_NOT_TERMINATE
    assert said.probability == said.raw_score == 2.5 / 4
    assert said.evidence == (risk.Votes(samples=3, halting=1, diverging=2, control=risk.Control.PASSED),)
    assert said.cost == prediction.Cost(seconds=2, tokens=200)
    assert (said.engine, said.model, said.version) == ("table", "a table", "1")


def test_a_model_that_says_of_base_that_it_does_not_end_is_not_believed() -> None:
    for head in (_DOES_NOT, _HALTS):
        (said,) = assessed(answered(head, head, head), answered(_DOES_NOT, _DOES_NOT, _HALTS))

        assert (said.kind, said.probability, said.raw_score) == (risk.Kind.UNKNOWN, None, None)
        assert "base's version" in said.reason
        assert _votes(said).control is risk.Control.FAILED


@pytest.mark.parametrize("base", [answered(_CUT, _CUT, _HALTS), asking.NotAnswered(why="the server is down")])
def test_a_control_without_an_answer_is_marked(base: asking.Answer) -> None:
    (said,) = assessed(answered(_HALTS, _HALTS, _HALTS), base)

    assert said.kind is risk.Kind.TERMINATES
    assert _votes(said).control is risk.Control.UNANSWERED


def test_a_new_function_has_no_control() -> None:
    (said,) = assessed(answered(_DOES_NOT, _DOES_NOT, _DOES_NOT), None)

    assert said.kind is risk.Kind.MAY_NOT_TERMINATE
    assert _votes(said).control is risk.Control.NONE
    assert "new" in said.reason


def test_with_fewer_than_half_of_the_answers_nothing_follows() -> None:
    (said,) = assessed(answered(_CUT, _CUT, _UNKNOWN, _DOES_NOT, _DOES_NOT), answered(_HALTS))

    assert said.kind is risk.Kind.UNKNOWN
    assert said.reason == "only 2 of 5 answers count: 2 cut short; 1 says that it does not know"


def test_a_server_that_does_not_answer_is_the_reason() -> None:
    (said,) = assessed(asking.NotAnswered(why="the server is down"), answered(_HALTS))

    assert (said.kind, said.reason, said.evidence) == (risk.Kind.UNKNOWN, "the server is down", ())


def test_functions_beyond_the_budget_and_too_long_ones_are_not_asked_about() -> None:
    budget = replace(_BUDGET, functions=2)
    long = f"def g(n):\n    while n: n = {'1' * listing.MOST_FUNCTION!r}\n"

    first, second, third = assessed(answered(_HALTS), None, budget, f"{_HEAD}{long}{_HEAD.replace('f(', 'h(')}")

    assert (first.kind, second.kind, third.kind) == (risk.Kind.TERMINATES, risk.Kind.UNKNOWN, risk.Kind.UNKNOWN)
    assert "too long" in second.reason
    assert "beyond the 2 functions" in third.reason


def test_a_line_that_is_none_of_the_function_is_not_kept() -> None:
    for line, kept in ((2, 2), (77, None)):
        (said,) = assessed(answered(replace(_DOES_NOT, line=line, example="f(-1)")), None)

        assert (_votes(said).line, _votes(said).example) == (kept, "f(-1)")


def test_nothing_is_asked_of_a_change_without_loops() -> None:
    assert assessed(answered(_DOES_NOT), None, after="def f(n): return n\n") == ()


_ANY: list[asking.Reply] = [_HALTS, _DOES_NOT, _UNKNOWN, _CUT]
_REPLIES = st.lists(st.sampled_from(_ANY), max_size=9).map(lambda some: answered(*some))


@given(_REPLIES, st.none() | _REPLIES)
def test_a_model_alone_never_proves_and_truncation_never_accuses(head: Answered, base: Answered | None) -> None:
    (said,) = assessed(head, base)

    assert said.kind is not risk.Kind.DOES_NOT_TERMINATE
    if _DOES_NOT not in head.replies:
        assert said.kind is not risk.Kind.MAY_NOT_TERMINATE
    assert said.probability is None or 0 < said.probability < 1


@given(st.integers(0, 50), st.integers(0, 50))
def test_the_score_grows_with_each_accusing_answer_and_is_never_certain(diverging: int, halting: int) -> None:
    replies = [_DOES_NOT] * diverging + [_HALTS] * halting
    score, more = asking.score(answered(*replies)), asking.score(answered(*replies, _DOES_NOT))

    assert more == pytest.approx((diverging + 1.5) / (diverging + halting + 2))
    assert more is not None
    assert (score is None) == (not replies)
    assert score is None or 0 < score < more < 1


def test_a_word_that_was_hardly_likelier_than_another_weighs_less() -> None:
    sure, unsure = (asking.score(answered(replace(_DOES_NOT, logprob=told))) for told in (-0.01, -3.0))

    assert sure is not None
    assert unsure is not None
    assert 0.5 < unsure < sure < 0.75


def test_answers_that_do_not_agree_are_unknown() -> None:
    (said,) = assessed(answered(_DOES_NOT, _HALTS), answered(_HALTS))

    assert (said.kind, said.reason) == (
        risk.Kind.UNKNOWN,
        "the answers do not agree: 1 of 2 say that it may not end",
    )


def test_divergence_cannot_be_said_without_a_proof() -> None:
    (said,) = assessed(answered(_DOES_NOT), None)

    with pytest.raises(AssertionError, match="proof"):
        replace(said, kind=risk.Kind.DOES_NOT_TERMINATE)
