"""How a changed function, method or name reaches tests."""

import pytest

from tests import impact_cases

CORE = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
CHANGED = CORE.replace("return 1", "return 1 + 0")
TESTS = "def test_one():\n    assert one() == 1\n\n\ndef test_two():\n    assert two() == 2\n"


def test_only_the_test_that_calls_a_changed_function_is_selected() -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/core.py": CORE,
        "tests/test_core.py": f"from pkg.core import one, two\n{TESTS}",
    }

    chosen = impact_cases.select(files, {"pkg/core.py": CHANGED})

    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_one"}
    assert chosen.unaffected == {"tests/test_core.py": frozenset({"test_two"})}
    assert chosen.total == 2
    assert chosen.affected[0].reason == "calls pkg.core.one, which changed"


@pytest.mark.parametrize(
    ("statement", "call"),
    [
        ("from pkg.core import one", "one()"),
        ("from pkg.core import one as other", "other()"),
        ("import pkg.core", "pkg.core.one()"),
        ("import pkg.core as c", "c.one()"),
        ("from pkg import core", "core.one()"),
        ("from pkg import *", "one()"),
        ("from pkg import one", "one()"),
        ("from pkg import again", "again()"),
        ("import pkg", "pkg.again()"),
        ("import importlib", "importlib.import_module('pkg.core').one()"),
        ("import importlib", "getattr(importlib.import_module('pkg.core'), 'o' + 'ne')()"),
        ("from unittest import mock", "mock.patch('pkg.core.one')"),
        ("import pkg.core", "getattr(pkg.core, 'one')()"),
        ("import pkg.core", "getattr(pkg.core, 'o' + 'ne')()"),
        ("import pkg.core", "vars(pkg.core)['one']()"),
        ("import subprocess, sys", "subprocess.run([sys.executable, '-m', 'pkg'])"),
        ("", "exec('import pkg.core; pkg.core.one()')"),
        ("", "(lambda: __import__('pkg.core', fromlist=['one']).one())()"),
    ],
)
@pytest.mark.parametrize("root", ["", "src/"])
def test_every_way_to_name_a_function_reaches_it(statement: str, call: str, root: str) -> None:
    files = {
        f"{root}pkg/__init__.py": "from .core import *\nfrom .core import one as again\n",
        f"{root}pkg/core.py": CORE,
        "tests/test_core.py": f"{statement}\n\ndef test_one():\n    {call}\n\n\ndef test_nothing():\n    pass\n",
    }

    found = impact_cases.names(files, {f"{root}pkg/core.py": CHANGED})

    assert found == {"tests/test_core.py::test_one"}


def test_an_import_inside_a_function_reaches() -> None:
    files = {
        "pkg/core.py": CORE,
        "pkg/use.py": "def use():\n    from .core import one\n    return one()\n",
        "tests/test_use.py": "from pkg.use import use\n\ndef test_use():\n    use()\n\ndef test_other():\n    pass\n",
    }

    assert impact_cases.names(files, {"pkg/core.py": CHANGED}) == {"tests/test_use.py::test_use"}


def test_a_function_is_reached_through_others_and_the_reason_names_both_ends() -> None:
    files = {
        "pkg/core.py": CORE,
        "pkg/middle.py": "from pkg import core\n\ndef middle():\n    return core.one()\n",
        "pkg/outer.py": "from pkg.middle import middle\n\ndef outer():\n    return middle()\n",
        "tests/test_outer.py": "from pkg.outer import outer\n\ndef test_outer():\n    outer()\n",
    }

    chosen = impact_cases.select(files, {"pkg/core.py": CHANGED})

    assert chosen.affected[0].reason == ("calls pkg.outer.outer, which reaches pkg.core.one, which changed")


def test_a_local_variable_of_the_same_name_does_not_reach() -> None:
    files = {
        "pkg/core.py": CORE,
        "tests/test_core.py": "from pkg.core import one\n\ndef test_one():\n    one()\n\n"
        "def test_local():\n    one = 3\n    assert one\n\n"
        "def test_argument(tmp_path):\n    assert (lambda one: one)(1)\n",
    }

    assert impact_cases.names(files, {"pkg/core.py": CHANGED}) == {"tests/test_core.py::test_one"}


def test_an_attribute_of_a_module_outside_the_tree_does_not_reach() -> None:
    files = {
        "pkg/paths.py": "def join(parts):\n    return parts\n",
        "tests/test_paths.py": "import os.path\nfrom pkg import paths\n\ndef test_join():\n    paths.join([])\n\n"
        "def test_other():\n    os.path.join('a', ' '.join('b'))\n",
    }

    found = impact_cases.names(files, {"pkg/paths.py": "def join(parts):\n    return list(parts)\n"})

    assert found == {"tests/test_paths.py::test_join"}


def test_a_namespace_package_is_found() -> None:
    files = {"space/part/core.py": CORE, "tests/test_core.py": f"from space.part.core import one, two\n{TESTS}"}

    assert impact_cases.names(files, {"space/part/core.py": CHANGED}) == {"tests/test_core.py::test_one"}


def test_a_module_beside_the_test_is_found_by_its_bare_name() -> None:
    files = {"tests/unit/helping.py": CORE, "tests/unit/test_core.py": f"from helping import one, two\n{TESTS}"}

    assert impact_cases.names(files, {"tests/unit/helping.py": CHANGED}) == {"tests/unit/test_core.py::test_one"}


