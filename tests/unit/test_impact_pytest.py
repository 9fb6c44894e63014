"""How changes reach tests through pytest: fixtures, conftest.py, plugins, settings, doctests."""

import pytest

from tests import impact_cases

CORE = {"pkg/__init__.py": "", "pkg/core.py": "def one():\n    return 1\n"}
CHANGE = {"pkg/core.py": "def one():\n    return 2\n"}
MADE = "import pytest\nfrom pkg.core import one\n\n@pytest.fixture\ndef made():\n    return one()\n"
CALL = "from pkg.core import one\n\ndef test_one():\n    one()\n"


def test_a_fixture_reaches_the_tests_that_request_it() -> None:
    files = {
        **CORE,
        "tests/conftest.py": MADE,
        "tests/test_a.py": "def test_with(made):\n    pass\n\ndef test_without():\n    pass\n",
        "other/test_b.py": "def test_made(made):\n    pass\n",
    }

    chosen = impact_cases.select(files, CHANGE)

    assert impact_cases.ids(chosen) == {"tests/test_a.py::test_with"}
    assert chosen.affected[0].reason == (
        "uses fixture `made` of tests/conftest.py, which reaches pkg.core.one, which changed"
    )


@pytest.mark.parametrize(
    "use",
    [
        "@pytest.mark.usefixtures('made')\ndef test_it():\n    pass\n",
        "def test_it(request):\n    request.getfixturevalue('made')\n",
        "@pytest.fixture\ndef other(made):\n    pass\n\ndef test_it(other):\n    pass\n",
        "@pytest.fixture\ndef made(made):\n    return made\n\ndef test_it(made):\n    pass\n",
        "@pytest.mark.parametrize('made', [1], indirect=True)\ndef test_it(made):\n    pass\n",
        "class TestIt:\n    @pytest.fixture\n    def other(self, made): ...\n\n    def test_it(self, other): ...\n",
    ],
)
def test_every_way_to_request_a_fixture_reaches_it(use: str) -> None:
    files = {
        **CORE,
        "tests/conftest.py": MADE,
        "tests/test_a.py": f"import pytest\n\n{use}\n\ndef test_without():\n    pass\n",
    }

    (found,) = impact_cases.names(files, CHANGE)

    assert found in {"tests/test_a.py::test_it", "tests/test_a.py::TestIt::test_it"}


def test_a_fixture_is_found_by_the_name_it_is_given() -> None:
    files = {
        **CORE,
        "tests/conftest.py": "import pytest\nfrom pkg.core import one\n\n@pytest.fixture(name='made')\n"
        "def _made():\n    return one()\n",
        "tests/test_a.py": "def test_it(made):\n    pass\n\ndef test_without():\n    pass\n",
    }

    assert impact_cases.names(files, CHANGE) == {"tests/test_a.py::test_it"}


def test_an_automatic_fixture_reaches_every_test_in_its_folder() -> None:
    files = {
        **CORE,
        "tests/in/conftest.py": "import pytest\nfrom pkg.core import one\n\n@pytest.fixture(autouse=True)\n"
        "def made():\n    one()\n",
        "tests/in/test_a.py": "def test_a():\n    pass\n",
        "tests/test_b.py": "def test_b():\n    pass\n",
    }

    assert impact_cases.names(files, CHANGE) == {"tests/in/test_a.py::test_a"}


def test_an_automatic_fixture_of_a_class_reaches_that_class() -> None:
    files = {
        **CORE,
        "tests/test_a.py": "import pytest\nfrom pkg.core import one\n\nclass TestA:\n"
        "    @pytest.fixture(autouse=True)\n    def made(self):\n        one()\n\n"
        "    def test_a(self):\n        pass\n\ndef test_b():\n    pass\n",
    }

    assert impact_cases.names(files, CHANGE) == {"tests/test_a.py::TestA::test_a"}


def test_what_a_conftest_runs_on_import_reaches_every_test_in_its_folder() -> None:
    files = {
        **CORE,
        "tests/conftest.py": "from pkg.core import one\nVALUE = one()\n",
        "tests/deep/test_a.py": "def test_a():\n    pass\n",
        "test_b.py": "def test_b():\n    pass\n",
    }

    assert impact_cases.names(files, CHANGE) == {"tests/deep/test_a.py::test_a"}


def test_a_hook_reaches_every_test() -> None:
    files = {
        **CORE,
        "tests/conftest.py": "from pkg.core import one\n\ndef pytest_collection_modifyitems(items):\n    one()\n",
        "tests/test_a.py": "def test_a():\n    pass\n",
        "test_b.py": "def test_b():\n    pass\n",
    }

    assert impact_cases.names(files, CHANGE) == {"tests/test_a.py::test_a", "test_b.py::test_b"}


