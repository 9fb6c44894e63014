"""Figures, times and results in words and signs; colour only repeats them."""

from datetime import UTC, datetime
from typing import Any

from gatekeeper.accuracy import figures
from gatekeeper.outcomes import settlement
from gatekeeper.report import offered
from gatekeeper.verdicts import authority, verdict
from gatekeeper.views import reviews

_MINUTE, _HOUR, _DAY, _MONTH, _YEAR = 60, 3_600, 86_400, 2_629_800, 31_557_600
_UNITS = ((_YEAR, "year"), (_MONTH, "month"), (_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"))
# seconds below which nothing is told, and from which none is divided
_LEAST, _TEN = 0.005, 10
# seconds within which two clocks may differ
_SKEW = 60
# a share nearer to none than this, or nearer to all than that, is told with a decimal
_SMALL, _LARGE = 0.1, 0.99

_CONCLUSIONS = {
    verdict.Conclusion.WOULD_PASS: ("\N{CHECK MARK}", "Would pass", "good"),
    verdict.Conclusion.WOULD_FAIL: ("\N{BALLOT X}", "Would fail", "bad"),
    verdict.Conclusion.NOT_ANALYSED: ("?", "Not analysed", "unsure"),
}
_RESULTS = {
    reviews.Result.RIGHT: ("\N{CHECK MARK}", "right", "good"),
    reviews.Result.FALSE_ALARM: ("!", "false alarm", "bad"),
    reviews.Result.MISS: ("\N{BALLOT X}", "missed", "bad"),
    reviews.Result.ABSTAINED: ("?", "no verdict", "unsure"),
    reviews.Result.UNSETTLED: ("\N{HORIZONTAL ELLIPSIS}", "no outcome yet", "faint"),
}
_LABELS = {
    settlement.Label.BROKEN: ("\N{BALLOT X}", "CI broke", "bad"),
    settlement.Label.SOUND: ("\N{CHECK MARK}", "CI passed", "good"),
    settlement.Label.NONE: ("?", "CI does not count", "unsure"),
}
_MAY = {
    authority.Authority.SHADOW: "watches: the check tells, no comment is written",
    authority.Authority.ADVISE: "advises: comments are written, nothing is held up",
    authority.Authority.BLOCK: "blocks: the check fails where a test would",
}
_UNCOUNTED = {
    settlement.Uncounted.FLAKY: "both results on one commit",
    settlement.Uncounted.INFRASTRUCTURE: "the runner or a service failed, not the change",
    settlement.Uncounted.CANCELLED: "the job was cancelled",
    settlement.Uncounted.SKIPPED: "the test or job was skipped",
    settlement.Uncounted.RED_ON_BASE: "it fails before the change too",
    settlement.Uncounted.NO_TESTS: "the job runs no tests, as far as is known",
    settlement.Uncounted.FORGIVEN: "it broke in a job that ended well all the same",
    settlement.Uncounted.OTHER_TREE: "another tree was tested than the one that was judged",
}


def percent(share: float | None) -> str:
    """Return a share of 0..1 as a percentage; a dash for None."""
    if share is None:
        return "\N{EN DASH}"
    places = 1 if 0 < share < _SMALL or _LARGE < share < 1 else 0
    return f"{share * 100:.{places}f} %"


def span(figure: figures.Figure) -> str:
    """Return the interval of a rate, as `86 to 97 %`; empty where there is none.

    Where all pull requests agree the bootstrap has nothing to spread, which is not certainty.
    """
    if figure.low is None or figure.high is None:
        return ""
    if figure.low == figure.high:
        return "no spread seen"
    return f"{figure.low * 100:.0f} to {figure.high * 100:.0f} %"


def decimal(value: float | None) -> str:
    """Return a score of 0..1 with three places; a dash for None."""
    return "\N{EN DASH}" if value is None else f"{value:.3f}"


def decimal_span(figure: figures.Figure) -> str:
    """Return the interval of a score; empty where there is none."""
    return "" if figure.low is None or figure.high is None else f"{figure.low:.3f} to {figure.high:.3f}"


def number(value: float) -> str:
    """Return a whole number with its thousands apart."""
    return f"{round(value):,}"


def minutes(value: float) -> str:
    """Return minutes as people say them."""
    if value < _MINUTE:
        return f"{value:.0f} min" if value >= 1 or not value else "under 1 min"
    return f"{number(value / _MINUTE)} h"


def lasting(seconds: float | None) -> str:
    """Return a duration with the digits that matter; a dash for None."""
    if seconds is None:
        return "\N{EN DASH}"
    if seconds < _LEAST:
        return "under 0.01 s" if seconds > 0 else "0 s"
    if seconds < _MINUTE:
        return f"{seconds:.{0 if seconds >= _TEN else 1 if seconds >= 1 else 2}f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in the largest unit."""
    seconds = (now - _aware(moment)).total_seconds()
    if seconds < -_SKEW:
        return "in the future"
    for length, unit in _UNITS:
        times = int(seconds // length)
        if times >= 1:
            return f"{times} {unit}{'' if times == 1 else 's'} ago"
    return "just now"


def stamp(moment: datetime) -> str:
    """Return a moment to the minute, in UTC."""
    return _aware(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def iso(moment: datetime) -> str:
    """Return a moment as `<time datetime>` takes it."""
    return _aware(moment).isoformat(timespec="seconds")


def why_uncounted(kind: str) -> str:
    """Return in words why outcomes of that kind do not count; the kind itself where it is not known."""
    return _UNCOUNTED[settlement.Uncounted(kind)] if kind in set(settlement.Uncounted) else kind


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


FILTERS = {
    "percent": percent,
    "span": span,
    "decimal": decimal,
    "decimal_span": decimal_span,
    "number": number,
    "minutes": minutes,
    "lasting": lasting,
    "ago": ago,
    "stamp": stamp,
    "iso": iso,
    "why_uncounted": why_uncounted,
    "made_by": offered.kind,
    # as a choice shows it
    "pair": lambda word: (word, word),
    "spaced": lambda word: str(word).replace("_", " "),
}
GLOBALS: dict[str, Any] = {
    "signs": _CONCLUSIONS | _RESULTS | _LABELS,
    "may": _MAY,
    # word of the address and word on the page
    "verdicts": [(one.value, word) for one, (_, word, _) in _CONCLUSIONS.items()],
    "results": [(one.value, word) for one, (_, word, _) in _RESULTS.items()],
}
