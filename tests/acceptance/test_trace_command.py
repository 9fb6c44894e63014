"""`gatekeeper trace` as a user runs it."""

import contextlib
import os
import pty
import select
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.acceptance import program
from tests.acceptance.program import Program

_PATIENCE = 60.0

Send = Callable[[bytes], object]
Seen = Callable[[str], str]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Return a folder with a small library that is in no repository."""
    for path, text in program.LIBRARY.items():
        (tmp_path / "library" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "library" / path).write_text(text)
    return tmp_path / "library"


def test_a_test_is_printed_step_by_step(program: Program, library: Path) -> None:
    ended = program.run("trace", "tests/test_sums.py::test_add[2]", "--repo", library)

    assert ended.code == 0
    head, *lines = ended.out.splitlines()
    assert head == "tests/test_sums.py::test_add[2]"
    assert "executed: returned None (8 steps)" in lines
    (called,) = (line for line in lines if "def add(a, b):" in line)
    assert called.split() == ["4", "1", "call", "def", "add(a,", "b):", "a", "=", "2,", "b", "=", "1"]


def test_a_call_is_told_as_json(program: Program, library: Path) -> None:
    ended = program.run("trace", "pack/sums.py::double", "--args", "a=21", "--json", "--repo", library)

    assert ended.code == 0
    told = ended.result
    assert (told["target"], told["compared"], told["predicted"]) == ("pack/sums.py::double(a=21)", False, None)
    assert (told["executed"]["end"], told["executed"]["complete"]) == ("returned 42", True)
    steps = told["executed"]["steps"]
    assert [(step["event"], step["line"], step["depth"]) for step in steps[1:5]] == [
        ("call", 5, 2),
        ("line", 6, 2),
        ("call", 1, 3),
        ("line", 2, 3),
    ]
    assert steps[3]["locals"] == {"a": "21", "b": "21"}
    assert "GATEKEEPER_MODEL_URL" in told["notes"][0]


def test_nothing_of_it_runs_on_this_machine(program: Program, library: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hostile = f"open({str(mark)!r}, 'w').close()\nimport os\n\n\ndef f():\n    return os.listdir('/')\n\n\n{'x = 1'}\n"
    (library / "conftest.py").write_text(hostile)
    (library / "pack/bad.py").write_text(hostile)

    ended = program.run("trace", "pack/bad.py::f", "--json", "--repo", library)

    assert ended.code == 0
    assert not mark.exists()
    assert "home" not in ended.result["executed"]["end"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pack/sums.py::add"], "give --args with a, b"),
        (["pack/sums.py::ad", "--args", "1, 2"], "it has add"),
        (["pack/none.py::add"], "there is no file pack/none.py"),
        (["pack/sums.py::lonely", "--no-run"], "set GATEKEEPER_MODEL_URL"),
        (["tests/test_sums.py::test_add"], "name one of tests/test_sums.py::test_add[1]"),
    ],
)
def test_bad_use_is_explained(program: Program, library: Path, words: list[str], said: str) -> None:
    assert program.run("trace", *words, "--repo", library).explains(2, said)


def test_what_cannot_be_closed_is_told_with_its_reason(program: Program, library: Path) -> None:
    (library / "tests/test_files.py").write_text("def test_output(no_such_fixture):\n    print(1)\n")

    ended = program.run("trace", "tests/test_files.py::test_output", "--repo", library)

    assert ended.explains(3, "tests/test_files.py::test_output cannot be traced", "--args")


def test_help_teaches_the_keys(program: Program) -> None:
    shown = program.run("trace", "--help").out

    for words in ("n over", "b back", "d departure", "FILE::FUNCTION", "--predicted, --no-run", "Exit code:"):
        assert words in shown


def test_at_a_terminal_keys_move_through_it(program: Program, library: Path) -> None:
    words = [*program_words("pack/sums.py::double", "--args", "21", "--repo", str(library))]
    with terminal(words, program) as (send, seen):
        assert "step 1 of 8" in seen("step 1 of")
        for keys, number in ((b"s", 2), (b"\x1b[C", 3), (b"n", 7), (b"b", 6), (b"3\r", 3), (b"e", 8), (b"1\r", 1)):
            send(keys)
            assert f"step {number} of 8" in seen(f"step {number} of 8")
        # pressed faster than they are drawn
        send(b"sss")
        assert "step 4 of 8" in seen("step 4 of 8")
        send(b"?")
        assert "step over" in seen("q             quit")
        send(b"q")


def program_words(*words: str) -> Sequence[str]:
    return [*program.COMMAND, "trace", *words]


@contextlib.contextmanager
def terminal(
    words: Sequence[str], program: Program
) -> Iterator[tuple[Callable[[bytes], object], Callable[[str], str]]]:
    """Run a command at a terminal of its own; give what sends keys, and what waits for a text. It must end with 0."""
    child, end = pty.fork()
    if child == 0:
        os.chdir(program.folder)
        environment = {**program.environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "50"}
        os.execve(words[0], list(words), environment)
    heard = bytearray()

    def seen(text: str) -> str:
        limit = time.monotonic() + _PATIENCE
        while text.encode() not in heard:
            assert time.monotonic() < limit, heard.decode(errors="replace")
            if select.select([end], [], [], 0.1)[0]:
                heard.extend(os.read(end, 1 << 16))
        shown = heard.decode(errors="replace")
        heard.clear()
        return shown

    try:
        yield (lambda keys: os.write(end, keys)), seen
        # what it still draws must not keep it from ending
        with contextlib.suppress(OSError):
            while os.read(end, 1 << 16):
                pass
        assert os.waitpid(child, 0)[1] == 0
    finally:
        os.close(end)
