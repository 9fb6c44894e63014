"""What an engine says of one test."""

from dataclasses import dataclass, field
from enum import StrEnum

from gatekeeper.simulation import trace as traces


class Outcome(StrEnum):
    """The expected outcome of one test on the judged tree."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    # setup, teardown or import failed
    ERROR = "error"
    # it does not end within its budget, and ended on base well within
    HANG = "hang"
    # shown and unscored
    SKIP = "skip"
    # the reason says why nothing can be said
    UNKNOWN = "unknown"

    @property
    def broken(self) -> bool:
        """Whether a test with this outcome does not pass in CI."""
        return self in {Outcome.FAIL, Outcome.ERROR, Outcome.HANG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A line of the judged tree."""

    path: str
    # 1-based
    line: int

    def __str__(self) -> str:
        """Return `path:line`, as compilers and editors write it."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one prediction took; additive."""

    seconds: float = 0.0
    # WebAssembly instructions, in wasmtime's unit of fuel
    fuel: int = 0
    # of a model: read and written together
    tokens: int = 0
    # those of them that the server had read before
    cached_tokens: int = 0
    # those of them that the model wrote
    completion_tokens: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        """Return both together."""
        return Cost(
            seconds=self.seconds + other.seconds,
            fuel=self.fuel + other.fuel,
            tokens=self.tokens + other.tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )


class Control(StrEnum):
    """How the outcome before the change is known, by which an engine that imagines is checked."""

    # it was run
    EXECUTED = "executed"
    # nobody ran it: it is taken to pass
    ASSUMED = "assumed"
    # the test is new
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The expected outcome of one test, with its evidence and who said it."""

    # pytest's node id, parametrisation included
    test: str
    outcome: Outcome
    # probability that the test does not pass, in 0..1; None for `unknown` and `skip`
    p_fail: float | None
    # one sentence for people; why it was selected for a pass, what went wrong otherwise
    reason: str
    # True: it does not pass before either, so it is not held against the change
    already_failing: bool = False
    # `Type: message`, first line, of what ended the test
    exception: str | None = None
    # the line at fault: in the diff where the traceback touches it, else the innermost line of the tree
    at: Location | None = None
    # `path:line` of each frame of the tree in the traceback, outermost first
    traceback: tuple[Location, ...] = ()
    trace: traces.Trace | None = None
    cost: Cost = field(default_factory=Cost)
    engine: str
    # the model served, or the interpreter for an engine that executes
    model: str
    version: str
    # what the engine said before calibration, in 0..1
    raw_score: float | None = None
    calibrator: str | None = None
    # True: nothing was run, a model simulated it; such a prediction does not block before its engine has earned that
    imagined: bool = False
    # given where it was imagined
    control: Control | None = None
    # what the model was not shown of what the test may reach, each with the reason; the first of them
    left_out: tuple[str, ...] = ()
    # whether it was seen to pass before the change; None: nobody ran it, or it did not pass; not recorded
    passes_before: bool | None = None
    # what else was said of the test in the same review, in the order in which it was asked for, this one left out
    attempts: tuple["Prediction", ...] = ()

    @property
    def disagreed(self) -> bool:
        """Whether another engine came to the other result."""
        return any(
            other.p_fail is not None and self.p_fail is not None and other.outcome.broken != self.outcome.broken
            for other in self.attempts
        )
