"""Small projects -> their tests as closed programs, and what must hold of every such program."""

import ast
from collections.abc import Mapping, Sequence

from gatekeeper.impact import selection
from gatekeeper.simulation.program import closing, program, project
from tests.fakes import memory_tree

Files = Mapping[str, str | bytes]
LARGE = 131_072


def count(texts: Sequence[str]) -> list[int]:
    """Return about as many tokens as a tokenizer of code makes."""
    return [len(text) // 4 + 1 for text in texts]


def affected(test: str) -> selection.AffectedTest:
    path, _, name = test.partition("::")
    return selection.AffectedTest(path=path, name=name, reason="")


def close(before: Files, after: Files, *tests: str, budget: int = LARGE) -> list[program.Closed | program.NotClosed]:
    """Return what becomes of the tests (`path::name`, or `path` for all of a module) of `after`."""
    trees = project.Trees(memory_tree.MemoryTree(before), memory_tree.MemoryTree(after))
    return list(closing.close([affected(test) for test in tests], trees, count, budget))


def closed(files: Files, test: str, budget: int = LARGE) -> program.Closed:
    """Return the only program that becomes of the test."""
    (found,) = close(files, files, test, budget=budget)
    assert isinstance(found, program.Closed), found
    return found


def text(files: Files, test: str) -> str:
    return closed(files, test).after.text


def main_of(files: Files, test: str) -> list[str]:
    """Return the lines of the test's `main()`."""
    piece = closed(files, test).after.pieces[-1]
    assert piece.kind is program.Kind.MAIN
    return piece.text.splitlines()


def why(files: Files, test: str) -> str:
    """Return why the test cannot be closed."""
    (found,) = close(files, files, test)
    assert isinstance(found, program.NotClosed), found
    return found.why


def outcome(source: str) -> str:
    """Return `pass`, or the type and message of what `main()` raises, of a program of one file."""
    namespace: dict[str, object] = {"__name__": "closed"}
    exec(compile(source, "<closed>", "exec"), namespace)
    try:
        namespace["main"]()  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001 - whatever a test raises is its outcome
        return f"{type(error).__name__}: {error}"
    return "pass"


def check(found: program.Program, files: Files) -> None:
    """Assert what holds of every program: it parses, its lines are the tree's, its pieces are in order."""
    ast.parse(found.text)
    kinds = list(program.Kind)
    assert [piece.kind for piece in found.pieces] == sorted((piece.kind for piece in found.pieces), key=kinds.index)
    assert all(piece.kind in {program.Kind.UNCHANGED, program.Kind.CHANGED} for piece in found.pieces[: found.shared])
    assert all(piece.kind in {program.Kind.TEST, program.Kind.MAIN} for piece in found.pieces[found.shared :])
    assert found.pieces[-1].text.count(program.ENTRY_LINE) == 1
    assert found.text.count("\n") == len(found.places)
    for piece in found.pieces:
        assert piece.text.endswith("\n")
        if piece.path:
            lines = _lines(files[piece.path])
            own = piece.text.split("\n")[:-1]
            assert own == lines[piece.first - 1 : piece.first - 1 + len(own)]


def _lines(data: str | bytes) -> list[str]:
    shown = data if isinstance(data, str) else data.decode()
    return shown.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def unchanged(found: program.Program) -> str:
    """Return the text before the first changed piece."""
    return "".join(piece.text for piece in found.pieces if piece.kind is program.Kind.UNCHANGED)


def check_group(found: Sequence[program.Closed | program.NotClosed], before: Files, after: Files) -> None:
    """Assert what holds of the programs of one group: each by itself, and what they share."""
    programs = [item for item in found if isinstance(item, program.Closed)]
    contexts = set()
    for item in programs:
        check(item.after, after)
        contexts.add("".join(piece.text for piece in item.after.pieces[: item.after.shared]))
        if item.before:
            check(item.before, before)
            start = unchanged(item.after)
            assert start == unchanged(item.before)
            assert item.before.text.startswith(start)
            assert item.after.text.startswith(start)
    assert len(contexts) <= 1
