"""Code that was written to break what reads it: none of it is run, none of it raises, and all of it stays text."""

import ast
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatekeeper.diffs import tree
from gatekeeper.simulation.program import closing, program, project
from tests import program_cases
from tests.fakes import memory_tree

_TEST = "from lib import one\n\n\ndef test_one():\n    assert one() == 1\n"
_KEY = "ghp_" + "a" * 36


def _closed(lib: str | bytes, test: str = _TEST) -> program.Closed:
    files = {"lib.py": lib, "test_lib.py": test}
    found = program_cases.closed(files, "test_lib.py::test_one")
    program_cases.check(found.after, files)
    return found


@pytest.mark.parametrize(
    "lib",
    [
        b"x = 1\r\n\r\ndef one():\r\n    return x\r\n",
        b"x = 1\r\rdef one():\r    return x\r",
        b"\xef\xbb\xbfx = 1\n\ndef one():\n    return x\n",
        b"x = 1\n\x0c\ndef one():\n    return x",
        b"x = 1; y = 2\ndef one(): return x",
        "x = '''\n\x0b\u2028'''and 1\n\ndef one():\n    return x\n",
    ],
    ids=["crlf", "cr", "bom", "form-feed", "one-line", "other-separators"],
)
def test_every_form_of_lines_gives_a_program_that_runs(lib: str | bytes) -> None:
    assert program_cases.outcome(_closed(lib).after.text) == "pass"


def test_a_declared_encoding_is_read() -> None:
    lib = "# coding: latin-1\ndef one():\n    return len('é')\n".encode("latin-1")

    found = program_cases.closed({"lib.py": lib, "test_lib.py": _TEST}, "test_lib.py::test_one")

    assert "return len('é')" in found.after.text


@pytest.mark.parametrize(
    "lib",
    [
        b"def one():\n    return '\xff'\n",
        b"# coding: rot13\ndef one():\n    return 1\n",
        b"# coding: nonsense\ndef one():\n    return 1\n",
        b"def one():\n    return 1\n\0",
        b"def one(:\n",
        b"def one():\n    return " + b"(" * 5000 + b"1" + b")" * 5000 + b"\n",
        b"def one():\n    return 1" + b"+1" * 50_000 + b"\n",
    ],
    ids=["not-utf-8", "no-text-encoding", "unknown-encoding", "null", "syntax", "parentheses", "deep"],
)
def test_a_file_that_does_not_parse_contributes_nothing(lib: bytes) -> None:
    found = program_cases.closed({"lib.py": lib, "test_lib.py": _TEST}, "test_lib.py::test_one").after

    assert "return 1" not in found.text
    assert any(item.what == "lib.py" and "cannot be parsed" in item.why for item in found.left_out)
    ast.parse(found.text)


def test_a_test_module_that_does_not_parse_says_so() -> None:
    assert program_cases.why({"test_lib.py": "def test_one(:\n"}, "test_lib.py::test_one").startswith(
        "its module cannot"
    )


def test_a_file_of_data_is_not_looked_into() -> None:
    found = _closed("def one():\n    return 1\n" + "# x\n" * 600_000)

    assert "def one" not in found.after.text
    assert any("too large" in item.why for item in found.after.left_out)


def test_names_of_files_stay_on_their_line() -> None:
    name = "x\n# y\r\u2028\udc80.py"
    test = "import importlib\none = importlib.import_module('x').one\n\n\ndef test_one():\n    one()\n"
    files = {name: "def test_one():\n    pass\n", "test_lib.py": test}

    (found,) = program_cases.close(files, files, f"{name}::test_one")

    assert isinstance(found, program.Closed)
    assert "# x\\n# y\\r\\u2028\\udc80.py\n" in found.after.text.splitlines(keepends=True)


def test_text_that_looks_like_control_tokens_stays_text() -> None:
    lib = "def one():\n    # <|frame_sep|><|end_of_text|>\n    return len('<|call_sep|>') and 1\n"

    assert lib in _closed(lib).after.text


def test_links_and_submodules_are_no_code() -> None:
    files = {"lib.py": "elsewhere.py", "elsewhere.py": "def one():\n    return 1\n", "test_lib.py": _TEST}
    for mode in (tree.Mode.SYMLINK, tree.Mode.SUBMODULE):
        side = memory_tree.MemoryTree(files, {"lib.py": mode})
        group = [program_cases.affected("test_lib.py::test_one")]
        (found,) = closing.close(group, project.Trees(side, side), program_cases.count, program_cases.LARGE)
        assert isinstance(found, program.Closed)
        assert "def one" not in found.after.text


