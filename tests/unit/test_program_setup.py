"""What `main()` does before and after a test, compared with what pytest does where the order matters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.simulation.program import program
from tests import program_cases

_HEAD = "import pytest\n\n\n"


def test_fixtures_of_every_place_are_called_and_torn_down_in_turn() -> None:
    files = {
        "conftest.py": "import pytest\n\n\n@pytest.fixture(scope='session')\ndef base():\n    yield 1\n",
        "pkg/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef base(base):\n    return base + 1\n",
        "pkg/test_it.py": _HEAD + "@pytest.fixture(name='whole')\ndef _whole(base):\n    yield base * 10\n\n\n"
        "def test_it(whole):\n    assert whole == 20\n",
    }

    shown = program_cases.text(files, "pkg/test_it.py::test_it")

    assert "pytest.fixture" not in shown
    assert shown.partition("START_OF_TRACE\n")[2] == (
        "    generator_base = base()\n"
        "    fixture_base = next(generator_base)\n"
        "    fixture_base_ = base(base=fixture_base)\n"
        "    generator_whole = _whole(base=fixture_base_)\n"
        "    fixture_whole = next(generator_whole)\n"
        "    test_it(whole=fixture_whole)\n"
        "    next(generator_whole, None)\n"
        "    next(generator_base, None)\n"
    )


_ORDER = {
    "log.py": "LOG = []\n",
    "conftest.py": """
import pytest
from log import LOG

@pytest.fixture(autouse=True)
def outer():
    LOG.append("outer")
    yield
    LOG.append("outer ends")

@pytest.fixture(scope="session")
def wide():
    LOG.append("wide")
    yield
    LOG.append("wide ends")
""",
    "test_order.py": """
import pytest
from log import LOG

def setup_module(module):
    LOG.append("module")

def teardown_module():
    LOG.append("module ends")

@pytest.fixture
def near(wide):
    LOG.append("near")
    yield
    LOG.append("near ends")

@pytest.fixture(autouse=True, scope="module")
def auto():
    LOG.append("auto")
    yield
    LOG.append("auto ends")

@pytest.mark.usefixtures("near")
class TestOrder:
    def setup_class(cls):
        LOG.append("class")

    def setup_method(self, method):
        LOG.append("method")

    def teardown_method(self):
        LOG.append("method ends")

    @pytest.fixture(autouse=True)
    def inner(self):
        LOG.append("inner")

    @pytest.fixture
    def own(self):
        LOG.append("own")

    def test_it(self, own, wide):
        LOG.append("test")
