"""Diff + trees -> the nodes of the graph from which a change spreads."""

import re
from dataclasses import dataclass, field

from gatekeeper.diffs import diff, symbols, tree
from gatekeeper.impact import data_files, graph, summaries

Node = tuple[str, str]

# at the root of the tree, these may change how every test runs
_CONFIGURATION = re.compile(
    r"(?:pyproject\.toml|setup\.cfg|setup\.py|tox\.ini|\.?pytest\.(?:ini|toml)|hatch\.toml|Pipfile(?:\.lock)?"
    r"|(?:poetry|uv|pdm|pixi)\.lock|environment\.ya?ml|\.python-version|(?:requirements|constraints)[^/]*\.(?:txt|in)"
    r"|(?:requirements|constraints)/[^/]+\.(?:txt|in)|[^/]+\.pth|(?:.*/)?(?:site|user)customize\.py)"
)
# sources of extension modules: what they define cannot be read from the tree
_COMPILED = re.compile(r".*\.(?:pyx|pxd|pxi|c|cc|cpp|cxx|h|hpp|rs|f90|f|so|pyd|dll|dylib)")


@dataclass(slots=True, kw_only=True)
class Seeds:
    """Where a change starts."""

    # node -> the words that follow "which" in a reason
    nodes: dict[Node, str] = field(default_factory=dict)
    # those of `nodes` that are changed code, which some test should reach
    code: set[Node] = field(default_factory=set)
    # why every test is affected, or ""
    everything: str = ""
    # path -> the parser's message
    unparsable: dict[str, str] = field(default_factory=dict)


def find(change: diff.Diff, before: tree.Tree, after: tree.Tree, links: graph.Graph, newer_syntax: bool) -> Seeds:
    """Return the seeds of `change`; `newer_syntax`: the project's Python has syntax that this one cannot parse."""
    found = Seeds()
    for file in change.files:
        _seed_file(file, before, after, links, newer_syntax, found)
    if found.code or found.everything:
        for path, item in links.files.items():
            if item.error and path not in found.unparsable:
                found.nodes.setdefault((path, ""), "cannot be parsed here and may use anything")
    return found


def _seed_file(
    file: diff.FileChange, before: tree.Tree, after: tree.Tree, links: graph.Graph, newer_syntax: bool, found: Seeds
) -> None:
    paths = [path for path in (file.before, file.after) if path]
    for path in paths:
        if _CONFIGURATION.fullmatch(path):
            found.everything = f"{path} changed, which may configure every test"
        elif _COMPILED.fullmatch(path):
            found.everything = f"{path} changed, which is compiled code that any test may use"
        elif _is_submodule(path, before, after):
            found.everything = f"the submodule {path} changed"
    if file.before != file.after:
        if file.before and _is_code(file.before, before):
            _seed_module(file.before, "was removed", found)
        if file.after and _is_code(file.after, after):
            _seed_added(file.after, links, newer_syntax, found)
    elif file.after and _is_code(file.after, before) and _is_code(file.after, after):
        _seed_modified(file.after, before, after, links, newer_syntax, found)
    for path in paths:
        if not path.endswith((".py", ".pyi")) and not found.everything:
            found.nodes.update(data_files.readers(path, after, links))


def _is_submodule(path: str, *trees: tree.Tree) -> bool:
    entries = [item.entries.get(path) for item in trees]
    return any(entry and entry.mode is tree.Mode.SUBMODULE for entry in entries)


def _is_code(path: str, files: tree.Tree) -> bool:
    entry = files.entries.get(path)
    return entry is not None and path.endswith(".py")


def _seed_module(path: str, clause: str, found: Seeds) -> None:
    found.nodes[path, ""] = clause
    found.code.add((path, ""))


def _seed_added(path: str, links: graph.Graph, newer_syntax: bool, found: Seeds) -> None:
    item = links.files.get(path)
    if item and item.error and not newer_syntax:
        found.unparsable[path] = item.error
        _seed_module(path, "does not parse", found)
        return
    _seed_module(path, "is new", found)


def _seed_modified(
    path: str, before: tree.Tree, after: tree.Tree, links: graph.Graph, newer_syntax: bool, found: Seeds
) -> None:
    if before.entries[path].blob == after.entries[path].blob:
        return
    if not all(summaries.is_source(path, item.entries[path]) for item in (before, after)):
        _seed_module(path, "changed", found)
        return
    changes = symbols.changed_symbols(before.read(path), after.read(path))
    if changes.after_error and not changes.before_error and not newer_syntax:
        found.unparsable[path] = changes.after_error
        _seed_module(path, "no longer parses", found)
    elif changes.after_error or changes.before_error:
        _seed_module(path, "changed", found)
    for symbol in changes.symbols:
        _seed_symbol(path, symbol, links, found)


def _seed_symbol(path: str, symbol: symbols.SymbolChange, links: graph.Graph, found: Seeds) -> None:
    clause = {"added": "is new", "removed": "was removed", "modified": "changed"}[symbol.kind]
    name = symbol.name.removesuffix(".__doc__")
    found.nodes[path, name] = clause
    found.code.add((path, name))
    if symbol.at_import:
        found.nodes.setdefault((path, ""), "changed")
    if symbol.kind is symbols.Change.REMOVED and "." not in name:
        for importer in links.importers_of_name(path, name):
            found.nodes.setdefault(importer, f"imports {name}, which was removed")
