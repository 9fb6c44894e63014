"""Closed programs in the real sandbox: every frame, and how each ended."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.inference import grammar, grammar_text
from gatekeeper.sandbox import process, session, stepping, workspace
from gatekeeper.simulation import trace
from tests.fakes import memory_tree
from tests.integration import sandbox_runs

Event, How = trace.Event, stepping.How
LIMITS = replace(sandbox_runs.LIMITS, fuel=session.BILLION)
ADD = "def add(a, b):\n    total = a + b\n    return total\n"
LOOP = "def main():\n    while True:\n        pass\n"


@pytest.fixture
def space(tmp_path: Path) -> Iterator[workspace.Workspace]:
    with stepping.empty(tmp_path) as made:
        yield made


class Stepping:
    """Runs programs with the limits of these tests."""

    def __init__(self, space: workspace.Workspace, workers: Sequence[process.Process]) -> None:
        self.space, self.workers = space, workers

    def many(self, *sources: str, frames: int = 100, together: int = 1) -> list[stepping.Stepped]:
        programs = [stepping.Text(source=source) for source in sources]
        return stepping.run(programs, self.space, self.workers, LIMITS, frames=frames, together=together)

    def one(self, source: str, frames: int = 100) -> stepping.Stepped:
        return self.many(source, frames=frames)[0]


@pytest.fixture
def step(space: workspace.Workspace, workers: list[process.Process]) -> Stepping:
    return Stepping(space, workers)


def test_every_frame_of_a_call_is_told_as_the_trace_grammar_writes_it(step: Stepping) -> None:
    done = step.one(sandbox_runs.closed(ADD, "add(2, 'x'.count('x'))"))
    assert (done.how, done.value, done.complete) == (How.RETURNED, "3", True)
    assert grammar_text.write_text(grammar.steps_of(done.trace("t")), ended=True) == (
        "<|call_sep|>{}<|action_sep|>def main():\n<|frame_sep|>"
        "<|line_sep|>{}<|action_sep|>    return add(2, 'x'.count('x'))\n<|frame_sep|>"
        '<|call_sep|>{"a": "2", "b": "1"}<|action_sep|>def add(a, b):\n<|frame_sep|>'
        '<|line_sep|>{"a": "..", "b": ".."}<|action_sep|>    total = a + b\n<|frame_sep|>'
        '<|line_sep|>{"a": "..", "b": "..", "total": "3"}<|action_sep|>    return total\n<|frame_sep|>'
        '<|return_sep|><|action_sep|>    return total\n<|arg_sep|>"3"<|frame_sep|>'
        "<|return_sep|><|action_sep|>    return add(2, 'x'.count('x'))\n<|arg_sep|>\"3\"<|frame_sep|>"
        "<|end_of_text|>"
    )


def test_frames_name_the_file_that_the_program_stands_for(
    space: workspace.Workspace, workers: list[process.Process]
) -> None:
    program = stepping.Text(source=sandbox_runs.closed(ADD, "add(1, 2)"), path="pkg/shop.py")
    done = stepping.run([program], space, workers, LIMITS)[0]
    inside = [frame for frame in done.frames if frame.scope == "add"]
    assert [(frame.path, frame.line) for frame in inside] == [("pkg/shop.py", line) for line in (1, 2, 3, 3)]


def test_a_program_may_import_the_module_that_it_stands_for(
    space: workspace.Workspace, workers: list[process.Process]
) -> None:
    source = f"{ADD}from shop import add as plus\n\ndef main():\n    return plus(1, 2)\n"
    done = stepping.run([stepping.Text(source=source, path="shop.py")], space, workers, LIMITS)[0]
    assert done.value == "3"


def test_frames_of_the_trees_other_files_are_told_too(tmp_path: Path, workers: list[process.Process]) -> None:
    tree = memory_tree.MemoryTree({"pkg/__init__.py": "", "pkg/lib.py": ADD, "pkg/shop.py": "raise SystemExit\n"})
    inside = sandbox_runs.FolderSpaces(tmp_path, tree).after(tree)
    source = sandbox_runs.closed("from .lib import add\n", "add(1, 2)")
    done = stepping.run([stepping.Text(source=source, path="pkg/shop.py")], inside, workers, LIMITS)[0]
    assert done.value == "3"
    assert [frame.path for frame in done.frames] == ["pkg/shop.py"] * 2 + ["pkg/lib.py"] * 4 + ["pkg/shop.py"]


def test_a_failed_assertion_raises_out_of_main(step: Stepping) -> None:
    done = step.one(f"{ADD}\ndef test():\n    assert add(1, 1) == 3\n\ndef main():\n    test()\n")
    assert (done.how, done.value, done.exception) == (How.RAISED, "AssertionError()", "AssertionError")
    raised = [(frame.scope, frame.value) for frame in done.frames if frame.event is Event.EXCEPTION]
    assert raised == [("test", "AssertionError()"), ("main", "AssertionError()")]


def test_what_cannot_be_loaded_says_why(step: Stepping) -> None:
    broken = step.many("def main(:\n", "x = 1\n", "1 / 0\n", "\ud800")
    assert {one.how for one in broken} == {How.UNLOADED}
    assert [(one.exception or "").partition(":")[0] for one in broken] == [
        "SyntaxError", "AttributeError", "ZeroDivisionError", "UnicodeEncodeError",
    ]  # fmt: skip


def test_an_endless_program_ends_with_its_fuel_and_keeps_its_first_frames(step: Stepping) -> None:
    done = step.one(LOOP, frames=20)
    assert (done.how, len(done.frames), done.complete) == (How.FUEL, 20, False)


def test_a_line_that_never_ends_is_the_last_frame(step: Stepping) -> None:
    done = step.one("def main():\n    x = 1\n    return sum(range(10 ** 12))\n")
    assert done.how is How.FUEL
    assert done.frames[-1].source == "    return sum(range(10 ** 12))"


def test_one_that_hangs_costs_its_neighbours_nothing(step: Stepping) -> None:
    others = [sandbox_runs.closed(ADD, f"add({number}, 1)") for number in range(8)]
    done = step.many(*others[:4], LOOP, "raise SystemExit(3)\n", *others[4:], together=10)
    assert [one.value for one in done if one.how is How.RETURNED] == [str(number + 1) for number in range(8)]
    assert [one.how for one in done[4:6]] == [How.FUEL, How.UNLOADED]


def test_beyond_the_frames_that_are_kept_a_program_runs_on(step: Stepping) -> None:
    done = step.one("def main():\n    n = 0\n    for i in range(1000):\n        n += i\n    return n\n", frames=50)
    assert (done.how, done.value, len(done.frames), done.complete) == (How.RETURNED, "499500", 50, False)


def test_sharing_an_interpreter_changes_no_frame(step: Stepping) -> None:
    sources = [sandbox_runs.closed(ADD, f"add({number}, 1)") for number in range(6)]
    assert [one.frames for one in step.many(*sources)] == [one.frames for one in step.many(*sources, together=6)]


def test_secrets_are_masked_and_values_are_bounded(step: Stepping) -> None:
    done = step.one(
        "def main():\n    password = 'hunter2'\n    long = 'x' * 100_000\n"
        "    many = [str(n) * 50 for n in range(10_000)]\n    return long\n"
    )
    assert not any("hunter2" in value for frame in done.frames for value in frame.locals.values())
    assert max(len(value) for frame in done.frames for value in frame.locals.values()) <= 300


def test_a_frame_with_very_many_locals_is_told_in_part(step: Stepping) -> None:
    names = " = ".join(f"v{number}" for number in range(600))
    done = step.one(f"def main():\n    {names} = '\\ud800' * 50\n    return 1\n")
    assert (done.how, done.value) == (How.RETURNED, "1")
    assert max(len(frame.locals) for frame in done.frames) == 300


def test_a_program_that_forges_what_is_told_ends_itself_alone(step: Stepping) -> None:
    forged = 'import wit_world\ndef main():\n    wit_world.report(\'{"event": "stepped", "id": "7"}\')\n'
    garbled = "import wit_world\ndef main():\n    wit_world.report('[1, 2')\n"
    deep = "import wit_world\ndef main():\n    wit_world.report('[1]')\n"
    honest = sandbox_runs.closed(ADD, "add(1, 2)")
    done = step.many(forged, garbled, deep, honest)
    assert done[3].value == "3"
    assert all(one.how in {How.BROKEN, How.RAISED} for one in done[:3])


def test_what_is_stopped_says_so(space: workspace.Workspace, workers: list[process.Process]) -> None:
    done = stepping.run([stepping.Text(source=LOOP)] * 3, space, workers, LIMITS, over=lambda: "cancelled")
    assert [one.how for one in done] == [How.STOPPED] * 3
