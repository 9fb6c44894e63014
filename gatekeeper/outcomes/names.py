"""Text of reports and logs, made fit to keep: bounded, and without what a database or a terminal cannot hold."""

import hashlib
import re

# of a test's name, classname or file; one that is longer is cut, and told from its like by a digest
NAME = 2_000
# of the line that says what went wrong
MESSAGE = 500

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def name(text: str) -> str:
    """Return the text as a name of at most `NAME` characters; names that differ stay different."""
    fit = _fit(text, NAME)
    if len(text) <= NAME and fit == text:
        return fit
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{fit[: NAME - len(digest) - 1]}#{digest}"


def message(text: str) -> str:
    """Return the first line of the text that says something, at most `MESSAGE` characters; empty where none does."""
    lines = (line.strip() for line in text[: 20 * MESSAGE].splitlines())
    return _fit(next((line for line in lines if line), ""), MESSAGE)


def _fit(text: str, longest: int) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text[:longest])
