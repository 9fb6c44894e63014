"""Code that is run natively, and may not end."""

import contextlib
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any


class TooLongError(Exception):
    """More lines were run than what ends would run."""


@contextlib.contextmanager
def at_most(lines: int) -> Iterator[None]:
    """Run what is inside under a limit on its lines, calls and returns. Raises TooLongError."""
    left = lines

    def trace(_frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooLongError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
