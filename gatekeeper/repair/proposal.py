"""What is to be mended, and changes that may do so, before any is tried."""

from dataclasses import dataclass

from gatekeeper.repair import candidate
from gatekeeper.simulation import prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A finding as the proposers need it."""

    fingerprint: str
    # line of the judged tree; None where none is at fault
    at: prediction.Location | None
    # frames of its tests' tracebacks, innermost first
    frames: tuple[prediction.Location, ...]
    # the tests that would fail by it
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change that was not tried yet."""

    source: candidate.Source
    replacement: candidate.Replacement
    # the whole file at head without it
    text: str
    # those that it may mend
    faults: tuple[Fault, ...]
    # how likely it is what the author meant, in 0..1
    likelihood: float = 1.0
    # samples of the model that say the same; 0 for what it did not write
    agreement: int = 0
    # whether a test of the faults was seen to pass with it
    seen: bool = False
    # whether it is of a kind that fits some tests by chance
    guessed: bool = False
