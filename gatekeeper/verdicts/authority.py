"""How far a verdict may reach: the word that maintainers set as a ceiling, and what follows from it."""

from enum import StrEnum


class Authority(StrEnum):
    """What a verdict may do, from least to most."""

    # the check run tells, and no comment is written
    SHADOW = "shadow"
    # comments are written, and nothing is held up
    ADVISE = "advise"
    # the check fails where a test would
    BLOCK = "block"


class OnNotAnalysed(StrEnum):
    """What the check concludes where there is no verdict."""

    NEUTRAL = "neutral"
    FAIL = "fail"


def lower_of(one: Authority, other: Authority) -> Authority:
    """Return the one that may do less. Their order is the one above: `<` compares the words' letters."""
    return min(one, other, key=list(Authority).index)
