import textwrap
from collections.abc import Mapping

import pytest

from gatekeeper.diffs import diff
from gatekeeper.halting import loops
from gatekeeper.halting.spots import Cause
from tests.fakes.memory_tree import MemoryTree

_IMPORTS = "import itertools, re, subprocess, threading\nfrom itertools import count\n"


def found(after: Mapping[str, str], before: Mapping[str, str] | None = None) -> list[loops.Suspect]:
    """Return the suspects of the change from one set of files to another; a.py is the changed one."""
    base, head = ({path: textwrap.dedent(text) for path, text in files.items()} for files in (before or {}, after))
    files = [
        diff.FileChange(
            kind=diff.Kind.MODIFIED if path in base else diff.Kind.ADDED,
            before=path if path in base else None,
            after=path,
            binary=False,
            hunks=(),
        )
        for path in head
        if base.get(path) != head[path]
    ]
    return list(loops.find(diff.Diff(files=tuple(files), text=""), MemoryTree(base), MemoryTree(head)))


def causes(text: str) -> dict[str, list[Cause]]:
    return {one.name: [spot.cause for spot in one.spots] for one in found({"a.py": _IMPORTS + textwrap.dedent(text)})}


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("while x: x = g(x)", Cause.WHILE),
        ("for n in itertools.count(): g(n)", Cause.FOR),
        ("for n in count(): g(n)", Cause.FOR),
        ("for n in iter(x.read, b''): g(n)", Cause.FOR),
        ("for n, m in enumerate(zip(count(), itertools.cycle(x))): g(n)", Cause.FOR),
        ("numbers = count()\n    for n in numbers: g(n)", Cause.FOR),
        ("return next(n for n in itertools.cycle(x) if g(n))", Cause.FOR),
        ("return sum(itertools.repeat(1))", Cause.FOR),
        ("for n in x: x.append(n)", Cause.FOR),
        ("for n in x.items: x.items.insert(0, n)", Cause.FOR),
        ("for n in x: x += [n]", Cause.FOR),
        ("return f(x - 1)", Cause.RECURSION),
        ("def inner(): return inner()\n    return inner()", Cause.RECURSION),
        ("return re.match(r'(a+)+$', x)", Cause.REGEX),
        ("return re.match(x, 'a')", Cause.REGEX),
        ("threading.Event().wait()", Cause.WAIT),
        ("x.join()", Cause.WAIT),
        ("x.get()", Cause.WAIT),
        ("subprocess.run(['a'])", Cause.WAIT),
        ("input()", Cause.WAIT),
    ],
)
def test_what_can_loop_is_found(body: str, cause: Cause) -> None:
    assert causes(f"def f(x):\n    {body}\n")["f"][0] is cause


@pytest.mark.parametrize(
    "body",
    [
        "for n in range(x): g(n)",
        "for n in x: x[n] = 1",
        "for n in list(x): x.append(n)",
        "for n, m in zip(count(), x): g(n)",
        "for n in itertools.repeat(1, 3): g(n)",
        "for n in itertools.islice(count(), 3): g(n)",
        "return [n for n in x]",
        "for n in x: yield n",
        "yield from x",
        "return re.sub(r'[*+()]{2}\\+', '', x)",
        "return re.split(r'\\s+', x)",
        "x.join(timeout=3)",
        "return ', '.join(x)",
        "return x.get('a')",
        "subprocess.run(['a'], timeout=3)",
        "return g.f(x)",
    ],
)
def test_what_evidently_ends_is_not(body: str) -> None:
    assert causes(f"def f(x):\n    {body}\n") == {}


def test_a_generator_without_an_end_is_one_and_so_is_who_goes_over_it() -> None:
    text = """
        def numbers():
            n = 0
            while True:
                yield n
        def total():
            for n in numbers():
                print(n)
        def again():
            yield from numbers()
    """

    assert causes(text) == {
        "numbers": [Cause.WHILE, Cause.GENERATOR],
        "total": [Cause.FOR],
        "again": [Cause.GENERATOR],
    }


def test_a_compiled_pattern_counts_where_it_is_matched() -> None:
    text = """
        BAD = re.compile(r"(a|b)*c")
        GOOD = re.compile(r"[ab]*c")
        def bad(x): return BAD.match(x)
        def good(x): return GOOD.match(x)
        def given(x): return re.match(BAD, x)
    """

    assert set(causes(text)) == {"bad", "given"}


def test_methods_call_themselves_by_name() -> None:
    text = """
        import json
        class Node:
            def depth(self): return 1 + max(child.depth() for child in self.children)
            def close(self): super().close()
            def dumps(self): return json.dumps(self)
            @property
            def size(self): return self.size + 1
            @size.setter
            def size(self, size): self._size = size
            def ping(self): return self.pong()
            def pong(self): return self.ping()
    """

    assert causes(text) == {
        "Node.depth": [Cause.RECURSION],
        "Node.size": [Cause.RECURSION],
        "Node.ping": [Cause.MUTUAL],
        "Node.pong": [Cause.MUTUAL],
    }


