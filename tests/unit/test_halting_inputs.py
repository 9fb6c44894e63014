import ast

import pytest

from gatekeeper.halting import calls, inputs, source
from tests.fakes import memory_tree


def _function(text: str, name: str = "f") -> tuple[source.Function, calls.Calls]:
    known = calls.Calls(memory_tree.MemoryTree({"m.py": text}))
    module = known.module("m.py")
    assert module is not None
    return module.functions[name][-1], known


def _texts(text: str, name: str = "f") -> list[str]:
    return [call.text for call in inputs.of(*_function(text, name))]


def test_values_are_at_the_edges_of_what_annotations_admit() -> None:
    found = _texts("def f(n: int): ...")
    assert {"f(0)", "f(-1)", "f(1)", "f(100)"} <= set(found)


@pytest.mark.parametrize(
    "annotation",
    [
        *(
            "int",
            "float",
            "str",
            "bytes",
            "bool",
            "None",
            "object",
            "list[int]",
            "dict[str, int]",
            "set[str]",
            "int | None",
        ),
        *("Optional[str]", "tuple[int, str]", "tuple[int, ...]", "Callable[[int], bool]", "Iterable[list[int]]"),
        *("'list[int]'", "Literal['a', 'b']", "Union[int, str]", "Mapping[int, list[int]]", "frozenset[int]", "Any"),
    ],
)
def test_every_value_is_an_expression_that_can_be_evaluated(annotation: str) -> None:
    found = _texts(f"def f(x: {annotation}): ...")
    assert found
    for text in found:
        argument = ast.unparse(ast.parse(text, mode="eval").body.args[0])  # type: ignore[attr-defined]
        eval(argument, {})


def test_several_arguments_are_varied_by_themselves_and_together_within_bounds() -> None:
    found = _texts("def f(a: int, b: list[int], c: str, d: float): ...")
    assert len(found) == len(set(found)) == inputs.MOST
    assert "f(0, [1], 'a', 1.0)" in found


def test_what_the_function_names_itself_is_tried() -> None:
    assert "f('stop')" in _texts("def f(x: str):\n    while x != 'stop': x += '!'\n")
    assert any(
        "OSError" in text
        for text in _texts(
            "def f(read: Callable[[], str]):\n    while True:\n        try:\n            return read()\n"
            "        except OSError:\n            pass\n"
        )
    )


def test_a_function_of_unknown_values_is_not_called() -> None:
    assert _texts("def f(x: Session): ...") == []


def test_a_method_is_called_on_an_instance_that_is_made_of_nothing() -> None:
    plain = "class C:\n    def f(self, n: int): ...\n"
    wanting = "class C:\n    def __init__(self, db): ...\n    def f(self, n: int): ...\n"
    static = "class C(B):\n    @staticmethod\n    def f(n: int): ...\n"
    assert "C().f(1)" in _texts(plain, "C.f")
    assert _texts(wanting, "C.f") == []
    assert "C.f(1)" in _texts(static, "C.f")


def test_tests_may_be_read_apart_from_the_function_and_reach_it_through_a_package_that_imports_all_names() -> None:
    tree = memory_tree.MemoryTree(
        {
            "pack/__init__.py": "from .m import *\n",
            "pack/m.py": "def f(n): ...\n",
            "test_m.py": "import pack as p\nfrom pack import *\ndef test_a():\n    assert p.f(41) and f(42)\n",
        }
    )
    module = calls.Calls(tree).module("pack/m.py")
    assert module is not None
    found = inputs.of(module.functions["f"][0], calls.Calls(tree), ["test_m.py"])
    assert [call.text for call in found if call.tested] == ["f(41)", "f(42)"]


def test_packages_that_import_all_names_of_each_other_are_looked_at_once() -> None:
    names = [f"m{number}" for number in range(40)]
    stars = "".join(f"from {name} import *\n" for name in names)
    files = {f"{name}.py": stars for name in names} | {"a.py": f"{stars}def f(n):\n    return g(n) or f(n)\n"}
    known = calls.Calls(memory_tree.MemoryTree(files))
    module = known.module("a.py")
    assert module is not None
    assert known.returns(module.functions["f"][0]) == (42, True)


