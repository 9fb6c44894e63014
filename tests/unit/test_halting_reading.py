import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.halting import asking, reading

_SAID = {"reasoning": "n stays", "line": 3, "input": "f(0)", "answer": "does not halt"}


@given(st.text())
def test_any_text_is_a_reading_or_a_reason(text: str) -> None:
    for read in (reading.of_words, reading.of_json):
        assert isinstance(read(text), asking.Reading | asking.Unread)


@given(st.text(), st.sampled_from(asking.Word), st.text())
def test_whatever_comes_before_the_last_line_that_line_decides(before: str, word: asking.Word, dress: str) -> None:
    reply = reading.of_words(f"{before}\n**{word.value.upper()}**.\n")

    assert isinstance(reply, asking.Reading)
    assert reply.word is word


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_is_a_reading_or_a_reason(value: Any) -> None:
    for said in (value, {**_SAID, "answer": value}, {**_SAID, "line": value}, {**_SAID, "input": value}):
        reply = reading.of_json(json.dumps(said))

        assert isinstance(reply, asking.Reading | asking.Unread)


@pytest.mark.parametrize("text", ["", "\n", "it halts, I think", "halts\nbut perhaps not", "does not", "haltshalts"])
def test_prose_is_no_answer(text: str) -> None:
    assert isinstance(reading.of_words(text), asking.Unread)


def test_a_line_and_a_call_are_read_from_the_lines_before_the_word() -> None:
    reply = reading.of_words("The loop stands still.\nline: 12\ninput: `digits(-1)`\ndoes not halt")

    assert reply == asking.Reading(word=asking.Word.DOES_NOT_HALT, line=12, example="digits(-1)")


def test_a_line_or_a_call_that_is_none_is_left_out() -> None:
    assert reading.of_words("line: 0\ninput: none\nhalts") == asking.Reading(word=asking.Word.HALTS)
    assert reading.of_json(json.dumps({**_SAID, "line": -4, "input": " null "})) == asking.Reading(
        word=asking.Word.DOES_NOT_HALT
    )


def test_json_is_read_also_after_thoughts_and_in_a_fence() -> None:
    wanted = asking.Reading(word=asking.Word.DOES_NOT_HALT, line=3, example="f(0)")

    assert reading.of_json(json.dumps(_SAID)) == wanted
    assert reading.of_json(f'{{"answer": "halts"}}</think>\n```json\n{json.dumps(_SAID)}\n```') == wanted


@pytest.mark.parametrize("answer", ["maybe", "HALTS!", None, 1, ["halts"]])
def test_json_with_another_word_is_no_answer(answer: object) -> None:
    assert isinstance(reading.of_json(json.dumps({**_SAID, "answer": answer})), asking.Unread)


def test_a_call_is_kept_up_to_a_length() -> None:
    reply = reading.of_json(json.dumps({**_SAID, "input": "f(" + "9" * 10_000}))

    assert isinstance(reply, asking.Reading)
    assert reply.example is not None
    assert len(reply.example) == reading.MOST_EXAMPLE


def test_whatever_stands_beside_the_answer_is_left_out_where_it_cannot_be_used() -> None:
    reply = reading.of_json('{"line": true, "answer": "halts", "reasoning": "\\ud800", "input": "\\ud800"}')

    assert reply == asking.Reading(word=asking.Word.HALTS, example="?")


def test_deeply_nested_json_is_no_answer() -> None:
    assert isinstance(reading.of_json('{"answer":' + "[" * 50_000 + "]" * 50_000 + "}"), asking.Unread)
