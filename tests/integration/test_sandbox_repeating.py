"""Loops watched in the real sandbox: a state that comes back, and only that, is told."""

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.halting import purity, source
from gatekeeper.sandbox import process, session, stepping, watching, workspace
from gatekeeper.wiring.bench.halting import labels
from tests.integration import sandbox_runs

How = stepping.How
Watched = Callable[[str, str], stepping.Stepped]
LIMITS = replace(sandbox_runs.LIMITS, fuel=session.BILLION // 3)
LABELLED = Path(__file__).parent.parent / "assets/halting"


@pytest.fixture
def space(tmp_path: Path) -> Iterator[workspace.Workspace]:
    with stepping.empty(tmp_path) as made:
        yield made


def _program(text: str, call: str, name: str = "f") -> stepping.Text:
    written = textwrap.dedent(text)
    module = source.read("m.py", written.encode())
    assert module is not None
    loops = tuple(purity.loops(module.functions[name][-1], module))
    return stepping.Text(source=sandbox_runs.closed(written, call), path="m.py", watched="m.py", loops=loops)


@pytest.fixture
def watched(space: workspace.Workspace, workers: list[process.Process]) -> Watched:
    def run(text: str, call: str) -> stepping.Stepped:
        return stepping.run([_program(text, call)], space, workers, LIMITS)[0]

    return run


def test_a_state_that_comes_back_ends_the_run_and_is_told_with_its_values(watched: Watched) -> None:
    done = watched(
        """
        def f(n):
            steps = 0
            while n != 1:
                n = n // 2
                steps += 1
            return steps
        """,
        "f(0)",
    )
    assert done.how is How.REPEATED
    assert done.repeated == watching.Repeated(path="m.py", line=4, state={"n": "0"})


def test_a_loop_that_ends_is_not_disturbed(watched: Watched) -> None:
    text = "def f(n):\n    total = 0\n    while n:\n        n -= 1\n        total += n\n    return total\n"
    done = watched(text, "f(50)")
    assert (done.how, done.value, done.repeated) == (How.RETURNED, "1225", None)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        # the inner loop comes to its first state with each turn of the outer one
        ("def f(n):\n    for _ in range(n):\n        left = 3\n        while left:\n            left -= 1\n", "f(30)"),
        # what the list holds differs, its length does not
        (
            "def f(n):\n    items = [0]\n    while items[0] < n:\n        items[0] += 1\n        last = items\n",
            "f(50)",
        ),
        # the same list twice is not two lists that are equal
        (
            (
                "def f(n):\n    a = [0]\n    b = a if n else [0]\n    while len(a) < 40:\n        b.append(0)\n"
                "        a = b\n"
            ),
            "f(1)",
        ),
        # a generator's state is in no name
        ("def f(n):\n    g = iter(range(n))\n    while next(g, None) is not None:\n        pass\n", "f(50)"),
        # an object may count what is asked of it
        (
            (
                "class C:\n    n = 9\n    def __bool__(self):\n        self.n -= 1\n        return self.n > 0\n"
                "def f(c):\n    while c:\n        pass\n"
            ),
            "f(C())",
        ),
        # what adding to it does may be anything
        (
            (
                "class L:\n    n = 0\n    def append(self, x):\n        self.n += 1\n        assert self.n < 9\n"
                "def f(c):\n    while True:\n        c.append(1)\n"
            ),
            "f(L())",
        ),
        # what is added to is what is looked at, under another name
        ("def f(n):\n    a = []\n    b = a\n    while len(b) < n:\n        a.append(1)\n", "f(50)"),
        # NaN is not equal to itself
        ("def f(x):\n    n = 0\n    while n < 9 or x == x:\n        n = n + 1\n", "f(float('nan'))"),
        # deeper runs of the same function end it
        (
            "def f(n):\n    while n:\n        if n == 1:\n            return 0\n        n = n - 1\n    return 1\n",
            "f(40)",
        ),
    ],
)
def test_a_loop_that_ends_is_never_taken_for_one_that_does_not(watched: Watched, text: str, call: str) -> None:
    done = watched(text, call)
    assert done.repeated is None
    assert done.how in {How.RETURNED, How.RAISED}


def test_a_loop_that_catches_everything_is_found_all_the_same(watched: Watched) -> None:
    done = watched(
        "def f(n):\n    while True:\n        try:\n            n = n\n        except:\n            n = 1\n", "f(0)"
    )
    assert done.repeated is not None


def test_of_the_labelled_functions_none_that_halts_repeats_itself_and_half_of_the_others_do(
    space: workspace.Workspace, workers: list[process.Process]
) -> None:
    known = labels.read(LABELLED)
    programs = []
    for one in known:
        text = (LABELLED / one.label.file).read_text()
        programs.append(
            replace(_program(text, one.label.call, one.label.name), path=one.label.file, watched=one.label.file)
        )
    done = stepping.run(programs, space, workers, LIMITS)
    found = {one.label.name: one.label.halts for one, end in zip(known, done, strict=True) if end.repeated}
    assert not any(found.values())
    assert len(found) >= 33
