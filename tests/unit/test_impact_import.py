"""What importing a module runs of what it mentions: the difference between every importer and none."""

import pytest

from tests import impact_cases

CORE = """\
def one():
    return 1


class Thing:
    def __init__(self):
        self.x = 1

    def __repr__(self):
        return ''
"""
CALLS = """\
import functools

def run(f): return f()
def hand_on(f): return run(f)
def run_inside(f):
    def inner(): return f()
    return inner()
def keep(f): return {'f': f}
def wrap(f):
    @functools.wraps(f)
    def wrapper(*args): return f(*args)
    return wrapper
def part(f): return functools.partial(f)
class Runner:
    def __init__(self, f): self.value = f()
class Keeper:
    def __init__(self, f): self.f = f
"""


def is_reached(statement: str, old: str = "return 1", new: str = "return 2") -> bool:
    """Return whether a test is selected that only imports a module with `statement`."""
    files = {
        "pkg/core.py": CORE,
        "pkg/calls.py": CALLS,
        "pkg/use.py": f"from pkg.calls import *\nfrom pkg.core import Thing, one\n{statement}\n",
        "tests/test_use.py": "import pkg.use\n\ndef test_nothing():\n    pass\n",
    }
    return bool(impact_cases.names(files, {"pkg/core.py": CORE.replace(old, new)}))


@pytest.mark.parametrize(
    "statement",
    [
        "X = one()",
        "X = run(one)",
        "X = hand_on(one)",
        "X = run_inside(one)",
        "X = Runner(one)",
        "X = list(map(one, []))",
        "X = sorted([], key=one)",
        "X = [one() for _ in 'ab']",
        "X = one() + 1",
        "def f(x=one()): ...",
        "class C:\n    x = one()",
        "@run\ndef f(): return one()",
        "assert one()",
        "try:\n    one()\nexcept ValueError:\n    pass",
        "with open(one()): pass",
    ],
)
def test_what_is_called_runs(statement: str) -> None:
    assert is_reached(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "X = one",
        "X = keep(one)",
        "X = wrap(one)",
        "X = part(one)",
        "X = Keeper(one)",
        "X = [one, {'a': one}]",
        "X = lambda: one()",
        "@wrap\ndef f(): return one()",
        "@functools.lru_cache\ndef f(): return one()",
        "class C:\n    x = one\n\n    def f(self): return one()",
        "if __name__ == '__main__':\n    one()",
        "def f(x: one) -> one: ...",
    ],
)
def test_what_is_kept_does_not_run(statement: str) -> None:
    assert not is_reached(statement)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [("X = Thing()", False), ("X = str(Thing())", True), ("print(Thing())", True), ("class C(Thing): pass", False)],
)
def test_making_an_object_runs_no_more_than_what_makes_it(statement: str, expected: bool) -> None:  # noqa: FBT001
    assert is_reached(statement, "return ''", "return '-'") is expected
    assert is_reached(statement, "self.x = 1", "self.x = 2") is (statement != "class C(Thing): pass")


def test_what_a_wrapper_does_later_reaches_those_who_call_what_it_wraps() -> None:
    files = {
        "pkg/wrap.py": "from pkg.core import one\n\ndef wrap(f):\n    def wrapper():\n        one()\n"
        "        return f()\n    return wrapper\n",
        "pkg/core.py": CORE,
        "pkg/use.py": "from pkg.wrap import wrap\n\n@wrap\ndef used():\n    pass\n\ndef other():\n    pass\n",
        "tests/test_use.py": "from pkg.use import other, used\n\ndef test_used():\n    used()\n\n"
        "def test_other():\n    other()\n",
    }

    found = impact_cases.names(files, {"pkg/core.py": CORE.replace("return 1", "return 2")})

    assert found == {"tests/test_use.py::test_used"}


def test_an_import_for_type_checkers_alone_reaches_nothing() -> None:
    files = {
        "pkg/core.py": CORE,
        "pkg/use.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pkg.core import Thing\n\n"
        "def used(x: 'Thing') -> None:\n    pass\n",
        "tests/test_use.py": "from pkg.use import used\n\ndef test_used():\n    used(1)\n",
    }

    assert impact_cases.names(files, {"pkg/core.py": CORE.replace("self.x = 1", "self.x = 2")}) == set()


@pytest.mark.parametrize("reader", ["", "import typing\ntyping.get_type_hints(print)\n"])
def test_the_types_of_arguments_count_where_something_reads_them(reader: str) -> None:
    files = {
        "pkg/core.py": CORE,
        "pkg/inject.py": reader,
        "pkg/use.py": "from pkg.core import Thing\n\ndef used(x: Thing) -> None:\n    pass\n",
        "tests/test_use.py": "from pkg.use import used\n\ndef test_used():\n    used(1)\n",
    }

    found = impact_cases.names(files, {"pkg/core.py": CORE.replace("self.x = 1", "self.x = 2")})

    assert found == ({"tests/test_use.py::test_used"} if reader else set())


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("thing = core\n\ndef test_it():\n    thing.one()\n", True),
        ("def test_it():\n    help_with(core)\n", True),
        ("def test_it():\n    [getattr(m, n) for m in [core] for n in dir(m)]\n", True),
        ("def test_it():\n    assert core\n", False),
    ],
)
def test_a_module_as_an_object_reaches_what_is_read_of_it(use: str, expected: bool) -> None:  # noqa: FBT001
    files = {"pkg/core.py": CORE, "tests/test_it.py": f"from outside import help_with\nfrom pkg import core\n\n{use}"}

    found = impact_cases.names(files, {"pkg/core.py": CORE.replace("return 1", "return 2")})

    assert bool(found) is expected
