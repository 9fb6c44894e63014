"""Diff + trees -> Selection."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gatekeeper.diffs import diff, tree
from gatekeeper.impact import collected, conventions, graph, layout, reasons, seeds, selection, summaries, summary

Node = tuple[str, str]
Reached = Mapping[Node, Node | None]


def select(
    change: diff.Diff,
    before: tree.Tree,
    after: tree.Tree,
    cache: summary.SymbolCache | None = None,
    spread: summaries.Map = map,
) -> selection.Selection:
    """Return the tests of `after` that `change`, the difference between the two trees, can affect.

    `cache` keeps what is read from unchanged files between calls; `spread` is called like `map` with a function and
    the sources of files that are not in it, and may work in other processes.
    """
    files = summaries.read(after, cache, spread)
    for file in change.files:
        if file.before and file.before not in after.entries and file.before.endswith(".py"):
            files.update(summaries.one(before, file.before))
    rules = conventions.read(lambda path: after.read(path) if path in after.entries else None, _plugins(files))
    links = graph.Graph(files, layout.Layout(files, rules.python_path), rules)
    found = seeds.find(change, before, after, links, newer_syntax=_has_newer_syntax(after))
    return _Judge(links=links, rules=rules, found=found, after=after).result()


def _plugins(files: Mapping[str, summary.Summary]) -> Iterator[str]:
    for file in files.values():
        for item in file.imports:
            if item.unit == "pytest_plugins":
                yield item.module


def _has_newer_syntax(files: tree.Tree) -> bool:
    del files
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """What is known of the change and of the tree, to judge each test by."""

    links: graph.Graph
    rules: conventions.Conventions
    found: seeds.Seeds
    after: tree.Tree

    def result(self) -> selection.Selection:
        modules = {
            path: collected.tests(path, self.links, self.rules)
            for path in sorted(self.links.files)
            if path in self.after.entries and self.rules.is_test_file(path)
        }
        reached = self.links.spread(self.found.nodes)
        affected: list[selection.AffectedTest] = []
        unaffected: dict[str, frozenset[str]] = {}
        for path, tests in modules.items():
            why = self._module_reason(path, reached, bool(tests))
            if why:
                affected += [selection.AffectedTest(path=path, name=test.name, reason=why) for test in tests] or [
                    selection.AffectedTest(path=path, name="", reason=why)
                ]
                unaffected[path] = frozenset()
                continue
            chosen = [test for test in self._affected(tests, reached)]
            if chosen:
                affected += chosen
                unaffected[path] = frozenset(test.name for test in tests) - {test.name for test in chosen}
        return selection.Selection(
            affected=tuple(affected),
            unaffected=unaffected,
            total=sum(map(len, modules.values())),
            unparsable=self.found.unparsable,
            executable=bool(self.found.code or self.found.everything or affected),
        )

    def _affected(self, tests: Iterable[collected.Test], reached: Reached) -> Iterator[selection.AffectedTest]:
        for test in tests:
            for node in test.nodes:
                if node in reached:
                    why = reasons.reason(node, reached, self.found, self.links, (test.path, test.nodes[0][1]))
                    yield selection.AffectedTest(path=test.path, name=test.name, reason=why)
                    break

    def _module_reason(self, path: str, reached: Reached, has_tests: bool) -> str:
        if self.found.everything:
            return self.found.everything if has_tests else ""
        if not has_tests and not self.links.files[path].error:
            return ""
        for node in ((path, ""), *((item, "") for item in self._conftests(path)), *self._global_nodes(reached)):
            if node in reached:
                return reasons.reason(node, reached, self.found, self.links, (path, ""))
        return ""

    def _global_nodes(self, reached: Reached) -> Iterator[Node]:
        """Yield the reached nodes that pytest runs for every test: hooks, and plugins as a whole."""
        for path, name in reached:
            serves = self.rules.is_plugin(path)
            if name.startswith("pytest_") and (serves or path.endswith("conftest.py")) or not name and serves:
                yield path, name

    def _conftests(self, path: str) -> Iterator[str]:
        folder = path.rpartition("/")[0]
        while True:
            conftest = f"{folder}/conftest.py".lstrip("/")
            if conftest in self.links.files:
                yield conftest
            if not folder:
                return
            folder = folder.rpartition("/")[0]
