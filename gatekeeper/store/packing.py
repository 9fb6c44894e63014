"""Diffs and traces as compressed bytes."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from gatekeeper.diffs import diff
from gatekeeper.simulation import trace

# bytes of a stored trace
TRACE_LIMIT = 64 * 1024


def pack_diff(change: diff.Diff) -> bytes:
    """Return `change` as compressed JSON."""
    return zlib.compress(_encoded(asdict(change)))


def unpack_diff(content: bytes) -> diff.Diff:
    """Return the diff that `pack_diff` was given."""
    stored = json.loads(zlib.decompress(content))
    return diff.Diff(text=stored["text"], files=tuple(_file(file) for file in stored["files"]))


def pack_trace(run: trace.Trace) -> tuple[str, bytes]:
    """Return the trace's digest and its compressed JSON of at most TRACE_LIMIT bytes.

    Frames next to the gap in the middle are left out until it fits.
    """
    while True:
        encoded = _encoded(asdict(run))
        content = zlib.compress(encoded)
        if len(content) <= TRACE_LIMIT:
            return hashlib.sha256(encoded).hexdigest(), content
        run = _shorter(run)


def unpack_trace(content: bytes) -> trace.Trace:
    """Return the trace that `pack_trace` kept."""
    stored = json.loads(zlib.decompress(content))
    return trace.Trace(
        test=stored["test"],
        head=tuple(_frame(frame) for frame in stored["head"]),
        left_out=stored["left_out"],
        tail=tuple(_frame(frame) for frame in stored["tail"]),
    )


def _shorter(run: trace.Trace) -> trace.Trace:
    """Return `run` with half of its head, or of its tail where that has more frames, moved into the gap."""
    if len(run.head) > len(run.tail):
        kept = len(run.head) // 2
        return replace(run, head=run.head[:kept], left_out=run.left_out + len(run.head) - kept)
    if run.tail:
        dropped = (len(run.tail) + 1) // 2
        return replace(run, tail=run.tail[dropped:], left_out=run.left_out + dropped)
    # only the name of the test is left to cut, which a hostile parametrisation can make as long as it likes
    return replace(run, test=run.test[: len(run.test) // 2])


def _encoded(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _file(stored: Mapping[str, Any]) -> diff.FileChange:
    return diff.FileChange(
        kind=diff.Kind(stored["kind"]),
        before=stored["before"],
        after=stored["after"],
        binary=stored["binary"],
        hunks=tuple(_hunk(hunk) for hunk in stored["hunks"]),
    )


def _hunk(stored: Mapping[str, Any]) -> diff.Hunk:
    lines = {side: tuple((number, text) for number, text in stored[side]) for side in ("removed", "added")}
    return diff.Hunk(**{**stored, **lines})


def _frame(stored: Mapping[str, Any]) -> trace.Frame:
    return trace.Frame(**{**stored, "event": trace.Event(stored["event"])})
