"""Whether a fix that was offered came to be on a branch, by whatever way: seen in the text of the file."""

from gatekeeper.repair import candidate, text

# lines on each side of the changed ones that have to be as they were
_CONTEXT = 3
# of these together; what is longer is not looked for
_MOST = 100_000


def is_adopted(offered_on: str, change: candidate.Replacement, later: str) -> bool:
    """Whether a file that read `offered_on`, for which the change was offered, has it made where it reads `later`.

    It has where the lines that the change makes, with the three above and the three below them as they then are, stand
    in `later` one after the other, more often than in `offered_on`. Line endings do not matter, and neither does what
    was changed elsewhere in the file; a fix that was itself edited is not seen as made.
    """
    made = _lines(text.replaced(offered_on, change))
    first, length = change.start - 1, len(text.lines(change.text))
    window = made[max(0, first - _CONTEXT) : first + length + _CONTEXT]
    if not window:
        # the whole of the file was deleted
        return bool(offered_on) and not later
    if len(window) > _MOST:
        return False
    return _times(window, _lines(later)) > _times(window, _lines(offered_on))


def _lines(content: str) -> list[str]:
    return [line.rstrip("\r\n") for line in text.lines(content)]


def _times(window: list[str], lines: list[str]) -> int:
    """Return how often the lines of the window stand in a row; in one pass, however often they repeat themselves."""
    signs = {line: chr(number) for number, line in enumerate(dict.fromkeys(window), 1)}
    return "".join(signs.get(line, "\0") for line in lines).count("".join(signs[line] for line in window))
