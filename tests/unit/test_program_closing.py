from gatekeeper.impact import selection
from gatekeeper.simulation.program import closing, program, project
from tests import program_cases
from tests.fakes import memory_tree

_LIBRARY = {
    "shop/prices.py": (
        "from shop import rates\n"
        "from decimal import Decimal\n"
        "\n"
        "\n"
        "RATE = 3\n"
        "UNUSED = 4\n"
        "\n"
        "\n"
        "def price(weight):\n"
        '    """Return the price."""\n'
        "    return rates.base(weight) * RATE\n"
        "\n"
        "\n"
        "def unused():\n"
        "    return Decimal(UNUSED)\n"
    ),
    "shop/rates.py": "def base(weight):\n    return weight + 1\n",
    "shop/__init__.py": "",
    "tests/test_prices.py": (
        "from shop.prices import price\n"
        "\n"
        "\n"
        "def test_price():\n"
        "    assert price(2) == 9\n"
        "\n"
        "\n"
        "def test_no_weight():\n"
        "    assert price(0) == 4\n"
    ),
}


def test_a_test_is_closed_with_the_code_that_it_reaches_the_farthest_first() -> None:
    assert program_cases.text(_LIBRARY, "tests/test_prices.py::test_price") == (
        "from __future__ import annotations\n"
        "# shop/rates.py\n"
        "def base(weight):\n"
        "    return weight + 1\n"
        "\n"
        "# shop/prices.py\n"
        "from shop import rates\n"
        "RATE = 3\n"
        "def price(weight):\n"
        '    """Return the price."""\n'
        "    return rates.base(weight) * RATE\n"
        "\n"
        "# tests/test_prices.py\n"
        "def test_price():\n"
        "    assert price(2) == 9\n"
        "\n"
        "def main():  # << START_OF_TRACE\n"
        "    test_price()\n"
    )


def test_every_line_knows_its_place() -> None:
    found = program_cases.closed(_LIBRARY, "tests/test_prices.py::test_price").after
    shown = dict(zip(found.text.splitlines(), found.places, strict=True))

    assert str(shown["    return rates.base(weight) * RATE"]) == "shop/prices.py:11"
    assert str(shown["    assert price(2) == 9"]) == "tests/test_prices.py:5"
    assert shown["# shop/prices.py"] is None
    assert shown["def main():  # << START_OF_TRACE"] is None


def test_base_and_head_share_everything_before_the_first_changed_function() -> None:
    changed = {**_LIBRARY, "shop/prices.py": str(_LIBRARY["shop/prices.py"]).replace("* RATE", "* RATE + 1")}

    first, second = program_cases.close(
        _LIBRARY, changed, "tests/test_prices.py::test_price", "tests/test_prices.py::test_no_weight"
    )

    assert isinstance(first, program.Closed)
    assert first.before is not None
    program_cases.check_group([first, second], _LIBRARY, changed)
    assert "from shop import rates\nRATE = 3\n" in program_cases.unchanged(first.after)
    kinds = {piece.text.partition("\n")[0]: piece.kind for piece in first.after.pieces}
    assert kinds["def price(weight):"] is program.Kind.CHANGED
    assert kinds["def test_price():"] is program.Kind.TEST
    assert "* RATE + 1\n" in first.after.text
    assert "* RATE + 1\n" not in first.before.text


def test_what_a_changed_part_must_be_there_for_follows_it() -> None:
    before = {
        "a.py": "def size():\n    return 1\n",
        "b.py": "from a import size\n\nTABLE = [0] * size()\n\n\ndef total():\n    return len(TABLE)\n",
        "test_b.py": "from b import total\n\n\ndef test_total():\n    assert total() == 2\n",
    }
    after = {**before, "a.py": "def size():\n    return 2\n"}

    (found,) = program_cases.close(before, after, "test_b.py::test_total")

    assert isinstance(found, program.Closed)
    assert found.before is not None
    program_cases.check_group([found], before, after)
    assert found.after.text.index("def size") < found.after.text.index("TABLE = ")
    assert program_cases.outcome(found.before.text).startswith("AssertionError")
    assert program_cases.outcome(found.after.text) == "pass"


