"""Hostile text made harmless to look at: what a pull request writes is shown, never obeyed."""

import unicodedata

# control, format (bidirectional overrides, zero width), surrogates, separators of lines and paragraphs
_UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return `text` with every character that moves a cursor, hides or cannot be encoded as a Python escape.

    Tabs become four blanks, so that source keeps its shape.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character == "\t":
        return "    "
    if unicodedata.category(character) in _UNSHOWABLE:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character
