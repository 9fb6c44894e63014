"""A session of tests: which ones it runs, within what limits, and how each of them ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.halting import purity
from gatekeeper.simulation import prediction

BILLION = 10**9
# what collecting a module may burn and take, as a multiple of what one test may
COLLECTION = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one interpreter, and one test in it, may use."""

    # WebAssembly instructions for one test
    fuel: int
    # bytes of WebAssembly memory
    memory: int
    # wall-clock seconds for one test
    seconds: float
    # bytes that one interpreter may write
    disk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How one test, or the import of one module, ended in one tree."""

    # `pass`, `fail`, `error`, `skip` as pytest says; `fuel`, `wall`, `disk` for a limit; else how the interpreter broke
    how: str
    # `Type: message`, or why it was skipped
    exception: str | None = None
    # frames of the tree, outermost first
    at: tuple[prediction.Location, ...] = ()
    # changed lines that the test ran, in order of their last run; only where the plan asked for it
    touched: tuple[prediction.Location, ...] = ()
    # what the sandbox lacked, where that is why the test failed
    limit: str | None = None
    # the module or fixture that was not found
    missing: str | None = None
    # what the test used that the sandbox lacks, whether or not that is why it failed
    noted: tuple[str, ...] = ()
    seconds: float = 0.0
    fuel: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which tests of a tree are to be run."""

    # test modules in order, with how many tests are expected in each
    modules: Mapping[str, int]
    # module -> names of tests that are left out
    unaffected: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # module -> the only node ids to run in it; a module that is absent runs all that are not left out
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # file -> its changed lines, where it is to be told which of them each failing test runs
    changed: Mapping[str, frozenset[int]] = field(default_factory=dict)
    # test module -> modules that cannot be had, for which stand-ins are imported with it
    absent: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # `tests` that are run with each of the `versions`, ids then being `test@number`; None: tests as they are
    exchanged: Mapping[str, Any] | None = None
    # what the guest's tracer is asked for; None: no trace
    trace: Mapping[str, Any] | None = None
    # file -> loops in it that each test is watched for, until one repeats itself
    watched: Mapping[str, Sequence[purity.Loop]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Runs:
    """What a session found out; filled while it goes on."""

    tests: dict[str, Ran] = field(default_factory=dict)
    # modules that could not be imported, or whose session could not be run
    modules: dict[str, Ran] = field(default_factory=dict)
    # collected tests that were left out as unaffected, by the group that saw them
    deselected: dict[tuple[str, ...], int] = field(default_factory=dict)
    # what the tracer told, in order, by test
    traced: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    # what a hostile or broken guest said that cannot be
    oddities: list[str] = field(default_factory=list)
