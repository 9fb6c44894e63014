from collections.abc import Sequence

import pytest

from gatekeeper.repair import candidate, proposal, proposer, sampling, sampling_edits, sampling_parts, text
from tests.unit import sampling_cases

_WRITTEN = sampling_cases.HEAD.splitlines(keepends=True)
# as a model writes it: at the margin, without the docstring, and without the author's comments
_TOTAL = """\
def total(self, prices):
    result = 0
    for price in prices:
        result = result + price
    return result + result * RATE // 100
"""


def _definition(written: str) -> tuple[sampling_edits.Edit, ...]:
    return (sampling_edits.Definition(text=written),)


def _exchange(old: str, new: str, path: str | None = None) -> tuple[sampling_edits.Edit, ...]:
    return (sampling_edits.Exchange(old=tuple(old.split("\n")), new=tuple(new.split("\n")), path=path),)


def _propose(
    *answers: Sequence[sampling_edits.Edit], asked: proposer.Asked | None = None
) -> tuple[proposal.Proposal, ...]:
    asked = asked or sampling_cases.asked()
    return sampling.propose(asked, sampling_parts.choose(asked), answers)


def test_of_a_whole_function_only_the_line_that_means_something_else_is_replaced() -> None:
    (found,) = _propose(_definition(_TOTAL))

    assert found.replacement == candidate.Replacement(
        path="shop.py", start=17, end=17, text="            result = result + price\n"
    )
    assert (found.source, found.agreement, found.likelihood) == (candidate.Source.MODEL, 1, 1.0)
    made = text.replaced(found.text, found.replacement)
    assert "the author's own words" in made
    assert "With tax." in made


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("class Shop:\n" + "".join(f"    {line}" for line in _TOTAL.splitlines(keepends=True)), id="class"),
        pytest.param("".join(f"    {line}" for line in _TOTAL.splitlines(keepends=True)), id="as it is indented"),
        pytest.param(_TOTAL.replace("\n", "\r\n"), id="carriage returns"),
    ],
)
def test_a_method_is_known_wherever_it_is_written(written: str) -> None:
    (found,) = _propose(_definition(written))

    assert (found.replacement.start, found.replacement.text) == (17, "            result = result + price\n")


def test_answers_that_mean_the_same_are_one_and_come_before_others() -> None:
    other = _definition(_TOTAL.replace("result + price", "sum(prices)"))
    same = _definition(_TOTAL.replace("result = result + price", "result = (result + price)  # added"))
    exchanged = _exchange("            result = price  # as they come", "            result = result + price")

    first, second = _propose(other, _definition(_TOTAL), same, exchanged, ())

    assert (first.agreement, first.likelihood) == (3, 0.6)
    assert first.replacement.text == "            result = result + price\n"
    assert (second.agreement, second.replacement.text) == (1, "            result = sum(prices)\n")


def test_of_fixes_that_as_many_answers_give_the_smallest_comes_first() -> None:
    larger = _TOTAL.replace("result + price\n", "result + price\n        price = None\n")

    small, large = _propose(_definition(larger), _definition(_TOTAL))

    assert small.replacement.text.count("\n") < large.replacement.text.count("\n")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(_definition(_TOTAL.replace("result + price", "result +")), id="does not parse"),
        pytest.param(_definition(_TOTAL.replace("result = result + price", "result += price")), id="base's text"),
        pytest.param(
            _definition(_TOTAL.replace("result = result + price", "(result) += ( price )")), id="base's, not by Python"
        ),
        pytest.param(_definition(_TOTAL.replace("result = result + price", "result = price")), id="head's meaning"),
        pytest.param(_definition(_TOTAL.replace("def total", "def other")), id="another function"),
        pytest.param(_definition(f"import os\n\n{_TOTAL}"), id="more than a function"),
        pytest.param(_definition("result = 5\n"), id="no function"),
        pytest.param(_definition(_TOTAL.replace("+ price", "+ price#\u202e")), id="characters that hide"),
        pytest.param(_definition(_TOTAL + "    #" + "x" * 30_000), id="too long"),
        pytest.param(_exchange("not there", "x = 1"), id="lines that are not there"),
        pytest.param(_exchange("", "x = 1"), id="nothing to be exchanged"),
        pytest.param(_exchange("def twice(number):", "def twice(number):", "other.py"), id="another file"),
        pytest.param(
            _exchange("            result = price  # as they come", "            result += price"), id="base's line"
        ),
        pytest.param(
            _exchange("            result = price  # as they come", "            result += (price)"),
            id="base's, written otherwise",
        ),
        pytest.param((*_definition(_TOTAL), *_exchange("nowhere", "x")), id="one of two edits applies nowhere"),
        pytest.param(
            (*_definition(_TOTAL), *_exchange("        result = 0", "        result = 1")), id="edits that overlap"
        ),
        pytest.param(_definition("(" * 5_000), id="nested too deeply"),
        pytest.param(_definition(_TOTAL.replace("+ price", "+ price" + " + 0" * 2_000)), id="a tree too deep"),
    ],
)
def test_an_answer_that_is_no_fix_is_not_counted(answer: Sequence[sampling_edits.Edit]) -> None:
    assert _propose(answer) == ()


