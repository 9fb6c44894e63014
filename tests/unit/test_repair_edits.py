import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.repair import edit, edits, functions, likelihood, text

_SOURCE = """\
import os


class Pile:
    def __init__(self, items):
        self.items = items  # kept,  as is

    def first(self, number, limit):
        if number  <  limit and not self.items:
            raise KeyError(number)
        total = 0
        for index in range(number):
            total += self.items[index]
        max(total, limit)
        return   combine(total, limit)


TOP = 3
"""


def _texts(line: int, ended: str = "AssertionError: no", source: str = _SOURCE) -> list[str]:
    """Return what the 1-based line reads with each edit that parses, likeliest first."""
    read = functions.read("a.py", source)
    assert read is not None
    made = [one for one in edits.propose(read, {line: 1.0}, ended) if edits.parses(read, one)]
    return [one.replacement.text.rstrip("\n") for one in made if one.replacement.start == line]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(9, "        if number  <=  limit and not self.items:", id="comparison"),
        pytest.param(9, "        if number  <  limit or not self.items:", id="junction"),
        pytest.param(9, "        if number  <  limit and self.items:", id="negation"),
        pytest.param(9, "        if limit  <  limit and not self.items:", id="another name"),
        pytest.param(10, "            raise ValueError(number)", id="exception"),
        pytest.param(11, "        total = 1", id="constant"),
        pytest.param(12, "        for index in range(number + 1):", id="upper bound"),
        pytest.param(12, "        for index in range(1, number):", id="lower bound"),
        pytest.param(13, "            total -= self.items[index]", id="augmented"),
        pytest.param(13, "            total += self.items[index - 1]", id="index"),
        pytest.param(14, "        return max(total, limit)", id="lost return"),
        pytest.param(14, "        min(total, limit)", id="min for max"),
        pytest.param(15, "        return   combine(limit, total)", id="swapped arguments"),
        pytest.param(18, "TOP = 4", id="outside functions"),
    ],
)
def test_a_line_gets_small_edits_and_keeps_the_rest_of_its_text(line: int, expected: str) -> None:
    assert expected in _texts(line)


def test_a_comparison_is_tried_before_another_name() -> None:
    found = _texts(9)

    assert found.index("        if number  <=  limit and not self.items:") < found.index(
        "        if limit  <  limit and not self.items:"
    )


def test_the_exception_that_ended_the_test_is_the_first_that_is_tried_in_a_handler() -> None:
    source = "def one(a):\n    try:\n        return a()\n    except OSError:\n        return None\n"

    (first, *_) = (line for line in _texts(4, "LookupError: x", source) if "except" in line)

    assert first == "    except LookupError:"


def test_none_is_guarded_only_where_something_was_none() -> None:
    source = "def one(text):\n    return text.strip()\n"
    guard = "    if text is None:\n        return None\n    return text.strip()"

    assert guard in _texts(2, "AttributeError: 'NoneType' object has no attribute 'strip'", source)
    assert guard not in _texts(2, "AttributeError: 'int' object has no attribute 'strip'", source)


def test_a_statement_of_several_lines_is_edited_where_any_of_them_is_suspected() -> None:
    source = "def one(a, b):\n    return (\n        a\n        + b\n    )\n"
    read = functions.read("a.py", source)
    assert read is not None

    made = edits.propose(read, {2: 1.0}, "")

    assert any(one.replacement.start == 3 and "b" in one.replacement.text for one in made)


def test_columns_are_those_of_characters_where_text_is_not_ascii() -> None:
    assert "    return 'äöü' + other != a" in _texts(2, source="def one(a, other):\n    return 'äöü' + other == a\n")


def test_an_edit_is_a_function_that_can_be_exchanged_where_it_is_in_one() -> None:
    read = functions.read("a.py", _SOURCE)
    assert read is not None

    inside, outside = (edits.propose(read, {line: 1.0}, "")[0] for line in (11, 18))

    assert inside.body is not None
    assert (inside.body.name, inside.body.line) == ("Pile.first", 8)
    assert outside.body is None
    made = ast.parse(inside.body.text)
    assert isinstance(made.body[0], ast.ClassDef)
    assert made.body[0].body[0].lineno == 8


@settings(max_examples=30)
@given(st.sampled_from([4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 18]), st.sampled_from(["", "TypeError: None"]))
def test_every_edit_changes_its_own_lines_alone(line: int, ended: str) -> None:
    read = functions.read("a.py", _SOURCE)
    assert read is not None
    for one in edits.propose(read, {line: 1.0}, ended):
        change = one.replacement
        new = text.lines(text.replaced(_SOURCE, change))
        assert new[: change.start - 1] == text.lines(_SOURCE)[: change.start - 1]
        assert new[len(new) - (len(read.lines) - change.end) :] == text.lines(_SOURCE)[change.end :]
        assert text.replaced(_SOURCE, change) != _SOURCE


def test_what_does_not_parse_is_no_source() -> None:
    assert functions.read("a.py", "def one(:\n") is None
    assert functions.read("a.py", "\0") is None


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param("        return inner", id="a function in it"),
        pytest.param("        return self", id="a parameter"),
        pytest.param("        return self.kept[index]", id="what it names elsewhere"),
        pytest.param("        return (index, 2)", id="what it returns elsewhere"),
    ],
)
def test_a_lost_value_is_sought_among_what_the_function_names(expected: str) -> None:
    source = """\
class Pile:
    def last(self, index):
        def inner():
            return (index, 2)

        self.kept[index] = inner
        return None
"""

    assert expected in _texts(7, source=source)


def test_kinds_that_are_seldom_meant_come_last() -> None:
    read = functions.read("a.py", "def one(a, b):\n    if not a < b:\n        return a\n")
    assert read is not None

    kinds = [one.kind for one in edits.propose(read, {2: 1.0}, "AssertionError: no")]

    assert kinds[0] is edit.Kind.NEGATION
    assert kinds[-1] is edit.Kind.NAME
    assert set(likelihood.PRIOR) == set(edit.Kind), "each kind has a place in the order"


def test_another_name_is_a_guess_and_another_comparison_is_none() -> None:
    read = functions.read("a.py", "def one(a, b):\n    return a < b\n")
    assert read is not None

    guessed = {one.replacement.text.strip(): one.guessed for one in edits.propose(read, {2: 1.0}, "")}

    assert guessed["return a <= b"] is False
    assert guessed["return b < b"] is True


def test_a_negated_comparison_is_not_turned_into_its_opposite_instead_of_losing_its_not() -> None:
    texts = _texts(2, source="def one(a, b):\n    return not a == b\n")

    assert "    return a == b" in texts
    assert "    return not a != b" not in texts


def test_a_comparison_is_negated_by_its_operator() -> None:
    texts = _texts(2, source="def one(a, b):\n    return a < b\n")

    assert "    return a >= b" in texts
    assert "    return not a < b" not in texts
