"""The programs that the small model is trained on."""

import ast
import itertools
from types import ModuleType

import pytest

from tests import small_programs


@pytest.fixture(scope="module")
def programs() -> ModuleType:
    return small_programs.load("programs")


def first(programs: ModuleType, count: int, seed: str = "a", shape: str = "PLAIN") -> list[str]:
    made = programs.generate(seed, getattr(programs, shape))
    return [one.source for one in itertools.islice(made, count)]


def test_the_same_seed_makes_the_same_programs(programs: ModuleType) -> None:
    assert first(programs, 50) == first(programs, 50)
    assert first(programs, 50) != first(programs, 50, seed="b")


def test_every_program_is_closed_and_ends(programs: ModuleType) -> None:
    for source in (*first(programs, 300), *first(programs, 100, shape="LONGER")):
        namespace: dict[str, object] = {}
        exec(source, namespace)
        main = namespace["main"]
        assert callable(main)
        try:
            main()
        except (AssertionError, ValueError, KeyError, IndexError, ZeroDivisionError):
            continue


def test_tests_pass_and_fail(programs: ModuleType) -> None:
    ended = []
    for source in first(programs, 400):
        namespace: dict[str, object] = {}
        exec(source, namespace)
        try:
            eval("main()", namespace)
        except (AssertionError, ValueError, KeyError, IndexError, ZeroDivisionError) as error:
            ended.append(type(error).__name__)
        else:
            ended.append("passed")
    assert 0.5 < ended.count("passed") / len(ended) < 0.9
    assert {"AssertionError", "ValueError", "KeyError"} < set(ended)


def test_programs_have_the_shape_that_is_asked_for(programs: ModuleType) -> None:
    lines = [source.count("\n") for source in first(programs, 300)]
    longer = [source.count("\n") for source in first(programs, 300, shape="LONGER")]
    assert sum(longer) > 1.3 * sum(lines)
    assert all(isinstance(ast.parse(source).body[-1], ast.FunctionDef) for source in first(programs, 50))


def test_names_and_layout_do_not_make_a_program_new(programs: ModuleType) -> None:
    one = "# a.py\ndef f(x):\n    return x + 1\n\ndef main():  # << START_OF_TRACE\n    f(2)\n"
    same = "def add(n):\n    return n + 1\n\n\n\ndef main():\n    add(2)\n"
    other = same.replace("n + 1", "n + 2")
    assert programs.normalised(one) == programs.normalised(same)
    assert programs.normalised(one) != programs.normalised(other)
