"""A test that a model wrote, taken from its answer by structure alone."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gatekeeper.unreached import targets

# characters, and tests, of one file
_LONGEST, _MOST_TESTS = 8_000, 20
# what a test may import beside the project: what makes values, and what tests
_ALLOWED = frozenset(
    {"pytest", "hypothesis", "math", "datetime", "decimal", "fractions", "collections", "dataclasses", "enum"}
)
_FENCED = re.compile(r"^```[ \t]*(?:python|py)?[ \t]*\n(?P<code>.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a test is asked for."""

    target: targets.Target
    # the function's lines, without comments, docstrings and secrets; `before` is empty where it was not there
    after: tuple[str, ...]
    before: tuple[str, ...]


class Writer(Protocol):
    """Something that writes tests."""

    def write(self, wanted: Wanted, seconds: float) -> Sequence[str]:
        """Return its answers, not to be trusted; none where there are none within the time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Why an answer is no test that could be tried: a few words for people, none of them the answer's."""

    why: str


def read(answer: str, target: targets.Target, own: frozenset[str]) -> str | Unusable:
    """Return the test file that an answer holds; `own` are the project's top-level modules."""
    blocks = [match["code"] for match in _FENCED.finditer(answer)]
    if len(blocks) != 1:
        return Unusable(why=f"it has {len(blocks)} blocks of code instead of one")
    code = blocks[0].strip() + "\n"
    if len(code) > _LONGEST or not all(character.isprintable() or character == "\n" for character in code):
        return Unusable(why=f"its test is longer than {_LONGEST:,} characters, or is not plain text")
    return fitting(code, target, own)


def fitting(code: str, target: targets.Target, own: frozenset[str]) -> str | Unusable:
    """Return a file that is a test of the function by its structure; `own` are the project's top-level modules."""
    try:
        module = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Unusable(why="its test does not parse")
    if strange := sorted(set(_imported(module)) - _ALLOWED - own):
        return Unusable(why=f"its test imports {len(strange)} modules beside the project and what tests need")
    tests = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    if not 0 < len(tests) <= _MOST_TESTS:
        return Unusable(why=f"it has {len(tests)} test functions")
    named = target.function.name.rpartition(".")[2]
    if named not in _names(tests):
        return Unusable(why="its tests do not name the function")
    return code


def _names(tests: Sequence[ast.stmt]) -> set[str]:
    nodes = [node for test in tests for node in ast.walk(test)]
    plain = {node.id for node in nodes if isinstance(node, ast.Name)}
    return plain | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def _imported(module: ast.Module) -> Iterator[str]:
    """Yield the top-level modules that are imported anywhere; `.` for a relative import."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level or not node.module else node.module.partition(".")[0]
        elif isinstance(node, ast.Name) and node.id in {"__import__", "eval", "exec", "compile"}:
            yield node.id
