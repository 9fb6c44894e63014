"""`gatekeeper broker`: the process that alone reads the App's private key."""

import contextlib
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path

from gatekeeper import errors, settings
from gatekeeper.forge import broker

# seconds
_PATIENCE = 1.0
_TICK = 0.1


def run(chosen: settings.Settings, warn: Callable[[str], None]) -> None:
    """Hand out tokens until the process is interrupted. Raises UsageError for an App or a key that cannot be used."""
    if chosen.app is None:
        raise errors.UsageError(
            "no App is set up: open the page that `gatekeeper serve` names, or set GATEKEEPER_APP_ID"
        )
    broker.serve(
        chosen.broker,
        key=_key(chosen.app, warn),
        issuer=str(chosen.app.id),
        api_url=chosen.github_api,
        allowed=frozenset(chosen.broker_users),
        warn=warn,
    )


def answers(path: Path) -> bool:
    """Whether a broker listens on the socket `path`."""
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        probe.settimeout(_PATIENCE)
        probe.connect(str(path))
        return True
    return False


def wait(path: Path, seconds: float, over: Callable[[], bool]) -> bool:
    """Wait until a broker listens on the socket `path`; False where none does after `seconds`, or once it is over."""
    until = time.monotonic() + seconds
    while not (there := answers(path)) and time.monotonic() < until and not over():
        time.sleep(_TICK)
    return there


def _key(app: settings.App, warn: Callable[[str], None]) -> str:
    if app.key_file is None:
        raise errors.UsageError(
            "GATEKEEPER_APP_KEY_FILE is not set: name the file with the private key, from the App's page on GitHub"
        )
    try:
        text = app.key_file.read_text(encoding="ascii")
        mode = app.key_file.stat().st_mode
    except (OSError, ValueError) as error:
        raise errors.UsageError(f"the App's private key in {app.key_file} cannot be read: {error}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        warn(f"others may read the App's private key in {app.key_file}: run `chmod 600` on it")
    return text
