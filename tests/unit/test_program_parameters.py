"""Ids are compared with those of pytest itself."""

import ast
import warnings
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet
from _pytest.python import IdMaker
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.simulation.program import program
from tests import program_cases

_HEAD = "import pytest\n\n\n"


def _module(decorators: str, arguments: str = "value", body: str = "pass", before: str = "") -> dict[str, str]:
    return {"test_it.py": f"{_HEAD}{before}{decorators}\ndef test_it({arguments}):\n    {body}\n"}


def _ids(decorators: str, arguments: str = "value", before: str = "") -> list[str]:
    files = _module(decorators, arguments, before=before)
    found = program_cases.close(files, files, "test_it.py::test_it")
    assert all(isinstance(item, program.Closed) for item in found), found
    return [item.test.removeprefix("test_it.py::test_it") for item in found]


_LITERALS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=120)
    | st.binary(max_size=12),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@settings(deadline=None)
@given(st.lists(_LITERALS, min_size=1, max_size=6))
def test_ids_of_literals_are_those_that_pytest_makes(found: list[Any]) -> None:
    sets = [ParameterSet.param(value) for value in found]
    expected = IdMaker(["value"], sets, None, None, None, nodeid=None).make_unique_parameterset_ids()
    source = f"@pytest.mark.parametrize('value', {found!r})"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(f"{source}\ndef f(): pass")

    assert _ids(source) == [f"[{name}]" for name in expected]


@settings(deadline=None)
@given(st.lists(_LITERALS, min_size=1, max_size=4), st.sampled_from([str, repr]))
def test_ids_that_str_and_repr_make_are_those_that_pytest_makes(found: list[Any], function: Any) -> None:
    sets = [ParameterSet.param(value) for value in found]
    expected = IdMaker(["value"], sets, function, None, None, nodeid=None).make_unique_parameterset_ids()

    assert _ids(f"@pytest.mark.parametrize('value', {found!r}, ids={function.__name__})") == [
        f"[{name}]" for name in expected
    ]


@pytest.mark.parametrize(
    ("values", "before", "ids"),
    [
        ("[1, 2, 1]", "", ["[1_0]", "[2]", "[1_1]"]),
        ("['a', 'a', 'a0']", "", ["[a1]", "[a2]", "[a0]"]),
        ("[pytest.param(1, id='one'), 2]", "", ["[one]", "[2]"]),
        ("[ValueError, len, lambda: 1]", "", ["[ValueError]", "[len]", "[<lambda>]"]),
        ("range(2)", "", ["[0]", "[1]"]),
        ("VALUES", "VALUES = [1.5, -2, 'x' * 3]\n\n\n", ["[1.5]", "[-2]", "[xxx]"]),
        ("[*VALUES, 3] + [4]", "VALUES = (1,)\n\n\n", ["[1]", "[3]", "[4]"]),
        ("[LIMIT + 1, str(LIMIT)]", "LIMIT = 7\n\n\n", ["[8]", "[7]"]),
        ("[date(2020, 1, 2), NOW]", "from datetime import date\n\nNOW = date.today()\n\n\n", ["[value0]", "[value1]"]),
        ("{'a': 1, 'b': 2}", "", ["[a]", "[b]"]),
        ("[Colour.RED]", "import enum\n\n\nclass Colour(enum.Enum):\n    RED = 1\n\n\n", ["[Colour.RED]"]),
        ("[Own(1), Own]", "class Own:\n    def __init__(self, kept):\n        pass\n\n\n", ["[value0]", "[Own]"]),
        ("[None, True]", "", ["[None]", "[True]"]),
    ],
)
def test_ids_of_other_values_are_found_without_running_them(values: str, before: str, ids: list[str]) -> None:
    assert _ids(f"@pytest.mark.parametrize('value', {values})", before=before) == ids


