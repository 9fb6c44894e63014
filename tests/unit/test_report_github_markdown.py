import pytest
from hypothesis import example, given, strategies

from gatekeeper.report.github import markdown
from gatekeeper.report.visible import visible
from tests import github_markdown

_ANY = strategies.text(strategies.characters(exclude_categories=()), max_size=40)
_NASTY = strategies.text("`| \\~\n\t@#<>[]()!*_-+=:/.a1", max_size=40)
_TEXTS = _ANY | _NASTY | strategies.sampled_from(github_markdown.HOSTILE)


@given(_TEXTS)
def test_a_code_span_holds_all_of_the_text_and_nothing_is_outside_of_it(text: str) -> None:
    span = markdown.code(text, 100_000)

    github_markdown.assert_harmless(span)
    assert github_markdown.code_of(f"x {span} y") == [visible(text) or " "]
    assert github_markdown.outside_code(f"x {span} y") == "x   y"


@given(_TEXTS, _TEXTS)
def test_a_cell_stays_in_its_column(one: str, other: str) -> None:
    table = markdown.table(("A", "B"), [(markdown.cell(one, 100_000), markdown.cell(other, 100_000))])

    assert github_markdown.code_of(table) == [visible(one) or " ", visible(other) or " "]


@given(_TEXTS)
def test_a_block_ends_where_it_is_meant_to(text: str) -> None:
    (shown,) = github_markdown.code_of(f"{markdown.block(text, 'diff')}\n\nafter")

    assert shown.count("\n") == max(1, text.removesuffix("\n").count("\n") + 1)
    assert github_markdown.outside_code(f"{markdown.block(text)}\n\nafter").endswith("after")


@given(_TEXTS)
@example("1. one")
@example("see (#12), @bob.")
@example("`a` b`c")
def test_prose_holds_nothing_that_github_acts_upon(text: str) -> None:
    github_markdown.assert_harmless(f"{markdown.prose(text)}\n\nafter")
    github_markdown.assert_harmless(f"- {markdown.prose(text)}")


def test_prose_reads_as_a_sentence_with_its_names_in_code() -> None:
    shown = markdown.prose("uses fixture `money` of tests/conftest.py, which calls ledger.split.shares, changed")

    assert shown == "uses fixture `money` of `tests/conftest.py`, which calls `ledger.split.shares`, changed"


@pytest.mark.parametrize("text", ["4f2a9c1", "deadbeef", "1234567", "1.", "1)", "PR-12", "x@y.example", "a\u202eb"])
def test_what_github_may_link_or_count_is_no_plain_word(text: str) -> None:
    assert github_markdown.outside_code(markdown.prose(text)).strip(" .") == ""


def test_a_long_block_is_cut_between_lines_and_says_by_how_many() -> None:
    shown = markdown.block("\n".join(f"line {number}" for number in range(1000)), largest=100)

    (kept,) = github_markdown.code_of(shown)
    assert kept.endswith("line 12\n")
    assert shown.endswith("```\n… and 987 more lines")


def test_a_suggestion_is_the_text_byte_for_byte() -> None:
    assert markdown.suggestion("\tif x:\n\t\t```\n") == "````suggestion\n\tif x:\n\t\t```\n````"
    assert markdown.suggestion("") == "```suggestion\n```"
    assert markdown.suggestion("\n") == "```suggestion\n\n```"


@pytest.mark.parametrize("text", ["no ending", "a\r\n", "a\u202eb\n", "a\x0cb\n", "a\u2028b\n", "\ud800\n"])
def test_what_github_might_not_put_in_exactly_is_no_suggestion(text: str) -> None:
    assert markdown.suggestion(text) is None


def test_an_address_cannot_end_its_link() -> None:
    shown = markdown.link("`x`", "https://github.example/a b)(<c>")

    assert shown == "[`x`](https://github.example/a%20b%29%28%3Cc%3E)"


def test_what_is_counted_has_a_word_for_one_and_for_many() -> None:
    assert markdown.counted(1, "test") == "1 test"
    assert markdown.counted(1234, "test") == "1,234 tests"
    assert list(markdown.more(0, "test")) == []
