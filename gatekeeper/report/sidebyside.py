"""A predicted and an executed trace of one program, frame beside frame. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from gatekeeper.report import unrolled
from gatekeeper.simulation import trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What both traces have at one step; at least one of them has something."""

    executed: unrolled.Moment | None
    predicted: unrolled.Moment | None

    @property
    def leading(self) -> unrolled.Moment:
        """What the sandbox did, else what the model said."""
        leading = self.executed or self.predicted
        assert leading is not None
        return leading

    @property
    def elsewhere(self) -> bool:
        """Whether the two do not stand at the same event of the same line, or one has ended."""
        if self.executed is None or self.predicted is None:
            return True
        return _place(self.executed.frame) != _place(self.predicted.frame)

    @property
    def differing(self) -> frozenset[str]:
        """Names of the locals that differ, of one side alone too; empty where the two stand elsewhere."""
        if self.elsewhere:
            return frozenset()
        assert self.executed is not None
        assert self.predicted is not None
        mine, its = self.executed.values, self.predicted.values
        return frozenset(name for name in mine.keys() | its.keys() if mine.get(name) != its.get(name))

    @property
    def same_value(self) -> bool:
        """Whether what is returned or raised reads the same."""
        if self.executed is None or self.predicted is None:
            return False
        return self.executed.frame.value == self.predicted.frame.value

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return self.elsewhere or bool(self.differing) or not self.same_value


@dataclass(frozen=True, kw_only=True)
class Both:
    """Both traces; a side that was not asked for, or could not be had, is None."""

    executed: Sequence[trace.Frame] | None
    predicted: Sequence[trace.Frame] | None
    # whether the frames of each side are all there were: beyond those of a side that was cut nothing departs
    executed_whole: bool = True
    predicted_whole: bool = True

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The steps, by their place in both traces."""
        ran, said = (tuple(unrolled.unroll(frames or ())) for frames in (self.executed, self.predicted))
        return tuple(
            Pair(
                executed=ran[number] if number < len(ran) else None,
                predicted=said[number] if number < len(said) else None,
            )
            for number in range(max(len(ran), len(said)))
        )

    @property
    def compared(self) -> bool:
        """Whether there are two sides."""
        return self.executed is not None and self.predicted is not None

    @cached_property
    def departure(self) -> int | None:
        """0-based step at which the prediction first departs from the run; None where it does not, as far as is known.

        Where one trace goes on and the other was cut, nothing is known.
        """
        if not self.compared:
            return None
        for number, pair in enumerate(self.pairs):
            if pair.executed is None and not self.executed_whole:
                return None
            if pair.predicted is None and not self.predicted_whole:
                return None
            if pair.differs:
                return number
        return None

    def differs(self, number: int) -> bool:
        """Whether the two sides differ at a 0-based step."""
        return self.compared and self.pairs[number].differs


def _place(frame: trace.Frame) -> tuple[trace.Event, str, int]:
    return frame.event, frame.path, frame.line
