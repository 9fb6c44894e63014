"""The block of changed lines at fault, taken back. Pure."""

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gatekeeper.diffs import diff, tree
from gatekeeper.repair import candidate, proposal, text
from gatekeeper.simulation import prediction

# a change of so few blocks is searched block by block where no line of it is known to be at fault
FEW = 3
# characters on both sides together; a larger block is more than a comment could show, and is no mending
LONGEST = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines that were removed and added at one place, with no unchanged line between them."""

    # the file's path on either side
    before: str
    after: str
    # 1-based first line, and number of lines, on either side; without lines: the line before which they would be
    before_start: int
    removed: int
    after_start: int
    added: int

    def holds(self, place: prediction.Location) -> bool:
        """Whether the line of the after tree was added here, or is the one that follows what was only removed."""
        return place.path == self.after and self.after_start <= place.line < self.after_start + max(self.added, 1)


def propose(
    faults: Sequence[proposal.Fault],
    change: diff.Diff,
    before: tree.Tree,
    after: tree.Tree,
    head: tree.Tree,
    is_test: Callable[[str], bool],
    isolated: Collection[tuple[str, int]] = (),
) -> Iterator[proposal.Proposal]:
    """Yield blocks of `change`, from `before` to `after`, taken back: the likeliest for each fault first.

    Where blocks are `isolated`, by their paths and first lines in `after`, these alone are suspected. Only Python files
    that are on both sides are mended so. Fixes are offered on head, so that a file whose content differs between head
    and `after` gets none, nor does one that is not UTF-8, nor a block above LONGEST. Test files, by `is_test`, are left
    as they are unless nothing else was changed: a test is not wrong because it fails.
    """
    only_tests = all(is_test(path) for path in change.paths)
    found = [block for file in change.files for block in of_file(file) if only_tests or not is_test(block.after)]
    by_file = {path: tuple(there) for path, there in itertools.groupby(found, key=lambda block: block.after)}
    few = found if len(found) <= FEW else []
    known = [block for block in found if (block.after, block.after_start) in isolated]
    suspected = [known or _suspects(fault, by_file, few) for fault in faults]
    # the first of each fault, then the second of each
    for block in dict.fromkeys(block for rank in itertools.zip_longest(*suspected) for block in rank if block):
        proposed = _taken_back(block, before, after, _blamed(block, faults, suspected))
        there = head.entries.get(block.after)
        if proposed and there and there.blob == after.entries[block.after].blob:
            yield proposed


def blocks(hunk: diff.Hunk, before: str, after: str) -> Iterator[Block]:
    """Yield the hunk's blocks in order."""
    removed = frozenset(number for number, _ in hunk.removed)
    added = frozenset(number for number, _ in hunk.added)
    # a side without lines names the line that it comes after
    old = hunk.before_start + (hunk.before_length == 0)
    new = hunk.after_start + (hunk.after_length == 0)
    ends = old + hunk.before_length, new + hunk.after_length
    while old < ends[0] or new < ends[1]:
        lost, gained = _run(old, removed), _run(new, added)
        if lost or gained:
            yield Block(before=before, after=after, before_start=old, removed=lost, after_start=new, added=gained)
        # past the block, and the unchanged line that ends it
        old, new = old + lost + 1, new + gained + 1


def _run(start: int, numbers: frozenset[int]) -> int:
    """Return how many of `numbers` follow each other from `start` on."""
    return next(length for length in itertools.count() if start + length not in numbers)


def of_file(file: diff.FileChange) -> Iterator[Block]:
    """Yield the blocks of a Python file that is on both sides, in order; none of any other."""
    whole = file.before is None or file.after is None or file.kind is diff.Kind.TYPE_CHANGED
    # what installs a project was read when the sandbox was prepared, and is not read again
    if whole or not file.path.endswith(".py") or file.path.rpartition("/")[2] == "setup.py":
        return
    assert file.before is not None
    assert file.after is not None
    for hunk in file.hunks:
        yield from blocks(hunk, file.before, file.after)


def _suspects(fault: proposal.Fault, of: Mapping[str, Sequence[Block]], few: Sequence[Block]) -> list[Block]:
    """Return the blocks that may be at fault, likeliest first: of those of each file, then any of `few`."""
    places = [fault.at, *fault.frames] if fault.at else list(fault.frames)
    files = {place.path for place in places}
    held = [block for place in places for block in of.get(place.path, ()) if block.holds(place)]
    return list(dict.fromkeys([*held, *sorted(few, key=lambda block: block.after not in files)]))


def _blamed(
    block: Block, faults: Sequence[proposal.Fault], suspected: Sequence[Sequence[Block]]
) -> tuple[proposal.Fault, ...]:
    """Return the faults that suspect the block most."""
    ranks = [of.index(block) if block in of else len(of) + FEW for of in suspected]
    return tuple(fault for fault, rank in zip(faults, ranks, strict=True) if rank == min(ranks))


def _taken_back(
    block: Block, before: tree.Tree, after: tree.Tree, faults: tuple[proposal.Fault, ...]
) -> proposal.Proposal | None:
    old, new = plain(before, block.before), plain(after, block.after)
    if old is None or new is None:
        return None
    lost = text.lines(old)[block.before_start - 1 : block.before_start - 1 + block.removed]
    change = candidate.Replacement(
        path=block.after, start=block.after_start, end=block.after_start + block.added - 1, text="".join(lost)
    )
    if len(change.text) + len(text.covered(new, change)) > LONGEST:
        return None
    return proposal.Proposal(source=candidate.Source.UNDO, replacement=change, text=new, faults=faults)


def plain(of: tree.Tree, path: str) -> str | None:
    """Return the text of a plain file of UTF-8; None where it is something else."""
    entry = of.entries.get(path)
    if entry is None or entry.mode not in {tree.Mode.FILE, tree.Mode.EXECUTABLE}:
        return None
    try:
        return of.read(path).decode()
    except UnicodeDecodeError:
        return None
