"""Mutations for `compound.py`: lines of a file in the place of others, and what a line's tokens can be mistaken for."""

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# those with which a line of code can go wrong: a token -> others in its place
_TOKENS = {
    "<": ("<=", ">"), "<=": ("<",), ">": (">=", "<"), ">=": (">",), "==": ("!=",), "!=": ("==",), "+": ("-",),
    "-": ("+",), "*": ("+",), "//": ("/", "%"), "/": ("*",), "%": ("//",), "+=": ("-=", "="), "-=": ("+=",),
    "and": ("or",), "or": ("and",), "True": ("False",), "False": ("True",), "not": ("",), "in": ("not in",),
    "is": ("is not",), "break": ("continue",), "min": ("max",), "max": ("min",), "any": ("all",), "all": ("any",),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """Lines of a file in the place of others."""

    path: str
    # 0-based lines of the package's file, as a range that may be empty, and what stands there instead
    lines: range
    new: tuple[str, ...]


def between(path: str, old: str, new: str) -> Mutation:
    """Return what was changed from one text of a file to another."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    start = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return Mutation(path=path, lines=range(start, len(before) - end), new=tuple(after[start : len(after) - end]))


def apart(mutations: Sequence[Mutation]) -> list[Mutation]:
    """Return those that have an unchanged line between them, the first ones first."""
    kept: list[Mutation] = []
    for one in mutations:
        near = [other for other in kept if other.path == one.path
                and one.lines.start <= other.lines.stop + 1 and other.lines.start <= one.lines.stop + 1]  # fmt: skip
        if not near:
            kept.append(one)
    return kept


def mutated(files: Mapping[str, str], mutations: Sequence[Mutation]) -> dict[str, str]:
    """Return the files that the mutations are in, with them."""
    made = {}
    for path in {one.path for one in mutations}:
        lines = files[path].splitlines(keepends=True)
        for one in sorted((one for one in mutations if one.path == path), key=lambda one: -one.lines.start):
            lines[one.lines.start : one.lines.stop] = one.new
        made[path] = "".join(lines)
    return made


def at(fault: Mutation, mutations: Sequence[Mutation]) -> tuple[str, range]:
    """Return the 1-based lines of the mutated file that are the fault."""
    shift = sum(len(one.new) - len(one.lines) for one in mutations
                if one.path == fault.path and one.lines.start < fault.lines.start)  # fmt: skip
    start = fault.lines.start + 1 + shift
    return fault.path, range(start, start + max(len(fault.new), 1))


def of_tokens(content: str, lines: set[int]) -> Iterator[tuple[int, str, str]]:
    """Yield (line, what was done, the file with it) for tokens of the lines, and for whole statements."""
    try:
        tree, tokens = ast.parse(content), list(tokenize.generate_tokens(io.StringIO(content).readline))
    except (SyntaxError, tokenize.TokenError, ValueError):
        return
    there = content.splitlines(keepends=True)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    bodies = [range(node.body[0].lineno, (node.end_lineno or 0) + 1) for node in functions]
    inside = {line for body in bodies for line in body}
    for token in tokens:
        row, column = token.start
        if row not in lines or row not in inside:
            continue
        for other in _others(token):
            line = there[row - 1]
            new = line[:column] + other + line[token.end[1] :]
            whole = "".join([*there[: row - 1], new, *there[row:]])
            if _compiles(whole):
                yield row, f"{token.string} -> {other or 'nothing'}", whole
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value and node.lineno == node.end_lineno and node.lineno in lines:
            new = " " * node.col_offset + "return None\n"
            yield node.lineno, "return None", "".join([*there[: node.lineno - 1], new, *there[node.lineno :]])


def _others(token: tokenize.TokenInfo) -> Sequence[str]:
    if token.type == tokenize.NUMBER and token.string.isdigit():
        return [str(int(token.string) + 1)]
    return _TOKENS.get(token.string, ()) if token.type in {tokenize.OP, tokenize.NAME} else ()


def _compiles(content: str) -> bool:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError):
        return False
    return True
