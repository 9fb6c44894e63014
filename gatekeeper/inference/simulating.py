"""Programs -> imagined traces: prompts by token ids, answers in chunks, checked as they come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gatekeeper.inference import generation, grammar, growing, tokens
from gatekeeper.inference.profiles import profile as profiles
from gatekeeper.simulation import agreement, plausibility, program_lines
from gatekeeper.simulation.program import program as programs

# tokens of one chunk: between chunks answers are checked, and a review can be cancelled
CHUNK = 1024
# tokens that one sample may write
MOST = 32_768
# with less room than this behind what is shown, a new segment begins
ROOM = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What one sample came to."""

    vote: agreement.Vote
    # the frames that could be believed, the whole trace where the vote counts
    checked: plausibility.Checked


_TOO_LARGE = Simulated(
    vote=agreement.Vote(fails=None, why="its program leaves no room for a trace in the model's context"),
    checked=plausibility.Checked(frames=(), violation=None, end=None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """All samples of one program, and what they cost together."""

    each: tuple[Simulated, ...]
    usage: generation.Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """Simulates programs with a model that writes traces."""

    model: generation.Model
    profile: profiles.Profile
    chunk: int = CHUNK
    most: int = MOST

    async def prompt(self, program: programs.Program, *, shared: bool = False) -> generation.Ids:
        """Return the ids of a program, or of the part that its group shares. Raises ModelError."""
        controls = self.model.served.controls
        pieces = program.pieces[: program.shared] if shared else program.pieces
        encoded = await self.model.encode([piece.text for piece in pieces])
        opening = (controls[grammar.Control.BEGIN_OF_TEXT], controls[grammar.Control.TRACE_CONTEXT_START])
        context = (*opening, *(id_ for ids in encoded for id_ in ids))
        return context if shared else (*context, *await self._ids(grammar.ENTRY))

    async def warm(self, program: programs.Program, group: str) -> generation.Usage:
        """Let the server read what a group of programs shares, so that each of them finds it in the cache."""
        prompt = await self.prompt(program, shared=True)
        asked = generation.Asked(prompt=prompt, sampling=generation.Sampling(temperature=0), most=0, group=group)
        return (await self.model.generate(asked)).usage

    async def simulate(self, program: programs.Program, samples: int, group: str) -> Samples:
        """Return so many samples of a program's trace. Raises ModelError; ends with the task that awaits it."""
        prompt = await self.prompt(program)
        reader = plausibility.Reader(program)
        lines = program_lines.ProgramLines(program)
        over = (self.model.served.controls[grammar.OVER],)
        asked = self._asked(prompt, self._room(prompt), group)
        drawn = [growing.Growing(has=lambda source: bool(lines.numbers(source)), over=over) for _ in range(samples)]
        if asked.most < ROOM:
            return Samples(each=(_TOO_LARGE,) * samples, usage=generation.Usage())
        answer = await self.model.generate(replace(asked, samples=samples))
        rest = await tokens.together(
            self._grown(one, sample, asked, reader) for one, sample in zip(drawn, answer.samples, strict=True)
        )
        usage = sum((spent for _, spent in rest), answer.usage)
        return Samples(each=tuple(simulated for simulated, _ in rest), usage=usage)

    async def _grown(
        self, one: growing.Growing, first: generation.Sample, asked: generation.Asked, reader: plausibility.Reader
    ) -> tuple[Simulated, generation.Usage]:
        """Ask on until the sample is done; return what it says, and what was spent after its first chunk."""
        usage = generation.Usage()
        checked = await self._taken(one, first, reader)
        while not one.done:
            ids = (*asked.prompt, *one.shown)
            if self._room(ids) < ROOM:
                if one.barren:
                    one.why = f"a frame of its trace did not end within {len(one.shown):,} tokens"
                    break
                ids = (*asked.prompt, *await self._segment(one))
            room = min(self._room(ids), self.most - one.spent)
            if room < ROOM:
                one.why = f"its trace did not end within {one.spent:,} tokens"
                break
            answer = await self.model.generate(replace(asked, prompt=ids, most=room))
            usage += answer.usage
            checked = await self._taken(one, answer.samples[0], reader)
        return Simulated(vote=_vote(one, checked), checked=checked), usage

    async def _taken(
        self, one: growing.Growing, drawn: generation.Sample, reader: plausibility.Reader
    ) -> plausibility.Checked:
        pieces = grammar.cut(one.unread(drawn), self.model.served.controls)
        one.take(drawn, pieces, await self.model.decode(grammar.texts(pieces)))
        checked = reader.check(one.steps, ended=one.ended)
        if checked.violation and one.why is None:
            one.why = f"its trace is not possible: {checked.violation}"
        return checked

    async def _segment(self, one: growing.Growing) -> generation.Ids:
        """Begin a new segment of the sample; return what is shown of the ones before."""
        one.begin_segment(await self._ids(grammar.write(one.compressed(), ended=False)))
        return one.shown

    async def _ids(self, items: Sequence[grammar.Item]) -> generation.Ids:
        controls = self.model.served.controls
        texts = iter(await self.model.encode([item for item in items if not isinstance(item, grammar.Control)]))
        ids = [(controls[item],) if isinstance(item, grammar.Control) else next(texts) for item in items]
        return tuple(id_ for each in ids for id_ in each)

    def _room(self, ids: generation.Ids) -> int:
        return min(self.chunk, self.model.served.context - len(ids))

    def _asked(self, prompt: generation.Ids, most: int, group: str) -> generation.Asked:
        assert self.profile.tracing is not None
        return generation.Asked(
            prompt=prompt,
            sampling=self.profile.tracing,
            most=most,
            stop=profiles.stops(self.profile, self.model.served.controls),
            logprobs=True,
            group=group,
        )


def _vote(one: growing.Growing, checked: plausibility.Checked) -> agreement.Vote:
    if one.why is not None:
        return agreement.Vote(fails=None, why=one.why)
    match checked.end:
        case plausibility.Returned():
            return agreement.Vote(fails=False, weight=agreement.weight(one.logprobs))
        case plausibility.Raised(exception=exception) if _skips(exception):
            return agreement.Vote(fails=None, why="it would be skipped")
        case plausibility.Raised():
            return agreement.Vote(fails=True, weight=agreement.weight(one.logprobs))
        case None:
            return agreement.Vote(fails=None, why="its trace ends before the test does")


def _skips(exception: str) -> bool:
    """Whether the exception is pytest's or unittest's way of skipping a test."""
    return re.match(r"(\w+\.)*(Skipped|SkipTest|XFailed)\b", exception) is not None
