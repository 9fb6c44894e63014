"""What is said of a function that can loop: whether it ends, and on what evidence."""

from dataclasses import dataclass, field
from enum import StrEnum

from gatekeeper.simulation import prediction


class Kind(StrEnum):
    """Whether a call ends, over all inputs that the function admits."""

    TERMINATES = "terminates"
    MAY_NOT_TERMINATE = "may not terminate"
    # proven: never said on a model's word alone
    DOES_NOT_TERMINATE = "does not terminate"
    # the reason says why nothing can be said
    UNKNOWN = "unknown"


class Control(StrEnum):
    """What the model said of base's version of the function, which is in use and so presumed to end."""

    # that it ends, as presumed
    PASSED = "passed"
    # that it does not end: the model is not believed on head either
    FAILED = "failed"
    # nothing that counts
    UNANSWERED = "unanswered"
    # the function is new
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """What a model answered when it was asked several times. Its line and its input are shown, never trusted."""

    # answers asked for
    samples: int
    # answers that say that every call ends, and that some call does not
    halting: int
    diverging: int
    # of the answers that did not count: reason -> how many
    uncounted: tuple[tuple[str, int], ...] = ()
    # mean natural logarithm of the probabilities of the tokens that say it, over the answers that count; None: not told
    logprob: float | None = None
    control: Control = Control.NONE
    # the 1-based line of the file at fault and a call that shows it, by the first diverging answer that names them
    line: int | None = None
    example: str | None = None

    @property
    def valid(self) -> int:
        """Answers that count."""
        return self.halting + self.diverging


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """A loop came to a state that it had been in, in which nothing is hidden: it never ends."""

    call: str
    # 1-based line of the loop
    line: int
    # name -> `repr` of what decides, the first of them
    state: tuple[tuple[str, str], ...]
    # whether nothing tells that the function takes such values, of which most end
    guessed: bool = False
    # whether it gives a number below one, or nothing
    odd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recursion:
    """A call of small arguments went deeper than the stack allows."""

    call: str
    # whether nothing tells that the function takes such values
    guessed: bool = False
    # whether it gives a number below one, or nothing
    odd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unended:
    """A call did not end within its fuel."""

    call: str
    # whether its arguments are small, as far as is known
    small: bool
    # WebAssembly instructions
    fuel: int
    # a call with arguments at least as large that ended, and its fuel; None: there is none
    other: str | None = None
    other_fuel: int = 0
    # whether nothing tells that the function takes such values
    guessed: bool = False
    # whether it gives a number below one, or nothing
    odd: bool = False


class Law(StrEnum):
    """How fuel grows with the size of the arguments."""

    CONSTANT = "constant"
    LINEAR = "linear"
    QUADRATIC = "quadratic"
    CUBIC = "cubic"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What calls took beyond an empty run, as their arguments grow."""

    law: Law
    # size of the arguments, WebAssembly instructions; by size
    points: tuple[tuple[float, int], ...]
    # times the effort, for one more where the law is exponential, else for twice the size; None: not told
    factor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Calls that were tried, and ended."""

    calls: int
    # the most that one of them took, in WebAssembly instructions
    fuel: int
    # that one; None: not told
    longest: str | None = None


class Course(StrEnum):
    """What the text of a loop, or of a recursion, tells of where it goes."""

    # something whole comes closer to its bound, by one at least, on every path
    MOVES = "comes closer to its end on every path"
    # on some path it stands where it was, and nothing else tells it on
    STANDS = "may stand still"
    # nothing that its condition reads is changed in it, and it is not left otherwise
    UNCHANGED = "changes nothing that its condition reads"
    # it has no condition, and is not left otherwise
    NO_WAY_OUT = "has no way out"
    # no path through the function avoids the call of itself
    NO_BASE = "has no way around the call of itself"
    # what its base case looks at is handed on as it is
    SAME = "hands on what its base case looks at as it is"
    # it steps by one towards a base case that asks for one value alone
    OVERSTEPS = "can step past its base case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What the text alone tells of one loop or recursion."""

    course: Course
    # 1-based
    line: int
    # source of what moves, or does not: `high - low`
    what: str
    # whether the argument holds for all values that the annotations admit; False: it suggests, no more
    sound: bool

    @property
    def ends(self) -> bool:
        """Whether the text speaks for an end."""
        return self.course is Course.MOVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtracking:
    """What matching a regular expression takes, measured with texts made to be hard for it."""

    # as `repr` has it, cut
    pattern: str
    # 1-based line of the call
    line: int
    law: Law
    # times the effort, for a further character where the law is exponential, else for a text twice as long
    factor: float
    # an expression for the hardest text that was matched: `'a' * 28 + '!'`
    text: str
    # length of the text, WebAssembly instructions; by length
    points: tuple[tuple[float, int], ...]


Evidence = Repetition | Recursion | Unended | Ranking | Backtracking | Growth | Ended | Votes


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltingRisk:
    """Whether one function ends, with the evidence and who said it."""

    path: str
    # qualified within the module: `Class.method`
    function: str
    # 1-based line of the loop, or of what else may not end
    line: int
    kind: Kind
    # probability that some call does not end, in 0..1; None for `unknown`
    probability: float | None
    # one sentence for people
    reason: str
    # the strongest first
    evidence: tuple[Evidence, ...] = ()
    cost: prediction.Cost = field(default_factory=prediction.Cost)
    engine: str
    model: str
    version: str
    # the probability before calibration, in 0..1
    raw_score: float | None = None
    calibrator: str | None = None

    @property
    def slow(self) -> bool:
        """Whether it ends, and yet is worth a warning: its effort explodes, or a call that is slow was given up."""
        slow = any(_explodes(item) for item in self.evidence)
        return self.kind is Kind.TERMINATES and slow

    def __post_init__(self) -> None:
        """Refuse what the evidence does not bear."""
        assert (self.probability is None) == (self.kind is Kind.UNKNOWN), "a probability for all but `unknown`"
        proven = any(_proves(item) for item in self.evidence)
        assert self.kind is not Kind.DOES_NOT_TERMINATE or proven, "no divergence without a proof"


def _proves(evidence: Evidence) -> bool:
    match evidence:
        case Repetition():
            return True
        case Recursion() | Unended() | Ranking() | Backtracking() | Growth() | Ended() | Votes():
            return False


_SLOW = frozenset({Law.CUBIC, Law.EXPONENTIAL})


def _explodes(evidence: Evidence) -> bool:
    match evidence:
        case Backtracking(law=law):
            return law in _SLOW
        case Growth(law=law):
            return law is Law.EXPONENTIAL
        case Unended(odd=odd):
            return not odd
        case Repetition() | Recursion() | Ranking() | Ended() | Votes():
            return False
