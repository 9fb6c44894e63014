"""What a set of requirements became."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Worth(Enum):
    """What an answer of the index is worth."""

    ANSWER = "kept for a week"
    # it did not come in time
    SLOW = "kept for an hour"
    # it did not come, which is soon found out again
    NOTHING = "not kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """One distribution of the folder."""

    # normalised
    name: str
    version: str
    # the wheel's file name and its hex digest
    file: str
    sha256: str
    # top-level names that it brings
    modules: tuple[str, ...]
    # dotted names of its compiled modules, which were left out
    compiled: tuple[str, ...]
    # names of its pytest plugins, and long options that they may define
    plugins: tuple[str, ...]
    options: tuple[str, ...]
    # distributions that it needs, itself or through others, and that are not there
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a set of requirements became."""

    # None: nothing is granted
    site: Path | None
    granted: tuple[Granted, ...]
    # distribution -> why it is not there
    unavailable: Mapping[str, str]
    # for people
    notes: tuple[str, ...]