def test_members_of_a_class_that_nothing_reads_are_dropped() -> None:
    files = {
        "box.py": (
            "class Box:\n"
            '    """A box."""\n'
            "\n"
            "    size = 3\n"
            "\n"
            "    def __init__(self, kept):\n"
            "        self.kept = kept\n"
            "\n"
            "    def unread(self):\n"
            "        return 0\n"
            "\n"
            "    @property\n"
            "    def full(self):\n"
            "        return self.count() >= self.size\n"
            "\n"
            "    def count(self):\n"
            "        return len(self.kept)\n"
        ),
        "test_box.py": "from box import Box\n\n\ndef test_full():\n    assert Box([1, 2, 3]).full\n",
    }

    shown = program_cases.text(files, "test_box.py::test_full")

    assert "unread" not in shown
    assert "def count(self):" in shown
    assert program_cases.outcome(shown) == "pass"


def test_methods_that_a_class_from_outside_may_call_are_kept() -> None:
    files = {
        "wrap.py": (
            "import textwrap\n\n\nclass Wrap(textwrap.TextWrapper):\n"
            "    def unread(self):\n        return 0\n\n"
            "    def _wrap_chunks(self, chunks):\n        return ['mine']\n"
        ),
        "test_wrap.py": "from wrap import Wrap\n\n\ndef test_wrap():\n    assert Wrap().wrap('a b') == ['mine']\n",
    }

    assert program_cases.outcome(program_cases.text(files, "test_wrap.py::test_wrap")) == "pass"


def test_a_class_of_which_nothing_is_read_keeps_a_body() -> None:
    files = {
        "kinds.py": "class Kind:\n    def one(self):\n        return 1\n\n    def other(self):\n        return 222\n",
        "test_kinds.py": "from kinds import Kind\n\n\ndef test_kind():\n    assert isinstance(Kind(), Kind)\n",
    }

    assert program_cases.outcome(program_cases.text(files, "test_kinds.py::test_kind")) == "pass"


def test_statements_that_fill_a_table_come_with_it() -> None:
    files = {
        "plural.py": (
            "RULES = []\n\n\ndef _rule(word):\n    RULES.insert(0, word)\n\n\n"
            "_rule('person')\nRULES.append('box')\nprint\n"
            "\n\ndef rules():\n    return RULES\n"
        ),
        "test_plural.py": "import plural\n\n\ndef test_rules():\n    assert plural.rules() == ['person', 'box']\n",
    }

    shown = program_cases.text(files, "test_plural.py::test_rules")

    assert "_rule('person')\nRULES.append('box')\n" in shown
    assert "print" not in shown


def test_attributes_of_unknown_objects_are_found_in_classes_that_reached_modules_import() -> None:
    files = {
        "shapes.py": "class Square:\n    def area(self):\n        return 4\n",
        "made.py": "import shapes\nfrom shapes import Square\n\nMADE = {}\n\n\n"
        "def make(name):\n    return MADE[name]()\n",
        "test_made.py": "from made import make\n\n\ndef test_area():\n    assert make('square').area() == 4\n",
    }

    assert "def area(self):" in program_cases.text(files, "test_made.py::test_area")


def test_an_import_of_what_the_program_defines_is_dropped_and_any_other_stands() -> None:
    files = {
        "lib.py": "import os\nfrom json import dumps\n\n\ndef one():\n    return dumps(os.sep)\n",
        "other.py": "from lib import one as first\n\n\ndef two():\n    return first()\n",
        "test_lib.py": "from lib import (\n    one,\n    missing,\n)\nfrom other import two\n\n\n"
        "def test_one():\n    assert one() == two()\n",
    }

    shown = program_cases.text(files, "test_lib.py::test_one")

    assert "import os\nfrom json import dumps\n" in shown
    assert "from lib import one as first\n" in shown
    assert "missing" not in shown
    assert "from other import two" not in shown


def test_a_new_test_has_no_program_on_base() -> None:
    before = {**_LIBRARY, "tests/test_prices.py": "from shop.prices import price\n"}

    (found,) = program_cases.close(before, _LIBRARY, "tests/test_prices.py::test_price")

    assert isinstance(found, program.Closed)
    assert found.before is None


