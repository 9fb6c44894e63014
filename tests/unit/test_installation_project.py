"""What trees declare: one test for each way of declaring it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import groups, project
from tests.fakes.memory_tree import MemoryTree


def _declared(files: dict[str, str]) -> dict[str, groups.Purpose]:
    described = project.describe(MemoryTree(files))
    return {str(item.requirement): item.purpose for item in reversed(described.declared)}


RUNTIME, TEST, DEVELOPMENT, OTHER = groups.Purpose


def test_pyproject_with_extras_and_included_groups() -> None:
    found = _declared(
        {
            "pyproject.toml": """
[project]
name = "mine"
dependencies = ["six>=1"]
[project.optional-dependencies]
socks = ["pysocks"]
[dependency-groups]
dev = [{include-group = "test"}, "tox"]
test = ["mine[socks]", "freezegun", {include-group = "dev"}]
"""
        }
    )

    assert found == {"six>=1": RUNTIME, "pysocks": TEST, "freezegun": TEST, "tox": TEST}


def test_poetry_with_its_version_notation() -> None:
    found = _declared(
        {
            "pyproject.toml": """
[tool.poetry]
name = "mine"
[tool.poetry.dependencies]
python = "^3.9"
click = "^8.1"
attrs = "~21.4"
rich = {version = ">=10,<15", optional = true}
tomli = {version = "*", python = "<3.11"}
local = {path = "../local"}
[tool.poetry.extras]
pretty = ["rich"]
[tool.poetry.group.test.dependencies]
freezegun = "1.2"
[tool.poetry.dev-dependencies]
mock = "^0.0.3"
"""
        }
    )

    assert found == {
        "click>=8.1,<9": RUNTIME,
        "attrs>=21.4,<21.5": RUNTIME,
        'tomli ; python_version < "3.11"': RUNTIME,
        "rich>=10,<15": OTHER,
        "freezegun==1.2": TEST,
        "mock>=0.0.3,<0.0.4": DEVELOPMENT,
    }


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('[tool.pdm.dev-dependencies]\ntest = ["freezegun"]', {"freezegun": TEST}),
        ('[tool.uv]\ndev-dependencies = ["freezegun"]', {"freezegun": DEVELOPMENT}),
        ('[tool.hatch.envs.hatch-test]\nextra-dependencies = ["freezegun"]', {"freezegun": TEST}),
        ('[tool.flit.metadata]\nmodule = "m"\nrequires = ["six"]', {"six": RUNTIME}),
        ('[tool.flit.metadata.requires-extra]\ntest = ["freezegun"]', {"freezegun": TEST}),
        ('[tool.tox.env_run_base]\ndeps = ["freezegun"]', {"freezegun": TEST}),
        ('[tool.tox]\nlegacy_tox_ini = """\n[testenv]\ndeps = freezegun\n"""', {"freezegun": TEST}),
    ],
)
def test_tables_of_other_tools(table: str, expected: dict[str, groups.Purpose]) -> None:
    assert _declared({"pyproject.toml": table}) == expected


def test_setup_cfg_and_setup_py() -> None:
    found = _declared(
        {
            "setup.cfg": "[metadata]\nname = mine\n[options]\ninstall_requires =\n    six\n    # no\n"
            "[options.extras_require]\ntest =\n    freezegun>=1\n",
            "setup.py": "from setuptools import setup\nsetup(tests_require=['mock'],"
            " extras_require={':python_version<\"3\"': ['enum34']})",
        }
    )

    assert found == {
        "six": RUNTIME,
        "freezegun>=1": TEST,
        "mock": TEST,
        'enum34 ; python_version<"3"': RUNTIME,
    }


def test_tox_with_factors_includes_and_the_project_itself() -> None:
    found = _declared(
        {
            "setup.cfg": "[metadata]\nname = mine\n[options]\ninstall_requires = six\n"
            "[options.extras_require]\nfast = speedups\n",
            "tox.ini": """
[tox]
envlist = py311
[testenv]
deps =
    freezegun  # time
    django42: Django~=4.2
    -r requirements/extra.txt
    -c constraints.txt
    .[fast]
