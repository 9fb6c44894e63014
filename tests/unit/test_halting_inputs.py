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


def test_what_tests_give_it_comes_first() -> None:
    tree = memory_tree.MemoryTree(
        {
            "m.py": "def f(n: int, deep=False): ...",
            "test_m.py": "from m import f\nN = 3\ndef test_a():\n    assert f(41, deep=True) and f(N) and f(*[1])\n",
        }
    )
    known = calls.Calls(tree)
    module = known.module("m.py")
    assert module is not None
    found = inputs.of(module.functions["f"][0], known, ["test_m.py"])
    assert [call.text for call in found if call.tested] == ["f(41, deep=True)"]
    assert found[0].tested


def test_sizes_are_those_of_numbers_and_of_what_is_collected() -> None:
    assert inputs.size("f(-5, 'ab', [1, 2, 3])") == 5
    assert inputs.size("f([1] , 'a' * 20)") == 20
    assert inputs.size("f(lambda: 1)") is None
    assert inputs.size("f()") == 0


def test_calls_grow_in_all_arguments_that_can() -> None:
    function, _ = _function("def f(n: int, words: list[str], flag: bool): ...")
    grown = inputs.growing(function, (2, 4))
    assert [call.text for call in grown] == ["f(2, ['a0', 'a1'], True)", "f(4, ['a0', 'a1', 'a2', 'a3'], True)"]


def test_the_same_function_gets_the_same_calls() -> None:
    text = "def f(a: dict[str, int], b: int | None = None): ..."
    assert _texts(text) == _texts(text)
