"""Random loops and recursions: what the text soundly says of them is held against running them."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from gatekeeper.halting import calls, loops, ranking
from tests import line_limit
from tests.fakes import memory_tree

_LINES = 4_000
_NAMES = ("n", "m", "i")
_CONDITIONS = (
    "{a} > 0",
    "{a} >= 1",
    "{a} < {b}",
    "{a} <= {b}",
    "{a} != 0",
    "{a}",
    "0 < {a}",
    "{a} > {b} and {b} > 0",
    "{a} + 2 > {b}",
    "xs",
    "len(xs) > 1",
    "{a} < len(xs)",
    "True",
)
_STEPS = (
    "{a} -= 1",
    "{a} += 1",
    "{a} = {a} - 2",
    "{a} = 3 + {a}",
    "{a} //= 2",
    "{a} >>= 1",
    "{a} &= {a} - 1",
    "{a} = {a} % 3",
    "{a}, {b} = {b}, {a} % {b}",
    "{a} = {b}",
    "{a} = ({a} + {b}) // 2",
    "xs.pop()",
    "xs.append({a})",
    "xs = xs[1:]",
    "xs = xs[:-1]",
    "del xs[0]",
    "xs.remove(1)",
    "ys = xs",
    "ys.append(xs.pop())",
    "{a} = len(xs)",
)


def _block(chance: random.Random, depth: int, margin: str) -> list[str]:
    lines: list[str] = []
    for _ in range(chance.randint(1, 3)):
        kind = chance.random()
        one, other = chance.sample(_NAMES, 2)
        if kind < 0.7 or depth == 2:
            lines.append(margin + chance.choice(_STEPS).format(a=one, b=other))
        elif kind < 0.9:
            lines += [f"{margin}if {chance.choice(_CONDITIONS).format(a=one, b=other)}:"]
            lines += _block(chance, depth + 1, margin + "    ")
            if chance.random() < 0.3:
                lines.append(f"{margin}    {chance.choice(('break', 'continue', 'return n'))}")
            if chance.random() < 0.5:
                lines += [f"{margin}else:", *_block(chance, depth + 1, margin + "    ")]
        elif kind < 0.95:
            lines += [f"{margin}try:", *_block(chance, depth + 1, margin + "    ")]
            lines += [f"{margin}except (ValueError, IndexError, ZeroDivisionError):", f"{margin}    pass"]
        else:
            lines += [f"{margin}for i in range(2):", *_block(chance, depth + 1, margin + "    ")]
    return lines


def _loop(chance: random.Random) -> str:
    one, other = chance.sample(_NAMES, 2)
    head = ["def f(n: int, m: int, xs: list[int]):", "    i = 0", "    ys: list[int] = []"]
    condition = chance.choice(_CONDITIONS).format(a=one, b=other)
    return "\n".join([*head, f"    while {condition}:", *_block(chance, 0, "        "), "    return n", ""])


def _recursion(chance: random.Random) -> str:
    guard = chance.choice(("n <= 0", "n < 2", "n == 0", "not xs", "len(xs) <= 1", "n > m", "n <= m"))
    number = chance.choice(("n - 1", "n", "n // 2", "n + 1", "m", "n - m", "n >> 1"))
    items = chance.choice(("xs[1:]", "xs", "xs[:-1]", "[n]", "xs[1:-1]", "xs[0:]"))
    before = chance.choice(("pass", "n += 1", "xs.append(n)", "m = n", "xs = xs + [1]"))
    again = f"f({number}, {chance.choice(('m', 'n', 'm - 1'))}, {items})"
    first = chance.choice((f"if {guard}:\n        return 0", f"if n > 3 and {guard}:\n        return 0"))
    head = "def f(n: int, m: int, xs: list[int]):\n"
    return f"{head}    {before}\n    {first}\n    return {chance.choice(('1 + ', 'n and ', ''))}{again}\n"


def _ends(text: str) -> bool:
    names: dict[str, Any] = {}
    exec(compile(text, "m.py", "exec"), names)
    for n, m, xs in ((0, 1, []), (7, 3, [1, 2, 3]), (-4, 2, [1]), (3, 9, [5, 1, 1]), (12, -2, [0])):
        try:
            with line_limit.at_most(_LINES):
                names["f"](n, m, list(xs))
        except (line_limit.TooLongError, RecursionError):
            return False
        except (ValueError, IndexError, ZeroDivisionError):
            pass
    return True


def _told(text: str) -> ranking.Told:
    known = calls.Calls(memory_tree.MemoryTree({"m.py": text}))
    module = known.module("m.py")
    assert module is not None
    suspect = loops.named(module, "f", known)
    assert suspect is not None
    return ranking.tell(suspect, known)


@pytest.mark.parametrize("make", [_loop, _recursion], ids=["loops", "recursions"])
def test_whatever_is_soundly_said_to_end_ends(make: Callable[[random.Random], str]) -> None:
    settled = 0
    for seed in range(600):
        text = make(random.Random(seed))
        if _told(text).settled:
            settled += 1
            assert _ends(text), text
    assert settled > 8
