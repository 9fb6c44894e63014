"""Fill the holes that WASI leaves in what ordinary test suites touch, before a tree's code runs."""

import _thread
import os
import socket
import subprocess
import threading
import time

import _pytest.capture
import _pytest.config
import _pytest.monkeypatch
import pytest
import limits
import loop
import stand_ins


def fill() -> None:
    """Give the interpreter what it lacks, or a stand-in that says that it lacks it."""
    _identity()
    _modes()
    _threads()
    _sockets()
    _subprocesses()
    loop.install()
    stand_ins.install()
    _warnings()
    # suites written for an older pytest know its private name
    _pytest.monkeypatch.notset = _pytest.monkeypatch.NOTSET
    # there is no dup(): what a test writes to a file descriptor cannot be captured, what it prints can
    _pytest.capture.FDCapture = _pytest.capture.SysCapture
    _pytest.capture.FDCaptureBinary = _pytest.capture.SysCaptureBinary


def _warnings() -> None:
    """Drop a warning filter whose category is in a module that the sandbox cannot import; pytest would stop at it."""
    parse = _pytest.config.parse_warning_filter

    def parse_or_drop(argument, *, escape):
        try:
            return parse(argument, escape=escape)
        except (ImportError, AttributeError, pytest.UsageError):
            return "ignore", r"(?!)", Warning, "", 0

    _pytest.config.parse_warning_filter = parse_or_drop


def _constant(value):
    def answer(*_args, **_kwargs):
        return value

    return answer


def _identity() -> None:
    answers = {
        "umask": 0o022, "getuid": 0, "geteuid": 0, "getgid": 0, "getegid": 0, "getppid": 1, "getpgid": 1,
        "getlogin": "gatekeeper", "cpu_count": 1, "process_cpu_count": 1, "getloadavg": (0.0, 0.0, 0.0),
        "sync": None,
    }  # fmt: skip
    for name, value in answers.items():
        if not hasattr(os, name):
            setattr(os, name, _constant(value))
    if not hasattr(os, "get_terminal_size"):
        os.get_terminal_size = stand_ins.no_terminal
    if not hasattr(time, "tzset"):
        time.tzset = _constant(None)


def _modes() -> None:
    """Let files be given modes and owners, which the sandbox does not keep."""

    def forget(*_args, **_kwargs) -> None:
        limits.note(limits.MODES)

    for name in ("chmod", "fchmod", "lchmod", "chown", "fchown", "lchown"):
        if not hasattr(os, name):
            setattr(os, name, forget)


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
