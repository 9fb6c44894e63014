"""A review as it was carried out: with the configuration that it was held to, and what its comments are anchored by."""

from dataclasses import dataclass
from functools import cached_property

from gatekeeper import configuration, review
from gatekeeper.diffs import diff, parse
from gatekeeper.git import difftext, lines, objects, trees
from gatekeeper.repair import candidate


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
    # best first, each tried; empty unless they were asked for
    fixes: tuple[candidate.FixCandidate, ...] = ()
    # None: base and head do not merge, so that there is no judged tree
    sides: Sides | None

    @cached_property
    def head_diff(self) -> diff.Diff:
        """What GitHub shows as the pull request's diff: merge base to head; empty where the two do not merge."""
        if self.sides is None:
            return diff.Diff(files=(), text="")
        return parse.parse(difftext.unified(self.sides.objects, self.sides.merge_base, self.sides.head))

    def to_head(self, path: str, line: int) -> int | None:
        """Return head's number of a line of the judged tree, both 1-based; None where head has no such line."""
        if self.sides is None:
            return None
        there, judged = self.sides.head.entries.get(path), self.sides.judged.entries.get(path)
        if there is None or judged is None:
            return None
        if there.blob == judged.blob:
            return line
        return lines.moved(self.sides.judged.read(path), self.sides.head.read(path), line)
