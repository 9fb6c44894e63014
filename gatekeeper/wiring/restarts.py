"""When a process that ended is started again."""

from collections.abc import Sequence

# failures within so many seconds count
WINDOW = 60.0
# after so many of them there is no point in going on
MOST = 5
# seconds before the first new start; doubled for each further failure
FIRST = 0.5


def delay(failures: Sequence[float], now: float) -> float | None:
    """Return the seconds to wait after the newest of the `failures`, each a moment up to `now`; None: give up."""
    recent = sum(now - moment < WINDOW for moment in failures)
    return None if recent > MOST else FIRST * 2 ** max(0, recent - 1)
