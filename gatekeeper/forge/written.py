"""The comments that this App wrote, and the requests that write them."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from gatekeeper import errors
from gatekeeper.forge import reading, session
from gatekeeper.verdicts import publication

_MOST_PAGES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A comment of this App."""

    id: int
    body: str
    # whether it opens a thread, or stands in the conversation
    first: bool
    # whether somebody answered in its thread
    answered: bool = False
    # file and lines, the first and the last, that it stands on by now; no lines: on the file, or outdated
    path: str = ""
    start_line: int | None = None
    line: int | None = None
    # whether the lines that it was made for are changed since
    outdated: bool = False


def find(asked: session.Session, path: str, bot: str) -> Iterator[Written]:
    """Yield the comments at `path` that `bot` wrote, the oldest first. Raises ForgeError.

    Whatever others write, be it with our marks, is not among them.
    """
    pages = asked.pages(path, most=_MOST_PAGES)
    every = [data for page in pages for data in reading.entries({"page": page}, "page")]
    answered = {reading.number(one, "in_reply_to_id") for one in every if reading.has(one, "in_reply_to_id")}
    for data in every:
        # a user that was deleted is null
        if not reading.has(data, "user") or reading.text(data, "user", "login") != bot:
            continue
        if reading.text(data, "user", "type") == "Bot":
            yield _read(data, answered)


def _read(data: object, answered: AbstractSet[int]) -> Written:
    identity = reading.number(data, "id")
    on_file = reading.has(data, "subject_type") and reading.text(data, "subject_type") == "file"
    line = None if on_file else _line(data, "line")
    return Written(
        id=identity,
        body=reading.text(data, "body") if reading.has(data, "body") else "",
        first=not reading.has(data, "in_reply_to_id"),
        answered=identity in answered,
        path=reading.text(data, "path") if reading.has(data, "path") else "",
        start_line=_line(data, "start_line") or line,
        line=line,
        outdated=line is None and not on_file,
    )


def _line(data: object, name: str) -> int | None:
    return reading.number(data, name) if reading.has(data, name) else None


def edit(asked: session.Session, path: str, body: str) -> None:
    """Give the comment at `path` another body. Raises ForgeError."""
    asked.requestJsonAndCheck("PATCH", path, input={"body": body})


def delete(asked: session.Session, path: str) -> None:
    """Take the comment at `path` away; one that is gone already is as good. Raises ForgeError."""
    try:
        asked.requestJsonAndCheck("DELETE", path)
    except errors.MissingError:
        return


def review(asked: session.Session, pull: str, head: str, body: str, comments: Sequence[Mapping[str, object]]) -> None:
    """Make one review of all comments. Raises ForgeError; RefusedError where one of them is not in the diff."""
    shape = {"commit_id": head, "event": "COMMENT", "comments": comments}
    asked.post(f"{pull}/reviews", {**shape, "body": body} if body else shape)


def single(asked: session.Session, pull: str, head: str, comment: publication.Comment, body: str) -> bool:
    """Make one comment, on its lines or else on its file; return False where GitHub takes neither."""
    for anchor in (lines(comment), {"subject_type": "file"}):
        if not anchor:
            continue
        try:
            asked.post(f"{pull}/comments", {"commit_id": head, "path": comment.path, "body": body, **anchor})
        except errors.RefusedError:
            continue
        return True
    return False


def lines(comment: publication.Comment) -> dict[str, object]:
    """Return where in the file the comment stands; empty for one on the file."""
    if comment.line is None:
        return {}
    end: dict[str, object] = {"line": comment.line, "side": "RIGHT"}
    if comment.start_line is None or comment.start_line >= comment.line:
        return end
    return {**end, "start_line": comment.start_line, "start_side": "RIGHT"}