def _tested(test: str, declared: str = "n: int, deep=False") -> list[inputs.Call]:
    tree = memory_tree.MemoryTree(
        {"m.py": f"def f({declared}): ...", "test_m.py": f"import pytest\nfrom m import f\n{test}"}
    )
    known = calls.Calls(tree)
    module = known.module("m.py")
    assert module is not None
    return list(inputs.of(module.functions["f"][0], known, ["test_m.py"]))


def test_what_tests_give_it_comes_first() -> None:
    found = _tested("def test_a():\n    assert f(41, deep=True) and f(read()) and f(2)\n")
    assert [call.text for call in found if call.tested] == ["f(41, deep=True)", "f(2)"]
    assert all(call.tested for call in found[:2])


@pytest.mark.parametrize(
    ("test", "texts"),
    [
        ("N = 3\ndef test_a():\n    f(N)\n    f(*[1])\n", ["f(3)", "f(1)"]),
        (
            (
                "@pytest.mark.parametrize('n, expected', [(3, 6), pytest.param(4, 8, id='four')])\n"
                "def test_a(n, expected):\n    assert f(n) == expected\n"
            ),
            ["f(3)", "f(4)"],
        ),
        (
            (
                "GIVEN = [([5, True], 1), ([6, False], 2)]\n"
                "@pytest.mark.parametrize(['given', 'expected'], GIVEN)\n"
                "def test_a(given, expected):\n    assert f(*given) == expected\n"
            ),
            ["f(5, True)", "f(6, False)"],
        ),
        (
            (
                "@pytest.mark.parametrize('n', [1, 2])\n@pytest.mark.parametrize('deep', [True, False])\n"
                "def test_a(n, deep):\n    f(n, deep=deep)\n"
            ),
            ["f(1, deep=True)", "f(1, deep=False)", "f(2, deep=True)", "f(2, deep=False)"],
        ),
        ("def test_a():\n    for m in range(16):\n        f(1)\n        f(2)\n", ["f(1)", "f(2)"]),
        ("def test_a():\n    for n in (7, 8):\n        f(n)\n    f(n)\n", ["f(7)", "f(8)"]),
        ("def test_a():\n    for n, deep in {7: True}.items():\n        f(n, deep)\n", ["f(7, True)"]),
        ("def test_a():\n    for n in range(2):\n        f(n)\n", ["f(0)", "f(1)"]),
        ("def test_a():\n    n = 9\n    f(n)\n    n += 1\n    f(n)\n    n = 12\n    f(n)\n", ["f(9)", "f(12)"]),
        ("def test_a():\n    all(f(n) for n in (7, 8) if f(n))\n", ["f(7)", "f(8)"]),
        ("def test_a():\n    n = [3, 1]\n    assert f(n) == sorted(n)\n", ["f([3, 1])"]),
        ("def test_a():\n    for n in ([1], [2]):\n        f(n)\n        f(n)\n", ["f([1])", "f([2])"]),
    ],
)
def test_what_names_in_tests_stand_for_is_given_too(test: str, texts: list[str]) -> None:
    assert [call.text for call in _tested(test) if call.tested] == texts


