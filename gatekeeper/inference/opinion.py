"""What the samples of one program say together, whichever way they were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.inference import generation, simulating
from gatekeeper.inference.profiles import reasoning
from gatekeeper.simulation import agreement, plausibility, prediction, trace
from gatekeeper.simulation.program import program as programs


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one sample says."""

    vote: agreement.Vote
    # what ends the test, `Type: message`; None where it passes, or nothing is known
    exception: str | None = None
    # lines of the tree that it came through, outermost first
    traceback: tuple[prediction.Location, ...] = ()
    # empty where the model only reasoned
    frames: tuple[trace.Frame, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """All samples of one program."""

    said: tuple[Said, ...]
    usage: generation.Usage

    @property
    def votes(self) -> list[agreement.Vote]:
        """What they say, without the evidence."""
        return [one.vote for one in self.said]

    def spokesman(self, *, fails: bool) -> Said | None:
        """Return the surest of the samples with this result."""
        alike = [one for one in self.said if one.vote.fails is fails]
        return max(alike, key=lambda one: one.vote.weight, default=None)


def of_traces(samples: simulating.Samples) -> Opinion:
    """Return what imagined traces say."""
    return Opinion(said=tuple(map(_traced, samples.each)), usage=samples.usage)


def of_answers(answers: Sequence[generation.Sample], program: programs.Program, usage: generation.Usage) -> Opinion:
    """Return what answers in JSON say, each of which says the outcome of the program's test."""
    return Opinion(said=tuple(_reasoned(answer, program) for answer in answers), usage=usage)


def _traced(simulated: simulating.Simulated) -> Said:
    match simulated.checked.end:
        case plausibility.Raised(exception=exception, traceback=places) if simulated.vote.fails:
            return Said(vote=simulated.vote, exception=exception, traceback=places, frames=simulated.checked.frames)
        case _:
            return Said(vote=simulated.vote, frames=simulated.checked.frames)


def _reasoned(answer: generation.Sample, program: programs.Program) -> Said:
    match answer.finish:
        case generation.Finish.LENGTH:
            return Said(vote=agreement.Vote(fails=None, why="its reasoning did not end within the tokens it was given"))
        case generation.Finish.ABORTED:
            return Said(vote=agreement.Vote(fails=None, why="its answer was cut off by the server"))
        case generation.Finish.STOP:
            return _answered(answer, program)


def _answered(answer: generation.Sample, program: programs.Program) -> Said:
    match reasoning.parse(answer.text):
        case reasoning.Unreadable(reason=reason):
            return Said(vote=agreement.Vote(fails=None, why=reason))
        case reasoning.Answer(outcome="pass"):
            return Said(vote=agreement.Vote(fails=False, weight=agreement.weight(answer.logprobs)))
        case reasoning.Answer(exception=exception, line=line):
            vote = agreement.Vote(fails=True, weight=agreement.weight(answer.logprobs))
            return Said(vote=vote, exception=exception, traceback=_places(line, program))


def _places(line: str | None, program: programs.Program) -> tuple[prediction.Location, ...]:
    """Return where the program has exactly this line of the tree, if there is one such place alone."""
    wanted = (line or "").strip()
    lines = zip(program.text.split("\n"), program.places, strict=False)
    found = {place for text, place in lines if wanted and place and text.strip() == wanted}
    return tuple(found) if len(found) == 1 else ()