def test_lines_that_are_at_two_places_are_not_exchanged() -> None:
    twice = sampling_cases.HEAD + "\n\ndef thrice(number):\n    return 2 * number\n"

    assert (
        _propose(_exchange("    return 2 * number", "    return 3 * number"), asked=sampling_cases.asked(twice)) == ()
    )


def test_lines_outside_of_functions_are_exchanged() -> None:
    wrong = sampling_cases.BASE.replace("RATE = 20", "RATE = 2  # percent")

    (found,) = _propose(
        _exchange("RATE = 2  # percent", "RATE = 10 + 10  # percent"),
        asked=sampling_cases.asked(wrong, at=("shop.py", 3)),
    )

    assert (found.replacement.start, found.replacement.text) == (3, "RATE = 10 + 10  # percent\n")


def test_a_line_too_many_in_what_is_new_throughout_is_taken_out_but_not_one_that_was_put_where_others_were() -> None:
    new = "def total(prices):\n    result = sum(prices)\n    result = 0\n    return result\n"
    fixed = _definition("def total(prices):\n    result = sum(prices)\n    return result\n")
    old = "def total(prices):\n    result = sum(prices)\n    return result\n"

    (found,) = _propose(fixed, asked=sampling_cases.asked(f"A = 1\n\n\n{new}", "A = 1\n", at=("shop.py", 6)))
    undone = _propose(fixed, asked=sampling_cases.asked(new, old, at=("shop.py", 3)))

    assert (found.replacement.start, found.replacement.end, found.replacement.text) == (6, 6, "")
    assert undone == ()


def test_endings_of_lines_and_of_the_file_stay_as_they_are() -> None:
    head = "def f(a):\r\n    b = a\r\n    return b"
    fixed = _definition("def f(a):\n    b = a\n    b = b + 1\n    return b\n")
    longer = _definition("def f(a):\n    b = a\n    return b\n    # never\n    print(b)\n")
    asked = sampling_cases.asked(head, "def f(a):\r\n    return a\r\n", at=("shop.py", 2))

    (one,) = _propose(fixed, asked=asked)
    (other,) = _propose(longer, asked=asked)

    assert text.replaced(one.text, one.replacement) == "def f(a):\r\n    b = a\r\n    b = b + 1\r\n    return b"
    assert text.replaced(other.text, other.replacement) == f"{head}\r\n    # never\r\n    print(b)"


def test_decorators_and_texts_of_several_lines_stay() -> None:
    head = 'class A:\n    @staticmethod\n    def f(a):\n        """Say."""\n        return """\nx\n  y""" * a\n'
    fixed = _definition('def f(a):\n    return """\nx\n  y""" * (a + 1)\n')

    indented = _definition(head.split("\n", 1)[1].replace("* a", "* (a + 1)"))

    (found,) = _propose(fixed, indented, asked=sampling_cases.asked(head, "A = 1\n", at=("shop.py", 5)))

    assert (found.replacement.start, found.replacement.text) == (7, '  y""" * (a + 1)\n')
    assert found.agreement == 2


def test_what_was_masked_stays_and_nothing_is_written_around_it() -> None:
    head = 'def f(a):\n    password = "hunter2-hunter2"\n    return a, password\n'
    shown = head.replace('"hunter2-hunter2"', "'***'")
    asked = sampling_cases.asked(head, "def f(a):\n    pass\n", at=("shop.py", 3))
    (part,) = sampling_parts.choose(asked)

    (found,) = _propose(_definition(shown.replace("return a,", "return a + 1,")), asked=asked)
    moved = _propose(_definition(shown.replace("password = ", "password = b = ")), asked=asked)

    assert "hunter2" not in "".join(part.lines)
    assert 'password = "hunter2-hunter2"' in text.replaced(found.text, found.replacement)
    assert moved == ()


def test_files_of_tests_and_files_that_head_has_otherwise_have_no_parts() -> None:
    asked = sampling_cases.asked(
        {"tests/test_shop.py": sampling_cases.TESTS + "\n\nX = 1\n", "shop.py": sampling_cases.BASE},
        {"tests/test_shop.py": sampling_cases.TESTS, "shop.py": sampling_cases.BASE},
        at=("tests/test_shop.py", 5),
    )
    unparsable = sampling_cases.asked(sampling_cases.HEAD + "\n\ndef f(:\n", at=None)

    assert sampling_parts.choose(asked) == ()
    assert sampling_parts.choose(unparsable) == ()


def test_parts_are_few_and_short_however_much_is_changed() -> None:
    many = "".join(f"def f{number}(a):\n    return {'a + ' * 300}{number}\n\n\n" for number in range(20))

    parts = sampling_parts.choose(sampling_cases.asked(many, "A = 1\n", at=None))

    assert 0 < len(parts) <= sampling_parts.MOST
    assert sum(len(line) + 1 for part in parts for line in part.lines) <= sampling_parts.LONGEST
