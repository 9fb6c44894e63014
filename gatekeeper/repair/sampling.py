"""Answers of a model -> proposals: what they change and no more, those that say the same counted together. Pure.

Which fix an answer means is decided by its structure alone. What it says beside that is not looked at.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.repair import (
    candidate,
    functions,
    proposal,
    proposer,
    sampling_edits,
    sampling_parts,
    text,
    units,
)

# characters that a fix removes and adds; parts of it of which each is looked at by itself
LONGEST, MOST = 10_000, 30
# blocks that are taken back one by one, to see whether a fix is that
_BLOCKS = 20
# what stands in the place of a secret, whatever its quotes
_MASK = "***"

# the file, the whole statements that are changed, and what they are then
_Meaning = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fix:
    """What one answer comes to."""

    part: sampling_parts.Part
    changes: tuple[sampling_edits.Change, ...]
    replacement: candidate.Replacement
    meaning: _Meaning

    @property
    def size(self) -> int:
        """Lines that are removed and added."""
        return sum(change.end - change.start + 1 + len(change.new) for change in self.changes)


def propose(
    asked: proposer.Asked,
    parts: Sequence[sampling_parts.Part],
    answers: Sequence[Sequence[sampling_edits.Edit]],
) -> tuple[proposal.Proposal, ...]:
    """Return what the answers propose, that of most answers first, of these the smallest.

    No proposal comes of an answer that changes nothing, that does not parse when it is applied, that is what was there
    before the change again, that shows characters which cannot be seen, or that was written around a masked secret.
    """
    changed = units.read(asked.of)
    found = [fix for answer in answers if (fix := _fix(answer, parts, changed, asked)) is not None]
    said = Counter(fix.meaning for fix in found)
    smallest = {fix.meaning: fix for fix in sorted(found, key=lambda fix: -fix.size)}
    ordered = sorted(smallest.values(), key=lambda fix: (-said[fix.meaning], fix.size))
    return tuple(
        proposal.Proposal(
            source=candidate.Source.MODEL,
            replacement=fix.replacement,
            text=fix.part.source.text,
            faults=(asked.fault,),
            likelihood=said[fix.meaning] / len(answers),
            agreement=said[fix.meaning],
        )
        for fix in ordered
    )


def _fix(
    answer: Sequence[sampling_edits.Edit],
    parts: Sequence[sampling_parts.Part],
    changed: units.Changed,
    asked: proposer.Asked,
) -> _Fix | None:
    rewritten = sampling_edits.applied(answer, parts)
    if rewritten is None:
        return None
    part = rewritten.part
    changes = _needed(part.source, rewritten.changes)
    if not changes or _undoes(part.source, changes, changed, asked):
        return None
    meaning = _meaning(part.source, changes, _whole(part.source, changes))
    replacement = _replacement(part.source, changes)
    if meaning is None or not _clean(part, replacement):
        return None
    return _Fix(part=part, changes=changes, replacement=replacement, meaning=meaning)


def _needed(source: functions.Source, changes: tuple[sampling_edits.Change, ...]) -> tuple[sampling_edits.Change, ...]:
    """Return the changes without those that mean nothing: comments, docstrings, how lines are broken."""
    whole = _whole(source, changes)
    wanted = _meaning(source, changes, whole)
    if wanted is None or wanted == _meaning(source, (), whole):
        return ()
    # all comments at once: of these there may be many
    told = [change for change in changes if not _silent(source, change)]
    kept = told if told and _meaning(source, told, whole) == wanted else list(changes)
    if len(kept) > MOST:
        return ()
    for change in list(kept):
        without = [other for other in kept if other is not change]
        if _meaning(source, without, whole) == wanted:
            kept = without
    return tuple(kept)


def _silent(source: functions.Source, change: sampling_edits.Change) -> bool:
    """Whether the change is one of blank lines and comments, as far as a line tells by itself."""
    rows = [line.strip() for line in (*source.lines[change.start - 1 : change.end], *change.new)]
    return all(not row or row.startswith("#") for row in rows)


def _whole(source: functions.Source, changes: Sequence[sampling_edits.Change]) -> tuple[int, int]:
    """Return the 1-based first and last line of the statements of the module that the changes touch."""
    # what is inserted may belong to the line above it
    starts = [change.start - (change.end < change.start) for change in changes]
    ends = [max(change.start, change.end) for change in changes]
    start, end = max(1, min(starts)), max(ends)
    touched = [
        (first, last)
        for node in source.tree.body
        if (first := functions.first_line(node)) <= end and start <= (last := node.end_lineno or node.lineno)
    ]
    return min([start, *(first for first, _ in touched)]), max([end, *(last for _, last in touched)])


def _meaning(
    source: functions.Source, changes: Sequence[sampling_edits.Change], whole: tuple[int, int]
) -> _Meaning | None:
    """Return what the lines `whole` of the file mean with the changes; None where they do not parse, or too deep."""
    start, end = whole
    tree = functions.parsed("".join(_made(source, changes, start, end)))
    if tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, functions.Definition | ast.ClassDef) and sampling_edits.docstring(node) and node.body[1:]:
            del node.body[0]
    try:
        return source.path, start, end, ast.dump(tree)
    except RecursionError:
        return None


def _made(source: functions.Source, changes: Iterable[sampling_edits.Change], start: int, end: int) -> Iterator[str]:
    """Yield the 1-based lines `start` to `end` of the file with the changes, each with an ending."""
    ending = "\r\n" if source.lines[0].endswith("\r\n") else "\n"
    at = start
    for change in sorted(changes, key=lambda one: (one.start, one.end)):
        yield from (_ended(line, ending) for line in source.lines[at - 1 : change.start - 1])
        yield from (line + ending for line in change.new)
        at = max(at, change.end + 1)
    yield from (_ended(line, ending) for line in source.lines[at - 1 : end])


def _ended(line: str, ending: str) -> str:
    return line if line.endswith("\n") else line + ending


def _replacement(source: functions.Source, changes: Sequence[sampling_edits.Change]) -> candidate.Replacement:
    start, end = min(change.start for change in changes), max(change.end for change in changes)
    last = len(source.lines)
    # what comes after a last line without an ending cannot be put there alone
    start = min(start, last) if end >= last and not source.text.endswith("\n") else start
    made = "".join(_made(source, changes, start, end))
    if end >= last and not source.text.endswith("\n"):
        made = made.removesuffix("\n").removesuffix("\r")
    return candidate.Replacement(path=source.path, start=start, end=end, text=made)


def _clean(part: sampling_parts.Part, change: candidate.Replacement) -> bool:
    """Whether the fix is short, parses, shows all that it has, and has nothing that was masked."""
    whole, covered = part.source.text, text.covered(part.source.text, change)
    fresh = set(change.text) - set(covered) - set("\r\n\t")
    masked = any(_MASK in line for line in part.shown) and change.text.count(_MASK) > covered.count(_MASK)
    return (
        len(change.text) + len(covered) <= LONGEST
        and "".join(fresh).isprintable()
        and not masked
        and functions.parsed(text.replaced(whole, change)) is not None
    )


def _undoes(
    source: functions.Source,
    changes: Sequence[sampling_edits.Change],
    changed: units.Changed,
    asked: proposer.Asked,
) -> bool:
    """Whether nothing comes of the changes but what was there before, by its words or by what it means."""
    start, end = min(change.start for change in changes), max(max(change.start, change.end) for change in changes)
    near = [unit for unit in changed.units if unit.path == source.path]
    over = [unit for unit in near if unit.start <= end and start <= max(unit.start, unit.end)]
    return bool(over) and (_in_old_words(source, changes, over) or _as_before(source, changes, over, near, asked))


def _in_old_words(
    source: functions.Source, changes: Sequence[sampling_edits.Change], over: Sequence[units.Unit]
) -> bool:
    """Whether only lines of the author's go, and only lines come that were there before."""
    removed = {line for change in changes for line in range(change.start, change.end + 1)}
    theirs = {line for unit in over for line in range(unit.start, unit.end + 1)}
    gone = Counter(source.lines[line - 1].strip() for line in removed)
    come = Counter(line.strip() for change in changes for line in change.new) - gone
    old = Counter(line.strip() for unit in over for line in unit.old)
    # some of what is new throughout may go, and the rest is still the author's
    thinned = not come and not old and any(source.lines[line - 1].strip() for line in theirs - removed)
    return removed <= theirs and not thinned and not come - old


def _as_before(
    source: functions.Source,
    changes: Sequence[sampling_edits.Change],
    over: Sequence[units.Unit],
    near: Sequence[units.Unit],
    asked: proposer.Asked,
) -> bool:
    """Whether the changes mean what it means to take back blocks, lines or all of what was changed there."""
    lines = [unit for unit in asked.culprit.lines if unit.path == source.path] if asked.culprit else []
    first, last = _whole(source, [*changes, *map(_back, over)])
    within = [unit for unit in near if first <= unit.start and unit.end <= last]
    sets = [*([unit] for unit in over[:_BLOCKS]), over, within, lines]
    whole = _whole(source, [*changes, *(_back(unit) for taken in sets for unit in taken)])
    wanted = _meaning(source, changes, whole)
    return any(taken and _meaning(source, [_back(unit) for unit in taken], whole) == wanted for taken in sets)


def _back(unit: units.Unit) -> sampling_edits.Change:
    old = tuple(line.removesuffix("\n").removesuffix("\r") for line in unit.old)
    return sampling_edits.Change(start=unit.start, end=unit.end, new=old)
