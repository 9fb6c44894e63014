"""The tests that an edit of the judged tree can affect."""

from dataclasses import dataclass, field

from gatekeeper.diffs import parse, tree
from gatekeeper.git import difftext, objects, trees
from gatekeeper.impact import affected, selection


@dataclass(frozen=True, slots=True)
class Symbols:
    """Keeps encoded summaries of files in memory; implements `impact.summary.SymbolCache`."""

    known: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def get_many(self, blobs: list[str], version: str) -> dict[str, bytes]:
        """Return what is known, by blob id."""
        return {blob: self.known[version, blob] for blob in blobs if (version, blob) in self.known}

    def put_many(self, summaries: dict[str, bytes], version: str) -> None:
        """Keep the summaries."""
        self.known.update({(version, blob): encoded for blob, encoded in summaries.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaching:
    """Edits of one tree."""

    objects: objects.Objects
    after: trees.GitTree
    # what was read of its files, from one edit to the next
    symbols: Symbols = field(default_factory=Symbols)

    def of(self, patched: tree.Tree) -> selection.Selection:
        """Return the tests of the patched tree that its difference from the tree can affect."""
        assert isinstance(patched, trees.GitTree)
        change = parse.parse(difftext.unified(self.objects, self.after, patched))
        return affected.select(change, self.after, patched, self.symbols)