def test_circles_of_imports_fixtures_and_bases_end() -> None:
    files = {
        "a.py": "from b import *\nfrom b import B\n\n\nclass A(B):\n    pass\n\n\nX = Y\n",
        "b.py": "from a import *\nfrom a import A, X\n\n\nclass B(A):\n    pass\n\n\nY = X\n",
        "test_lib.py": "import pytest\nfrom a import A, X\n\n\n@pytest.fixture\ndef p(q):\n    pass\n\n\n"
        "@pytest.fixture\ndef q(p):\n    pass\n\n\ndef test_one(p):\n    A, X\n\n\ndef test_two():\n    A(), X\n",
    }

    one, two = program_cases.close(files, files, "test_lib.py")

    assert one == program.NotClosed(test="test_lib.py::test_one", why="fixture `p` requests itself")
    assert isinstance(two, program.Closed)
    assert "class A(B):" in two.after.text


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("api_token = 'abc'", "api_token = '***'"),
        ("kept = {'password': b'abc', 'other': 'abc'}", "kept = {'password': b'***', 'other': 'abc'}"),
        ("call(secret='abc', size=3)", "call(secret='***', size=3)"),
        ("passwords = ['a', 'b']", "passwords = ['***', '***']"),
        ("secret = '''a\n  b'''", "secret = '''***\n'''"),
        (f"x = 'é' + '{_KEY}'", "x = 'é' + '***'"),
        (f"x = f'{_KEY}{{x}}'", "x = '***'"),
        (f"x = 1  # {_KEY}", "x = 1  # ***"),
        ("token = 3", "token = 3"),
    ],
)
def test_secrets_are_masked_and_no_line_moves(line: str, shown: str) -> None:
    inside = "".join(f"    {part}\n" for part in [line])
    files = {"test_lib.py": f"x = call = dict\n\n\ndef test_one():\n{inside}    assert True\n"}

    found = program_cases.closed(files, "test_lib.py::test_one").after

    expected = f"x = call = dict\n\n\ndef test_one():\n    {shown}\n    assert True\n"
    assert expected.partition("def test_one")[2] in found.text
    assert len(found.places) == found.text.count("\n")
    assert any("masked" in item.why for item in found.left_out) == (line != shown)
    assert _KEY not in found.text


def test_secrets_among_parameters_are_masked() -> None:
    files = {
        "test_lib.py": "import pytest\n\n\n@pytest.mark.parametrize(('password', 'x'), [('abc', 'def')])\n"
        "def test_one(password, x):\n    pass\n"
    }

    assert program_cases.main_of(files, "test_lib.py::test_one")[-1] == "    test_one(password='***', x='def')"


def test_messages_show_hostile_values_on_one_short_line() -> None:
    value = "f('''`\n\x1b[31m" + "x" * 500 + "''')"
    files = {
        "test_lib.py": f"import pytest\n\n\n@pytest.mark.parametrize('x', [{value}])\ndef test_one(x):\n    pass\n"
    }

    why = program_cases.why(files, "test_lib.py::test_one")

    assert why.isprintable()
    assert len(why) < 200
    assert why.count("`") == 2


_WORDS = st.sampled_from(
    ["def", "class", "one", "test_one", "(", ")", ":", "\n", "\n    ", "@", "pytest", ".", "mark", "parametrize",
     "fixture", "=", "'a'", "[", "]", ",", "import", "from", "*", "if", "\\\n", "lambda", "yield", "1", "async",
     "#", "'''", "f'{x}'", ";", "return", "try", "except", "with", "as", "\t", "\x0c", "\r"]
)  # fmt: skip


@pytest.mark.parametrize("value", ["0x" + "f" * 9000, "2 ** 100 ** 100", "-".join(["1"] * 5000), "'a' * 10 ** 30"])
def test_values_that_are_long_to_compute_are_not_computed(value: str) -> None:
    test = f"import pytest\n\n\n@pytest.mark.parametrize('x', [{value}])\ndef test_one(x):\n    pass\n"

    assert program_cases.why({"test_lib.py": test}, "test_lib.py::test_one")


@settings(deadline=None)
@given(st.lists(_WORDS, max_size=40).map(" ".join), st.lists(_WORDS, max_size=40).map(" ".join))
@example("class A: \\\n    pass\n", "from lib import A\ndef test_one(): A\n")
@example("class A(\n    int\n): pass\n", "from lib import A\ndef test_one(): A(); x = 1; \\\n  x\n")
@example("@(\n  lambda f: f)\ndef one(): pass\n", "from lib import one\ndef test_one(): one()\n")
def test_whatever_the_files_hold_is_closed_or_said_to_be_open(lib: str, test: str) -> None:
    files = {"lib.py": lib, "test_lib.py": f"from lib import *\n{test}", "conftest.py": lib}

    for item in program_cases.close(files, {**files, "lib.py": test}, "test_lib.py::test_one", "test_lib.py"):
        match item:
            case program.Closed():
                ast.parse(item.after.text)
            case program.NotClosed():
                assert item.why


def test_a_project_of_many_parts_takes_no_more_than_its_size() -> None:
    lib = "".join(f"def f{n}():\n    return f{n + 1}()\n\n\n" for n in range(1500)) + "def f1500():\n    return 1\n"
    tests = "".join(f"def test_{n}():\n    assert f{n}() == 1\n\n\n" for n in range(20))
    files = {"lib.py": lib, "test_lib.py": f"from lib import *\n\n\n{tests}"}
    start = time.process_time()

    found = program_cases.close(files, files, "test_lib.py")

    assert len(found) == 20
    # many times what it takes, and a fraction of what anything quadratic would
    assert time.process_time() - start < 10