def test_recursion_is_followed_through_modules_and_packages_that_re_export() -> None:
    files = {
        "p/__init__.py": "from .b import odd",
        "p/a.py": "from p import odd\ndef even(n): return n == 0 or odd(n - 1)\n",
        "p/b.py": "from . import a\ndef odd(n): return n != 0 and a.even(n - 1)\n",
    }

    assert {(one.path, one.name, one.spots[0].cause) for one in found(files)} == {
        ("p/a.py", "even", Cause.MUTUAL),
        ("p/b.py", "odd", Cause.MUTUAL),
    }


def test_only_functions_that_run_otherwise_than_before_are_suspects() -> None:
    before = "def f(x):\n    while x: x -= 1\ndef g(x):\n    while x: x -= 1\n"
    after = 'def f(x):\n    """Count down."""\n    while x: x -= 1  # down\ndef g(x):\n    while x: x -= 2\n'

    (suspect,) = found({"a.py": after}, {"a.py": before})

    assert (suspect.path, suspect.name, suspect.at, suspect.line) == ("a.py", "g", 5, 4)
    assert suspect.before is not None
    assert [line.text for line in suspect.before.function] == ["def g(x):", "    while x: x -= 1"]


def test_a_new_function_has_no_earlier_version() -> None:
    (suspect,) = found({"a.py": "def f(x):\n    while x: x -= 1\n"}, {"a.py": ""})

    assert suspect.before is None


def test_of_several_definitions_of_a_name_the_changed_one_is_the_suspect() -> None:
    text = "if x:\n    def f(n):\n        while n: n -= {}\nelse:\n    def f(n):\n        while n: n -= {}\n"

    (suspect,) = found({"a.py": text.format(1, 2)}, {"a.py": text.format(1, 1)})

    assert suspect.at == 6


def test_the_listing_holds_callees_and_names_of_the_module_and_the_class() -> None:
    text = """\
        STEP = 2
        OTHER = 3
        def down(n): return n - STEP
        def far(n): return n
        class A:
            def go(self, n):
                while n: n = down(n) - STEP
    """

    (suspect,) = found({"a.py": text})

    assert [line.number for line in suspect.after.context] == [1, 3]
    assert [line.number for line in suspect.after.function] == [5, 6, 7]


def test_a_context_that_is_too_long_is_left_out_and_named() -> None:
    text = f"def down(n):\n    return n, {'x' * 20_000!r}\ndef f(n):\n    while n: n = down(n)\n"

    (suspect,) = found({"a.py": text})

    assert (suspect.after.context, suspect.after.left_out) == ((), ("down",))


@pytest.mark.parametrize(
    "text",
    [
        "def f(:",
        "\0",
        "# coding: nothing\n",
        "x = " + "(" * 500 + ")" * 500,
        "def f():\n    while " + "-" * 20_000 + "1: 0",
    ],
)
def test_what_does_not_parse_is_passed_over(text: str) -> None:
    assert found({"a.py": text}) == []


def test_lines_are_counted_as_python_counts_them() -> None:
    (suspect,) = found({"a.py": "x = 1\r\n\x0c\r\ndef f(n):\r    while n: n = 'é\u2028'\n"})

    assert suspect.at == 4
    assert suspect.after.function[-1].text == "    while n: n = 'é\u2028'"


SPIN = "def spin(n):\n    while n:\n        n = g(n)\n\ndef plain(n):\n    return n\n"


def test_a_function_that_a_changed_one_calls_and_did_not_call_before_is_newly_reached() -> None:
    before = {"a.py": "def f(x):\n    return x\n", "b.py": SPIN}
    after = {"a.py": "from b import spin, plain\n\ndef f(x):\n    return plain(spin(x))\n", "b.py": SPIN}
    (one,) = found(after, before)
    assert (one.path, one.name, one.newly_reached, one.before) == ("b.py", "spin", True, None)
    assert one.told("it may not end") == "it may not end; the change newly reaches it"


def test_a_function_that_was_called_before_or_is_changed_itself_is_not_newly_reached() -> None:
    calling = "from b import spin\n\ndef f(x):\n    return spin(x) + {}\n"
    assert found({"a.py": calling.format(2), "b.py": SPIN}, {"a.py": calling.format(1), "b.py": SPIN}) == []
    changed = SPIN.replace("while n:", "while n > 1:")
    (one,) = found({"a.py": calling.format(2), "b.py": changed}, {"a.py": "def f(x):\n    return x\n", "b.py": SPIN})
    assert (one.name, one.newly_reached, one.told("why")) == ("spin", False, "why")


def test_functions_that_are_newly_reached_come_after_the_changed_ones_and_are_bounded() -> None:
    many = "".join(f"def spin{at}(n):\n    while n:\n        n = g(n)\n\n" for at in range(loops.MOST_REACHED + 5))
    calling = "".join(f"    b.spin{at}(x)\n" for at in range(loops.MOST_REACHED + 5))
    after = {"a.py": f"import b\n\ndef f(x):\n    while x:\n        x -= 1\n{calling}", "b.py": many}
    names = found(after, {"a.py": "def f(x):\n    return x\n", "b.py": many})
    assert [one.newly_reached for one in names] == [False, *[True] * loops.MOST_REACHED]
