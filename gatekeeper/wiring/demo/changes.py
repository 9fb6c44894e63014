"""The pull requests of the demo: which change each makes, and under what weather CI tests it."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from gatekeeper.wiring.demo import edits, features, harmless, mutations, sample

# what the generated changes are drawn by; another seed gives others
SEED = 20_260_101

_Drawn = TypeVar("_Drawn")


class Kind(StrEnum):
    """What a pull request does."""

    # a function more, with tests that pass
    FEATURE = "feature"
    # one with a mistake that its own tests find
    UNFINISHED = "unfinished feature"
    # changes nothing that a program does
    HARMLESS = "rewriting"
    # changes nothing that runs: the README alone, or the first lines of a module too
    DOCS = "documentation"
    # a mistake that tests find
    BREAKING = "mistake"
    # a loop that no longer ends
    ENDLESS = "endless loop"
    # a mistake among changes that change nothing
    COMPOUND = "mistake among rewritings"
    # breaks what only the region of CI's machines shows
    REGIONAL = "mistake that only CI's region shows"


class Weather(StrEnum):
    """What else happens to CI."""

    FAIR = "fair"
    # an earlier job left its lock in the folder that jobs share: the first attempt fails, the second does not
    LEFT_OVER = "left over"
    # somebody cancels the job
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A pull request."""

    # counted from 1
    number: int
    kind: Kind
    weather: Weather
    title: str
    # commits before the tip of base at which it was begun
    behind: int
    # path -> content, of what it changes
    files: sample.Files


# the first ones show one of each; afterwards it begins anew, with other spots
_ORDER = (
    (Kind.FEATURE, Weather.FAIR),
    (Kind.BREAKING, Weather.FAIR),
    (Kind.HARMLESS, Weather.FAIR),
    (Kind.BREAKING, Weather.FAIR),
    (Kind.HARMLESS, Weather.LEFT_OVER),
    (Kind.DOCS, Weather.FAIR),
    (Kind.COMPOUND, Weather.FAIR),
    (Kind.HARMLESS, Weather.CANCELLED),
    (Kind.REGIONAL, Weather.FAIR),
    (Kind.BREAKING, Weather.FAIR),
    (Kind.ENDLESS, Weather.FAIR),
    (Kind.HARMLESS, Weather.FAIR),
    (Kind.UNFINISHED, Weather.FAIR),
    (Kind.BREAKING, Weather.FAIR),
    (Kind.FEATURE, Weather.FAIR),
    (Kind.HARMLESS, Weather.FAIR),
    (Kind.COMPOUND, Weather.FAIR),
    (Kind.BREAKING, Weather.FAIR),
)
# commits at the end of base between which nothing changes that a pull request touches
_BEHIND = 3
# rewritings beside the mistake of a compound change
_BESIDE = 4
_SOURCES = "src/larder/"
_PRICES = f"{_SOURCES}prices.py"
_SPOOL = f"{_SOURCES}spool.py"
_SWEDEN = b'"se": Region(" ", ",", "{} kr")'


def drawn(number: int, seed: int = SEED) -> Change:
    """Return the pull request of that number, which does not depend on how many there are."""
    return _Drawing(sample.files(), seed).change(number)


