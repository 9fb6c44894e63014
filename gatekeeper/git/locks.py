"""Files that several threads and processes hold, shared or alone; a holder that dies lets go."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_PAUSE = 0.05


class TakenError(Exception):
    """Others hold the lock."""


@contextlib.contextmanager
def held(path: Path, *, alone: bool, wait: Callable[[], None] | None) -> Iterator[int]:
    """Hold the lock at `path` and yield its descriptor; a child process that inherits it holds the lock too.

    `wait` is called over and over while others hold it, and ends that by raising. None: do not wait, but raise
    TakenError.
    """
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    descriptor = _taken(path, kind, wait)
    try:
        yield descriptor
    finally:
        # closing alone would leave it to a child that is still there
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _taken(path: Path, kind: int, wait: Callable[[], None] | None) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _acquire(descriptor, kind, wait)
            # the file may have been deleted, and made anew by another, between the two steps
            if _is_at(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _acquire(descriptor: int, kind: int, wait: Callable[[], None] | None) -> None:
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            if wait is None:
                raise TakenError from problem
            wait()
            time.sleep(_PAUSE)
        else:
            return


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
