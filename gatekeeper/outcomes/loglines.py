"""Lines of a job's log -> what of pytest's terminal report they are.

The forms are those of pytest's `_pytest/terminal.py`, 6 to 9. Every pattern is anchored and repeats nothing ambiguous,
so that reading takes time linear in the log, whatever it holds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

# from the log's end, where summaries are
BYTES = 20 * 1024 * 1024
LINES = 400_000
# characters of a line that are looked at; a summary's line has a name and a message, which may be long
LINE = 8_000

_TIMESTAMP = re.compile(r"\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z ?")
# ECMA-48, 5.4: control sequences, of which colours are one kind; and an operating system command, as in links
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_RULED = re.compile(r"([=!+])\1* (\S.*\S|\S) \1+")
_COUNTS = re.compile(
    r"((?:\d{1,9} [a-z]+(?: [a-z]+)?, )*\d{1,9} [a-z]+(?: [a-z]+)?|no tests ran) in (?:[\d.]{1,20}).{0,40}"
)
_WORDS = re.compile(r"(FAILED|ERROR|PASSED|XFAIL|XPASS|SKIPPED|RERUN) (\S.*)|(SUBFAILED)\S*.*")

_CATEGORIES = frozenset({"failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "error"})


class Kind(Enum):
    """What a line is that stands for itself."""

    # a run begins
    START = auto()
    # a section with captured output, which may hold anything, runs of pytest included
    OUTPUT = auto()
    # the short summary begins
    SUMMARY = auto()
    # the run was ended before all its tests had run
    STOPPED = auto()
    # pytest-timeout is about to end the process
    TIMEOUT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A line of the short summary."""

    word: str
    # the test's node id; of a skip what pytest folds: `[1] path:line: reason`
    name: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The last line of a run."""

    # category -> how many; empty where no tests ran
    counts: Mapping[str, int]
    # whether rules stand around it, as they do but with -q
    ruled: bool


Line = Kind | Named | Counts


def read(log: bytes) -> Iterator[Line]:
    """Yield the lines that mean something, in order."""
    for raw in log[-BYTES:].rsplit(b"\n", LINES):
        line = _TIMESTAMP.sub("", raw[:LINE].decode("utf-8", "replace"), count=1)
        if (meant := _line(_ANSI.sub("", line).rstrip())) is not None:
            yield meant


def _line(line: str) -> Line | None:
    if not line:
        return None
    if line[0] in "=!+":
        ruled = _RULED.fullmatch(line)
        return _ruled(ruled[1], ruled[2]) if ruled else None
    if line[0].isdigit() or line.startswith("no tests ran"):
        return _counts(line, ruled=False)
    words = _WORDS.fullmatch(line)
    return _named(words) if words else None


def _ruled(rule: str, text: str) -> Line | None:
    match rule:
        case "!":
            return Kind.STOPPED
        case "+":
            return Kind.TIMEOUT if text == "Timeout" else None
    if text.startswith("test session starts"):
        return Kind.START
    if text in {"FAILURES", "ERRORS", "PASSES", "XFAILURES", "XPASSES"}:
        return Kind.OUTPUT
    return Kind.SUMMARY if text == "short test summary info" else _counts(text, ruled=True)


def _counts(text: str, *, ruled: bool) -> Counts | None:
    found = _COUNTS.fullmatch(text)
    if not found:
        return None
    if found[1] == "no tests ran":
        return Counts(counts={}, ruled=ruled)
    counts: dict[str, int] = {}
    for part in found[1].split(", "):
        number, _, category = part.partition(" ")
        singular = {"errors": "error", "warnings": "warning"}.get(category, category)
        counts[singular] = counts.get(singular, 0) + int(number)
    # other programs end with such lines, too: `12 packages in 3.1s`
    return Counts(counts=counts, ruled=ruled) if counts.keys() & _CATEGORIES else None


def _named(words: re.Match[str]) -> Named | None:
    if not words[3]:
        name, message = _split(words[2])
        return Named(word=words[1], name=name, message=message)
    # `SUBFAILED[what] (i=1) path::test - message`: the name is the word with the first `::`
    before, colons, after = words[0].partition("::")
    name, message = _split(before.rpartition(" ")[2] + colons + after)
    return Named(word="FAILED", name=name, message=message)


def _split(rest: str) -> tuple[str, str]:
    """Return a node id and the message after it; parameters may have ` - ` in them, too.

    Those with `] - ` in them end there: nothing in the line tells them from a message.
    """
    opened, dash = rest.find("["), rest.find(" - ")
    if 0 <= opened < dash and "::" in rest[:opened]:
        closed = rest.find("] - ")
        name, message = (rest[: closed + 1], rest[closed + 4 :]) if closed >= 0 else (rest, "")
        return (name, message) if closed >= 0 or rest.endswith("]") else (rest[:dash], rest[dash + 3 :])
    return (rest[:dash], rest[dash + 3 :]) if dash >= 0 else (rest, "")
