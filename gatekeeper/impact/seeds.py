"""Diff + trees -> the nodes of the graph from which a change spreads."""

import re
from dataclasses import dataclass, field

from gatekeeper.diffs import diff, symbols, tree
from gatekeeper.impact import data_files, graph, summaries, summary

Node = tuple[str, str]

# at the root of the tree, these may change how every test runs
_CONFIGURATION = re.compile(
    r"(?:pyproject\.toml|setup\.cfg|setup\.py|tox\.ini|\.?pytest\.(?:ini|toml)|hatch\.toml|Pipfile(?:\.lock)?"
    r"|(?:poetry|uv|pdm|pixi)\.lock|environment\.ya?ml|\.python-version|(?:requirements|constraints)[^/]*\.(?:txt|in)"
    r"|(?:requirements|constraints)/[^/]+\.(?:txt|in)|[^/]+\.pth|(?:.*/)?(?:site|user)customize\.py)"
)
# sources of extension modules: what they define cannot be read from the tree
_COMPILED = re.compile(r".*\.(?:pyx|pxd|pxi|c|cc|cpp|cxx|h|hpp|rs|f90|f|so|pyd|dll|dylib)")

_CLAUSES = {
    symbols.Change.ADDED: "is new",
    symbols.Change.REMOVED: "was removed",
    symbols.Change.MODIFIED: "changed",
}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The two trees, and what is known of them."""

    before: tree.Tree
    after: tree.Tree
    links: graph.Graph
    # whether the project's Python has syntax that this one cannot parse
    newer_syntax: bool

    def seeds(self, change: diff.Diff) -> Seeds:
        """Return where `change` starts; files that cannot be read may use anything that it touches."""
        found = Seeds()
        for file in change.files:
            self._add_file(file, found)
        if found.code or found.everything:
            opaque = (path for path, item in self.links.files.items() if item.error and path not in found.unparsable)
            for path in opaque:
                found.nodes.setdefault((path, summary.OPAQUE), "cannot be parsed here and may use anything")
        return found

    def _add_file(self, file: diff.FileChange, found: Seeds) -> None:
        for path in {path: None for path in (file.before, file.after) if path}:
            found.everything = self._reason_for_all(path) or found.everything
            if not found.everything and not path.endswith((".py", ".pyi")):
                found.nodes.update(data_files.readers(path, self.after, self.links))
        if file.before != file.after:
            if file.before and self._is_code(file.before, self.before):
                _add_module(file.before, "was removed", found)
            if file.after and self._is_code(file.after, self.after):
                self._add_new(file.after, found)
        elif file.after and self._is_code(file.after, self.before) and self._is_code(file.after, self.after):
            self._add_modified(file.after, found)

    def _reason_for_all(self, path: str) -> str:
        if _CONFIGURATION.fullmatch(path):
            return f"{path} changed, which may configure every test"
        if _COMPILED.fullmatch(path):
            return f"{path} changed, which is compiled code that any test may use"
        entries = (files.entries.get(path) for files in (self.before, self.after))
        if any(entry and entry.mode is tree.Mode.SUBMODULE for entry in entries):
            return f"the submodule {path} changed"
        return ""

    def _is_code(self, path: str, files: tree.Tree) -> bool:
        return path.endswith(".py") and path in files.entries

    def _add_new(self, path: str, found: Seeds) -> None:
        item = self.links.files.get(path)
        if item and item.error and not self.newer_syntax:
            found.unparsable[path] = item.error
            _add_module(path, "does not parse", found)
            return
        _add_module(path, "is new", found)

    def _add_modified(self, path: str, found: Seeds) -> None:
        before, after = self.before.entries[path], self.after.entries[path]
        if before.blob == after.blob:
            return
        if not summaries.is_source(path, before) or not summaries.is_source(path, after):
            _add_module(path, "changed", found)
            return
        changes = symbols.changed_symbols(self.before.read(path), self.after.read(path))
        if changes.after_error and not changes.before_error and not self.newer_syntax:
            found.unparsable[path] = changes.after_error
            _add_module(path, "no longer parses", found)
        elif changes.after_error or changes.before_error:
            _add_module(path, "changed", found)
        for symbol in changes.symbols:
            self._add_symbol(path, symbol, found)

    def _add_symbol(self, path: str, symbol: symbols.SymbolChange, found: Seeds) -> None:
        name = symbol.name.removesuffix(".__doc__")
        found.nodes[path, name] = _CLAUSES[symbol.kind]
        if name == symbol.name:
            # a docstring runs only where something reads it
            found.code.add((path, name))
        if symbol.at_import:
            found.nodes.setdefault((path, ""), "changed")
        if symbol.kind is symbols.Change.REMOVED and "." not in name:
            for importer in self.links.importers_of_name(path, name):
                found.nodes.setdefault(importer, f"imports {name}, which was removed")


def _add_module(path: str, clause: str, found: Seeds) -> None:
    found.nodes[path, ""] = clause
    found.code.add((path, ""))
