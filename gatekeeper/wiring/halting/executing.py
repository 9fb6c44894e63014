"""Calls evaluated in the sandbox, each in an interpreter of its own; implements `halting.probing.Executor`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gatekeeper.halting import probing
from gatekeeper.sandbox import process, running, session, stepping, workspace

# seconds of wall clock for one call: catches what waits, which burns no fuel
_SECONDS = 10
# what a function raises of values that it was not made for
_UNFIT = frozenset({"TypeError", "AttributeError", "NameError"})
# a generator may go on for ever by intention: what counts is that each of its values comes
_PROGRAM = """import importlib, inspect, itertools
_found = importlib.import_module({module!r})
if getattr(_found, "__file__", None) != {file!r}:
    raise ImportError({module!r} + " is another module there")
globals().update(vars(_found))


def main():
    made = {call}
    if inspect.iscoroutine(made):
        made.close()
        raise TypeError("it is asynchronous")
    if inspect.isgenerator(made):
        for _ in itertools.islice(made, 1000):
            pass
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandboxed:
    """Tries calls in one tree."""

    space: workspace.Workspace
    workers: Sequence[process.Process]
    limits: session.Limits
    cancelled: Callable[[], bool]

    def probe(self, probes: Sequence[probing.Probe], seconds: float) -> Sequence[probing.Probed]:
        """Try all of them; what is not done within `seconds` is `lacking`."""
        over = running.until(seconds, self.cancelled)
        if not probes:
            return []
        fuel = max(probe.fuel for probe in probes)
        limits = replace(self.limits, fuel=fuel, seconds=min(self.limits.seconds, _SECONDS))
        done = stepping.run(
            [self._text(probe) for probe in probes], self.space, self.workers, limits, frames=0, over=over
        )
        return [_probed(one, probe.fuel) for one, probe in zip(done, probes, strict=True)]

    def _text(self, probe: probing.Probe) -> stepping.Text:
        if not probe.path:
            return stepping.Text(source=f"def main():\n    return {probe.call}\n", path="__call__.py")
        file = f"{workspace.TREE}/{probe.path}"
        source = _PROGRAM.format(module=self._module(probe.path), file=file, call=probe.call)
        return stepping.Text(source=source, path="__call__.py", watched=probe.path, loops=probe.loops)

    def _module(self, path: str) -> str:
        """Return the name by which the tree's file is imported there."""
        guest = f"{workspace.TREE}/{path}"
        roots = [f"{root}/" for root in self.space.paths if guest.startswith(f"{root}/")]
        inside = guest.removeprefix(max(roots, key=len, default=f"{workspace.TREE}/"))
        return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _probed(done: stepping.Stepped, fuel: int) -> probing.Probed:
    how, why = _how(done)
    repeated = done.repeated
    return probing.Probed(
        how=how,
        fuel=done.fuel or (fuel if how is probing.How.UNENDED else 0),
        line=repeated.line if repeated else None,
        state=tuple(repeated.state.items()) if repeated else (),
        why=why,
    )


def _raised(kind: str) -> tuple[probing.How, str]:
    if kind == "RecursionError":
        return probing.How.RECURSION, ""
    if kind in _UNFIT:
        return probing.How.LACKING, f"it does not take such values: {kind}"
    return probing.How.RAISED, ""


def _how(done: stepping.Stepped) -> tuple[probing.How, str]:  # noqa: PLR0911 - one arm for each end
    if done.repeated is not None:
        return probing.How.REPEATED, ""
    if done.limit is not None:
        return probing.How.LACKING, done.limit
    match done.how:
        case stepping.How.RETURNED:
            return probing.How.RETURNED, ""
        case stepping.How.RAISED | stepping.How.REPEATED:
            return _raised((done.exception or "").partition(":")[0])
        case stepping.How.FUEL:
            return probing.How.UNENDED, ""
        case stepping.How.WALL:
            return probing.How.LACKING, "it waits for something that does not come in the sandbox"
        case stepping.How.UNLOADED:
            return probing.How.LACKING, f"its module cannot be loaded: {done.exception}"
        case stepping.How.BROKEN | stepping.How.STOPPED:
            return probing.How.LACKING, done.exception or "there was no time left for it"
