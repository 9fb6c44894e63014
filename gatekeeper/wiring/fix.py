"""`gatekeeper fix`: a review, what its failures are due to, and the fixes that hold, shown and written."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from gatekeeper import errors
from gatekeeper.git import repository
from gatekeeper.repair import candidate, cause, text
from gatekeeper.report import jsonform, palette, terminal
from gatekeeper.report.visible import visible
from gatekeeper.wiring import carried

# lines of a culprit, and findings, that are shown
_MOST, _SHOWN = 12, 10
_WORDS = {
    candidate.Source.EDIT: "an edit",
    candidate.Source.MODEL: "written by the model",
    candidate.Source.UNDO: "undoing what the change did, as a last resort",
}
_MARKS = {"+": palette.ADDED, "-": palette.BROKEN}


def summary(done: carried.Carried) -> RenderableType:
    """Return the review, then for each finding its culprit and where its run departs, then the fixes."""
    return Group(terminal.summary(done.review), *_causes(done), *_fixes(done))


def as_json(done: carried.Carried) -> dict[str, Any]:
    """Return the review as `gatekeeper review --json` does, with `causes` and `fixes`."""
    return jsonform.as_json(done.review) | {
        "causes": [asdict(one) for one in done.offered.causes],
        "fixes": [_fix(one) for one in done.offered.fixes],
    }


def apply(folder: Path, done: carried.Carried) -> Path | None:
    """Write the best fix to the working tree and return the file; None where there is no fix.

    Raises RepositoryError where the working tree is not head's, unchanged; nothing is written then.
    """
    if not done.offered.fixes:
        return None
    opened = repository.open_repository(folder)
    names, head, change = opened.names, done.review.subject.head, done.offered.fixes[0].replacement
    if names.is_bare or names.head_is_unborn or str(names.head.target) != head:
        raise errors.RepositoryError(
            f"the fix was not applied: {opened.folder} has not checked out {head[:10]}: run `git switch` first"
        )
    if names.status(untracked_files="no"):
        raise errors.RepositoryError(
            f"the fix was not applied: {opened.folder} has changes that are not committed: commit or stash them first"
        )
    file = opened.folder / change.path
    content = opened.tree(head).read(change.path)
    if file.is_symlink() or not file.is_file() or file.read_bytes() != content:
        raise errors.RepositoryError(
            f"the fix was not applied: {file} does not read as it was committed, byte for byte: apply the diff by hand"
        )
    _write(file, text.replaced(content.decode(), change).encode())
    return file


def _write(file: Path, content: bytes) -> None:
    """Put the content in the file's place at once, with its mode."""
    descriptor, made = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
        Path(made).chmod(file.stat().st_mode & 0o777)
        Path(made).replace(file)
    except OSError as problem:
        Path(made).unlink(missing_ok=True)
        raise errors.RepositoryError(f"the fix cannot be written to {file}: {problem.strerror}") from problem


def _causes(done: carried.Carried) -> Iterator[RenderableType]:
    causes = done.offered.causes
    if causes:
        yield _heading("Where the fault is")
    for one in causes[:_SHOWN]:
        yield _indented(Text(visible(one.test), style="bold", overflow="fold"))
        yield _indented(Text(visible(one.why), style=palette.FAINT, overflow="fold"), by=4)
        for lines in one.lines[:_SHOWN]:
            yield _indented(_lines(lines, done), by=4)
        if (departed := one.departure) is not None:
            where = f"{departed.path}:{departed.line}  {departed}"
            yield _indented(Text(visible(where), style=palette.UNSURE, overflow="fold"), by=4)


def _lines(culprit: cause.Lines, done: carried.Carried) -> RenderableType:
    """Return the lines as a diff shows them, below their place."""
    added = {number: line for file in done.review.diff.files if file.after == culprit.path
             for hunk in file.hunks for number, line in hunk.added}  # fmt: skip
    new = [added[line] for line in range(culprit.start, culprit.end + 1) if line in added]
    shown = [*(f"-{line.rstrip()}" for line in culprit.old), *(f"+{line}" for line in new)]
    return Group(Text(visible(f"{culprit.path}:{culprit.start}")), *_marked(shown[:_MOST]))


def _fixes(done: carried.Carried) -> Iterator[RenderableType]:
    if not done.offered.fixes:
        if done.offered.causes:
            yield _heading("No fix was found that holds")
        return
    yield _heading(f"Fixes that were tried and hold ({len(done.offered.fixes)})")
    for fix in done.offered.fixes:
        tests = f"mends {len(fix.mended)} of the failing tests and breaks none of {fix.kept} others"
        yield _indented(Text(f"{_WORDS[fix.source]}: {tests}, run in the {visible(fix.tried_by)}", overflow="fold"))
        yield _indented(Group(*_marked(fix.diff.split("\n")[:-1])), by=4)


def _marked(lines: list[str]) -> list[Text]:
    return [Text(visible(line), style=_MARKS.get(line[:1], ""), overflow="fold") for line in lines]


def _heading(words: str) -> RenderableType:
    return Group(Text(), Text(words, style="bold"))


def _indented(inner: RenderableType, *, by: int = 2) -> RenderableType:
    return Padding(inner, (0, 0, 0, by), expand=False)


def _fix(one: candidate.FixCandidate) -> dict[str, Any]:
    return {
        "source": one.source.value,
        "diff": one.diff,
        "mends": list(one.mends),
        "mended": list(one.mended),
        "kept": one.kept,
        "tried_by": one.tried_by,
        "agreement": one.agreement,
    }
