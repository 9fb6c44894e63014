"""`gatekeeper fix`: a review and what is offered beyond it, shown; and the best fix written."""

import os
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType

from gatekeeper import errors
from gatekeeper.git import repository
from gatekeeper.repair import text
from gatekeeper.report import beyond, jsonform, offered, terminal
from gatekeeper.wiring import carried


def summary(done: carried.Carried) -> RenderableType:
    """Return the review, then what its findings are due to, the fixes, and tests of what no test reaches."""
    return Group(terminal.summary(done.review), beyond.render(done.review, done.offered))


def as_json(done: carried.Carried) -> dict[str, Any]:
    """Return the review as `gatekeeper review --json` does, with `causes`, `fixes` and `proposed_tests`."""
    return jsonform.as_json(done.review, done.offered)


def apply(folder: Path, done: carried.Carried) -> Path | None:
    """Write the first fix shown to the working tree and return the file; None where there is no fix.

    Raises RepositoryError where the working tree is not head's, unchanged; nothing is written then.
    """
    if not done.offered.fixes:
        return None
    opened = repository.open_repository(folder)
    names, head, change = opened.names, done.review.subject.head, offered.in_order(done.offered.fixes)[0].replacement
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
