"""Regular expressions measured in the sandbox: how the effort to match one grows with the length of hard texts."""

from collections.abc import Callable, Iterator, Sequence

from gatekeeper.halting import growth, patterns, probing, pumping, risk

# WebAssembly instructions of one match; and from which on a text of `_LONG` characters is looked at closely
FUEL = 300_000_000
_SUSPECT = 12_000_000
_LONG = 2_000
# turns at which the growth is measured, until some do not end: an exponential law shows early, a polynomial one late
_TURNS = (range(3, 9), range(9, 15), range(15, 21), range(21, 27), range(27, 33), (64, 128, 256, 512, 1024, 2048))
# points that are needed to tell a law, and instructions that may be chance
_FEWEST = 4
_NOISE = 100_000
# patterns of one function
_MOST = 3
# characters of a pattern that are shown
_SHOWN = 200


def measure(
    found: Sequence[patterns.Pattern], executor: probing.Executor, left: Callable[[], float]
) -> tuple[risk.Backtracking, ...]:
    """Return what matching each pattern takes, by line; `left` tells the seconds that are left.

    A pattern that cannot be parsed, compiled or tried in time is left out.
    """
    measured = (_one(pattern, executor, left) for pattern in list(dict.fromkeys(found))[:_MOST] if left() > 0)
    return tuple(one for one in measured if one is not None)


def _one(pattern: patterns.Pattern, executor: probing.Executor, left: Callable[[], float]) -> risk.Backtracking | None:
    text = pattern.text if isinstance(pattern.text, str) else pattern.text.decode("latin-1")
    pumps = pumping.of(text, pattern.flags)
    if not pumps:
        return None
    tried = [(pump, max(_LONG // len(pump.again), 1)) for pump in pumps]
    nothing, *probed = executor.probe(
        [_probe(pattern, "''"), *(_probe(pattern, pump.text(times)) for pump, times in tried)], max(left(), 0.0)
    )
    if nothing.how is not probing.How.RETURNED:
        return None
    efforts = [
        (one.fuel - nothing.fuel if one.how is probing.How.RETURNED else FUEL, pump, times)
        for one, (pump, times) in zip(probed, tried, strict=True)
        if one.how in {probing.How.RETURNED, probing.How.UNENDED}
    ]
    if not efforts:
        return None
    effort, pump, times = max(efforts, key=lambda one: one[0])
    if effort < _SUSPECT:
        shown = ((float(pump.length(times)), max(effort, 0)),)
        return _told(pattern, growth.Fit(law=risk.Law.LINEAR, factor=2.0), pump.text(times), shown)
    return _grown(pattern, pump, nothing.fuel, executor, left)


def _grown(
    pattern: patterns.Pattern,
    pump: pumping.Pump,
    start: int,
    executor: probing.Executor,
    left: Callable[[], float],
) -> risk.Backtracking | None:
    """Measure one family of texts at growing lengths."""
    points: list[tuple[int, int]] = []
    for turns in _TURNS:
        probed = executor.probe([_probe(pattern, pump.text(times)) for times in turns], max(left(), 0.0))
        returned = [(times, one) for times, one in zip(turns, probed, strict=True) if one.how is probing.How.RETURNED]
        points.extend((times, one.fuel - start) for times, one in returned if one.fuel - start > _NOISE)
        if len(returned) < len(turns):
            break
    if len(points) < _FEWEST:
        return None
    lengths = tuple((float(pump.length(times)), fuel) for times, fuel in points)
    return _told(pattern, growth.fitted(lengths), pump.text(points[-1][0]), lengths)


def _told(
    pattern: patterns.Pattern, fit: growth.Fit, text: str, points: tuple[tuple[float, int], ...]
) -> risk.Backtracking:
    return risk.Backtracking(
        pattern=repr(pattern.text)[:_SHOWN],
        line=pattern.line,
        law=fit.law,
        factor=round(fit.factor, 2),
        text=text,
        points=points,
    )


def _probe(pattern: patterns.Pattern, text: str) -> probing.Probe:
    subject = f"({text}).encode('latin-1')" if isinstance(pattern.text, bytes) else text
    call = f"__import__('re').compile({pattern.text!r}, {pattern.flags}).{pattern.method}({subject}) and None"
    return probing.Probe(path="", call=call, loops=(), fuel=FUEL)


def slow(found: Sequence[risk.Backtracking]) -> Iterator[risk.Backtracking]:
    """Yield those that take more than linear effort, the steepest first."""
    steep = [one for one in found if one.law is not risk.Law.LINEAR]
    yield from sorted(steep, key=lambda one: -list(risk.Law).index(one.law))
