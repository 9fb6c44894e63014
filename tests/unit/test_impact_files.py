"""How whole files reach tests: added, deleted, renamed, broken, data, configuration, documents."""

import pytest

from gatekeeper.diffs import diff, tree
from gatekeeper.impact import affected
from tests import impact_cases
from tests.fakes import memory_tree

CORE = {"pkg/__init__.py": "", "pkg/core.py": "def one():\n    return 1\n\n\ndef two():\n    return 2\n"}
TESTS = {
    "tests/test_core.py": "from pkg.core import one\n\ndef test_one():\n    one()\n",
    "tests/test_other.py": "import pkg\n\ndef test_other():\n    pass\n",
}
FILES = {**CORE, **TESTS}
EVERY = {"tests/test_core.py::test_one", "tests/test_other.py::test_other"}


def test_a_deleted_module_reaches_every_importer() -> None:
    chosen = impact_cases.select(FILES, {"pkg/core.py": None})

    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_one"}
    assert chosen.affected[0].reason == "imports pkg.core, which was removed"


def test_a_renamed_module_reaches_importers_of_both_names() -> None:
    tests = {**TESTS, "tests/test_other.py": "def test_new():\n    from pkg.fresh import one\n"}
    before = memory_tree.MemoryTree({**CORE, **tests})
    after = memory_tree.MemoryTree({"pkg/__init__.py": "", "pkg/fresh.py": CORE["pkg/core.py"], **tests})
    renamed = diff.FileChange(
        kind=diff.Kind.RENAMED, before="pkg/core.py", after="pkg/fresh.py", binary=False, hunks=()
    )

    chosen = affected.select(diff.Diff(files=(renamed,), text=""), before, after)

    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_one", "tests/test_other.py::test_new"}


def test_a_removed_function_reaches_everything_that_imports_it_by_name() -> None:
    files = {
        **FILES,
        "pkg/use.py": "from pkg.core import two\n",
        "tests/test_use.py": "import pkg.use\ndef test_u(): ...\n",
    }

    chosen = impact_cases.select(files, {"pkg/core.py": "def one():\n    return 1\n"})

    assert impact_cases.ids(chosen) == {"tests/test_use.py::test_u"}
    assert "imports two, which was removed" in chosen.affected[0].reason


def test_a_new_module_that_hides_another_reaches_its_importers() -> None:
    files = {"src/helping.py": "x = 1\n", "tests/test_a.py": "import helping\n\ndef test_a():\n    pass\n"}

    assert impact_cases.names(files, {"tests/helping.py": "x = 2\n"}) == {"tests/test_a.py::test_a"}


def test_a_new_test_is_selected() -> None:
    chosen = impact_cases.select(FILES, {"tests/test_new.py": "def test_new():\n    pass\n"})

    assert impact_cases.ids(chosen) == {"tests/test_new.py::test_new"}
    assert chosen.affected[0].reason == "it is new"


def test_a_deleted_test_selects_nothing() -> None:
    chosen = impact_cases.select(FILES, {"tests/test_other.py": None})

    assert impact_cases.ids(chosen) == set()
    assert chosen.total == 1


def test_a_file_that_no_longer_parses_is_named_and_reaches_every_importer() -> None:
    chosen = impact_cases.select(FILES, {"pkg/core.py": "def one(:\n    return 1\n"})

    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_one"}
    assert chosen.affected[0].reason == "imports pkg.core, which no longer parses"
    assert chosen.unparsable == {"pkg/core.py": "invalid syntax (line 1)"}


def test_a_test_module_that_no_longer_parses_is_selected_as_a_whole() -> None:
    chosen = impact_cases.select(FILES, {"tests/test_core.py": "def test_one(:\n"})

    assert impact_cases.ids(chosen) == {"tests/test_core.py"}
    assert chosen.affected[0].reason == "it no longer parses"


def test_a_new_file_that_does_not_parse_is_named() -> None:
    chosen = impact_cases.select(FILES, {"pkg/fresh.py": "def ("})

    assert set(chosen.unparsable) == {"pkg/fresh.py"}


