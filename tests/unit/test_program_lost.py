from collections.abc import Mapping

import pytest

from gatekeeper.simulation.program import program
from tests import program_cases

_TEST = "tests/test_sums.py"
_FILES: Mapping[str, str] = {
    "pack/__init__.py": "",
    "pack/sums.py": "def add(a, b):\n    return a + b\n",
    "pack/more.py": "from pack.sums import add\n\n\ndef three():\n    return add(1, 2)\n",
    "tests/conftest.py": "",
    _TEST: "from pack import sums\n\n\ndef test_add():\n    assert sums.add(1, 1) == 2\n",
}


def _became(changes: Mapping[str, str | None], base: Mapping[str, str] = _FILES) -> program.Closed | program.NotClosed:
    after = {path: text for path, text in {**base, **changes}.items() if text is not None}
    (found,) = program_cases.close(base, after, f"{_TEST}::test_add")
    return found


def _why(changes: Mapping[str, str | None], base: Mapping[str, str] = _FILES) -> str:
    found = _became(changes, base)
    assert isinstance(found, program.NotClosed), found
    return found.why


def test_a_test_that_imports_a_removed_module_is_not_closed() -> None:
    assert _why({"pack/sums.py": None}) == f"{_TEST} imports pack/sums.py, which was removed"


def test_a_test_that_imports_a_module_that_no_longer_parses_is_not_closed() -> None:
    named = {**_FILES, _TEST: "from pack.sums import add\n\n\ndef test_add():\n    assert add(1, 1) == 2\n"}
    said = "pack/sums.py, which its import runs, cannot be parsed: invalid syntax"

    assert _why({"pack/sums.py": "def add(:\n"}) == said
    assert _why({"pack/sums.py": "def add(:\n"}, named) == said


@pytest.mark.parametrize("path", ["pack/__init__.py", "tests/conftest.py"])
def test_so_is_one_whose_packages_or_conftests_no_longer_parse(path: str) -> None:
    assert _why({path: "def (\n"}).startswith(f"{path}, which its import runs, cannot be parsed")


def test_a_module_that_is_imported_through_another_counts_too() -> None:
    test = "from pack import more\n\n\ndef test_add():\n    assert more.three() == 3\n"

    why = _why({"pack/sums.py": None}, {**_FILES, _TEST: test})

    assert why == "pack/more.py imports pack/sums.py, which was removed"


def test_a_name_that_is_imported_and_no_longer_there_counts_too() -> None:
    test = "from pack.sums import add\n\n\ndef test_add():\n    assert add(1, 1) == 2\n"

    why = _why({"pack/sums.py": "def plus(a, b):\n    return a + b\n"}, {**_FILES, _TEST: test})

    assert why == f"{_TEST} imports pack/sums.py::add, which was removed"


@pytest.mark.parametrize(
    "test",
    [
        _FILES[_TEST],
        _FILES[_TEST].replace("from pack import sums", "import pack.sums").replace("assert sums", "assert pack.sums"),
    ],
)
def test_a_test_that_uses_what_was_removed_from_a_module_is_not_closed(test: str) -> None:
    why = _why({"pack/sums.py": "def plus(a, b):\n    return a + b\n"}, {**_FILES, _TEST: test})

    assert why == "pack/sums.py::add, which it may use, was removed"


@pytest.mark.parametrize(
    "changes",
    [
        {"pack/sums.py": None, "pack/sums/__init__.py": _FILES["pack/sums.py"]},
        {"pack/sums.py": None, "pack/__init__.py": "class sums:\n    add = staticmethod(lambda a, b: a + b)\n"},
        {
            "pack/sums.py": None,
            "pack/totals.py": _FILES["pack/sums.py"],
            "pack/__init__.py": "from pack import totals as sums\n",
        },
        {
            "pack/sums.py": None,
            "pack/more.py": None,
            "pack/totals.py": _FILES["pack/sums.py"],
            _TEST: _FILES[_TEST].replace("sums", "totals"),
        },
        {"pack/more.py": None},
        {"pack/more.py": "def (\n"},
        # it moved to where all of it is still imported from, or is made when it is asked for
        {
            "pack/sums.py": "from pack.totals import *\n",
            "pack/totals.py": _FILES["pack/sums.py"],
            _TEST: "from pack.sums import add\n\n\ndef test_add():\n    assert add(1, 1) == 2\n",
        },
        {"pack/sums.py": "def __getattr__(name):\n    return lambda a, b: a + b\n"},
        {"pack/sums.py": "from pack.totals import add\n", "pack/totals.py": _FILES["pack/sums.py"]},
        {
            "pack/sums.py": "def __getattr__(name):\n    return max\n",
            _TEST: "from pack.sums import add\n\n\ndef test_add():\n    assert add(1, 1) == 1\n",
        },
        {"pack/sums.py": "def add(a, b):\n    from pack import more\n\n    return a + b\n", "pack/more.py": None},
    ],
)
def test_what_moved_or_is_not_imported_takes_nothing_away(changes: Mapping[str, str | None]) -> None:
    assert isinstance(_became(changes), program.Closed)
