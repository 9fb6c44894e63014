"""Text in columns."""


def columns(rows, gap=2):
    """Return lines in which the cells of each column begin below one another."""
    widths = []
    for row in rows:
        for place, cell in enumerate(row):
            if place == len(widths):
                widths.append(0)
            widths[place] = max(widths[place], len(cell))
    lines = []
    for row in rows:
        cells = [cell.ljust(width + gap) for cell, width in zip(row, widths, strict=False)]
        lines.append("".join(cells).rstrip())
    return lines


def wrapped(text, width=40):
    """Return the words of `text` in lines that are no longer than `width`, but for words that are."""
    words = text.split()
    lines = []
    while words:
        line = words.pop(0)
        while words and len(line) + 1 + len(words[0]) <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(line)
    return lines


def shortened(text, width=12):
    """Return `text`, cut where it takes more than `width` columns."""
    if len(text) <= width:
        return text
    return text[: width - 1] + "…"


def bar(part, whole, width=20):
    """Return a bar that is filled as far as `part` is of `whole`."""
    if whole <= 0:
        return " " * width
    filled = min(width, round(part * width / whole))
    return "#" * filled + "." * (width - filled)