def test_stacked_parametrisations_multiply_the_nearest_first_and_fixtures_before_all() -> None:
    files = {
        "test_it.py": _HEAD + "@pytest.fixture(params=['f', 'g'])\n"
        "def made(request):\n    return request.param\n\n\n"
        "@pytest.mark.parametrize('far', [1, 2])\n"
        "@pytest.mark.parametrize(('a', 'b'), [(3, 4)])\n"
        "def test_it(far, a, b, made):\n    assert (far, a, b, made)\n"
    }

    found = program_cases.close(files, files, "test_it.py::test_it")

    names = [item.test.partition("[")[2] for item in found]
    assert names == ["f-3-4-1]", "f-3-4-2]", "g-3-4-1]", "g-3-4-2]"]
    assert isinstance(found[0], program.Closed)
    assert found[0].after.pieces[-1].text == (
        "import types\n"
        "def main():  # << START_OF_TRACE\n"
        "    fixture_made = made(request=types.SimpleNamespace(param='f'))\n"
        "    test_it(far=1, a=3, b=4, made=fixture_made)\n"
    )


def test_marks_of_classes_and_modules_count() -> None:
    files = {
        "test_it.py": _HEAD + "pytestmark = [pytest.mark.parametrize('wide', ['w'])]\n\n\n"
        "@pytest.mark.parametrize('middle', ['m'])\n"
        "class TestIt:\n"
        "    @pytest.mark.parametrize('near', ['n'])\n"
        "    def test_it(self, near, middle, wide):\n        pass\n"
    }

    assert program_cases.closed(files, "test_it.py::TestIt::test_it").test == "test_it.py::TestIt::test_it[n-m-w]"


def test_indirect_parameters_are_given_to_their_fixture() -> None:
    files = {
        "test_it.py": _HEAD + "@pytest.fixture\ndef doubled(request):\n    return request.param * 2\n\n\n"
        "@pytest.mark.parametrize('doubled', [4], indirect=True)\n"
        "def test_it(doubled):\n    assert doubled == 8\n"
    }

    shown = program_cases.text(files, "test_it.py::test_it")

    assert "fixture_doubled = doubled(request=types.SimpleNamespace(param=4))" in shown
    assert program_cases.outcome(shown) == "pass"


def test_names_in_values_are_reached_where_the_values_stand() -> None:
    files = {
        "cases.py": "def limit():\n    return 5\n\n\n"
        "CASES = [\n    limit(),\n    (\n        limit()\n        + 1\n    ),\n]\n",
        "test_it.py": "import pytest\nfrom cases import CASES\n\n\n"
        "@pytest.mark.parametrize('value', CASES, ids=['a', 'b'])\ndef test_it(value):\n    assert value in {5, 6}\n",
    }

    found = program_cases.close(files, files, "test_it.py::test_it")

    assert [item.test for item in found] == ["test_it.py::test_it[a]", "test_it.py::test_it[b]"]
    for item in found:
        assert isinstance(item, program.Closed)
        assert program_cases.outcome(item.after.text) == "pass"


@pytest.mark.parametrize(
    ("decorators", "why"),
    [
        ("@pytest.mark.parametrize('value', load())", "its parameters are computed when its module is imported"),
        (
            "@pytest.mark.parametrize('value', [load()])",
            "the id of parameter `load()` is known only when its module is imported",
        ),
        (
            "@pytest.mark.parametrize('value', [1], ids=lambda value: 'x')",
            "the ids of its parameters are made when its module is imported",
        ),
        ("@pytest.mark.parametrize('value', [])", "skipped: its list of parameters is empty"),
        ("@pytest.mark.skip", "skipped"),
        ("@pytest.mark.skip(reason='x')", "skipped"),
        ("@pytest.mark.skipif(load(), reason='x')", "skipped under a condition that is known only when it runs"),
        ("@pytest.mark.xfail", "expected to fail"),
        ("@given(load())", "what it is given is drawn when it runs"),
    ],
)
def test_what_cannot_be_unrolled_is_not_closed(decorators: str, why: str) -> None:
    assert program_cases.why(_module(decorators), "test_it.py::test_it") == why


def test_too_many_combinations_are_not_closed() -> None:
    decorators = "\n".join(f"@pytest.mark.parametrize('{name}', range(30))" for name in "abc")

    why = program_cases.why(_module(decorators, "a, b, c"), "test_it.py::test_it")

    assert why == "it has more than 500 combinations of parameters"


def test_one_skipped_parameter_leaves_the_others() -> None:
    files = _module("@pytest.mark.parametrize('value', [pytest.param(1, marks=pytest.mark.skip), 2])")

    skipped, kept = program_cases.close(files, files, "test_it.py::test_it")

    assert skipped == program.NotClosed(test="test_it.py::test_it[1]", why="skipped")
    assert isinstance(kept, program.Closed)
