"""What the sandbox lacks: noted where it is used, and recognised in a chain of exceptions."""

import errno
import sys

# reasons noted since the current test began, in order
NOTED: list[str] = []

THREADS = "needs threads, which the sandbox lacks"
SOCKETS = "needs sockets, which the sandbox lacks"
SUBPROCESSES = "needs subprocesses, which the sandbox lacks"
MODES = "needs file modes, which the sandbox lacks"
DESCRIPTORS = "captures file descriptors, which the sandbox cannot"
TREE = "writes into the tree, which is read-only in the sandbox"
MEMORY = "needs more memory than the sandbox's limit"
SYSTEM_MODULES = {"os", "posix", "signal", "socket", "_socket", "time", "select", "sys", "mmap", "pty", "asyncio"}
CODES = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, getattr(errno, "ENOTCAPABLE", errno.ENOSYS)}


class Lacking(Exception):
    """Raised by the stand-ins of what the sandbox lacks, mixed into the exception that Python itself would raise."""


class NoThread(Lacking, RuntimeError):
    """As `threading` raises where a thread cannot be started."""


class Absent(Lacking, ImportError):
    """As an import raises where the module is not there."""


class NoSocket(Lacking, OSError):
    """As `socket` raises where the system has none."""


class NoSubprocess(Lacking, OSError):
    """As `subprocess` raises where the system has none."""


def note(reason: str) -> None:
    """Remember that the current test used what the sandbox lacks."""
    if reason not in NOTED:
        NOTED.append(reason)


def of(error: BaseException) -> str | None:
    """Return what the sandbox lacked if that is why `error` was raised: it, one of its causes, or of its group.

    What it lacked when an exception was handled, in whose handler `error` arose, is only noted.
    """
    caused = True
    for one in chain(error):
        reason = _one(one)
        if reason and caused:
            return reason
        if reason:
            note(reason)
        caused = caused and one.__cause__ is not None
    for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        if reason := of(part):
            return reason
    return None


def chain(error: BaseException):
    """Yield `error`, then its causes, or what was being handled when it was raised."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _one(error: BaseException) -> str | None:
    if isinstance(error, Absent):
        return str(error)
    if isinstance(error, NoThread):
        return THREADS
    if isinstance(error, NoSocket):
        return SOCKETS
    if isinstance(error, NoSubprocess):
        return SUBPROCESSES
    if type(error).__name__ == "DeadlineExceeded":
        return "exceeds a deadline, which says little in the sandbox"
    if isinstance(error, MemoryError):
        return MEMORY
    if isinstance(error, ImportError):
        return _missing_module(error)
    if isinstance(error, AttributeError):
        module = getattr(error.obj, "__name__", None) if type(error.obj) is type(sys) else None
        return f"needs {module}.{error.name}, which the sandbox lacks" if module in SYSTEM_MODULES else None
    if isinstance(error, OSError):
        return _system_call(error)
    return None


def _missing_module(error: ImportError) -> str | None:
    top = (error.name or "").partition(".")[0]
    if top in sys.stdlib_module_names and isinstance(error, ModuleNotFoundError):
        return f"needs the module {top}, which the sandbox lacks"
    return None


def _system_call(error: OSError) -> str | None:
    path = error.filename if isinstance(error.filename, str) else ""
    outside = not path.startswith("/tmp")
    if path and outside and error.errno in {errno.EROFS, errno.EPERM, errno.EACCES, getattr(errno, "ENOTCAPABLE", 76)}:
        inside = not path.startswith("/") or path.startswith("/repo")
        return TREE if inside else f"needs {path}, which the sandbox lacks"
    if error.errno in CODES:
        return "needs a system call that the sandbox lacks"
    return None
