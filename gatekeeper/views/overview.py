"""The overview across repositories."""

from dataclasses import dataclass
from datetime import datetime

from gatekeeper.accuracy import figures
from gatekeeper.verdicts import authority, verdict
from gatekeeper.views import fixes as fix_views


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What the gate was worth over a window, and what it cost; sums."""

    reviews: int
    # with a label: broken or sound
    settled: int
    # minutes of CI that early failures which were right would have saved, of `job_minutes` in all
    saved_minutes: float
    job_minutes: float
    # medians over settled reviews; None where there is none, and where repositories are added up
    verdict_seconds: float | None
    ci_seconds: float | None
    cpu_seconds: float
    gpu_seconds: float
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A repository in the overview."""

    # number in these records
    id: int
    name: str
    # what a verdict may do now, as last known: the lower of ceiling and earned level; None before the first review
    authority: authority.Authority | None
    # of pull requests, decided by the gate; None before there is a summary
    figures: figures.Figures | None
    value: Value
    # share of reviews with a label, in 0..1; None without reviews
    labelled: float | None
    latest: datetime | None
    latest_conclusion: verdict.Conclusion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All repositories that may be seen, the one reviewed last first."""

    # days back
    window: int
    lines: tuple[Line, ...]
    # of all that may be seen together; None where that is not everything, or before there is a summary
    figures: figures.Figures | None
    value: Value
    # when the figures were made; None before there is a summary
    made: datetime | None
    # of all that may be seen, those offered in the window; sources of which there is none left out
    fixes: tuple[fix_views.FixFigures, ...] = ()
