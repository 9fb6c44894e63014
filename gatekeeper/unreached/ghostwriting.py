"""What hypothesis's ghostwriter writes of a function -> a test file that can be shown, and what it found.

For functions of which no call can be written down: the ghostwriter asks only that generated calls raise nothing.
"""

from gatekeeper.simulation import prediction
from gatekeeper.unreached import proposed, targets, written

# of one test, in each tree
EXAMPLES = 30
_IMPORT, _GIVEN = "from hypothesis import given", "\n@given("


def read(text: str, target: targets.Target, own: frozenset[str]) -> str | written.Unusable:
    """Return the test file with a bound on its examples; `own` are the project's top-level modules."""
    if "nothing()" in text:
        return written.Unusable(why="hypothesis cannot make its arguments either")
    if text.count(_IMPORT) != 1 or text.count(_GIVEN) != 1:
        return written.Unusable(why="hypothesis wrote no test that can be shown")
    bounded = text.replace(_IMPORT, f"{_IMPORT}, settings").replace(
        _GIVEN, f"\n\n@settings(max_examples={EXAMPLES}, deadline=None)\n@given("
    )
    return written.fitting(bounded.strip() + "\n", target, own)


def found(before: proposed.Ended | None, after: proposed.Ended) -> str:
    """Return what running it on both trees found, as one sentence; it passes before, where there is a before."""
    said = after.exception[:100]
    if after.outcome is prediction.Outcome.PASS:
        calls = f"{EXAMPLES} generated calls at most, none of which raises"
        return f"passes on both: {calls}" if before is not None else f"was not there before; {calls}"
    what = "does not end" if after.outcome is prediction.Outcome.HANG else f"raises {said}"
    if before is None:
        return f"was not there before; a generated call {what}"
    return f"a generated call {what} after the change; before none of {EXAMPLES} did"


def program(module: str, file: str, name: str) -> str:
    """Return the program in whose name `WRITTEN` the ghostwriter's text is once it is loaded in the guest.

    The ghostwriter needs black, to lay its text out alone; what stands in for it leaves the text as it is. It is
    written once in an interpreter, however often the program is loaded there. Format of the call: hypothesis's
    `ghostwriter.fuzz(callable)`.
    """
    return _PROGRAM.format(module=module, file=file, name=name)


_PROGRAM = """import importlib
import sys
import types

if "black" not in sys.modules:
    sys.modules["black"] = types.ModuleType("black")
_black = sys.modules["black"]
_black.format_str, _black.Mode = (lambda text, *, mode: text), (lambda: None)
_found = importlib.import_module({module!r})
if getattr(_found, "__file__", None) != {file!r}:
    raise ImportError({module!r} + " is another module there")
if not hasattr(_black, "written"):
    from hypothesis.extra import ghostwriter

    _black.written = ghostwriter.fuzz(eval({name!r}, dict(vars(_found))))
WRITTEN = _black.written
"""
