"""A review as it was carried out: with the configuration that it was held to, and what its comments are anchored by."""

from dataclasses import dataclass, field
from functools import cached_property

from gatekeeper import configuration, offers, review
from gatekeeper.diffs import diff, parse
from gatekeeper.git import comparison, difftext, lines, objects, repository, trees


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The trees that lines are looked up in."""

    objects: objects.Objects
    merge_base: trees.GitTree
    head: trees.GitTree
    judged: trees.GitTree


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A review with what it takes to publish it; reads the repository, which must still be there."""

    review: review.Review
    # base's; the defaults where the tree of base is too large to be read
    configuration: configuration.Configuration
    # empty unless they were asked for
    offered: offers.Offers = field(default_factory=offers.Offers)
    # None: base and head do not merge, so that there is no judged tree
    sides: Sides | None

    @cached_property
    def head_diff(self) -> diff.Diff:
        """What GitHub shows as the pull request's diff: merge base to head; empty where the two do not merge."""
        if self.sides is None:
            return diff.Diff(files=(), text="")
        return parse.parse(difftext.unified(self.sides.objects, self.sides.merge_base, self.sides.head))

    def to_head(self, path: str, line: int) -> int | None:
        """Return head's number of a line of the judged tree, both 1-based; None where either has no such line."""
        if self.sides is None:
            return None
        judged, there = (_content(side, path) for side in (self.sides.judged, self.sides.head))
        if judged is None or there is None:
            return None
        return line if judged == there and lines.has(judged, line) else lines.moved(judged, there, line)


def sides(opened: repository.Repository, compared: comparison.Comparison) -> Sides:
    """Return the trees of what was compared."""
    merge_base, head = (opened.tree(commit) for commit in (compared.subject.merge_base, compared.subject.head))
    return Sides(objects=opened.objects, merge_base=merge_base, head=head, judged=compared.after)


def _content(side: trees.GitTree, path: str) -> bytes | None:
    try:
        return side.read(path)
    except KeyError:
        return None
