"""How changed methods and classes reach tests."""

import pytest

from tests import impact_cases

CORE = """\
class Shape:
    sides = 0

    def __init__(self, size):
        self.size = size

    def area(self):
        return self._side() * self.size

    def _side(self):
        return self.size

    def __repr__(self):
        return "Shape"

    def name(self):
        return "shape"


class Square(Shape):
    def name(self):
        return "square"


class Other:
    def area(self):
        return 0

    def name(self):
        return "other"
"""
TESTS = """\
from pkg.core import Other, Shape, Square


def test_area():
    Shape(1).area()


def test_name():
    Shape(1).name()


def test_inherited_area():
    Square(1).area()


def test_square_name():
    Square(1).name()


def test_other():
    Other().area()
    Other().name()
"""
FILES = {"pkg/core.py": CORE, "tests/test_core.py": TESTS}


def changed(old: str, new: str) -> set[str]:
    assert old in CORE
    found = impact_cases.names(FILES, {"pkg/core.py": CORE.replace(old, new)})
    return {name.removeprefix("tests/test_core.py::") for name in found}


def test_a_method_is_reached_by_its_name_on_an_object_of_its_class() -> None:
    assert changed("self._side() * self.size", "self.size * self._side()") == {"test_area", "test_inherited_area"}


def test_a_private_method_is_reached_through_the_method_that_calls_it() -> None:
    assert changed("return self.size\n", "return +self.size\n") == {"test_area", "test_inherited_area"}


def test_an_overridden_method_is_reached_on_the_class_that_overrides_it() -> None:
    assert changed('return "square"', 'return "Square"') == {"test_square_name"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.size = size", "self.size = +size"),
        ('return "Shape"', 'return "shape"'),
        ("sides = 0", "sides = 1"),
    ],
)
def test_what_python_calls_by_itself_is_reached_with_the_class(old: str, new: str) -> None:
    assert changed(old, new) == {"test_area", "test_name", "test_inherited_area", "test_square_name"}


def test_a_changed_base_reaches_every_importer() -> None:
    assert len(changed("class Shape:", "class Shape(object):")) == 5


def test_a_method_that_a_class_outside_the_tree_may_call_is_reached_with_its_class() -> None:
    files = {
        "pkg/parser.py": "import html.parser\n\nclass Parser(html.parser.HTMLParser):\n"
        "    def handle_starttag(self, tag, attrs):\n        pass\n",
        "tests/test_parser.py": "from pkg.parser import Parser\n\ndef test_parser():\n    Parser().feed('')\n",
    }

    found = impact_cases.names(files, {"pkg/parser.py": files["pkg/parser.py"].replace("pass", "self.tag = tag")})

    assert found == {"tests/test_parser.py::test_parser"}


@pytest.mark.parametrize(
    "call", ["getattr(self, 'visit_' + kind)()", "getattr(self, f'visit_{kind}')()", "getattr(self, kind)()"]
)
def test_a_method_under_a_computed_name_is_reached(call: str) -> None:
    files = {
        "pkg/visitor.py": f"class Visitor:\n    def visit(self, kind):\n        {call}\n\n"
        "    def visit_one(self):\n        pass\n",
        "tests/test_visitor.py": "from pkg.visitor import Visitor\n\ndef test_visit():\n    Visitor().visit('one')\n\n"
        "def test_nothing():\n    pass\n",
    }

    found = impact_cases.names(files, {"pkg/visitor.py": files["pkg/visitor.py"].replace("pass", "return 1")})

    assert found == {"tests/test_visitor.py::test_visit"}


def test_a_computed_name_elsewhere_reaches_the_methods_of_objects_that_a_test_has() -> None:
    files = {
        "pkg/core.py": "class A:\n    def go(self): return 1\n\nclass B:\n    def go(self): return 2\n",
        "pkg/call.py": "def call(thing, name):\n    return getattr(thing, name)()\n",
        "tests/test_call.py": "from pkg.call import call\nfrom pkg.core import A, B\n\n"
        "def test_a():\n    call(A(), 'g' + 'o')\n\ndef test_b():\n    call(B(), 'g' + 'o')\n",
    }

    chosen = impact_cases.select(files, {"pkg/core.py": files["pkg/core.py"].replace("return 1", "return 3")})

    assert impact_cases.ids(chosen) == {"tests/test_call.py::test_a"}
    assert chosen.affected[0].reason == "may read pkg.core.A.go, which changed, under a name that is computed"