def test_code_that_only_base_reaches_is_in_both_programs() -> None:
    before = {
        "a.py": "def old():\n    return 1\n\n\ndef new():\n    return 1\n\n\ndef both():\n    return old()\n",
        "test_a.py": "from a import both\n\n\ndef test_both():\n    assert both() == 1\n",
    }
    after = {**before, "a.py": str(before["a.py"]).replace("return old()", "return new()")}

    (found,) = program_cases.close(before, after, "test_a.py::test_both")

    assert isinstance(found, program.Closed)
    assert found.before is not None
    for side in (found.before, found.after):
        assert "def old():" in side.text
        assert "def new():" in side.text
    program_cases.check_group([found], before, after)


def test_what_is_left_out_is_said() -> None:
    files = {
        "lib.py": "import requests\nfrom broken import thing\n\n\n"
        "def get(name):\n    return requests, thing, nowhere\n",
        "broken.py": "def thing(:\n",
        "test_lib.py": "from lib import get\n\n\ndef test_get():\n    get(1)\n",
    }

    left = program_cases.closed(files, "test_lib.py::test_get").after.left_out

    assert program.LeftOut(what="requests", why="is outside the tree") in left
    assert program.LeftOut(what="nowhere", why="its name could not be resolved") in left
    assert [item.why for item in left if item.what == "broken.py"] == ["cannot be parsed: invalid syntax"]


def test_names_that_two_files_share_are_said() -> None:
    files = {
        "a.py": "def size():\n    return 1\n\n\ndef one():\n    return size()\n",
        "b.py": "def size():\n    return 2\n\n\ndef two():\n    return size()\n",
        "test_ab.py": "from a import one\nfrom b import two\n\n\ndef test_ab():\n    assert one() < two()\n",
    }

    (left,) = program_cases.closed(files, "test_ab.py::test_ab").after.left_out

    assert (left.what, left.why) in {
        ("b.py::size", "has the name of something in a.py"),
        ("a.py::size", "has the name of something in b.py"),
    }


def test_over_the_budget_the_nearest_code_is_kept() -> None:
    chain = "".join(f"def step_{n}():\n    return step_{n + 1}() + {n}\n\n\n" for n in range(40))
    files = {
        "chain.py": chain + "def step_40():\n    return 0\n",
        "test_chain.py": "from chain import step_0\n\n\ndef test_chain():\n    assert step_0()\n",
    }

    found = program_cases.closed(files, "test_chain.py::test_chain", budget=200).after

    assert sum(program_cases.count([piece.text for piece in found.pieces])) <= 200
    assert "def step_0():" in found.text
    assert "def step_1():" in found.text
    assert "def step_40():" not in found.text
    assert program.LeftOut(what="chain.py::step_40", why="is over the budget of tokens") in found.left_out


def test_a_test_that_does_not_fit_is_not_closed() -> None:
    (found,) = program_cases.close(_LIBRARY, _LIBRARY, "tests/test_prices.py::test_price", budget=10)

    assert found == program.NotClosed(
        test="tests/test_prices.py::test_price", why="does not fit into the model's context"
    )


def test_a_large_test_leaves_the_context_of_the_others_alone() -> None:
    files = {
        **_LIBRARY,
        "tests/test_prices.py": str(_LIBRARY["tests/test_prices.py"])
        + "\n\ndef test_large():\n    assert price(1) == 6\n"
        + "    assert True\n" * 100,
    }

    found = program_cases.close(files, files, "tests/test_prices.py", budget=500)

    texts = {item.test: item.after.text for item in found if isinstance(item, program.Closed)}
    assert len(texts) == 3
    assert all(
        "def base(weight)" in texts[f"tests/test_prices.py::{name}"] for name in ("test_price", "test_no_weight")
    )


def test_texts_are_counted_in_one_call() -> None:
    calls: list[int] = []

    def count(texts: list[str]) -> list[int]:
        calls.append(len(texts))
        return program_cases.count(texts)

    tree = memory_tree.MemoryTree(_LIBRARY)
    group = [program_cases.affected("tests/test_prices.py")]
    list(closing.close(group, project.Trees(tree, tree), count, program_cases.LARGE))  # type: ignore[arg-type]

    assert len(calls) == 1


def test_tests_of_one_module_are_one_group() -> None:
    tests = [selection.AffectedTest(path=path, name=name, reason="") for path, name in ("ax", "by", "az")]

    assert [[(test.path, test.name) for test in group] for group in closing.groups(tests)] == [
        [("a", "x"), ("a", "z")],
        [("b", "y")],
    ]
