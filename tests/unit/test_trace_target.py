"""What `gatekeeper trace` is asked for: files as data, functions, arguments; and the moves at the terminal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from gatekeeper import errors
from gatekeeper.report import sidebyside
from gatekeeper.wiring.trace import calling, folder, target, terminal
from tests.git_project import Project
from tests.unit.test_report_stepping import NESTED, changed, frame

_CODE = """\
import os

if os.sep:
    def split(text, mark=","):
        return text.split(mark)


def count(first, /, second, *rest, last, base=10, **more):
    yield first


async def wait():
    pass


class Stack:
    def __init__(self, *items):
        self.items = [*items]

    def push(self, item):
        self.items.append(item)

    @classmethod
    def of(cls, item):
        return cls(item)

    @staticmethod
    def name(kind):
        return kind
"""


@pytest.fixture
def tree(tmp_path: Path) -> folder.FolderTree:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/a.py").write_text(_CODE)
    (tmp_path / "pack/broken.py").write_text("def f(:\n")
    (tmp_path / "readme").write_text("text\n")
    return folder.around(tmp_path)


def call(tree: folder.FolderTree, function: str, given: str | None) -> str:
    return target.call(target.find(f"pack/a.py::{function}", tree.root, tree), given)


def test_hidden_files_environments_and_what_git_ignores_are_left_out(project: Project) -> None:
    project.commit({".gitignore": "build/\n*.log\n", "a.py": "x = 1\n", "pack/b.py": ""})
    for path in ("new.py", "build/lib/a.py", "x.log", ".venv/c.py", "env/pyvenv.cfg", "env/d.py", "__pycache__/e.pyc"):
        (project.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / path).write_text("y = 2\n")
    (project.folder / "link.py").symlink_to("a.py")

    found = folder.around(project.folder / "pack")

    assert found.root == project.folder.resolve()
    assert list(found.entries) == [".gitignore", "a.py", "link.py", "new.py", "pack/b.py"]
    assert (found.read("new.py"), found.read("link.py")) == (b"y = 2\n", b"a.py")
    with pytest.raises(KeyError):
        found.read("x.log")


def test_a_file_is_relative_to_the_folder_that_is_named(tree: folder.FolderTree) -> None:
    found = target.find("a.py::Stack::push[1]", tree.root / "pack", tree)

    assert (found.path, found.name, found.parameters, found.owner) == ("pack/a.py", "Stack::push", "[1]", "Stack")
    assert found.id == "pack/a.py::Stack::push[1]"


def test_what_a_class_inherits_and_a_file_imports_is_found(tree: folder.FolderTree) -> None:
    (tree.root / "pack/b.py").write_text("from pack.a import Stack, split\n\n\nclass Pile(Stack):\n    pass\n")
    tree = folder.around(tree.root)

    inherited = target.find("pack/b.py::Pile.push", tree.root, tree)
    imported = target.find("pack/b.py::split", tree.root, tree)

    assert (inherited.node.name, inherited.path, inherited.owner) == ("push", "pack/b.py", "Pile")
    assert target.call(imported, "'a'") == "split('a')"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pack/a.py", "names no function: write FILE::FUNCTION"),
        ("pack/a.py::", "names no function"),
        ("pack/b.py::split", "there is no file pack/b.py in .*; near it: pack/a.py"),
        ("/etc/passwd::f", "is not inside"),
        ("../x.py::f", "is not inside"),
        ("pack/a.py::splt", "pack/a.py has no function splt: it has split"),
        ("pack/a.py::zzzzzz", "has no function zzzzzz: it has split, count, wait, Stack.__init__, Stack.push"),
        ("pack/a.py::Stack.pop", "has no function Stack.pop: it has Stack.of, Stack.push"),
        ("pack/broken.py::f", r"pack/broken.py:1: invalid syntax: mend the syntax"),
        ("readme::f", "has no functions at all"),
    ],
)
def test_what_cannot_be_found_is_told_with_what_is_near(tree: folder.FolderTree, text: str, said: str) -> None:
    with pytest.raises(errors.UsageError, match=said):
        target.find(text, tree.root, tree)


@pytest.mark.parametrize(
    ("function", "given", "written"),
    [
        ("split", "'a,b'", "split('a,b')"),
        ("split", " text = 'a' ,\n mark='b',", "split(text='a', mark='b')"),
        ("count", "1, 2, last=3", "list(count(1, 2, last=3))"),
        ("count", "*[1, 2], **{'last': 3}", "list(count(*[1, 2], **{'last': 3}))"),
        ("Stack.push", "Stack(), 1", "Stack.push(Stack(), 1)"),
        ("Stack::of", "1", "Stack.of(1)"),
        ("Stack.name", "'a'", "Stack.name('a')"),
    ],
)
def test_a_call_is_written_of_its_arguments(tree: folder.FolderTree, function: str, given: str, written: str) -> None:
    assert call(tree, function, given) == written


@pytest.mark.parametrize(
    ("function", "given", "said"),
    [
        ("split", None, "split of pack/a.py lacks arguments: give --args with text"),
        ("count", "1", "give --args with second, last"),
        ("Stack.push", None, r"give --args with self, item; self is the object itself, such as Stack\(\)"),
        ("Stack.push", "Stack()", "give --args with item$"),
        ("Stack.of", None, "give --args with item$"),
        ("wait", None, "is asynchronous"),
        ("split", "1) + (2", "is not what stands between the brackets of split"),
        ("split", "1)\nimport os\nf(2", "is not what stands between the brackets"),
        ("split", "1; 2", "is not what stands between the brackets"),
        ("split", "\0", "is not what stands between the brackets"),
    ],
)
def test_arguments_that_do_not_fit_are_told(
    tree: folder.FolderTree, function: str, given: str | None, said: str
) -> None:
    with pytest.raises(errors.UsageError, match=said):
        call(tree, function, given)


def test_a_call_takes_what_it_reaches_and_no_more(tree: folder.FolderTree) -> None:
    name, program = calling.of_call("pack/a.py", "Stack.of(1)", tree, lambda texts: [len(text) for text in texts], 9999)

    assert name == "pack/a.py::Stack.of(1)"
    assert program.text.endswith("\ndef main():  # << START_OF_TRACE\n    return Stack.of(1)\n")
    assert "def of(cls, item)" in program.text
    assert "def __init__" in program.text
    assert "def split" not in program.text
    assert program.left_out == ()


def test_a_program_holds_what_fits_and_says_what_does_not(tree: folder.FolderTree) -> None:
    count = lambda texts: [len(text) for text in texts]  # noqa: E731
    _, program = calling.of_call("pack/a.py", "Stack.of(1)", tree, count, 200)

    assert [left.what for left in program.left_out]
    with pytest.raises(errors.NotAnalysed, match="does not fit"):
        calling.of_call("pack/a.py", "Stack.of(1)", tree, count, 50)


def test_what_reaches_the_entry_points_name_is_refused(tree: folder.FolderTree) -> None:
    (tree.root / "run.py").write_text("def main():\n    return 1\n")

    with pytest.raises(errors.NotAnalysed, match="reaches something called `main`"):
        calling.of_call("run.py", "main()", tree, lambda texts: [1 for _ in texts], 9999)


class Hand:
    """Presses keys in turn, and keeps what was shown before each."""

    def __init__(self, *keys: str) -> None:
        self._keys: Iterator[str] = iter(keys)
        self.seen: list[str] = []

    def __call__(self) -> str:
        return next(self._keys)

    def show(self, shown: RenderableType) -> None:
        console = Console(width=100, force_terminal=False)
        with console.capture() as captured:
            console.print(shown)
        self.seen.append(captured.get())

    @property
    def steps(self) -> list[int]:
        return [int(shown.split("step ")[1].split()[0]) for shown in self.seen]


def driven(both: sidebyside.Both, *keys: str) -> Hand:
    hand = Hand(*keys)
    terminal.drive(both, lambda _path: ["a line"] * 20, hand, hand.show)
    return hand


def test_keys_move_through_the_trace() -> None:
    hand = driven(
        sidebyside.Both(executed=NESTED, predicted=changed(9, frame("line", 3, y="4"))),
        *("s", "", "n", "b", "b", "b", "n", "o", "3", "d", "e", "step", "1", "q"),
    )

    assert hand.steps == [1, 2, 3, 10, 9, 8, 7, 8, 9, 3, 10, 12, 12, 1]
    assert "this is the last step" in hand.seen[-2]


def test_what_cannot_be_done_is_said_and_nothing_moves() -> None:
    hand = driven(
        sidebyside.Both(executed=NESTED, predicted=None), "b", "d", "?", "x\x1b[2J", "99", "0", "9" * 5000, "quit"
    )

    assert hand.steps == [1, 1, 1, 1, 1, 12, 1, 1]
    for number, said in enumerate(
        ["this is the first step", "nothing to compare", "step over", "is no command", "the steps are 1 to 12"], 1
    ):
        assert said in hand.seen[number]
    assert "\x1b" not in "".join(hand.seen)


def test_no_departure_is_said() -> None:
    assert "no departure was found" in driven(sidebyside.Both(executed=NESTED, predicted=NESTED), "d", "q").seen[1]