def test_a_changed_constant_reaches_what_uses_it() -> None:
    files = {
        "pkg/core.py": "LIMIT = 3\n\ndef limited(x):\n    return min(x, LIMIT)\n\ndef free(x):\n    return x\n",
        "tests/test_core.py": "from pkg import core\n\ndef test_limited():\n    core.limited(1)\n\n"
        "def test_free():\n    core.free(1)\n",
    }

    found = impact_cases.names(files, {"pkg/core.py": files["pkg/core.py"].replace("LIMIT = 3", "LIMIT = 4")})

    assert found == {"tests/test_core.py::test_limited"}


@pytest.mark.parametrize(
    "statement",
    ["TABLE = one()", "print(one())", "if one():\n    pass", "for x in one():\n    pass", "@one\ndef f(): ..."],
)
def test_code_that_runs_on_import_reaches_every_importer(statement: str) -> None:
    files = {
        "pkg/core.py": CORE,
        "pkg/table.py": f"from pkg.core import one\n{statement}\n",
        "tests/test_table.py": "import pkg.table\n\ndef test_nothing():\n    pass\n",
        "tests/test_other.py": "def test_other():\n    pass\n",
    }

    chosen = impact_cases.select(files, {"pkg/core.py": CHANGED})

    assert impact_cases.ids(chosen) == {"tests/test_table.py::test_nothing"}
    assert "imports pkg.table" in chosen.affected[0].reason


@pytest.mark.parametrize("statement", ["TABLE = {'one': one}", "def f(x=1): return one()", "other = lambda: one()"])
def test_what_is_only_referred_to_on_import_does_not(statement: str) -> None:
    files = {
        "pkg/core.py": CORE,
        "pkg/table.py": f"from pkg.core import one\n{statement}\n",
        "tests/test_table.py": "import pkg.table\n\ndef test_nothing():\n    pass\n",
    }

    assert impact_cases.names(files, {"pkg/core.py": CHANGED}) == set()


@pytest.mark.parametrize(
    ("registry", "registering"),
    [
        (
            "REGISTRY = {}\ndef run(): return REGISTRY['one']()\n",
            "from pkg.registry import REGISTRY\nREGISTRY['one'] = one\n",
        ),
        (
            "class R:\n    def add(self, f): ...\nREGISTRY = R()\ndef run(): return REGISTRY\n",
            "from pkg import registry\n@registry.REGISTRY.add\ndef wrapped():\n    return one()\n",
        ),
        (
            "KEPT = []\ndef keep(f):\n    KEPT.append(f)\n    return f\ndef run(): return KEPT[0]()\n",
            "from pkg.registry import keep\n@keep\ndef wrapped():\n    return one()\n",
        ),
        (
            "KEPT = []\ndef keep(f):\n    KEPT.append(f)\n    return f\ndef run(): return KEPT[0]()\n",
            "from pkg.registry import keep\nkeep(one)\n",
        ),
        (
            "import functools\n@functools.singledispatch\ndef run(x=1): ...\n",
            "from pkg.registry import run\n@run.register(int)\ndef _(x):\n    return one()\n",
        ),
    ],
)
def test_what_is_registered_is_reached_through_its_registry(registry: str, registering: str) -> None:
    files = {
        "pkg/core.py": CORE,
        "pkg/registry.py": registry,
        "pkg/plugin.py": f"from pkg.core import one\n{registering}",
        "tests/test_run.py": "import pkg.plugin\nfrom pkg.registry import run\n\ndef test_run():\n    run()\n",
    }

    assert impact_cases.names(files, {"pkg/core.py": CHANGED}) == {"tests/test_run.py::test_run"}


def test_code_that_no_test_reaches_is_named() -> None:
    files = {"pkg/core.py": CORE, "tests/test_core.py": "from pkg.core import two\n\ndef test_two():\n    two()\n"}

    chosen = impact_cases.select(files, {"pkg/core.py": CHANGED})

    assert chosen.affected == ()
    assert chosen.unreached == ("pkg/core.py::one",)
    assert chosen.executable


def test_of_two_changed_functions_the_one_that_no_test_reaches_is_named() -> None:
    files = {"pkg/core.py": CORE, "tests/test_core.py": "from pkg.core import two\n\ndef test_two():\n    two()\n"}

    chosen = impact_cases.select(files, {"pkg/core.py": CHANGED.replace("return 2", "return 3")})

    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_two"}
    assert chosen.unreached == ("pkg/core.py::one",)


def test_comments_and_formatting_change_nothing_executable() -> None:
    files = {"pkg/core.py": CORE, "tests/test_core.py": f"from pkg.core import *\n{TESTS}"}

    chosen = impact_cases.select(files, {"pkg/core.py": CORE.replace("return 1", "return (  1  )  # the first")})

    assert chosen.affected == ()
    assert not chosen.executable
    assert chosen.unreached == ()
    assert chosen.total == 2


def test_nothing_changed_selects_nothing() -> None:
    chosen = impact_cases.select({"pkg/core.py": CORE, "tests/test_core.py": TESTS}, {})

    assert (chosen.affected, chosen.executable, chosen.total) == ((), False, 2)
