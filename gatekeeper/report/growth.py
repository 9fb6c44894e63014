"""How effort grows with size, drawn: a line of bars, and a plot with its axes and the fitted law."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.halting import risk

_BARS = "\N{LOWER ONE EIGHTH BLOCK}\N{LOWER ONE QUARTER BLOCK}\N{LOWER THREE EIGHTHS BLOCK}\N{LOWER HALF BLOCK}"
_BARS += "\N{LOWER FIVE EIGHTHS BLOCK}\N{LOWER THREE QUARTERS BLOCK}\N{LOWER SEVEN EIGHTHS BLOCK}\N{FULL BLOCK}"

# of a drawing, in its own units
WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 54, 346, 14, 178
# points that a plot shows, steps of the fitted curve, marks of an axis
_POINTS, _CURVE, _MARKS = 200, 48, 5
# a size beyond it is none
_LARGEST = 1e12
# fewest points that make a plot
_FEWEST = 3
# from which ratio of the largest to the smallest on an axis is better logarithmic
_WIDE = 8
_POWERS = {risk.Law.CONSTANT: 0, risk.Law.LINEAR: 1, risk.Law.QUADRATIC: 2, risk.Law.CUBIC: 3}
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark of an axis."""

    # in units of the drawing
    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot of effort over size; places are units of a drawing of WIDTH by HEIGHT."""

    # for whoever does not see it
    said: str
    law: str
    # what the axes are
    across: str
    up: str
    marks_across: tuple[Mark, ...]
    marks_up: tuple[Mark, ...]
    points: tuple[tuple[float, float], ...]
    # of the law that was fitted, as SVG's `points`; empty where none fits
    curve: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """Values -> places on a drawing."""

    least: float
    most: float
    # places of the least and of the most
    first: float
    last: float
    logarithmic: bool

    def at(self, value: float) -> float:
        low, high, here = map(self._scaled, (self.least, self.most, max(value, self.least)))
        return round(self.first + (self.last - self.first) * (here - low) / (high - low), 1)

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.logarithmic else value

    def marks(self) -> tuple[Mark, ...]:
        found = [value for value in _round(self.least, self.most) if self.least <= value <= self.most]
        if self.logarithmic:
            found = _decades(self.least, self.most) or found
        return tuple(Mark(at=self.at(value), label=shortly(value)) for value in found)


def sparkline(values: Sequence[float]) -> str:
    """Return one bar for each value, from the least to the greatest of them."""
    least, most = min(values), max(values)
    if least == most:
        return _BARS[0] * len(values)
    return "".join(_BARS[round((value - least) / (most - least) * (len(_BARS) - 1))] for value in values)


def plots(said: risk.HaltingRisk) -> list[Plot]:
    """Return a plot for each measure of how the effort of a function grows, where it grows at all."""
    return [found for item in said.evidence if (found := _plot(item, said.function)) is not None]


def shortly(value: float) -> str:
    """Return a number with the digits that matter: `20 M`."""
    for size, unit in _UNITS:
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def _plot(item: risk.Evidence, function: str) -> Plot | None:
    match item:
        case risk.Growth(law=law, points=points):
            return _drawn(law, points, f"Effort of {function}", "size of the arguments")
        case risk.Backtracking(law=law, points=points):
            return _drawn(law, points, f"Effort of a regular expression in {function}", "characters of the text")
        case risk.Repetition() | risk.Recursion() | risk.Unended() | risk.Ranking() | risk.Ended() | risk.Votes():
            return None


def _drawn(law: risk.Law, measured: Points, what: str, across: str) -> Plot | None:
    # sizes are counts, or close to it: what is finer is nothing to draw
    known = [(round(size, 3), effort) for size, effort in measured if 0 <= size <= _LARGEST and effort > 0][:_POINTS]
    sizes, efforts = [size for size, _ in known], [effort for _, effort in known]
    if law is risk.Law.CONSTANT or len(known) < _FEWEST or min(sizes) == max(sizes) or min(efforts) == max(efforts):
        return None
    # a power is a straight line where both axes are logarithmic, an exponential where only effort's is
    steep = max(efforts) / min(efforts) >= _WIDE
    wide = law is not risk.Law.EXPONENTIAL and min(sizes) > 0 and max(sizes) / min(sizes) >= _WIDE
    horizontal = _axis(sizes, LEFT, RIGHT, logarithmic=wide and steep)
    upright = _axis(efforts, BOTTOM, TOP, logarithmic=steep)
    first, last = min(known), max(known)
    return Plot(
        said=f"{what}: {law.value} in the {across}, from {shortly(first[1])} instructions at {shortly(first[0])} to "
        f"{shortly(last[1])} at {shortly(last[0])}",
        law=law.value,
        across=_named(across, horizontal),
        up=_named("instructions", upright),
        marks_across=horizontal.marks(),
        marks_up=upright.marks(),
        points=tuple((horizontal.at(size), upright.at(effort)) for size, effort in known),
        curve=" ".join(f"{x},{y}" for x, y in _curve(law, known, horizontal, upright)),
    )


def _axis(values: Sequence[float], first: float, last: float, *, logarithmic: bool) -> _Axis:
    least, most = min(values), max(values)
    if logarithmic:
        room = (most / least) ** 0.04
        return _Axis(least=least / room, most=most * room, first=first, last=last, logarithmic=True)
    return _Axis(least=0.0, most=most * 1.04, first=first, last=last, logarithmic=False)


def _named(what: str, axis: _Axis) -> str:
    return f"{what}, logarithmic" if axis.logarithmic else what


def _curve(law: risk.Law, known: Points, across: _Axis, up: _Axis) -> Iterator[tuple[float, float]]:
    """Yield the places of the law that fits the points best, as far as they go."""
    fitted = _fitted(law, known)
    first, last = min(known)[0], max(known)[0]
    for step in range(_CURVE + 1):
        share = step / _CURVE
        size = first * (last / first) ** share if across.logarithmic else first + (last - first) * share
        if up.least <= (effort := fitted(size)) <= up.most:
            yield across.at(size), up.at(effort)


def _fitted(law: risk.Law, known: Points) -> Callable[[float], float]:
    """Return the law by least squares: `a + b·size^k`, or for an exponential `log(effort) = a + b·size`."""
    if law is risk.Law.EXPONENTIAL:
        start, slope = _line([(size, math.log(effort)) for size, effort in known])
        return lambda size: math.exp(min(start + slope * size, 700.0))
    power = _POWERS[law]
    start, slope = _line([(size**power, effort) for size, effort in known])
    return lambda size: start + slope * size**power


def _line(known: Points) -> tuple[float, float]:
    """Return the intercept and the slope of the line through the points, by least squares."""
    number = len(known)
    middle, height = sum(x for x, _ in known) / number, sum(y for _, y in known) / number
    spread = sum((x - middle) ** 2 for x, _ in known)
    slope = sum((x - middle) * (y - height) for x, y in known) / spread if spread else 0.0
    return height - slope * middle, slope


def _round(least: float, most: float) -> list[float]:
    """Return round numbers, about _MARKS of them, that are evenly apart."""
    rough = (most - least) / _MARKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough)
    start = math.ceil(least / step)
    return [step * number for number in range(start, start + 2 * _MARKS) if step * number <= most]


def _decades(least: float, most: float) -> list[float]:
    """Return powers of ten, thinned to about _MARKS; none where fewer than two lie between."""
    powers = range(math.ceil(math.log10(least)), math.floor(math.log10(most)) + 1)
    apart = max(1, math.ceil(len(powers) / _MARKS))
    found = [10.0**power for power in powers[::apart]]
    return found if len(found) > 1 else []
