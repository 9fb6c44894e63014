"""What one answer of a model says is to be changed, and the lines of a file that it makes of that. Pure."""

import ast
import difflib
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.repair import functions, sampling_parts

# characters of one edit, and edits of one answer
LONGEST, MOST = 20_000, 20
# lines that are held against each other, or looked for
LINES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A function written anew, alone or in its class."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Lines that stand at one place alone, and what they become."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    # None: whichever of the files that were shown has them
    path: str | None = None


Edit = Definition | Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Lines of one file that become others."""

    # 1-based first and last line; `end` is `start - 1` where lines are only inserted before `start`
    start: int
    end: int
    # without line endings
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """What an answer makes of one file."""

    part: sampling_parts.Part
    # in order, apart from each other; as far as lines differ
    changes: tuple[Change, ...]


def applied(answer: Sequence[Edit], parts: Sequence[sampling_parts.Part]) -> Rewritten | None:
    """Return what the answer changes; None where it changes nothing, or not clearly one file that was shown.

    Of two definitions of a function the last one counts. A definition of something else is an example; lines to be
    exchanged that are not there, or not at one place alone, make the whole answer worthless.
    """
    if len(answer) > MOST or any(_size(edit) > LONGEST for edit in answer):
        return None
    found: dict[tuple[str, int], tuple[sampling_parts.Part, Change]] = {}
    for edit in answer:
        match edit:
            case Definition(text=text):
                made = _defined(text, parts)
                if made is None:
                    continue
            case Exchange():
                made = _exchanged(edit, parts)
                if made is None:
                    return None
        part, change = made
        found[part.source.path, change.start] = made
    if len({path for path, _ in found}) != 1:
        return None
    part = next(iter(found.values()))[0]
    ordered = [change for _, (_, change) in sorted(found.items())]
    if any(one.end >= other.start for one, other in itertools.pairwise(ordered)):
        return None
    changes = tuple(small for change in ordered for small in _smaller(change, part.shown))
    return Rewritten(part=part, changes=changes) if changes else None


def _size(edit: Edit) -> int:
    match edit:
        case Definition(text=text):
            return len(text)
        case Exchange(old=old, new=new):
            return sum(len(line) + 1 for line in (*old, *new))


def _defined(text: str, parts: Sequence[sampling_parts.Part]) -> tuple[sampling_parts.Part, Change] | None:
    """Return the function that the text defines anew, where exactly one of that name was shown."""
    # as it is indented: what is in a text of several lines must stay as it is
    text = f"if 1:\n{text}" if text.lstrip("\r\n")[:1].isspace() else text
    tree = functions.parsed(text)
    found = _only_function(tree) if tree else None
    if found is None:
        return None
    name, node = found
    known = [(part, part.function) for part in parts if part.function]
    named = [(part, one) for part, one in known if one.name == name] or [
        (part, one) for part, one in known if one.name.rpartition(".")[2] == name
    ]
    if len(named) != 1:
        return None
    part, function = named[0]
    # decorators that it leaves out stay
    start = function.first if node.decorator_list else function.start
    margin = part.source.lines[function.start - 1][: function.indent]
    there = frozenset(part.shown[function.start - 1 : function.end])
    return part, Change(start=start, end=function.end, new=tuple(_indented(text, node, margin, there)))


def _only_function(tree: ast.Module) -> tuple[str, functions.Definition] | None:
    """Return the function, with its qualified name, where the module has nothing else in it."""
    names, body = [], tree.body
    while len(body) == 1:
        match body[0]:
            case ast.ClassDef(name=name, body=inner):
                names.append(name)
                body = inner
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) as node:
                return ".".join((*names, name)), node
            case ast.If(body=inner) if not names:
                body = inner
            case _:
                return None
    return None


def _indented(text: str, node: functions.Definition, margin: str, there: Collection[str]) -> Iterator[str]:
    """Yield the function's lines with another margin.

    What is in a text of several lines stays, unless the line is one of those that are `there` when it is indented, too.
    """
    within = {line for one in _texts(node) for line in range(one.lineno + 1, (one.end_lineno or one.lineno) + 1)}
    rows = text.split("\n")
    for number in range(functions.first_line(node), (node.end_lineno or node.lineno) + 1):
        row = rows[number - 1].rstrip("\r")
        if number not in within or margin + row in there:
            row = margin + row[min(node.col_offset, len(row) - len(row.lstrip())) :] if row.strip() else ""
        yield row


def _texts(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the literals that are no docstrings."""
    told = {id(one.value) for inner in ast.walk(node) if (one := docstring(inner))}
    for part in ast.walk(node):
        if isinstance(part, ast.Constant | ast.JoinedStr) and id(part) not in told:
            yield part


def docstring(node: ast.AST) -> ast.Expr | None:
    """Return what documents the class or function; None where nothing does, or it is something else."""
    if isinstance(node, functions.Definition | ast.ClassDef):
        match node.body[0]:
            case ast.Expr(value=ast.Constant(value=str())) as told:
                return told
    return None


def _exchanged(edit: Exchange, parts: Sequence[sampling_parts.Part]) -> tuple[sampling_parts.Part, Change] | None:
    """Return the change where the old lines are at exactly one place of all files that were shown."""
    old = [line.rstrip() for line in edit.old]
    if not any(old) or len(old) > LINES:
        return None
    files = {part.source.path: part for part in parts if edit.path in {None, part.source.path}}
    places = [(part, at) for part in files.values() for at in _found(old, part.shown)]
    if len(places) != 1:
        return None
    part, at = places[0]
    return part, Change(start=at + 1, end=at + len(old), new=tuple(line.rstrip("\r") for line in edit.new))


def _found(old: Sequence[str], shown: Sequence[str]) -> Iterator[int]:
    rows = [line.rstrip() for line in shown]
    for at, row in enumerate(rows):
        if row == old[0] and rows[at : at + len(old)] == old:
            yield at


def _smaller(change: Change, shown: Sequence[str]) -> Iterator[Change]:
    """Yield the parts of a change in which lines differ by more than blanks at their end."""
    old = [line.rstrip() for line in shown[change.start - 1 : change.end]]
    new = [line.rstrip() for line in change.new]
    above = _alike(old, new)
    below = _alike(old[above:][::-1], new[above:][::-1])
    old, new = old[above : len(old) - below], new[above : len(new) - below]
    steps: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(old), 0, len(new))]
    # what would take long to hold against each other is one part
    if max(len(old), len(new)) <= LINES:
        steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    first = change.start + above
    for kind, low, high, start, end in steps:
        if kind != "equal":
            yield Change(start=first + low, end=first + high - 1, new=change.new[above + start : above + end])


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many lines at the start are the same."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))
