"""What the text of loops and recursions tells of their end."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.halting import calls, loops, ranking, risk, spots
from tests.fakes import memory_tree

Course = risk.Course


def _told(text: str, name: str = "f") -> tuple[risk.Ranking, ...]:
    known = calls.Calls(memory_tree.MemoryTree({"m.py": text}))
    module = known.module("m.py")
    assert module is not None
    return ranking.of(module.functions[name][-1], module)


def _only(text: str, name: str = "f") -> tuple[Course, bool] | None:
    told = _told(text, name)
    assert len(told) <= 1
    return (told[0].course, told[0].sound) if told else None


SOUND = (Course.MOVES, True)
SUGGESTED = (Course.MOVES, False)


@pytest.mark.parametrize(
    "text",
    [
        "def f(n: int):\n    while n > 0:\n        n -= 1\n",
        "def f(n: int):\n    while n > 0:\n        n //= 10\n",
        "def f(n: int):\n    while n >= 1:\n        n >>= 1\n",
        "def f(n: int):\n    while n > 0:\n        n &= n - 1\n",
        (
            "def f(n: int):\n    i = 0\n    while i < n:\n        if i % 3:\n            i += 2\n"
            "            continue\n        i = i + 1\n"
        ),
        "def f(n: int, wanted: int):\n    while True:\n        if n <= wanted:\n            return n\n        n -= 2\n",
        "def f(a: int, b: int):\n    while b:\n        a, b = b, a % b\n    return a\n",
        "def f(a: int, b: int):\n    while b != 0:\n        t = b\n        b = a % b\n        a = t\n    return a\n",
        (
            "def f(xs: list[int]):\n    i = 0\n    while i < len(xs):\n        if xs[i] == 3:\n"
            "            break\n        i += 1\n"
        ),
        "def f(xs: list[int]):\n    found = []\n    while xs:\n        found.append(xs.pop())\n    return found\n",
        "def f(text: str):\n    while text:\n        text = text[1:]\n",
        (
            "def f(xs: list[int], x: int):\n    low, high = 0, len(xs)\n    while low < high:\n"
            "        mid = (low + high) // 2\n        if xs[mid] < x:\n            low = mid + 1\n        else:\n"
            "            high = mid\n    return low\n"
        ),
        (
            "def f(xs: list[int], x: int):\n    low, high = 0, len(xs) - 1\n    while low <= high:\n"
            "        mid = low + (high - low) // 2\n        if xs[mid] == x:\n            return mid\n"
            "        if xs[mid] < x:\n            low = mid + 1\n        else:\n            high = mid - 1\n"
            "    return -1\n"
        ),
        (
            "def f(xs: list[int]):\n    i, j = 0, len(xs) - 1\n    while i < j:\n        if xs[i] < xs[j]:\n"
            "            i += 1\n"
            "        else:\n            j -= 1\n"
        ),
        "def f(xs: list[int]):\n    i = 0\n    while i < len(xs) and xs[i] != 0:\n        i += 1\n",
        "def f(n: int):\n    if n <= 0:\n        return 0\n    return n + f(n - 1)\n",
        "def f(n: int):\n    return 1 if n < 2 else f(n - 1) + f(n - 2)\n",
        "def f(xs: list[int]):\n    if not xs:\n        return 0\n    return xs[0] + f(xs[1:])\n",
        (
            "def f(text: str):\n    if len(text) <= 1:\n        return True\n"
            "    return text[0] == text[-1] and f(text[1:-1])\n"
        ),
    ],
)
def test_what_comes_closer_to_its_end_on_every_path_ends(text: str) -> None:
    assert _only(text) == SOUND


@pytest.mark.parametrize(
    "text",
    [
        # nothing tells that these are whole
        "def f(n):\n    while n > 0:\n        n -= 1\n",
        "def f(n: float):\n    while n > 0:\n        n -= 1\n",
        "def f(n: int = None):\n    while n > 0:\n        n -= 1\n",
        "def f(xs, n):\n    i = 0\n    while i < n:\n        i += 1\n",
        # nor who else has the list
        "def f(xs: list[int], ys: list[int]):\n    while xs:\n        ys.append(xs.pop())\n",
        "def f(xs: list[int]):\n    ys = xs\n    while xs:\n        ys.append(xs.pop())\n",
        "def f(xs: list[int], g):\n    i = 0\n    while i < len(xs):\n        g()\n        i += 1\n",
        "def f(n):\n    return 0 if n <= 0 else f(n - 1)\n",
    ],
)
def test_what_may_be_no_whole_number_or_changed_by_others_only_suggests_an_end(text: str) -> None:
    assert _only(text) == SUGGESTED


@pytest.mark.parametrize(
    "text",
    [
        # a path on which nothing moves, or the wrong way
        "def f(n: int):\n    while n > 0:\n        if n % 2:\n            n -= 1\n",
        "def f(n: int):\n    while n > 0:\n        if n % 2:\n            continue\n        n -= 1\n",
        "def f(n: int):\n    while n > 0:\n        n -= 1\n        n += 1\n",
        "def f(n: int, step: int):\n    while n > 0:\n        n -= step\n",
        "def f(n: int):\n    while n != 0:\n        n -= 2\n",
        "def f(n: int):\n    while n >= 0:\n        n //= 2\n",
        "def f(n: int):\n    while n:\n        n &= n - 1\n",
        (
            "def f(n: int):\n    while n > 0:\n        try:\n            n -= g()\n            n -= 1\n"
            "        except ValueError:\n            pass\n"
        ),
        "def f(n: int):\n    while n > 0 or g():\n        n -= 1\n",
        "def f(n: int):\n    while n + 5 > 0:\n        n //= 2\n",
        (
            "def f(xs: list[int]):\n    i = 0\n    while i < len(xs):\n        xs.append(1)\n"
            "        for x in xs:\n            i += 1\n"
        ),
        "def f(xs: list[int]):\n    while xs:\n        x = xs.pop()\n        if x:\n            xs.append(x - 1)\n",
        "def f(n: int):\n    while n > 0:\n        for _ in range(n):\n            n -= 1\n",
        "def f(n: int):\n    m = n\n    while n > 0:\n        m -= 1\n        n = m\n",
        "def f(d: dict[int, int]):\n    while d:\n        d.pop(1, None)\n",
        "def f(n: int):\n    while n > 0:\n        a = g() and (n := n - 1)\n",
        "def f(n: int, m: int):\n    if n <= 0:\n        return m\n    return f(n - m, m)\n",
        "def f(n: int):\n    if n <= 0:\n        return 0\n    return f(n // 2) + f(n + 1)\n",
        "def f(n: int):\n    n += 2\n    if n < 0:\n        return 0\n    return f(n // 2)\n",
    ],
)
def test_nothing_is_told_where_a_path_stands_still_or_goes_back(text: str) -> None:
    assert not any(one.ends for one in _told(text))


@pytest.mark.parametrize(
    ("text", "course", "sound"),
    [
        ("def f(n: int):\n    i = 0\n    while n > 0:\n        i += 1\n", Course.UNCHANGED, True),
        ("def f(n: int):\n    while n > 3:\n        g()\n", Course.UNCHANGED, False),
        ("def f():\n    x = 0\n    while True:\n        x = x + 1\n", Course.NO_WAY_OUT, True),
        ("def f(serve):\n    while True:\n        serve()\n", Course.NO_WAY_OUT, False),
        ("def f():\n    while True:\n        for x in (1, 2):\n            break\n", Course.NO_WAY_OUT, False),
        (
            (
                "def f(xs, x):\n    lo, hi = 0, len(xs)\n    while lo < hi:\n        mid = (lo + hi) // 2\n"
                "        if xs[mid] < x:\n            lo = mid\n        else:\n            hi = mid\n"
            ),
            Course.STANDS,
            False,
        ),
        (
            (
                "def f(xs, x):\n    lo, hi = 0, len(xs)\n    while lo <= hi:\n        mid = (lo + hi) // 2\n"
                "        if xs[mid] < x:\n            lo = mid + 1\n        else:\n            hi = mid\n"
            ),
            Course.STANDS,
            False,
        ),
        ("def f(n):\n    return f(n)\n", Course.NO_BASE, True),
        ("def f(n):\n    if n:\n        return f(n)\n    f(n)\n", Course.NO_BASE, True),
        ("def f(n):\n    print(n)\n    return 1 + f(n - 1)\n", Course.NO_BASE, False),
        ("def f(a, b):\n    if b == 0:\n        return a\n    return f(a % b, b)\n", Course.SAME, False),
        ("def f(n: int):\n    if n == 0:\n        return 1\n    return n * f(n - 1)\n", Course.OVERSTEPS, False),
    ],
)
def test_what_speaks_against_an_end_is_told_with_its_kind(text: str, course: Course, sound: bool) -> None:  # noqa: FBT001
    assert _only(text) == (course, sound)


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    while True:\n        yield 1\n",
        "async def f(x):\n    while True:\n        await x\n",
        "def f(xs):\n    while True:\n        if xs.pop():\n            return\n",
        "def f(job):\n    while job.running:\n        pass\n",
        "def f(xs):\n    while xs:\n        g(xs)\n",
        "def f():\n    global go\n    while go:\n        g()\n",
        "def f(flag):\n    while flag:\n        flag = g()\n",
        "def f(n):\n    if n:\n        return 0\n    return f(g())\n",
        "def f(n):\n    return n and f(n)\n",
        "def f(n):\n    return [f(m) for m in n]\n",
        "def f(n):\n    try:\n        return f(n.next)\n    except AttributeError:\n        return n\n",
        "def f(xs, n):\n    if n > len(xs):\n        return 0\n    xs.pop()\n    return f(xs, n)\n",
        "def f(n):\n    yield n\n    yield from f(n)\n",
        "def f(n):\n    return lambda: f(n)\n",
    ],
)
def test_nothing_is_said_against_what_may_be_left(text: str) -> None:
    assert not [one for one in _told(text) if not one.ends]


def test_a_global_that_says_whether_to_go_on_may_be_changed_by_what_is_called() -> None:
    assert _only("go = True\ndef f():\n    while go:\n        g()\n") is None


def test_only_where_every_place_soundly_ends_the_function_is_settled() -> None:
    text = "def f(n: int, m: int):\n    while n > 0:\n        n -= 1\n    while m > 0:\n        m -= n\n"
    told = _told(text)
    first, second = (spots.Spot(cause=spots.Cause.WHILE, line=line) for line in (2, 4))
    assert ranking.settles(told, [first])
    assert not ranking.settles(told, [first, second])
    assert not ranking.settles(told, [])


def test_a_method_that_calls_itself_on_self_is_looked_at() -> None:
    text = (
        "class C:\n    def f(self, n: int):\n        if n <= 0:\n            return 0\n        return self.f(n - 1)\n"
    )
    assert _only(text, "C.f") == SOUND


def test_a_very_long_function_is_not_looked_at() -> None:
    assert _told("def f(n: int):\n    while n > 0:\n        n -= 1\n" + "    x = 1\n" * 10_000) == ()


_FOLDER = Path(__file__).resolve().parent.parent / "assets/halting"
_LABELS = tomllib.loads((_FOLDER / "labels.toml").read_text())["function"]


@pytest.mark.parametrize("label", _LABELS, ids=lambda label: label["name"])
def test_nothing_is_soundly_told_of_a_labelled_function_that_its_label_denies(label: dict[str, Any]) -> None:
    known = calls.Calls(memory_tree.MemoryTree({label["file"]: (_FOLDER / label["file"]).read_text()}))
    module = known.module(label["file"])
    assert module is not None
    suspect = loops.named(module, label["name"], known)
    assert suspect is not None
    told = ranking.tell(suspect, known)
    assert label["halts"] or not told.settled
    assert not (label["halts"] and told.against is not None and told.against.sound)