def test_syntax_that_is_too_new_for_this_python_on_both_sides_is_opaque_and_no_finding() -> None:
    files = {**FILES, "pkg/core.py": "def one[:]: # not for this parser\n    return 1\n"}

    chosen = impact_cases.select(files, {"pkg/core.py": files["pkg/core.py"].replace("1", "2")})

    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_one"}
    assert chosen.unparsable == {}


def test_a_project_for_a_newer_python_may_have_syntax_that_is_too_new() -> None:
    files = {**FILES, "pyproject.toml": "[project]\nrequires-python = '>=3.99'\n"}

    chosen = impact_cases.select(files, {"pkg/core.py": "def one[:]: ...\n"})

    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_one"}
    assert chosen.unparsable == {}


def test_what_cannot_be_parsed_is_taken_to_use_anything() -> None:
    files = {**FILES, "pkg/odd.py": "def odd[:]: ...\n", "tests/test_odd.py": "import pkg.odd\n\ndef test_odd(): ...\n"}

    found = impact_cases.names(files, {"pkg/core.py": CORE["pkg/core.py"].replace("2", "3")})

    assert found == {"tests/test_odd.py::test_odd"}


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "tox.ini",
        "pytest.ini",
        "requirements.txt",
        "requirements/test.txt",
        "requirements-dev.txt",
        "uv.lock",
        "pkg/fast.pyx",
        "pkg/_speed.c",
    ],
)
def test_configuration_and_compiled_code_reach_every_test(path: str) -> None:
    chosen = impact_cases.select({**FILES, path: "\n"}, {path: "# changed\n"})

    assert impact_cases.ids(chosen) == EVERY
    assert all(path in test.reason for test in chosen.affected)
    assert chosen.executable


@pytest.mark.parametrize("path", ["pyproject.toml", "conftest.py", "setup.cfg", "pkg/core.py"])
def test_a_submodule_in_the_place_of_a_file_is_no_file(path: str) -> None:
    before = memory_tree.MemoryTree(FILES)
    after = memory_tree.MemoryTree({**FILES, path: "1"}, {path: tree.Mode.SUBMODULE})

    chosen = affected.select(impact_cases.difference(before, after), before, after)

    assert chosen.affected


def test_a_changed_submodule_reaches_every_test() -> None:
    before = memory_tree.MemoryTree({**FILES, "vendor": "1"}, {"vendor": tree.Mode.SUBMODULE})
    after = memory_tree.MemoryTree({**FILES, "vendor": "2"}, {"vendor": tree.Mode.SUBMODULE})

    chosen = affected.select(impact_cases.difference(before, after), before, after)

    assert impact_cases.ids(chosen) == EVERY


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "docs/index.rst",
        "docs/data.json",
        "LICENSE",
        ".github/workflows/ci.yml",
        ".gitignore",
        "CHANGES.rst",
        "pkg/py.typed",
        "pkg/core.pyi",
        "logo.png",
        "Makefile",
    ],
)
def test_what_no_test_executes_selects_nothing(path: str) -> None:
    chosen = impact_cases.select({**FILES, path: "a\n"}, {path: "b\n"})

    assert chosen.affected == ()
    assert not chosen.executable


@pytest.mark.parametrize(
    "named",
    [
        "open('tests/data/case.json')",
        "open(HERE / 'data' / f'{name}.json')",
        "HERE.glob('data/*.json')",
        "load('case')",
        "os.listdir(HERE / 'data')",
        "open(HERE + '/data/' + name)",
    ],
)
def test_a_data_file_reaches_the_test_that_names_it(named: str) -> None:
    files = {
        **FILES,
        "tests/data/case.json": "1",
        "tests/test_data.py": f"def test_data():\n    {named}\n\ndef test_nothing():\n    pass\n",
    }

    chosen = impact_cases.select(files, {"tests/data/case.json": "2"})

    assert impact_cases.ids(chosen) == {"tests/test_data.py::test_data"}
    assert "tests/data/case.json" in chosen.affected[0].reason or "case.json" in chosen.affected[0].reason


