"""Ctrl-C, and SIGTERM alike: everything that waits can ask whether the user still wants the result."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """A context manager, for the main thread, that raises KeyboardInterrupt there at the first of the two signals.

    Those that follow are ignored, since tidying up is quick and must not be cut short.
    """

    def __init__(self) -> None:
        """Nothing is listened to before the context is entered."""
        self._came = threading.Event()
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], Any] | int | None] = {}

    def came(self) -> bool:
        """Whether there was one; other threads ask this."""
        return self._came.is_set()

    def __enter__(self) -> Self:
        """Listen. A signal that whoever started the program told it to ignore stays ignored."""
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if not self.came():
            # told before it is raised: what runs on the way out may wait for threads that ask
            self._came.set()
            raise KeyboardInterrupt
