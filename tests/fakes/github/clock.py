"""The double's time: the machine's own, moved on by hand."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time; `advance` makes time pass at once. A frozen clock moves by `advance` alone."""

    def __init__(self, frozen_at: datetime | None = None) -> None:
        self._frozen_at = frozen_at
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return (self._frozen_at or datetime.now(UTC)) + self._ahead

    def now_is_real(self) -> None:
        """Let a frozen clock go, with the machine's time: for clients that look at a clock of their own."""
        self._frozen_at, self._ahead = None, timedelta()

    def advance(self, **span: float) -> None:
        """Let time pass; the words are those of `timedelta`."""
        self._ahead += timedelta(**span)


def stamp(moment: datetime) -> str:
    """Return the moment as GitHub writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