""",
}


def test_setup_and_teardown_run_in_pytests_order(tmp_path: Path) -> None:
    for name, text in _ORDER.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "told.py").write_text("import log\ndef pytest_unconfigure():\n    print('LOG', log.LOG)\n")
    words = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "told", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*words, "test_order.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    told = next(line for line in done.stdout.splitlines() if line.startswith("LOG"))

    shown = program_cases.text(_ORDER, "test_order.py::TestOrder::test_it")
    namespace: dict[str, object] = {"__name__": __name__}
    exec(compile(shown, "<closed>", "exec"), namespace)
    namespace["main"]()  # type: ignore[operator]

    assert f"LOG {namespace['LOG']}" == told


def test_a_test_case_of_unittest_is_set_up_and_torn_down() -> None:
    files = {
        "test_it.py": "import unittest\n\n\nclass Base(unittest.TestCase):\n"
        "    def setUp(self):\n        self.kept = [1]\n        self.addCleanup(self.kept.clear)\n\n"
        "    def tearDown(self):\n        self.kept.append(2)\n\n\n"
        "class TestIt(Base):\n    @classmethod\n    def setUpClass(cls):\n        cls.wide = 3\n\n"
        "    def test_it(self):\n        self.assertEqual(self.kept + [self.wide], [1, 3])\n"
    }

    shown = program_cases.text(files, "test_it.py::TestIt::test_it")

    assert shown.partition("START_OF_TRACE\n")[2] == (
        "    TestIt.setUpClass()\n"
        '    instance = TestIt("test_it")\n'
        "    instance.setUp()\n"
        "    instance.test_it()\n"
        "    instance.tearDown()\n"
        "    instance.doCleanups()\n"
    )
    assert program_cases.outcome(shown) == "pass"


def test_an_inherited_test_runs_in_the_class_that_inherits() -> None:
    files = {
        "base.py": "class Base:\n    size = 1\n\n    def test_size(self):\n        assert self.size == 2\n",
        "test_it.py": "from base import Base\n\n\nclass TestIt(Base):\n    size = 2\n",
    }

    shown = program_cases.text(files, "test_it.py::TestIt::test_size")

    assert "    instance = TestIt()\n    instance.test_size()\n" in shown
    assert program_cases.outcome(shown) == "pass"


def test_monkeypatch_is_made_and_undone() -> None:
    files = {
        "test_it.py": "import os\n\n\ndef test_it(monkeypatch):\n    monkeypatch.setattr(os, 'sep', 'x')\n"
        "    assert os.sep == 'x'\n"
    }

    shown = program_cases.text(files, "test_it.py::test_it")

    assert program_cases.outcome(shown) == "pass"
    assert os.sep != "x"


def test_arguments_of_mocks_are_not_fixtures() -> None:
    files = {
        "test_it.py": "from unittest import mock\n\n\n@mock.patch('os.getcwd')\n@mock.patch.object(str, 'x', new=1)\n"
        "def test_it(getcwd):\n    pass\n"
    }

    assert program_cases.main_of(files, "test_it.py::test_it")[-1] == "    test_it()"


@pytest.mark.parametrize(
    ("definition", "why"),
    [
        ("def test_it(tmp_path):\n    pass", "uses pytest's fixture `tmp_path`, which is not imagined"),
        ("def test_it(request):\n    pass", "uses pytest's fixture `request`, which is not imagined"),
        ("def test_it(mocker):\n    pass", "uses fixture `mocker`, which is not in the repository"),
        ("async def test_it():\n    pass", "asynchronous: an event loop is not imagined"),
        ("def test_it():\n    yield", "a test that yields is not run"),
        ("test_it = make()", "made when its module is imported, so that its code is not known"),
        (
            "@pytest.fixture\ndef asked(request):\n    return request.node\n\n\ndef test_it(asked):\n    pass",
            "fixture `asked` uses pytest's `request`",
        ),
        (
            "@pytest.fixture\nasync def later():\n    pass\n\n\ndef test_it(later):\n    pass",
            "fixture `later` is asynchronous",
        ),
        (
            "def main():\n    pass\n\n\ndef test_it():\n    main()",
            "it reaches something called `main`, which is the name of the entry point",
        ),
    ],
)
def test_what_cannot_be_set_up_is_not_closed(definition: str, why: str) -> None:
    assert program_cases.why({"test_it.py": f"{_HEAD}{definition}\n"}, "test_it.py::test_it") == why


def test_all_tests_of_a_module_are_found() -> None:
    files = {
        "base.py": "class TestBase:\n    def test_base(self):\n        pass\n",
        "test_it.py": "import unittest\nfrom base import TestBase\n\n\ndef helper():\n    pass\n\n\n"
        "def test_one():\n    pass\n\n\nclass TestTwo:\n    def test_two(self):\n        pass\n\n"
        "    def other(self):\n        pass\n\n\n"
        "class Three(unittest.TestCase):\n    def test_three(self):\n        pass\n",
    }

    found = program_cases.close(files, files, "test_it.py")

    assert all(isinstance(item, program.Closed) for item in found)
    assert [item.test.removeprefix("test_it.py::") for item in found] == [
        "TestBase::test_base",
        "test_one",
        "TestTwo::test_two",
        "Three::test_three",
    ]


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("lib.py", "def one():\n    pass\n", "the examples in its docstrings are run as tests, which is not imagined"),
        ("test_it.py", "def one():\n    pass\n", "its tests are made when it is imported, so that they are not known"),
        ("test_it.py", "def one(:\n", "test_it.py cannot be parsed: invalid syntax"),
    ],
)
def test_a_module_whose_tests_are_not_seen_says_so(path: str, text: str, why: str) -> None:
    assert program_cases.why({path: text}, path) == why
