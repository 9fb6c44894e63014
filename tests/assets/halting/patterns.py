"""Regular expressions, which end in any case."""

import re

_ASSIGNED = re.compile(r"(?:[a-z]+\s*=\s*[a-z]+\s*;?)+$")


def is_sequence_of_words(text: str) -> bool:
    return re.match(r"^(\w+\s?)+$", text) is not None


def is_tiled(text: str) -> bool:
    return re.fullmatch(r"(a|aa)*b", text) is not None


def assignments(text: str) -> bool:
    return bool(_ASSIGNED.match(text))


def is_version(text: str) -> bool:
    return re.match(r"(\d+\.)*\d+$", text) is not None
