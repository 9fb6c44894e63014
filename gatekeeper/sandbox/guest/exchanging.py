"""Run some tests again and again, each time with other code.

A version is a list of functions with another body each. Nothing is imported again: the code of the functions that are
there is exchanged, whoever holds them, so that a version costs no more than its test. What was computed from the old
code, at import or in a cache, stays.
"""

import __future__

import copy
import functools
import gc
import types

import pytest

ROOT = "/repo/"
FEATURES = functools.reduce(
    lambda flags, name: flags | getattr(__future__, name).compiler_flag, __future__.all_feature_names, 0
)


class Exchanging:
    """Puts twins of the tests, one for each version, in the place of all tests."""

    def __init__(self, wanted: dict) -> None:
        self.tests, self.versions = wanted["tests"], wanted["versions"]
        self.names = frozenset(name for test in self.tests for name in test.partition("[")[0].split("::")[1:])
        # what has other code by now, with its own
        self.exchanged = []
        self.found = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, name):
        """Make nothing of what does not lead to the tests: a large module's others would take longer than they."""
        return None if name in self.names else []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        found = [item for item in items if item.nodeid in self.tests]
        items[:] = [_twin(item, number) for number in range(len(self.versions)) for item in found]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        for told in self.versions[int(item.nodeid.rpartition("@")[2])]:
            self._exchange(told)
        return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self):
        while self.exchanged:
            function, code = self.exchanged.pop()
            function.__code__ = code

    def _exchange(self, told: dict) -> None:
        there = self._functions(told["path"], told["name"], told["line"])
        if not there:
            raise LookupError(f"there is no function {told['name']} in memory")
        new = _compiled(told, there[0].__code__.co_flags & FEATURES)
        for function in there:
            self.exchanged.append((function, function.__code__))
            function.__code__ = new

    def _functions(self, path: str, name: str, line: int) -> list:
        """Return the function objects whose code is that of the tree's file, as it was imported."""
        key = (ROOT + path, name, line)
        if not self.found.get(key):
            self.found[key] = [
                one for one in gc.get_objects() if isinstance(one, types.FunctionType) and _key(one) == key
            ]
        return self.found[key]


def _twin(item, number: int):
    twin = copy.copy(item)
    # there is no other way to a second id
    twin._id = type(twin._id).parse(f"{item.nodeid}@{number}")
    twin.stash, twin._report_sections = pytest.Stash(), []
    if isinstance(twin, pytest.Function):
        for part in ("_obj", "_instance"):
            twin.__dict__.pop(part, None)
        twin._initrequest()
    return twin


def _key(function: types.FunctionType) -> tuple:
    code = function.__code__
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _compiled(told: dict, flags: int) -> types.CodeType:
    module = compile(told["text"], ROOT + told["path"], "exec", flags, dont_inherit=True)
    return next(code for code in _inside(module) if code.co_qualname == told["name"])


def _inside(code: types.CodeType):
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _inside(constant)
