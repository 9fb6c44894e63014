"""A repository's figures -> what its plots show: the series, the finding in words, and the numbers as a table."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gatekeeper.accuracy import confusion, counts, figures
from gatekeeper.views import repository
from gatekeeper.web.pages import said

# the parts into which a window is divided, at most
_PARTS = 10
# of the normal distribution, for 95 %
_Z = 1.959964
# places of a digest in an address
_DIGITS = 16

_Page = repository.RepositoryPage | repository.Plotted
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of `of`, with its Wilson interval; all in 0..1."""

    value: float
    low: float
    high: float
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the trend, both days included."""

    first: date
    last: date
    reviews: int
    settled: int
    # of pull requests; None where nothing is known
    precision: Rate | None
    recall: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How precision and recall went over the window."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How often what was given a probability really broke."""

    bins: tuple[tuple[figures.Bin, Rate], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Precision over recall, for every bar that a score could be held to."""

    # (recall, precision), by rising recall
    points: tuple[tuple[float, float], ...]
    # as decided, at the bar that held; None where nothing was predicted to break
    decided: tuple[float, float] | None
    # share that really broke: the precision of guessing
    broken: float


Series = Trend | Reliability | Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One plot, as its page shows it."""

    # in its address
    name: str
    title: str
    series: Series
    # what it shows, for whoever does not see it
    finding: str
    head: tuple[str, ...]
    rows: Rows

    @property
    def digest(self) -> str:
        """Changes with what is plotted."""
        return hashlib.sha256(repr((self.title, self.series)).encode()).hexdigest()[:_DIGITS]


def charts(page: _Page) -> tuple[Chart, ...]:
    """Return the plots for which there is anything to show."""
    return tuple(found for found in (_trend(page), _reliability(page), _curve(page)) if found)


def rate(part: int, whole: int) -> Rate | None:
    """Return `part` of `whole` with its interval by Wilson (1927); None of nothing.

    Formula: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    if not whole:
        return None
    share, square = part / whole, _Z * _Z / whole
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * math.sqrt(share * (1 - share) / whole + square / (4 * whole))
    return Rate(value=share, low=max(0.0, middle - half), high=min(1.0, middle + half), of=whole)


def shown(page: _Page) -> repository.Scored | None:
    """Return whose probabilities the reliability diagram shows: the engine asked for, else the gate."""
    wanted = page.window.engine or "gate"
    return next((one for one in page.scored if one.engine == wanted), None)


def _trend(page: _Page) -> Chart | None:
    parts = tuple(_parts(page.window, page.trend))
    known = [part for part in parts if part.precision or part.recall]
    if not known:
        return None
    return Chart(
        name="trend",
        title="Precision and recall over time",
        series=Trend(parts=parts),
        finding=f"{_went('Precision', [part.precision for part in known])} "
        f"{_went('Recall', [part.recall for part in known])}",
        head=("Days", "Reviews", "With a label", "Precision", "Recall"),
        rows=tuple(
            (_days(part), str(part.reviews), str(part.settled), _rate(part.precision), _rate(part.recall))
            for part in parts
            if part.reviews or part.settled
        ),
    )


def _parts(window: repository.Window, days: Sequence[repository.Day]) -> Iterator[Part]:
    whole = (window.last - window.first).days + 1
    length = max(1, math.ceil(whole / _PARTS))
    # whole parts end with the window: the first may be short
    edges = [window.last - timedelta(days=length * number) for number in range(math.ceil(whole / length))][::-1]
    for last in edges:
        first = max(window.first, last - timedelta(days=length - 1))
        inside = [day for day in days if first <= day.day <= last]
        known = sum((day.pull_requests.confusion for day in inside), confusion.Confusion())
        yield Part(
            first=first,
            last=last,
            reviews=sum(day.reviews for day in inside),
            settled=sum(day.settled for day in inside),
            precision=rate(known.true_positives, known.true_positives + known.false_positives),
            recall=rate(known.true_positives, known.true_positives + known.false_negatives),
        )


def _went(name: str, rates: Sequence[Rate | None]) -> str:
    known = [one for one in rates if one]
    if not known:
        return f"{name} is not known in any part of the window."
    if len(known) == 1:
        return f"{name} is {said.percent(known[0].value)}, of {known[0].of}."
    first, last = known[0], known[-1]
    lowest = min(one.value for one in known)
    return (
        f"{name} went from {said.percent(first.value)} (of {first.of}) to {said.percent(last.value)} (of {last.of}), "
        f"at the lowest {said.percent(lowest)}."
    )


def _reliability(page: _Page) -> Chart | None:
    one = shown(page)
    bins = tuple(
        (found, counted)
        for found in (one.tests.reliability if one else ())
        if (counted := rate(round(found.observed * found.count), found.count))
    )
    if one is None or not bins:
        return None
    worst, _ = max(bins, key=lambda pair: abs(pair[0].predicted - pair[0].observed) * pair[0].count)
    error = f"The expected calibration error is {said.decimal(one.tests.ece.value)}. " if one.tests.ece.value else ""
    return Chart(
        name="reliability",
        title=f"Reliability of the probabilities: {_who(one)}, tests",
        series=Reliability(bins=bins),
        finding=f"{error}It departs most where {said.percent(worst.predicted)} was said on average: "
        f"{said.percent(worst.observed)} of {worst.count} tests really broke.",
        head=("Said, from", "to", "Tests", "Said on average", "Really broke"),
        rows=tuple(
            (said.percent(b.low), said.percent(b.high), str(b.count), said.percent(b.predicted), _rate(counted))
            for b, counted in bins
        ),
    )


def _curve(page: _Page) -> Chart | None:
    whole = sum((day.tests for day in page.trend), counts.Counts())
    broken, sound = sum(whole.broken.values()), sum(whole.sound.values())
    if not broken:
        return None
    steps = tuple(_steps(whole.broken, whole.sound, broken))
    decided = whole.confusion
    at = (decided.recall, decided.precision)
    gate = next((one for one in page.scored if one.engine == "gate"), None)
    area = f"The area under the curve is {said.decimal(gate.tests.pr_auc.value)}. " if gate else ""
    point = f"As decided, precision is {said.percent(at[1])} and recall {said.percent(at[0])}; " if at[1] else ""
    return Chart(
        name="precision-recall",
        title="Precision over recall: gate, tests",
        series=Curve(
            points=tuple((recall, precision) for _, recall, precision in steps),
            decided=(at[0], at[1]) if at[0] is not None and at[1] is not None else None,
            broken=broken / (broken + sound),
        ),
        finding=f"{area}{point}guessing would reach a precision of {said.percent(broken / (broken + sound))}.",
        head=("Bar", "Recall", "Precision"),
        rows=tuple((said.decimal(bar), said.percent(recall), said.percent(got)) for bar, recall, got in _few(steps)),
    )


def _steps(broken: Mapping[int, int], sound: Mapping[int, int], whole: int) -> Iterator[tuple[float, float, float]]:
    """Yield (bar, recall, precision) for each score that was given, the highest first.

    As scikit-learn's `precision_recall_curve` over the bins' scores, without its last point at no recall.
    """
    right = wrong = 0
    for score in sorted({*broken, *sound}, reverse=True):
        right += broken.get(score, 0)
        wrong += sound.get(score, 0)
        yield score / counts.BINS, right / whole, right / (right + wrong)


def _few(steps: Sequence[tuple[float, float, float]]) -> Iterator[tuple[float, float, float]]:
    """Yield at most about twenty of them, evenly by their number, the last among them."""
    yield from steps[:: max(1, len(steps) // 20)]
    if (len(steps) - 1) % max(1, len(steps) // 20):
        yield steps[-1]


def _rate(found: Rate | None) -> str:
    if found is None:
        return "\N{EN DASH}"
    return f"{said.percent(found.value)} of {found.of} ({found.low * 100:.0f} to {found.high * 100:.0f})"


def _days(part: Part) -> str:
    return f"{part.first}" if part.first == part.last else f"{part.first} to {part.last}"


def _who(one: repository.Scored) -> str:
    return " ".join(word for word in (one.engine, one.model, one.version) if word)
