import ast
from collections.abc import Mapping

import pytest

from gatekeeper.halting import calls
from gatekeeper.unreached import placing, targets, trials
from tests.fakes import memory_tree


def _found(code: str, name: str, before: str = "", **others: str) -> targets.Target | targets.Refused:
    files = {"shop.py": code, **{f"{stem}.py": text for stem, text in others.items()}}
    trees = memory_tree.MemoryTree({"shop.py": before}), memory_tree.MemoryTree(files)
    before_, known = calls.Calls(trees[0]), calls.Calls(trees[1])
    (found,) = targets.find([f"shop.py::{name}"], before_, known, _module)
    return found


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _target(code: str, name: str, before: str = "", **others: str) -> targets.Target:
    found = _found(code, name, before, **others)
    assert isinstance(found, targets.Target)
    return found


def _texts(code: str, name: str, before: str = "", **others: str) -> list[str]:
    target = _target(code, name, before, **others)
    tree = memory_tree.MemoryTree({"shop.py": code, **{f"{stem}.py": text for stem, text in others.items()}})
    return [one.text for one in trials.of(target, calls.Calls(tree))]


def test_a_function_is_called_with_what_its_annotations_admit() -> None:
    texts = _texts("def f(a: int, *, b: str):\n    return a\n", "f")
    assert {"f(1, b='a')", "f(0, b='')"} <= set(texts)
    assert len(texts) == len(set(texts)) <= trials.MOST


def test_every_call_is_one_that_can_be_read_back() -> None:
    for text in _texts("def f(a: list[dict[str, int]], b: 'tuple[int, ...]', c=1):\n    return a\n", "f"):
        assert isinstance(ast.parse(text, mode="eval").body, ast.Call)


def test_calls_after_the_signature_before_the_change_are_tried_too() -> None:
    texts = _texts("def f(a: int, b: int):\n    return a\n", "f", "def f(a: int):\n    return a\n")
    assert "f(1, 1)" in texts
    assert "f(1)" in texts


_CLASSES = """
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple
from parts import Wheel


class Point(NamedTuple):
    x: int
    y: int = 0


@dataclass(frozen=True)
class Car:
    count: ClassVar[int] = 0
    at: Point
    wheels: list[Wheel]
    name: str = ""
    log: list[str] = field(default_factory=list)

    def far(self, by: int) -> int:
        return self.at.x + by

    @property
    def wide(self) -> int:
        return len(self.wheels)

    @classmethod
    def plain(cls, at: Point) -> "Car":
        return cls(at, [])

    @staticmethod
    def two(by: int) -> int:
        return 2 * by


class Based(Car):
    def far(self, by: int) -> int:
        return by


def move(car: Car | None, to: Point) -> int:
    return to.x
"""
_PARTS = "class Wheel:\n    def __init__(self, size: float, *, spare: bool):\n        self.size = size\n"
_CAR = "Car(at=Point(x=1), wheels=[Wheel(size=1.0, spare=True)])"


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("Car.far", f"{_CAR}.far(1)"),
        ("Car.wide", f"{_CAR}.wide"),
        ("Car.plain", "Car.plain(Point(x=1))"),
        ("Car.two", "Car.two(1)"),
        ("move", f"move({_CAR}, Point(x=1))"),
    ],
)
def test_objects_are_made_with_what_their_classes_take(name: str, call: str) -> None:
    assert _texts(_CLASSES, name, parts=_PARTS)[0] == call


@pytest.mark.parametrize("name", ["Based.far"])
def test_nothing_is_tried_where_a_class_does_not_say_what_it_takes(name: str) -> None:
    assert _texts(_CLASSES, name, parts=_PARTS) == []


def test_a_class_that_takes_itself_comes_to_an_end() -> None:
    code = "class Node:\n    def __init__(self, next: 'Node'): ...\n\n    def f(self) -> int:\n        return 1\n"
    assert _texts(code, "Node.f") == []


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("async def f():\n    return 1\n", "it is asynchronous"),
        ("import random\n\ndef f():\n    return random.random()\n", "it calls random.random"),
        ("import datetime\n\ndef f():\n    return datetime.date.today()\n", "it calls datetime.date.today"),
        ("import os\n\ndef f():\n    return os.listdir()\n", "it calls os.listdir"),
        ("import uuid\n\ndef f():\n    return uuid.uuid4()\n", "it calls uuid.uuid4"),
        ("def f(path):\n    return open(path)\n", "it calls open"),
    ],
)
def test_what_does_other_things_each_time_is_refused(code: str, why: str) -> None:
    found = _found(code, "f")
    assert isinstance(found, targets.Refused)
    assert found.why.endswith(why)


@pytest.mark.parametrize(
    "code",
    [
        "import os\n\ndef f(a: str):\n    return os.path.join(a, 'b')\n",
        "import datetime\n\ndef f():\n    return datetime.timedelta(1).days\n",
        "import uuid\n\ndef f(a: str):\n    return uuid.UUID(a)\n",
    ],
)
def test_what_its_arguments_decide_is_not_refused(code: str) -> None:
    assert isinstance(_found(code, "f"), targets.Target)


def test_a_call_that_nobody_would_read_is_not_made() -> None:
    code = f'def f(a: str) -> str:\n    """Say it.\n\n    >>> f(\'{"b" * 400}\')\n    """\n    return a\n'
    assert max(map(len, _texts(code, "f"))) < 200


def test_a_class_stands_for_its_public_methods() -> None:
    code = "class A:\n    def __init__(self): ...\n\n    def f(self): ...\n\n    def _g(self): ...\n"
    tree = memory_tree.MemoryTree({"shop.py": code})
    known = calls.Calls(tree)
    found = list(targets.find(["shop.py::A", "shop.py::A.f", "shop.py", "none.py::g"], known, known, _module))
    assert [one.symbol for one in found] == ["shop.py::A.f"]


def test_a_file_without_a_name_is_refused() -> None:
    tree = memory_tree.MemoryTree({"a-b.py": "def f():\n    return 1\n"})
    known = calls.Calls(tree)
    (found,) = targets.find(["a-b.py::f"], known, known, _module)
    assert found == targets.Refused(symbol="a-b.py::f", why="its file has no name that it could be imported by")


_TREES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "beside most of the tests": (("tests/unit/test_a.py", "tests/unit/test_b.py", "tests/test_c.py"), "tests/unit"),
    "in its own project": (("a/tests/test_a.py", "a/tests/test_b.py", "shop/tests/test_c.py"), "shop/tests"),
    "in a folder of its own where there is none": (("shop/a.py",), "tests"),
    "at the root where a link is called like the folder": (("shop/a.py", "tests"), ""),
}


@pytest.mark.parametrize("where", _TREES)
def test_the_file_lies(where: str) -> None:
    paths, folder = _TREES[where]
    tree = memory_tree.MemoryTree({"shop/a.py": "def f():\n    return 1\n"})
    known = calls.Calls(tree)
    (target,) = targets.find(["shop/a.py::f"], known, known, _module)
    assert isinstance(target, targets.Target)
    assert placing.path(target, paths, lambda path: "test_" in path) == f"{folder}/test_f.py".lstrip("/")
    taken = (*paths, "elsewhere/test_f.py", "test_f_1.py")
    assert placing.path(
        target, taken, lambda path: "test_" in path and "_f" not in path
    ) == f"{folder}/test_f_2.py".lstrip("/")
