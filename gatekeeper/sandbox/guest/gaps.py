"""Fill the holes that WASI leaves in what ordinary test suites touch, before a tree's code runs."""

import _thread
import os
import socket
import subprocess
import threading
import time

import _pytest.capture
import limits
import loop


def fill() -> None:
    """Give the interpreter what it lacks, or a stand-in that says that it lacks it."""
    _identity()
    _threads()
    _sockets()
    _subprocesses()
    loop.install()
    # there is no dup(): what a test writes to a file descriptor cannot be captured, what it prints can
    _pytest.capture.FDCapture = _pytest.capture.SysCapture
    _pytest.capture.FDCaptureBinary = _pytest.capture.SysCaptureBinary


def _constant(value):
    def answer(*_args, **_kwargs):
        return value

    return answer


def _identity() -> None:
    answers = {
        "umask": 0o022, "getuid": 1000, "geteuid": 1000, "getgid": 1000, "getegid": 1000, "getppid": 1, "getpgid": 1,
        "getlogin": "gatekeeper", "cpu_count": 1, "process_cpu_count": 1, "getloadavg": (0.0, 0.0, 0.0),
        "chmod": None, "fchmod": None, "lchmod": None, "chown": None, "sync": None,
    }  # fmt: skip
    for name, value in answers.items():
        if not hasattr(os, name):
            setattr(os, name, _constant(value))
    if not hasattr(time, "tzset"):
        time.tzset = _constant(None)


def _threads() -> None:
    def refuse(*_args, **_kwargs):
        limits.note(limits.THREADS)
        raise limits.NoThread("can't start new thread")

    _thread.start_new_thread = _thread.start_joinable_thread = refuse
    threading._start_joinable_thread = refuse


def _sockets() -> None:
    def refuse(*_args, **_kwargs):
        limits.note(limits.SOCKETS)
        raise limits.NoSocket("the sandbox has no sockets")

    socket.socket.__init__ = refuse
    for name in ("socketpair", "create_connection", "create_server", "getaddrinfo", "gethostbyname", "gethostbyaddr"):
        setattr(socket, name, refuse)
    socket.gethostname = _constant("localhost")
    socket.getfqdn = lambda name="": name or "localhost"
    for name, value in {"AF_INET": 1, "AF_INET6": 2, "AF_UNIX": 3, "SOCK_STREAM": 6, "SOCK_DGRAM": 5}.items():
        if not hasattr(socket, name):
            setattr(socket, name, value)


def _subprocesses() -> None:
    def refuse(*_args, **_kwargs):
        limits.note(limits.SUBPROCESSES)
        raise limits.NoSubprocess("the sandbox has no subprocesses")

    subprocess.Popen.__init__ = refuse
    os.system = os.popen = refuse
    for name in ("fork", "forkpty", "posix_spawn", "execv", "execve"):
        if hasattr(os, name):
            setattr(os, name, refuse)
