"""Markdown in which hostile text is shown and never obeyed: what a pull request wrote stands in code.

GitHub makes links of mentions, references, commits and addresses wherever they stand, except in code. Format: GitHub
Flavored Markdown 0.29, sections 4.5 (fences), 4.10 (tables) and 6.3 (code spans).
"""

import re
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence

from gatekeeper.report.visible import visible

# characters of one piece of text, and of one line of a block
_LONG = 300
# bytes of a block
_LARGE = 8_000

_RUN = re.compile(r"`+")
# words that mean nothing to GitHub; neither a list's number, nor what may be a commit's
_WORD = re.compile(
    r"(?![0-9a-f]{7})(?:\(?(?:[A-Z]?[a-z]+(?:[-'][a-z]+)*|[A-Z]+)\)?[,;:.]?|\d{1,6}%?[,;:]?|\(\d{1,6}%?\)?[,;:.]?)"
)


def code(text: str, longest: int = _LONG) -> str:
    """Return `text` as a code span on one line, cut at `longest` characters."""
    shown = cut(visible(text[: longest + 1]), longest) or " "
    fence = "`" * (1 + _longest_run(shown))
    # a blank is taken off either end where both have one and something else stands between
    both = shown[0] == shown[-1] == " " and not shown.isspace()
    blank = " " if both or "`" in {shown[0], shown[-1]} else ""
    return f"{fence}{blank}{shown}{blank}{fence}"


def cell(text: str, longest: int = _LONG) -> str:
    """Return `text` as a code span in a table, where a vertical bar has to be escaped even in code."""
    return code(text, longest).replace("|", r"\|")


def prose(text: str, longest: int = _LONG) -> str:
    """Return a sentence with every word in code that is not plainly a word; not for a table.

    For sentences of ours that hold names of theirs, and for those that people wrote.
    """
    return " ".join(_spans(cut(" ".join(text[: longest + 1].split()), longest)))


def block(text: str, language: str = "", *, largest: int = _LARGE) -> str:
    """Return `text` as a fenced block of at most about `largest` bytes, the lines that are left out counted below."""
    lines = text.removesuffix("\n").split("\n")
    kept = list(_within(lines, largest))
    body = "\n".join(kept)
    fence = "`" * max(3, 1 + _longest_run(body))
    return "\n".join([f"{fence}{language}", *kept, fence, *more(len(lines) - len(kept), "line")])


def suggestion(text: str) -> str | None:
    """Return `text`, whole lines, as a suggestion that puts them in the place of the lines it is anchored to.

    None where GitHub might not put in exactly what was tried: characters that do not show, carriage returns, no
    ending of the last line.
    """
    lines = text.split("\n")
    if lines.pop() or not all(line.replace("\t", "").isprintable() for line in lines):
        return None
    fence = "`" * max(3, 1 + _longest_run(text))
    return "\n".join([f"{fence}suggestion", *lines, fence])


def details(summary: str, inner: str) -> str:
    """Return `inner` folded away under `summary`, which must be words of ours."""
    return f"<details><summary>{summary}</summary>\n\n{inner}\n\n</details>"


def link(label: str, url: str) -> str:
    """Return a link; `label` is Markdown, and `url` an address of ours."""
    return f"[{label}]({urllib.parse.quote(url, safe=':/?#@!$&*+,;=%~-._', errors='replace')})"


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    return "\n".join([table_head(names), *(table_row(row) for row in rows)])


def table_head(names: Sequence[str]) -> str:
    """Return the two lines that a table begins with."""
    return f"{table_row(names)}\n{'|---' * len(names)}|"


def table_row(cells: Sequence[str]) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"


def named(items: Sequence[str], most: int, what: str) -> str:
    """Return a list of `items`, Markdown already, the rest counted as `what`."""
    return "\n".join(f"- {item}" for item in [*items[:most], *more(len(items) - most, what)])


def more(number: int, what: str) -> Iterator[str]:
    """Yield how many of `what` were left out, where any were."""
    if number > 0:
        yield f"… and {counted(number, f'more {what}')}"


def counted(number: int, what: str) -> str:
    """Return a number with the word for what is counted."""
    return f"{number:,} {what if number == 1 else what + 's'}"


def cut(text: str, longest: int) -> str:
    """Return `text` in at most `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"


def size(text: str) -> int:
    """Return the bytes that GitHub may count."""
    return len(text.encode())


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUN.findall(text)), default=0)


def _within(lines: Iterable[str], largest: int) -> Iterator[str]:
    room = largest
    for line in lines:
        shown = cut(visible(line[: _LONG + 1].removesuffix("\r")), _LONG)
        room -= size(shown) + 1
        if room < 0:
            return
        yield shown


def _spans(text: str) -> Iterator[str]:
    strange: list[str] = []
    for word in text.split(" "):
        if word and not _WORD.fullmatch(word):
            strange.append(word)
            continue
        yield from _strange(strange)
        strange = []
        yield word
    yield from _strange(strange)


def _strange(words: Sequence[str]) -> Iterator[str]:
    if words:
        text = " ".join(words)
        inner = text.rstrip(",;:.") or text
        bare = inner[1:-1] if inner[0] == inner[-1] == "`" and "`" not in inner[1:-1] else inner
        yield code(bare or inner) + text[len(inner) :]
