import textwrap

import pytest

from gatekeeper.halting import purity, source


def _loops(text: str) -> list[purity.Loop]:
    module = source.read("m.py", textwrap.dedent(text).encode())
    assert module is not None
    (function,) = module.functions["f"]
    return list(purity.loops(function, module))


def _body(*lines: str) -> str:
    inside = "\n".join(f"        {line}" for line in lines)
    return f"def f(n, items):\n    while n > 0:\n{inside}\n"


def test_a_loop_over_values_names_what_decides_and_where_nothing_is_half_done() -> None:
    (loop,) = _loops(
        """
        def f(n, step):
            count = 0
            while n > 0:
                if n % 2:
                    n -= step
                count += 1
            return count
        """
    )

    assert (loop.first, loop.last, sorted(loop.lines)) == (4, 7, [4, 5, 6, 7])
    assert loop.names == {"n", "step"}
    assert loop.added_to == {"count"}


@pytest.mark.parametrize(
    "line",
    [
        "n = g(n)",
        "n = items.shuffle()",
        "n -= items.count",
        "print(n)",
        "n = input()",
        "n = hash(n)",
        "n = id(n)",
        "yield n",
        "import m",
        "global k",
        "f = lambda: n",
        "n = n if n is items else 0",
        "items.sort(key=n)",
        "n = max(items, **n)",
        "items = (x for x in items)",
        "with items: n -= 1",
        "raise items",
        "async_ = [await n]",
        "n = isinstance(n, Number)",
    ],
)
def test_a_loop_that_may_depend_on_more_than_its_values_is_none(line: str) -> None:
    assert _loops(_body(line)) == []


@pytest.mark.parametrize(
    "line",
    [
        "n = len(items)",
        "n = items[0] if n is None else abs(n)",
        "items = sorted(x + 1 for x in items)",
        "n, items = n - 1, items[1:]",
        "n = f'{n:3}'.strip()",
        "raise ValueError",
    ],
)
def test_a_loop_that_computes_with_built_in_types_is_one(line: str) -> None:
    assert len(_loops(_body(line))) == 1


def test_a_builtin_that_is_something_else_here_is_not_trusted() -> None:
    assert _loops("def len(x): return 1\ndef f(n):\n    while n:\n        n = len(n)\n") == []
    assert _loops("def f(n, len):\n    while n:\n        n = len(n)\n") == []
    assert _loops("from m import len\ndef f(n):\n    while n:\n        n = len(n)\n") == []


def test_math_is_trusted_under_its_own_name_alone() -> None:
    assert len(_loops("import math\ndef f(n):\n    while n:\n        n = math.floor(n)\n")) == 1
    assert _loops("import mine as math\ndef f(n):\n    while n:\n        n = math.floor(n)\n") == []


def test_what_is_read_is_not_only_added_to() -> None:
    (loop,) = _loops(_body("items.append(n)", "n = len(items)"))
    assert loop.added_to == frozenset()


def test_what_is_added_to_something_else_decides_nothing_only_if_it_is_not_read_there() -> None:
    (loop,) = _loops("def f(n):\n    a = b = 0\n    while n:\n        a += 1\n        b += a\n")
    assert loop.added_to == {"b"}


def test_lines_within_a_for_loop_or_a_handler_hide_how_far_it_has_come() -> None:
    (loop,) = _loops(
        """
        def f(n):
            while n:
                for x in n:
                    n = x
                try:
                    n = n[0]
                except IndexError:
                    n = 1
                n = [y for y in n]
                n = (
                    n)
        """
    )
    assert sorted(loop.lines) == [3, 7]


def test_sets_count_where_nothing_shows_their_order() -> None:
    (quiet,) = _loops(_body("if n in items: n -= 1"))
    (ordered,) = _loops(_body("n = list(items)[0]"))
    assert (quiet.sets, ordered.sets) == (True, False)


def test_a_generator_or_a_coroutine_may_be_left_by_whoever_runs_it() -> None:
    assert _loops("def f(n):\n    while n:\n        n = n\n    yield n\n") == []
    assert _loops("async def f(n):\n    while n:\n        n = n\n    await n\n") == []