def test_a_data_file_reaches_tests_through_the_code_that_reads_it() -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/table.csv": "1",
        "pkg/read.py": "TABLE = 'table.csv'\n\ndef read():\n    return open(TABLE)\n\ndef other():\n    pass\n",
        "tests/test_read.py": "from pkg import read\n\ndef test_read():\n    read.read()\n\n"
        "def test_other():\n    read.other()\n",
    }

    assert impact_cases.names(files, {"pkg/table.csv": "2"}) == {"tests/test_read.py::test_read"}


def test_a_data_file_that_nothing_names_reaches_what_is_beside_it() -> None:
    files = {**FILES, "pkg/table.csv": "1"}

    chosen = impact_cases.select(files, {"pkg/table.csv": "2"})

    assert impact_cases.ids(chosen) == EVERY
    assert "may read pkg/table.csv" in chosen.affected[0].reason


def test_a_document_that_code_names_is_data() -> None:
    files = {**FILES, "README.md": "1", "tests/test_readme.py": "def test_it():\n    open('README.md')\n"}

    assert impact_cases.names(files, {"README.md": "2"}) == {"tests/test_readme.py::test_it"}


def test_a_package_behind_a_link_is_found() -> None:
    files = {
        "real/pkg/__init__.py": "",
        "real/pkg/core.py": "def one():\n    return 1\n",
        "pkg": "real/pkg",
        "tests/test_core.py": TESTS["tests/test_core.py"],
    }
    modes = {"pkg": tree.Mode.SYMLINK}
    before = memory_tree.MemoryTree(files, modes)
    after = memory_tree.MemoryTree({**files, "real/pkg/core.py": "def one():\n    return 2\n"}, modes)

    chosen = affected.select(impact_cases.difference(before, after), before, after)

    assert impact_cases.ids(chosen) == {"tests/test_core.py::test_one"}


@pytest.mark.parametrize("target", ["pkg", "pkg/deeper", "..", "/etc", "."])
def test_a_link_to_itself_or_out_of_the_tree_is_harmless(target: str) -> None:
    files = {**FILES, "pkg2": target, "tests/test_link.py": "import pkg2.a.b\n\ndef test_a():\n    pass\n"}
    tree_ = memory_tree.MemoryTree(files, {"pkg2": tree.Mode.SYMLINK})

    assert affected.select(impact_cases.difference(tree_, tree_), tree_, tree_).affected == ()


@pytest.mark.parametrize(
    "source",
    [
        b"# -*- coding: latin-1 -*-\ndef one():\n    return '\xe9'\n",
        b"\xef\xbb\xbfdef one():\n    return 1\n",
        b"def one():\r\n    return 1\r\n",
        b"def one():\n\treturn 1 \x0c\n",
    ],
)
def test_sources_in_any_encoding_are_read(source: bytes) -> None:
    files: impact_cases.Files = {**FILES, "pkg/core.py": source}

    found = impact_cases.names(files, {"pkg/core.py": source.replace(b"return", b"return 1 and")})

    assert found == {"tests/test_core.py::test_one"}


def test_an_encoding_that_does_not_hold_is_no_longer_parsable() -> None:
    chosen = impact_cases.select(FILES, {"pkg/core.py": b"def one():\n    return '\xff'\n"})

    assert set(chosen.unparsable) == {"pkg/core.py"}


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "(" * 5000 + ")" * 5000,
        "x = " + "a." * 5000 + "b\n",
        "x = " + "-" * 5000 + "1\n",
        "x = " + "1 + " * 5000 + "1\n",
        "".join(f"{' ' * i}def f():\n" for i in range(90)) + " " * 90 + "pass\n",
        "\0",
        "class A(A.B.C): pass\nclass B(B): pass\n",
        "from m import *\nfrom . import *\nfrom .... import x\nimport m\n",
    ],
)
def test_hostile_sources_are_survived(source: str) -> None:
    files = {**FILES, "m.py": "x = 1\n", "tests/test_m.py": "import m\n\ndef test_m():\n    m.x\n"}

    assert "tests/test_m.py::test_m" in impact_cases.names(files, {"m.py": source})


def test_a_name_that_is_no_utf_8_is_kept() -> None:
    path = b"tests/test_\xff.py".decode("utf-8", "surrogateescape")

    assert impact_cases.names(FILES, {path: "def test_a():\n    pass\n"}) == {f"{path}::test_a"}
