"""Hostile text made harmless to look at: what a pull request writes is shown, never obeyed."""


def visible(text: str) -> str:
    """Return `text` with every character that moves a cursor, hides or cannot be encoded as a Python escape.

    These are the ones that `str.isprintable` excludes: controls, bidirectional overrides, zero widths, surrogates,
    unassigned ones, blanks but the ordinary one. Tabs become four blanks, so that source keeps its shape.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character == "\t":
        return "    "
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
