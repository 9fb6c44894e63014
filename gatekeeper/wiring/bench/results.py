"""What a bench found, as values."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.accuracy import confusion, scoring
from gatekeeper.wiring.bench import cases, reviewing, speed, spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One labelled pull request, reviewed and scored."""

    numbered: cases.Numbered
    # None where the review failed; it is then scored as one that said nothing
    reviewed: reviewing.Reviewed | None
    # why it failed
    failure: str | None
    scored: scoring.Scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """All labelled pull requests of one run."""

    # by their place in the file
    ran: tuple[Ran, ...]
    # pull requests in the file
    of: int
    # None where nothing was timed
    speed: speed.Speed | None
    # packages that could not be timed, and why
    untimed: tuple[tuple[str, str], ...] = ()
    # that was asked for; None: the one that each package configures
    engine: str | None = None

    @property
    def tally(self) -> scoring.Tally:
        """The counts of all."""
        return scoring.total(one.scored for one in self.ran)

    @property
    def macro(self) -> confusion.Macro:
        """The rates per test, averaged over pull requests."""
        return confusion.macro(one.scored.tally.tests for one in self.ran)

    @property
    def failed(self) -> tuple[Ran, ...]:
        """Those whose review failed."""
        return tuple(one for one in self.ran if one.reviewed is None)

    @property
    def spending(self) -> spending.Spending:
        """What all reviews took."""
        return spending.total(one.reviewed.spending for one in self.ran if one.reviewed)

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for could be done."""
        return not self.failed and not self.untimed

    def packages(self) -> Iterator[tuple[str, scoring.Tally]]:
        """Yield each package with its counts, in the file's order."""
        for package in dict.fromkeys(one.numbered.case.package for one in self.ran):
            yield package, scoring.total(one.scored for one in self.ran if one.numbered.case.package == package)