[testenv:docs]
deps = sphinx
""",
            "requirements/extra.txt": "mock==1.0 --hash=sha256:00 \\\n  --hash=sha256:11\n",
        }
    )

    assert found == {
        "six": RUNTIME,
        "speedups": TEST,
        "freezegun": TEST,
        "django": TEST,
        "mock==1.0": TEST,
        "sphinx": OTHER,
    }


def test_nox_sessions_are_read_and_not_run() -> None:
    found = _declared(
        {
            "pyproject.toml": '[project]\nname = "mine"\ndependencies = ["six"]\noptional-dependencies.test = ["mock"]',
            "noxfile.py": """
import nox
raise SystemExit
@nox.session
def tests(session):
    session.install("-e", ".[test]")
    session.install("freezegun", "-r", "dev.txt", "--upgrade")
@nox.session
def lint(session):
    session.install("flake8")
""",
            "dev.txt": "pytest-mock\n",
        }
    )

    assert found == {"six": RUNTIME, "mock": TEST, "freezegun": TEST, "pytest-mock": TEST, "flake8": OTHER}


def test_of_a_list_and_what_was_compiled_from_it_the_list_counts() -> None:
    found = _declared(
        {
            "pyproject.toml": '[project]\nname = "mine"\ndependencies = ["six"]',
            "requirements/tests.in": "freezegun\n",
            "requirements/tests.txt": "freezegun==1.4.0\nsix==1.16.0\n",
            "requirements/dev.in": "-r tests.txt\n-r docs.txt\ntox\n",
            "requirements/docs.txt": "sphinx==7.0\n",
        }
    )

    assert found == {"six": RUNTIME, "freezegun": TEST, "tox": DEVELOPMENT, "sphinx==7.0": OTHER}


def test_requirements_txt_is_for_run_time_where_no_manifest_says_what_that_needs() -> None:
    assert _declared({"requirements.txt": "flask\n"}) == {"flask": RUNTIME}
    assert _declared({"requirements.txt": "flask\n", "setup.cfg": "[options]\ninstall_requires = six"}) == {
        "six": RUNTIME,
        "flask": DEVELOPMENT,
    }


def test_includes_that_leave_the_tree_or_include_each_other_end() -> None:
    found = _declared(
        {
            "requirements-test.txt": "-r ../../etc/passwd\n-r other.txt\nfreezegun\n",
            "other.txt": "-r requirements-test.txt\nmock\n",
        }
    )

    assert found == {"freezegun": TEST, "mock": TEST}


def test_symbolic_links_are_not_followed() -> None:
    files = MemoryTree({"requirements-test.txt": "freezegun\n"}, modes={"requirements-test.txt": tree.Mode.SYMLINK})

    assert project.describe(files).declared == ()


def test_projects_below_the_root_are_described_and_material_for_tests_is_not() -> None:
    described = project.describe(
        MemoryTree(
            {
                "packages/one/pyproject.toml": '[project]\nname = "one"\ndependencies = ["two", "six"]',
                "packages/one/src/one/__init__.py": "",
                "packages/two/setup.cfg": "[metadata]\nname = two",
                "packages/two/two.py": "",
                "tests/fixtures/three/pyproject.toml": '[project]\nname = "three"',
            }
        )
    )

    assert [each.name for each in described.projects] == ["", "one", "two"]
    assert described.import_roots == ("packages/one/src", "packages/one", "packages/two", "")
    assert [str(item.requirement) for item in described.declared] == ["six"]


@given(
    st.dictionaries(st.sampled_from(["pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "noxfile.py"]), st.text())
)
def test_nonsense_in_manifests_declares_nothing_and_raises_nothing(files: dict[str, str]) -> None:
    encoded = {path: text.encode("utf-8", "surrogatepass") for path, text in files.items()}

    assert project.describe(MemoryTree(encoded)).projects[0].sources.folder == ""


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("pyproject.toml", "a = " + "[" * 100_000),
        ("setup.py", "x = " + "(" * 100_000),
        ("setup.py", "x = " + "-" * 100_000 + "1"),
        ("setup.py", "x = a" + ".b" * 100_000),
        ("setup.py", "\0"),
        ("setup.cfg", "[a]\n" * 10 + "=\n["),
        ("pyproject.toml", "x = 1\n" * 500_000),
        ("pyproject.toml", 'project = "x"\ntool = [1]\ndependency-groups = {a = [{include-group = 1}, 2]}'),
    ],
)
def test_manifests_made_to_break_parsers_declare_nothing(path: str, source: str) -> None:
    assert project.describe(MemoryTree({path: source})).declared == ()
