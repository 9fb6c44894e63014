"""Inside the sealed interpreter, a plugin of pytest: some tests are run again and again, each time with other code.

A version is a list of functions with another body each. Nothing is imported again: the code of the functions that are
there is exchanged, whoever holds them, so that a version costs no more than its test. What was computed from the old
code, at import or in a cache, stays.
"""

import __future__

import copy
import functools
import gc
import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = "/repo/"
WRITTEN = Path(__file__).with_suffix(".json")
# absent only where the module is imported outside the sandbox
ORDER = json.loads(WRITTEN.read_text(encoding="utf-8")) if WRITTEN.exists() else {"tests": [], "versions": []}
NAMES = frozenset(name for test in ORDER["tests"] for name in test.partition("[")[0].split("::")[1:])
FEATURES = functools.reduce(
    lambda flags, name: flags | getattr(__future__, name).compiler_flag, __future__.all_feature_names, 0
)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(name: str) -> list[pytest.Item] | None:
    """Make nothing of what does not lead to the test: a large module's other tests would take longer than it."""
    return None if name in NAMES else []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put twins of the tests, for each version, in the place of all tests."""
    found = [item for item in items if item.nodeid in ORDER["tests"]]
    items[:] = [_twin(item, number) for number in range(len(ORDER["versions"])) for item in found]


def _twin(item: pytest.Item, number: int) -> Any:  # noqa: ANN401 - an item with parts that pytest keeps to itself
    twin: Any = copy.copy(item)
    twin._id = type(twin._id).parse(f"{item.nodeid}@{number}")  # noqa: SLF001 - there is no other way to a second id
    twin.stash, twin._report_sections = pytest.Stash(), []  # noqa: SLF001
    if isinstance(twin, pytest.Function):
        for part in ("_obj", "_instance"):
            twin.__dict__.pop(part, None)
        twin._initrequest()  # noqa: SLF001
    return twin


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Give the functions their other code before anything of the test runs."""
    version = ORDER["versions"][int(item.nodeid.rpartition("@")[2])]
    for told in version:
        _exchange(told)
    return (yield)


def _exchange(told: dict[str, Any]) -> None:
    functions = _functions(told["path"], told["name"], told["line"])
    if not functions:
        raise LookupError(f"there is no function {told['name']} in memory")
    new = _compiled(told, functions[0].__code__.co_flags & FEATURES)
    for function in functions:
        EXCHANGED.append((function, function.__code__))
        function.__code__ = new


EXCHANGED: list[tuple[types.FunctionType, types.CodeType]] = []
FOUND: dict[tuple[str, str, int], list[types.FunctionType]] = {}


def _functions(path: str, name: str, line: int) -> list[types.FunctionType]:
    """Return the function objects whose code is that of the tree's file, as it was imported."""
    key = (ROOT + path, name, line)
    if not FOUND.get(key):
        FOUND[key] = [one for one in gc.get_objects() if isinstance(one, types.FunctionType) and _key(one) == key]
    return FOUND[key]


def _key(function: types.FunctionType) -> tuple[str, str, int]:
    code = function.__code__
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _compiled(told: dict[str, Any], flags: int) -> types.CodeType:
    module = compile(told["text"], ROOT + told["path"], "exec", flags, dont_inherit=True)
    found = [code for code in _inside(module) if code.co_qualname == told["name"]]
    return found[0]


def _inside(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _inside(constant)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish() -> None:
    """Give the functions their own code back."""
    while EXCHANGED:
        function, code = EXCHANGED.pop()
        function.__code__ = code
