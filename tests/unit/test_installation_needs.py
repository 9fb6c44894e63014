from gatekeeper.sandbox.installation import groups, modules, needs, requirement
from tests.fakes import memory_tree
from tests.fakes.memory_tree import MemoryTree


def _item(line: str, purpose: groups.Purpose) -> groups.Declared:
    parsed = requirement.parse(line)
    assert isinstance(parsed, requirement.Requirement)
    return groups.Declared(requirement=parsed, purpose=purpose, origin="pyproject.toml")


NOTHING = modules.Imports(tests=frozenset(), code=frozenset(), firm=frozenset())


def _chosen(*items: groups.Declared, tests: str = "", code: str = "") -> list[str]:
    imports = modules.Imports(
        tests=frozenset(tests.split()), code=frozenset(code.split()), firm=frozenset(tests.split())
    )
    return [str(item) for item in needs.choose(items, imports).requirements]


def test_tools_are_granted_only_where_something_imports_them() -> None:
    ruff, setuptools = _item("ruff", groups.Purpose.TEST), _item("setuptools", groups.Purpose.TEST)

    assert _chosen(ruff, setuptools, code="pkg_resources") == ["setuptools"]


def test_optional_features_are_granted_where_tests_import_them() -> None:
    dotenv, babel = _item("python-dotenv", groups.Purpose.OTHER), _item("babel", groups.Purpose.OTHER)

    assert _chosen(dotenv, babel, tests="dotenv", code="babel") == ["python-dotenv"]


def test_what_tests_only_try_to_import_is_granted_from_a_test_group_alone() -> None:
    soft = modules.Imports(tests=frozenset({"wcwidth"}), code=frozenset(), firm=frozenset())
    for purpose, granted in {groups.Purpose.TEST: 1, groups.Purpose.DEVELOPMENT: 0, groups.Purpose.OTHER: 0}.items():
        assert len(needs.choose([_item("wcwidth", purpose)], soft).requirements) == granted


def test_an_import_that_is_tried_is_not_firm() -> None:
    source = (
        "import firm\ntry:\n    import soft\n    from softer import x\nexcept ImportError:\n    soft = None\n"
        "other = pytest.importorskip('skipped')\ndef test_it():\n    import inner\n"
    )
    found = modules.imported(memory_tree.MemoryTree({"tests/test_it.py": source}), {})
    assert found.tests == {"firm", "soft", "softer", "skipped", "inner"}
    assert found.firm == {"firm", "inner"}


def test_what_a_surer_group_says_of_a_distribution_holds() -> None:
    items = [
        _item("django==1.0", groups.Purpose.DEVELOPMENT),
        _item("django>=4", groups.Purpose.TEST),
        _item("django<6", groups.Purpose.RUNTIME),
    ]

    assert _chosen(*items) == ["django<6", "django>=4"]


def test_plugins_that_would_disturb_are_refused_with_the_reason() -> None:
    found = needs.choose([_item("pytest-xdist>=3", groups.Purpose.TEST)], NOTHING)

    assert found.requirements == ()
    assert found.refused == {"pytest-xdist": "pytest-xdist is not granted: it starts processes or threads"}


def test_the_sandboxes_own_distributions_are_not_resolved_and_a_pin_of_one_is_told() -> None:
    items = [_item("pytest<8", groups.Purpose.TEST), _item("pluggy", groups.Purpose.TEST)]
    found = needs.choose(items, NOTHING)

    assert found.requirements == ()
    assert found.notes == ("pyproject.toml: pytest<8 is not heeded: the sandbox has its own pytest",)


def test_imports_are_read_from_statements_skips_and_plugins() -> None:
    files = MemoryTree(
        {
            "tests/test_a.py": "import os, numpy as np\nfrom yaml.x import y\n  import inner\n# import no\n",
            "tests/conftest.py": 'pytest_plugins = ["trial.plugin"]\nx = pytest.importorskip("dotenv.x")\n',
            "tests/test_b.py": "from . import b\nfromage = 1\n",
            "pkg/a.py": "import tomli; x = 1\n",
            "docs/conf.py": "import sphinx\n",
            "setup.py": "import setuptools\n",
        }
    )

    found = modules.imported(files, {})

    assert found.tests == {"numpy", "yaml", "inner", "trial", "dotenv"}
    assert found.code == {"tomli"}


def test_a_blob_that_was_seen_is_not_read_again() -> None:
    files = MemoryTree({"a.py": "import tomli"})
    seen = {files.entries["a.py"].blob: frozenset({"remembered"})}

    assert modules.imported(files, seen).code == {"remembered"}
