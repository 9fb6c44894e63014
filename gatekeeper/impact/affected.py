"""Diff + trees -> Selection."""

from collections.abc import Iterator, Mapping

from gatekeeper.diffs import diff, tree
from gatekeeper.impact import conventions, graph, judgement, layout, seeds, selection, summaries, summary


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
        if file.before and file.before not in after.entries and file.before in before.entries:
            files.update(summaries.one(before, file.before))

    def load(path: str) -> bytes | None:
        return after.read(path) if path in after.entries else None

    rules = conventions.read(load, _plugins(files))
    links = graph.Graph(files, layout.Layout(files, rules.python_path), rules)
    found = seeds.find(change, before, after, links, newer_syntax=conventions.has_newer_syntax(load))
    return judgement.Judgement(links, rules, found, after).result()


def _plugins(files: Mapping[str, summary.Summary]) -> Iterator[str]:
    """Yield the modules that `pytest_plugins` names somewhere."""
    for file in files.values():
        for item in file.imports:
            if item.unit == summary.PLUGINS:
                yield item.module
