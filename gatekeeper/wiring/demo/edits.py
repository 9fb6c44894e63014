"""Edits of Python source by the places of its syntax tree, so that everything else stays as it was written."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Bytes to be replaced."""

    # 0-based, end excluded
    start: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A function, and edits in it that belong together."""

    # of the file in the project
    path: str
    function: str
    # what it does, as a commit would say it
    title: str
    edits: tuple[Edit, ...]


class Source:
    """A file and its syntax tree."""

    def __init__(self, path: str, content: bytes) -> None:
        """Parse the file."""
        self.path, self.content = path, content
        self.tree = ast.parse(content)
        self._starts = [0]
        for line in content.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def functions(self) -> list[ast.FunctionDef]:
        """Return all functions and methods in their order."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]
        return sorted(found, key=lambda node: node.lineno)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where the node starts and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def at(self, line: int, column: int) -> int:
        """Return the place of a 1-based line and a 0-based column in bytes."""
        return self._starts[line - 1] + column

    def text(self, node: ast.expr | ast.stmt) -> bytes:
        """Return the node as it is written."""
        start, end = self.span(node)
        return self.content[start:end]

    def replaced(self, node: ast.expr | ast.stmt, text: bytes) -> Edit:
        """Return the edit that writes `text` in place of the node."""
        start, end = self.span(node)
        return Edit(start=start, end=end, text=text)

    def lines_of(self, node: ast.stmt) -> Edit:
        """Return the edit that removes the statement's lines."""
        assert node.end_lineno is not None
        return Edit(start=self._starts[node.lineno - 1], end=self._starts[node.end_lineno], text=b"")

    def begins_line(self, node: ast.stmt) -> bool:
        """Whether nothing stands before the statement on its line."""
        return not self.content[self._starts[node.lineno - 1] : self.span(node)[0]].strip()


def applied(content: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the file after the edits. Raises ValueError where two of them overlap."""
    last = len(content)
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        if edit.end > last:
            raise ValueError(f"two edits of byte {edit.end}")
        content = content[: edit.start] + edit.text + content[edit.end :]
        last = edit.start
    return content
