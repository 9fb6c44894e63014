"""How long each stage of a review takes."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(slots=True)
class Clock:
    """Wall-clock seconds by stage."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    laps: dict[str, float] = field(default_factory=dict)
    _start: float = field(default_factory=time.monotonic)
    _last: float = 0.0

    def lap(self, stage: str) -> None:
        """End the stage, which began with the one before."""
        now = self.seconds()
        self.laps[stage], self._last = round(now - self._last, 4), now

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return round(time.monotonic() - self._start, 4)