@pytest.mark.parametrize(
    "named",
    [
        {"conftest.py": "pytest_plugins = ['pkg.plugin']\n"},
        {"conftest.py": "pytest_plugins = 'pkg.plugin'\n"},
        {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p pkg.plugin'\n"},
        {"pyproject.toml": "[project.entry-points.pytest11]\nmine = 'pkg.plugin'\n"},
        {"setup.cfg": "[options.entry_points]\npytest11 =\n    mine = pkg.plugin\n"},
        {"setup.py": "setup(entry_points={'pytest11': ['mine = pkg.plugin']})\n"},
    ],
)
def test_a_fixture_of_a_plugin_reaches_the_tests_that_request_it(named: dict[str, str]) -> None:
    files = {
        **CORE,
        **named,
        "pkg/plugin.py": "import pytest\nfrom pkg.core import one\n\n@pytest.fixture\ndef made():\n    return one()\n",
        "tests/test_a.py": "def test_a(made):\n    pass\n\ndef test_b():\n    pass\n",
    }

    assert impact_cases.names(files, CHANGE) == {"tests/test_a.py::test_a"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pytest.ini", "[pytest]\npython_files = check_*.py\npython_functions = check\npython_classes = Check\n"),
        (
            "setup.cfg",
            "[tool:pytest]\npython_files = check_*.py\npython_functions = check_*\npython_classes = Check*\n",
        ),
        ("tox.ini", "[pytest]\npython_files =\n    check_*.py\npython_functions = check\npython_classes = Check\n"),
        (
            "pyproject.toml",
            "[tool.pytest]\npython_files = ['check_*.py']\npython_functions = ['check']\npython_classes = ['Check']\n",
        ),
    ],
)
def test_the_projects_own_names_of_tests_are_used(path: str, text: str) -> None:
    files = {
        **CORE,
        path: text,
        "tests/check_core.py": "from pkg.core import one\n\ndef check_one():\n    one()\n\n"
        "def test_one():\n    one()\n\nclass CheckIt:\n    def check_two(self):\n        one()\n",
        "tests/test_core.py": CALL,
    }

    found = impact_cases.names(files, CHANGE)

    assert found == {"tests/check_core.py::check_one", "tests/check_core.py::CheckIt::check_two"}


def test_tests_outside_the_configured_folders_are_not_selected() -> None:
    files = {
        **CORE,
        "pytest.ini": "[pytest]\ntestpaths = tests ./more\n",
        "tests/test_a.py": CALL,
        "more/deep/test_b.py": CALL,
        "examples/test_c.py": CALL,
    }

    assert impact_cases.names(files, CHANGE) == {"tests/test_a.py::test_one", "more/deep/test_b.py::test_one"}


def test_folders_that_pytest_skips_are_not_looked_into() -> None:
    files = {
        **CORE,
        "build/test_a.py": CALL,
        "node_modules/x/test_b.py": CALL,
        ".tox/test_c.py": CALL,
        "t/test_d.py": CALL,
    }

    assert impact_cases.names(files, CHANGE) == {"t/test_d.py::test_one"}


@pytest.mark.parametrize("name", ["tests.py", "test.py", "pkg/tests.py"])
def test_files_of_runners_with_other_names_are_test_files_too(name: str) -> None:
    assert impact_cases.names({**CORE, name: CALL}, CHANGE) == {f"{name}::test_one"}


def test_an_unreadable_configuration_leaves_the_defaults() -> None:
    files = {**CORE, "pyproject.toml": "[[[", "setup.cfg": "no section\n", "tests/test_a.py": CALL}

    assert impact_cases.names(files, CHANGE) == {"tests/test_a.py::test_one"}


def test_the_examples_of_a_docstring_are_a_test_where_pytest_collects_them() -> None:
    files = {
        **CORE,
        "pkg/use.py": 'def use():\n    """Use it.\n\n    >>> from pkg.core import one\n    >>> one()\n    1\n    """\n',
        "pkg/not.py": 'def unused():\n    """Not.\n\n    >>> 1\n    1\n    """\n',
        "pytest.ini": "[pytest]\naddopts = --doctest-modules\n",
    }

    assert impact_cases.names(files, CHANGE) == {"pkg/use.py"}
    assert impact_cases.names({**files, "pytest.ini": ""}, CHANGE) == set()


def test_a_test_made_without_a_name_in_sight_is_run_with_its_module() -> None:
    files = {
        **CORE,
        "tests/test_made.py": "from pkg.core import one\n\ndef make():\n    return lambda: one()\n\n"
        "for name in 'ab':\n    globals()['test_' + name] = make()\n",
    }

    assert impact_cases.names(files, CHANGE) == {"tests/test_made.py"}


def test_a_test_bound_by_assignment_is_a_test() -> None:
    files = {
        **CORE,
        "tests/test_a.py": "from pkg.core import one\n\ntest_it = lambda: one()\n\ndef test_no():\n    pass\n",
    }

    assert impact_cases.names(files, CHANGE) == {"tests/test_a.py::test_it"}


def test_a_changed_test_is_selected_alone() -> None:
    files = {"tests/test_a.py": "def test_a():\n    assert 1\n\ndef test_b():\n    pass\n"}

    chosen = impact_cases.select(files, {"tests/test_a.py": files["tests/test_a.py"].replace("assert 1", "assert 2")})

    assert impact_cases.ids(chosen) == {"tests/test_a.py::test_a"}
    assert chosen.affected[0].reason == "it changed"


def test_values_of_parameters_reach_only_the_module_when_they_are_computed() -> None:
    files = {
        **CORE,
        "tests/test_a.py": "import pytest\nfrom pkg.core import one\n\n@pytest.mark.parametrize('x', [one()])\n"
        "def test_a(x):\n    pass\n\ndef test_b():\n    pass\n",
        "tests/test_c.py": "import pytest\nfrom pkg.core import one\n\n@pytest.mark.parametrize('f', [one])\n"
        "def test_c(f):\n    f()\n\ndef test_d():\n    pass\n",
    }

    assert impact_cases.names(files, CHANGE) == {
        "tests/test_a.py::test_a",
        "tests/test_a.py::test_b",
        "tests/test_c.py::test_c",
    }
