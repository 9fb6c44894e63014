"""A file that is no Python source -> the units that may read it."""

import ast
import fnmatch
import re
import warnings
from collections.abc import Callable, Iterator

from gatekeeper.diffs import tree
from gatekeeper.impact import graph, summaries

Node = tuple[str, str]

_SEPARATORS = re.compile(r"[/\\]")
# folders whose name says nothing of what is in them
_COMMON = frozenset({"", "src", "lib", "tests", "test", "docs", "doc", "python"})
# read by people; what code reads of them it names
_PROSE = re.compile(
    r"(?:.*/)?(?:[^/]*\.(?:md|rst|adoc|png|jpe?g|gif|svg|ico|webp|pyi)|(?:LICEN[CS]E|COPYING|NOTICE|AUTHORS|CHANGE|README"
    r"|py\.typed|Makefile|Dockerfile|\.)[^/]*)|\..*|docs?/.*",
)
_SHORTEST = 3


def readers(path: str, files: tree.Tree, links: graph.Graph) -> dict[Node, str]:
    """Return the units that may read the file `path`, each with the words that follow "which" in a reason.

    A unit may read it when a constant string names it, its stem, a folder around it, or a pattern or ending that fits.
    Where nothing does, a file beside Python files may be read by all of them, unless it is prose.
    """
    clause = f"names {path.rpartition('/')[2]} or where it is, which changed"
    found = dict.fromkeys(_naming(path, files, links), clause)
    if not found and not _PROSE.fullmatch(path):
        found = {(item, ""): f"may read {path}, which changed" for item in _beside(path, links)}
    return found


def _naming(path: str, files: tree.Tree, links: graph.Graph) -> Iterator[Node]:
    *folders, name = path.split("/")
    fits = _matcher(folders, name)
    hints = [item.encode("utf-8", "surrogateescape") for item in _hints(folders, name)]
    for source in links.files:
        entry = files.entries.get(source)
        if entry and summaries.is_source(source, entry):
            data = files.read(source)
            if any(hint in data for hint in hints):
                yield from ((source, unit) for unit in _units_with(data, fits))


def _hints(folders: list[str], name: str) -> set[str]:
    stem, dot, ending = name.rpartition(".")
    words = {name, stem, dot + ending, *folders}
    return {word for word in words if len(word) >= _SHORTEST and word not in _COMMON} | {"*"}


def _matcher(folders: list[str], name: str) -> Callable[[str], bool]:
    stem = name.partition(".")[0]
    words = {name, *folders} - _COMMON | ({stem} if len(stem) >= _SHORTEST else set())

    def fits(text: str) -> bool:
        if len(text) >= _SHORTEST and text[0] in "._-" and name.endswith(text):
            return True
        parts = _SEPARATORS.split(text)
        return any(part in words or (len(part) > 1 and "*" in part and fnmatch.fnmatch(name, part)) for part in parts)

    return fits


def _units_with(data: bytes, fits: Callable[[str], bool]) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree_ = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield ""
        return
    yield from _scope(tree_.body, "", fits)


def _scope(body: list[ast.stmt], owner: str, fits: Callable[[str], bool]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _scope(node.body, f"{owner}{node.name}.", fits)
        elif any(fits(text) for text in _texts(node)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{owner}{node.name}"
            else:
                names = [
                    item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
                ]
                yield from names or [owner.removesuffix(".")]


def _texts(node: ast.AST) -> Iterator[str]:
    for item in ast.walk(node):
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value


def _beside(path: str, links: graph.Graph) -> list[str]:
    """Return the Python files in the nearest folder around `path` that has some."""
    folder = path.rpartition("/")[0]
    while folder:
        found = [item for item in links.files if item.startswith(folder + "/")]
        if found:
            return found
        folder = folder.rpartition("/")[0]
    return []
