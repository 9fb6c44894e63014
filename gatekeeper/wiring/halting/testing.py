"""The tests that call functions, run once: which of them go too deep in these, or repeat themselves for ever."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gatekeeper.halting import calls, loops
from gatekeeper.sandbox import engine, running, session
from gatekeeper.wiring.halting import trying

# seconds for all tests together; WebAssembly instructions of one, about a second: what takes more is watched
_SECONDS = 20.0
_FUEL = 10 * 10**9


def hangs(
    using: trying.Trying, suspects: Sequence[loops.Suspect], sandbox: engine.SandboxEngine
) -> tuple[trying.Hang, ...]:
    """Return the tests that show a function without an end: what is slow alone shows nothing. Raises SandboxError."""
    plan = _plan(using, suspects)
    if not plan.modules:
        return ()
    limits = replace(using.limits, fuel=min(using.limits.fuel, _FUEL))
    over = running.until(_SECONDS, using.cancelled)
    ran = running.run(using.space(), plan, limits, using.workers, over=over).tests
    found = trying.reached(suspects, [hang for test, one in ran.items() for hang in _hang(test, one)], using.tree)
    watched = trying.watched(found, using.tree, sandbox, using.cancelled)
    return tuple(hang for hang in watched if hang.deep or hang.repeated)


def _hang(test: str, ran: session.Ran) -> Iterator[trying.Hang]:
    if ran.how == "fuel":
        yield trying.Hang(test=test, at=None, fuel=ran.fuel)
    elif ran.at and trying.is_deep(ran.exception):
        yield trying.Hang(test=test, at=ran.at[-1], fuel=ran.fuel, deep=True)


def _plan(using: trying.Trying, suspects: Sequence[loops.Suspect]) -> session.Plan:
    """Return the plan of the test functions that call one of the functions by name."""
    known, wanted = calls.Calls(using.tree), [suspect.function for suspect in suspects]
    modules: dict[str, int] = {}
    others: dict[str, frozenset[str]] = {}
    for path in using.tests:
        module = known.module(path) if any(known.mentions(path, function) for function in wanted) else None
        if module is None:
            continue
        calling = {
            name
            for name, written in module.functions.items()
            if any(callee in wanted for function in written for _, callee in known.called(function))
        }
        if calling:
            modules[path] = len(calling)
            others[path] = frozenset(name.replace(".", "::") for name in module.functions if name not in calling)
    return session.Plan(modules=modules, unaffected=others)