@pytest.mark.parametrize(
    "test",
    [
        "n = 3\ndef test_a(n):\n    f(n)\n",
        "n = 3\ndef test_a():\n    n = read()\n    f(n)\n",
        "n = 3\ndef test_a():\n    for n in read():\n        f(n)\n",
        "n = 3\ndef test_a():\n    with read() as n:\n        f(n)\n",
        "@pytest.mark.parametrize('n', read())\ndef test_a(n):\n    f(n)\n",
        "@pytest.mark.parametrize('n', [1, 2], indirect=True)\ndef test_a(n):\n    f(n)\n",
        "n = [1]\ndef test_a():\n    f(n)\n",
        "def test_a():\n    n = [1]\n    n.append(2)\n    f(n)\n",
        "def test_a():\n    n = {}\n    n['stop'] = True\n    f(n)\n",
        "def test_a():\n    for n in ([1], [2]):\n        prepare(n)\n        f(n)\n",
        "def test_a():\n    n = 1\n    for other in (1, 2):\n        n = read()\n    f(n)\n",
        "def test_a():\n    n = [1]\n    for other in (1, 2):\n        n.append(other)\n    f(n)\n",
        "n = 3\ndef test_a():\n    all(f(n) for n in read())\n",
        "n = 1\nn = 2\ndef test_a():\n    f(n)\n",
    ],
)
def test_what_names_in_tests_stand_for_is_not_guessed(test: str) -> None:
    assert not [call.text for call in _tested(test) if call.tested]


_DOUBLED = "    n = (1, 1)\n" + "    n = (n, n)\n" * 60
_DEEP = f"    n = read() + {' + '.join(['m'] * 400)}\n"
_NESTED = "".join(f"{' ' * (4 + at)}for n{at} in range(16):\n" for at in range(18)) + " " * 22 + "n = read()\n"


@pytest.mark.parametrize("test", [_DOUBLED, _DEEP, _NESTED], ids=["doubled", "deep", "nested"])
def test_what_a_test_would_make_of_any_size_is_not_made(test: str) -> None:
    text = f"def test_a():\n{test}    f(n)\n"
    ast.parse(text)
    assert not [call for call in _tested(text) if call.tested]


def test_sizes_are_those_of_numbers_and_of_what_is_collected() -> None:
    assert inputs.size("f(-5, 'ab', [1, 2, 3])") == 5
    assert inputs.size("f([1] , 'a' * 20)") == 20
    assert inputs.size("f(lambda: 1)") is None
    assert inputs.size("f()") == 0


def test_calls_grow_in_all_arguments_that_can() -> None:
    function, known = _function("def f(n: int, words: list[str], flag: bool): ...")
    grown = inputs.growing(function, known, (2, 4))
    assert [call.text for call in grown] == [
        "f(2, [f'a{number}' for number in range(2)], True)",
        "f(4, [f'a{number}' for number in range(4)], True)",
    ]


def test_no_sizes_are_no_calls() -> None:
    assert inputs.growing(*_function("def f(n: int): ..."), ()) == ()


def test_the_same_function_gets_the_same_calls() -> None:
    text = "def f(a: dict[str, int], b: int | None = None): ..."
    assert _texts(text) == _texts(text)


KINDS = """\
import enum, typing
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, NewType, Optional, TypedDict, TypeVar, Union

class Color(enum.Enum):
    RED = 1
    BLUE = 2
    _hidden = 3

UserId = NewType("UserId", int)
Row = list[UserId]
Number = TypeVar("Number", int, float)

@dataclass(frozen=True)
class Point:
    x: int
    y: float = 0.0
    tags: list[str] = field(default_factory=list)

@dataclass
class Node:
    value: int
    rest: "Node | None"

class Pair(NamedTuple):
    first: int
    second: str

class Options(TypedDict):
    depth: int

class Plain:
    def __init__(self, size: int, *, name: str = ""): ...
    def f(self, n: int): ...

class Wanting:
    def __init__(self, size): ...
"""


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Color", "Color.RED"),
        ("UserId", "-1"),
        ("Row", "[1]"),
        ("Number", "2.5"),
        ("Point", "Point(x=0)"),
        ("Node", "Node(value=0, rest=None)"),
        ("Node", "Node(value=1, rest=Node(value=1, rest=Node(value=1, rest=None)))"),
        ("Pair", "Pair(first=1, second='a')"),
        ("Options", "Options(depth=1)"),
        ("Plain", "Plain(size=1)"),
        ("list[Color]", "[Color.RED]"),
        ("Optional[Point]", "None"),
        ("dict[Color, Point]", "{Color.RED: Point(x=1)}"),
        ("Union[UserId, Literal['all']]", "'all'"),
    ],
)
def test_what_the_module_defines_is_made_as_its_definition_tells(annotation: str, expected: str) -> None:
    found = _texts(f"{KINDS}def f(x: {annotation}): ...\n")
    assert f"f({expected})" in found
    names: dict[str, object] = {}
    exec(compile(f"{KINDS}def f(x): ...\n", "m.py", "exec"), names)
    for text in found:
        eval(text, names)


