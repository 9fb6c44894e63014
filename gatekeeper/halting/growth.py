"""How effort grows with a size: the law that measured points follow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.halting import risk

# instructions by which two runs of the same may differ: the collection of garbage falls now here, now there
_NOISE = 400_000
# points above that which tell a law, and of these the last, whose slope is the degree
_FEWEST, _LAST = 3, 4
# degrees from which on a law is linear, quadratic, cubic or steeper
_LINEAR, _QUADRATIC, _CUBIC = 0.5, 1.5, 2.5
# times the effort for one more, below which no growth is called exponential, and a degree that no power law has
_SLOWEST, _STEEPEST = 1.05, 6.0
# share of the greatest effort below which the start of the interpreter blurs too much
_BLURRED = 1 / 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A law, and what it means."""

    law: risk.Law
    # times the effort, for one more where the law is exponential, else for twice the size
    factor: float


def of(points: Sequence[tuple[float, int]], *, cut: bool) -> risk.Growth:
    """Return the law of (size, WebAssembly instructions), by size.

    `cut`: whether calls of a size beyond these did not end. Only then may the law be exponential.
    """
    least = min(fuel for _, fuel in points)
    beyond = [(size, fuel - least) for size, fuel in points if fuel - least > _NOISE]
    if len(beyond) < _FEWEST:
        return risk.Growth(law=risk.Law.CONSTANT, points=tuple(points))
    clear = [(size, fuel) for size, fuel in beyond if fuel > _BLURRED * beyond[-1][1]]
    fit = fitted(clear if len(clear) >= _FEWEST else beyond) if cut else polynomial(beyond[-_LAST:])
    return risk.Growth(law=fit.law, points=tuple(points), factor=round(fit.factor, 2))


def fitted(points: Sequence[tuple[float, int]]) -> Fit:
    """Return the law that (size, effort) follow best by least squares: log effort over sizes, or over their logs."""
    efforts = [math.log(fuel) for _, fuel in points]
    slope, rest = _line([size for size, _ in points], efforts)
    degree, other = _line([math.log(size) for size, _ in points], efforts)
    if (rest < other or degree > _STEEPEST) and slope > math.log(_SLOWEST):
        return Fit(law=risk.Law.EXPONENTIAL, factor=math.exp(slope))
    return polynomial(points)


def polynomial(points: Sequence[tuple[float, int]]) -> Fit:
    """Return the power law that is closest to (size, effort): the slope of log effort over log size is its degree."""
    degree, _ = _line([math.log(size) for size, _ in points], [math.log(fuel) for _, fuel in points])
    laws = ((_CUBIC, risk.Law.CUBIC), (_QUADRATIC, risk.Law.QUADRATIC), (_LINEAR, risk.Law.LINEAR))
    law = next((law for least, law in laws if degree >= least), risk.Law.CONSTANT)
    return Fit(law=law, factor=2.0**degree)


def _line(across: Sequence[float], up: Sequence[float]) -> tuple[float, float]:
    """Return the slope of the line closest to the points, and the sum of the squared distances from it."""
    middle, height = sum(across) / len(across), sum(up) / len(up)
    spread = sum((x - middle) ** 2 for x in across)
    slope = sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True)) / spread
    return slope, sum((y - height - slope * (x - middle)) ** 2 for x, y in zip(across, up, strict=True))