def test_a_derived_class_is_reached_through_a_base_that_lists_its_children() -> None:
    files = {
        "pkg/base.py": "class Base:\n    kinds = []\n\n    def __init_subclass__(cls):\n"
        "        Base.kinds.append(cls)\n\ndef every():\n    return [kind().run() for kind in Base.kinds]\n",
        "pkg/derived.py": "from pkg.base import Base\n\nclass Derived(Base):\n    def run(self):\n        return 1\n",
        "tests/test_every.py": "import pkg.derived\nfrom pkg.base import every\n\ndef test_every():\n    every()\n",
    }

    found = impact_cases.names(files, {"pkg/derived.py": files["pkg/derived.py"].replace("return 1", "return 2")})

    assert found == {"tests/test_every.py::test_every"}


def test_a_hook_of_class_creation_reaches_every_importer_of_a_derived_class() -> None:
    files = {
        "pkg/base.py": "class Base:\n    def __init_subclass__(cls):\n        pass\n",
        "pkg/derived.py": "from pkg.base import Base\n\nclass Derived(Base):\n    pass\n",
        "tests/test_derived.py": "import pkg.derived\n\ndef test_nothing():\n    pass\n",
    }

    found = impact_cases.names(files, {"pkg/base.py": files["pkg/base.py"].replace("pass", "cls.x = 1")})

    assert found == {"tests/test_derived.py::test_nothing"}


def test_a_changed_property_is_reached_by_reading_and_by_setting_it() -> None:
    files = {
        "pkg/core.py": "class A:\n    @property\n    def x(self):\n        return 1\n\n    @x.setter\n"
        "    def x(self, value):\n        pass\n",
        "tests/test_x.py": "from pkg.core import A\n\ndef test_read():\n    A().x\n\ndef test_set():\n    A().x = 1\n\n"
        "def test_made():\n    A()\n",
    }

    found = impact_cases.names(files, {"pkg/core.py": files["pkg/core.py"].replace("pass", "self.y = value")})

    assert found == {"tests/test_x.py::test_read", "tests/test_x.py::test_set"}


def test_tests_inherited_from_another_module_are_selected_where_they_run() -> None:
    files = {
        "pkg/core.py": "def one():\n    return 1\n",
        "tests/shared.py": "from pkg.core import one\n\nclass Shared:\n    def test_one(self):\n        one()\n\n"
        "    def test_two(self):\n        pass\n",
        "tests/test_here.py": "from tests.shared import Shared\n\nclass TestHere(Shared):\n    pass\n",
    }

    chosen = impact_cases.select(files, {"pkg/core.py": "def one():\n    return 2\n"})

    assert impact_cases.ids(chosen) == {"tests/test_here.py::TestHere::test_one"}
    assert chosen.unaffected["tests/test_here.py"] == {"TestHere::test_two"}


@pytest.mark.parametrize("hook", ["setUp", "setUpClass", "tearDown", "setup_method"])
def test_what_runs_around_the_tests_of_a_class_reaches_all_of_them(hook: str) -> None:
    files = {
        "pkg/core.py": "def one():\n    return 1\n",
        "tests/test_case.py": "import unittest\nfrom pkg.core import one\n\nclass Case(unittest.TestCase):\n"
        f"    def {hook}(self):\n        one()\n\n    def test_a(self):\n        pass\n\n"
        "class TestElsewhere:\n    def test_b(self):\n        pass\n",
    }

    found = impact_cases.names(files, {"pkg/core.py": "def one():\n    return 2\n"})

    assert found == {"tests/test_case.py::Case::test_a"}


def test_a_test_of_an_inner_class_has_both_classes_in_its_name() -> None:
    files = {
        "pkg/core.py": "def one():\n    return 1\n",
        "tests/test_in.py": "from pkg.core import one\n\nclass TestOut:\n    class TestIn:\n"
        "        def test_one(self):\n            one()\n",
    }

    found = impact_cases.names(files, {"pkg/core.py": "def one():\n    return 2\n"})

    assert found == {"tests/test_in.py::TestOut::TestIn::test_one"}
