"""Running the program git: alone with what it is given, watched while it runs, and ended with all that it started."""

import contextlib
import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib import parse

from gatekeeper import errors

# seconds between two looks at whether it should go on
_PAUSE = 0.1
# bytes of what it says that are kept, from the end
_TAIL = 8 * 1024
# bytes that it may print: some thousands of object ids
_PRINTED = 256 * 1024
# times that one run may ask for the token: it asks again after a redirect
_ASKED = 4
# what the operator decides about the way out; nothing else of the environment reaches git
_PASSED_ON = (
    "PATH",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
)
_ALONE = {
    # curl would look for a .netrc there
    "HOME": os.devnull,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # every fetch becomes one pack, so that there are few files to watch
    "fetch.unpackLimit": "1",
    "fetch.showForcedUpdates": "false",
    "fetch.recurseSubmodules": "no",
    "protocol.version": "2",
    # a rename answers with one; the token is asked for again there, and given to the same host alone
    "http.followRedirects": "initial",
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "30",
    # larger files are not held in memory
    "core.bigFileThreshold": "16m",
    # an empty one forgets those before it
    "credential.helper": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended."""

    code: int
    printed: bytes
    # the last of what it wrote to standard error
    said: str


def run(
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    given: bytes = b"",
    descriptors: Sequence[int] = (),
    check: Callable[[], None],
) -> Ended:
    """Run git, calling `check` at least every 0.1 s; where that raises, git and all it started is dead.

    `environment`: what `alone` or `outward` return. Raises FetchError where git is not installed.
    """
    with tempfile.TemporaryFile() as entered, tempfile.TemporaryFile() as printed:
        entered.write(given)
        entered.seek(0)
        try:
            process = subprocess.Popen(
                ["git", *words],
                stdin=entered,
                stdout=printed,
                stderr=subprocess.PIPE,
                cwd="/",
                env=environment,
                start_new_session=True,
                pass_fds=descriptors,
            )
        except FileNotFoundError as problem:
            raise errors.FetchError(
                "the program `git` is not there: install git 2.31 or newer, and check PATH", errors.FetchFailure.BROKEN
            ) from problem
        with process:
            said = _followed(process, check)
        printed.seek(0)
        return Ended(code=process.returncode, printed=printed.read(_PRINTED), said=said)


def alone(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which git connects to nothing and reads no configuration but the repository's."""
    passed = {name: environ[name] for name in _PASSED_ON if name in environ}
    return passed | _ALONE | _counted(_SETTINGS) | {"GIT_ALLOW_PROTOCOL": "none"}


@contextlib.contextmanager
def outward(environ: Mapping[str, str], url: str, token: str | None) -> Iterator[tuple[dict[str, str], list[int]]]:
    """Yield an environment in which the remote `origin` is `url`, and the descriptors that go with it, for one run.

    The token is in neither: git asks for it by a shell function that reads it from a pipe, and only where the server
    of `url` itself wants one.
    """
    settings = _SETTINGS | {"remote.origin.url": url}
    with contextlib.ExitStack() as opened:
        descriptors = []
        if token is not None:
            descriptors.append(_piped(token))
            opened.callback(os.close, descriptors[0])
            settings[f"credential.{_server(url)}.helper"] = _helper(descriptors[0])
        yield alone(environ) | _counted(settings) | {"GIT_ALLOW_PROTOCOL": "http:https"}, descriptors


def _server(url: str) -> str:
    parts = parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _piped(token: str) -> int:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(f"{token}\n".encode() * _ASKED)
    return reading


def _helper(descriptor: int) -> str:
    """Return a credential helper. `read` and `printf` are the shell's own: no process has the token in its words."""
    answer = 'printf "username=x-access-token\\npassword=%s\\n" "$token"'
    return f'!f() {{ if test "$1" = get && read -r token < /dev/fd/{descriptor}; then {answer}; fi; }}; f'


def _counted(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings as the variables by which git takes them, without a file and without words."""
    counted = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        counted |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return counted


def _followed(process: subprocess.Popen[bytes], check: Callable[[], None]) -> str:
    assert process.stderr is not None
    descriptor = process.stderr.fileno()
    tail = b""
    try:
        # its end comes when the last process of those that git started has gone
        while True:
            check()
            if select.select([descriptor], [], [], _PAUSE)[0]:
                chunk = os.read(descriptor, _TAIL)
                if not chunk:
                    break
                tail = (tail + chunk)[-_TAIL:]
        while not _has_ended(process):
            check()
    finally:
        if process.returncode is None:
            _end(process, descriptor)
    return tail.decode(errors="replace")


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_PAUSE)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[bytes], descriptor: int) -> None:
    """Kill git and what it started, and wait until none of them is left that could write another file."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while select.select([descriptor], [], [], 1)[0] and os.read(descriptor, _TAIL):
        pass
