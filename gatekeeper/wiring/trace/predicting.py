"""A closed program simulated by a model that writes traces."""

import contextlib
from collections.abc import Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass

from gatekeeper import errors, settings
from gatekeeper.inference import engine, generation, loop, serving, simulating
from gatekeeper.inference.profiles import catalogue, profile
from gatekeeper.simulation import plausibility, trace
from gatekeeper.simulation.program import program as programs


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What the model says that a program does."""

    # those that can be believed, behind the call of its `main()`
    frames: tuple[trace.Frame, ...]
    # whether the trace came to its end
    complete: bool
    # how it ended, or why it cannot be believed further, for people
    end: str
    model: str
    usage: generation.Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """A connected model."""

    running: loop.Running
    model: generation.Model
    profile: profile.Profile

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text. Raises ModelError."""
        return [len(ids) for ids in self.running.submit(self.model.encode(texts)).result()]

    @property
    def room(self) -> int:
        """Tokens that a program may have."""
        context = min(self.model.served.context, self.profile.context)
        return max(context // 2, context - max(engine.ANSWER, context // 4))

    def begin(self, program: programs.Program) -> "futures.Future[simulating.Samples]":
        """Start to simulate the program."""
        simulator = simulating.Simulator(model=self.model, profile=self.profile)
        return self.running.submit(simulator.simulate(program, 1, "trace"))

    def predicted(self, begun: "futures.Future[simulating.Samples]") -> Predicted:
        """Wait for what was begun. Raises ModelError."""
        done = begun.result()
        (only,) = done.each
        checked = only.checked
        return Predicted(
            frames=checked.frames,
            complete=checked.end is not None and checked.violation is None,
            end=_end(only),
            model=self.model.served.model,
            usage=done.usage,
        )


@contextlib.contextmanager
def predictor(connect: engine.Connect, chosen: profile.Profile) -> Iterator[Predictor]:
    """Give the model for as long as the context lasts. Raises ModelError where no server can be used."""
    with loop.Running() as running, running.entered(connect()) as model:
        yield Predictor(running=running, model=model, profile=chosen)


def wanted(chosen: settings.Settings) -> serving.Wanted:
    """Return the server of the settings. Raises UsageError where none is set, or its kind writes no traces."""
    found = serving.wanted(chosen)
    if found.profile.tracing is None:
        able = ", ".join(name for name, each in catalogue.every().items() if each.tracing is not None)
        raise errors.UsageError(
            f"a model of the profile {found.profile.name} writes no traces: set GATEKEEPER_MODEL_PROFILE to {able}, or "
            "give --executed"
        )
    return found


def _end(drawn: simulating.Simulated) -> str:
    match drawn.checked.end:
        case plausibility.Returned(value=value) if drawn.checked.violation is None:
            return f"returned {value}"
        case plausibility.Raised(exception=exception) if drawn.checked.violation is None:
            return f"raised {exception}"
        case _:
            return drawn.vote.why or "its trace ends before the program does"
