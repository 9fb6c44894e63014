"""Diff + trees -> Selection."""

import posixpath
from collections.abc import Iterator, Mapping
from functools import partial

from gatekeeper.diffs import diff, tree
from gatekeeper.impact import conventions, garbage, graph, judgement, layout, seeds, selection, summaries, summary


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
    with garbage.unsearched():
        return _select(change, before, after, summaries.read(after, cache, spread))


def _select(
    change: diff.Diff, before: tree.Tree, after: tree.Tree, files: dict[str, summary.Summary]
) -> selection.Selection:
    for file in change.files:
        if file.before and file.before not in after.entries and file.before in before.entries:
            files.update(summaries.one(before, file.before))

    load = partial(tree.content, after)
    rules = conventions.read(load, _plugins(files))
    sources = {*files, *(path for path in after.entries if path.endswith(".py"))}
    where = layout.Layout(sources, rules.python_path, _linked_folders(after))
    links = graph.Graph(files, where, rules)
    newer = conventions.has_newer_syntax(load)
    found = seeds.Search(before=before, after=after, links=links, newer_syntax=newer).seeds(change)
    return judgement.Judgement(links, rules, found, after).result()


def _plugins(files: Mapping[str, summary.Summary]) -> Iterator[str]:
    """Yield the modules that `pytest_plugins` names somewhere."""
    for file in files.values():
        for item in file.imports:
            if item.unit == summary.PLUGINS:
                yield item.module


def _linked_folders(files: tree.Tree) -> dict[str, str]:
    """Return each symlink of the tree with the path inside the tree that it leads to."""
    found: dict[str, str] = {}
    for path, entry in files.entries.items():
        if entry.mode is tree.Mode.SYMLINK and not path.endswith(".py"):
            target = files.read(path).decode("utf-8", "surrogateescape")
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if not place.startswith(("/", "..")) and place != ".":
                found[path] = place
    return found