def test_an_instance_that_may_be_linked_to_another_of_its_kind_is_linked_to_itself() -> None:
    text = "class Node:\n    def __init__(self, value: int, following: {} = None): ...\n\ndef f(x: Node): ...\n"
    ring = "f((lambda one: setattr(one, 'following', one) or one)(Node(value=1)))"
    for annotation in ("'Node | None'", "Optional['Node']", "'Optional[Node]'"):
        assert ring in _texts(text.format(annotation))
    assert ring not in _texts(text.format("int"))


def test_a_class_that_wants_what_is_not_told_is_not_made() -> None:
    assert _texts(f"{KINDS}def f(x: Wanting): ...\n") == []


def test_a_method_is_called_on_an_instance_that_is_made_of_what_its_class_tells() -> None:
    assert "Plain(size=1).f(1)" in _texts(KINDS, "Plain.f")


def test_a_class_of_another_file_is_made_under_the_name_that_it_was_imported_by() -> None:
    files = {
        "m.py": "from shapes import Point\nimport shapes\ndef f(x: Point, y: shapes.Point): ...\n",
        "shapes.py": KINDS,
    }
    known = calls.Calls(memory_tree.MemoryTree(files))
    module = known.module("m.py")
    assert module is not None
    assert "f(Point(x=1), shapes.Point(x=1))" in [call.text for call in inputs.of(module.functions["f"][0], known)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    while x:\n        x ^= x - 1\n", "f(7)"),
        ("    return [y for y in x if y < 3]\n", "f([1])"),
        ("    for a, b in x:\n        print(a + b)\n", "f([(1, 1,)])"),
        ("    return x.strip()\n", "f('a b')"),
        ("    for letter in x:\n        if letter == '(':\n            return 1\n", "f('(')"),
        ("    return x[0] + len(x)\n", "f([1])"),
        ("    return x[1, 2]\n", "f({(1, 1,): 1})"),
        ("    return x['a']\n", "f({'a': 1})"),
        ("    return [len(row) for row in x]\n", "f([[1]])"),
    ],
)
def test_what_has_no_annotation_is_given_what_its_use_suggests_and_that_is_a_guess(body: str, expected: str) -> None:
    function, known = _function(f"def f(x):\n{body}")
    found = {call.text: call for call in inputs.of(function, known)}
    assert found[expected].guessed


def test_what_says_nothing_of_itself_is_given_something_of_everything() -> None:
    assert {"f(1)", "f('a')", "f([])", "f(None)"} <= set(_texts("def f(x): return x"))


def test_examples_in_texts_of_the_module_are_tried_as_tests_are_and_varied() -> None:
    text = 'def f(items, n):\n    """Do.\n\n    >>> f([3, 4], 5)\n    7\n    """\n\n"""\n>>> f(\n>>> f(x, 2)\n"""\n'
    function, known = _function(text)
    found = inputs.of(function, known)
    assert (found[0].text, found[0].tested, found[0].guessed) == ("f([3, 4], 5)", True, False)
    varied = {call.text: call for call in found[1:]}
    assert {"f([3, 4], 6)", "f([3], 5)", "f([4, 3], 5)", "f([3, 4], -5)"} <= varied.keys()
    assert varied["f([3, 4], 6)"].guessed
    assert (varied["f([3, 4], 6)"].odd, varied["f([3, 4], -5)"].odd) == (False, True)