class _Drawing:
    """Draws changes of the project's files."""

    def __init__(self, files: sample.Files, seed: int) -> None:
        self._files, self._seed = files, seed
        self._sources = [edits.Source(path, files[path]) for path in files if path.startswith(_SOURCES)]

    def change(self, number: int) -> Change:
        kind, weather = _ORDER[(number - 1) % len(_ORDER)]
        title, files = self._makers()[kind](self._nth(number, kind), weather)
        behind = random.Random(f"{self._seed}/{number}").randrange(_BEHIND)  # noqa: S311 - to vary, not to hide
        return Change(number=number, kind=kind, weather=weather, title=title, behind=behind, files=files)

    def _makers(self) -> Mapping[Kind, Callable[[int, Weather], tuple[str, sample.Files]]]:
        return {
            Kind.FEATURE: lambda nth, _: self._feature(features.DONE, nth),
            Kind.UNFINISHED: lambda nth, _: self._feature(features.UNFINISHED, nth),
            Kind.HARMLESS: self._harmless,
            Kind.DOCS: lambda nth, _: self._docs(nth),
            Kind.BREAKING: lambda nth, _: self._edited([self._mistake(nth, _QUICK)]),
            Kind.ENDLESS: lambda nth, _: self._edited([self._mistake(nth, (mutations.Mistake.ENDLESS,))]),
            Kind.COMPOUND: lambda nth, _: self._compound(nth),
            Kind.REGIONAL: lambda nth, _: self._regional(nth),
        }

    @staticmethod
    def _nth(number: int, kind: Kind) -> int:
        """Return how many of the kind there are before that number."""
        return sum(_ORDER[place % len(_ORDER)][0] is kind for place in range(number - 1))

    def _feature(self, among: Sequence[features.Feature], nth: int) -> tuple[str, sample.Files]:
        one = among[nth % len(among)]
        path = f"{_SOURCES}{one.module}.py"
        added = self._files[path] + b"\n" + one.code.encode()
        name = one.title.lower().replace(" ", "_")
        return one.title, {path: added, f"tests/test_{name}.py": one.tests.lstrip().encode()}

    def _harmless(self, nth: int, weather: Weather) -> tuple[str, sample.Files]:
        spots = self._rewritings()
        if weather is Weather.LEFT_OVER:
            # of what works in the folder
            spots = [spot for spot in spots if spot.path == _SPOOL]
        return self._edited([self._picked(spots, nth, "harmless")])

    def _docs(self, nth: int) -> tuple[str, sample.Files]:
        source = self._picked(self._sources[1:], nth, "docs")
        said = f"\nWhat `{source.path}` does is said at its beginning.\n"
        written = {"README.md": self._files["README.md"] + said.encode()}
        if nth % 2:
            # in code, though none that runs
            first, rest = self._files[source.path].split(b"\n", 1)
            written[source.path] = first.replace(b'."""', b'; see the README."""') + b"\n" + rest
        return f"Say where {Path(source.path).stem} is described", written

    def _compound(self, nth: int) -> tuple[str, sample.Files]:
        mistake = self._mistake(nth, _QUICK, "compound")
        beside = [spot for spot in self._rewritings() if spot.function != mistake.function]
        random.Random(f"{self._seed}/beside/{nth}").shuffle(beside)  # noqa: S311 - to vary, not to hide
        chosen: dict[tuple[str, str], edits.Spot] = {}
        for spot in sorted(beside, key=lambda one: one.path != mistake.path):
            chosen.setdefault((spot.path, spot.function), spot)
        _, files = self._edited([mistake, *list(chosen.values())[:_BESIDE]])
        return "Tidy up", files

    def _regional(self, nth: int) -> tuple[str, sample.Files]:
        style = (b'"se": Region(".", ",", "{} kr")', b'"se": Region(" ", ",", "kr {}")')[nth % 2]
        return "Write Swedish prices as the shops do", {_PRICES: self._files[_PRICES].replace(_SWEDEN, style)}

    def _mistake(self, nth: int, kinds: Sequence[mutations.Mistake], of: str = "") -> edits.Spot:
        """Return a spot of the kinds in turn."""
        kind = kinds[nth % len(kinds)]
        spots = [spot for source in self._sources for spot in mutations.spots(source, kind)]
        return self._picked(spots, nth // len(kinds), f"{kind} {of}")

    def _rewritings(self) -> list[edits.Spot]:
        kinds = harmless.Rewriting
        return [spot for source in self._sources for kind in kinds for spot in harmless.spots(source, kind)]

    def _picked(self, among: Sequence[_Drawn], nth: int, what: str) -> _Drawn:
        """Return another one each time, until all were."""
        order = list(among)
        random.Random(f"{self._seed}/{what}").shuffle(order)  # noqa: S311 - to vary, not to hide
        return order[nth % len(order)]

    def _edited(self, spots: Sequence[edits.Spot]) -> tuple[str, sample.Files]:
        by_path: dict[str, list[edits.Edit]] = {}
        for spot in spots:
            by_path.setdefault(spot.path, []).extend(spot.edits)
        return spots[0].title, {path: edits.applied(self._files[path], found) for path, found in by_path.items()}


_QUICK = tuple(kind for kind in mutations.Mistake if kind is not mutations.Mistake.ENDLESS)
