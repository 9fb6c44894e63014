"""The beginning of a text."""


def summary(text: str, width: int) -> str:
    """Return the text's whole words that fit into `width` characters, with `...` where some are left out."""
    words = text.split()
    if len(" ".join(words)) <= width:
        return " ".join(words)
    kept = []
    for word in words:
        if len(" ".join([*kept, word])) + 3 > width:
            break
        kept.append(word)
    return " ".join(kept) + "..."
