"""Keep a session from leaving the interpreter where nobody gains by it.

Each call to the host's system costs a thread switch, and pytest makes several a test.
"""

import functools
import io
import pathlib
import sys

import _pytest._code.code


class Sink(io.TextIOWrapper):
    """A standard stream whose text is thrown away, since reports go another way."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)

    def write(self, text: str) -> int:
        """Take `text` and forget it."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        return len(text)

    def isatty(self) -> bool:
        """Return that it is no terminal."""
        return False


def be() -> None:
    """Throw away what is printed, and ask for a source file's existence once."""
    sys.stdout = sys.__stdout__ = Sink()
    sys.stderr = sys.__stderr__ = Sink()
    _pytest._code.code.Code.path = property(lambda code: _path(code.raw.co_filename))


@functools.cache
def _path(name: str) -> pathlib.Path | str:
    """Return what pytest's `Code.path` does: a path where the file exists, else the name."""
    if not name:
        return ""
    path = pathlib.Path(name)
    try:
        return path.absolute() if path.exists() else name
    except OSError:
        return name
