"""The variables GATEKEEPER_... of the environment: what each kind of them may say."""

import re
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

from gatekeeper import errors

# a login, or a number, of people and of what acts for them
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})", re.ASCII)
# characters
_SHORTEST_KEY = 32
# of a number: with more, products of limits would leave the integers of WebAssembly and of databases
LARGEST = 1_000_000


def secret(environ: Mapping[str, str], name: str) -> str:
    """Return the variable's value, or the first line of the file that the variable with `_FILE` names; else empty.

    Raises UsageError where that file cannot be read.
    """
    variable = f"GATEKEEPER_{name}"
    file = environ.get(f"{variable}_FILE")
    if environ.get(variable) or not file:
        return environ.get(variable, "")
    try:
        return Path(file).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, ValueError) as error:
        raise errors.UsageError(f"{variable}_FILE names {file}, which cannot be read: {error}") from error


def address(name: str, text: str) -> str:
    """Return the address in `text` without slashes at its end. Raises UsageError where it is not one for `name`."""
    wrong = errors.UsageError(f"GATEKEEPER_{name} is {text!r}: give an address such as https://gate.example.com")
    try:
        parts = urllib.parse.urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError as error:
        raise wrong from error
    if not usable or parts.query or parts.fragment:
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise errors.UsageError(f"GATEKEEPER_{name} holds a user or a password: leave them out")
    if name == "GITHUB_API" and parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise errors.UsageError(f"GATEKEEPER_{name} is {text!r}: tokens are sent there, so it must be https")
    return text.rstrip("/")


def addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of model servers, which commas separate, each once. Raises UsageError."""
    return tuple(dict.fromkeys(address("MODEL_URL", word) for word in _words(text)))


def model_key(key: str) -> str:
    """Return the key of a model server. Raises UsageError where no header can carry it."""
    if not (key.isascii() and key.isprintable()):
        raise errors.UsageError(
            "GATEKEEPER_MODEL_KEY holds what no header can: give the key of the model server as it is"
        )
    return key


def listen(text: str) -> str:
    """Return the host:port in `text`. Raises UsageError where it is not one."""
    host, colon, port = text.rpartition(":")
    if not host or not colon or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise errors.UsageError(f"GATEKEEPER_LISTEN is {text!r}: give a host and a port, such as 127.0.0.1:8000")
    return text


def users(text: str) -> tuple[int, ...]:
    """Return the numbers of users of this machine, which commas separate. Raises UsageError."""
    words = _words(text)
    if not all(word.isdecimal() and len(word) <= 10 for word in words):  # noqa: PLR2004 - digits of 32 bits
        raise errors.UsageError(
            f"GATEKEEPER_BROKER_USERS is {text!r}: give the numbers of users, as `id -u` says them, with commas between"
        )
    return tuple(map(int, words))


def admins(text: str) -> tuple[str, ...]:
    """Return logins and GitHub's numbers of people, which commas separate. Raises UsageError."""
    words = _words(text)
    if not all(_LOGIN.fullmatch(word) for word in words):
        raise errors.UsageError(
            f"GATEKEEPER_ADMINS is {text!r}: give logins on GitHub, or the numbers that GitHub gave them, with commas "
            "between"
        )
    return tuple(words)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def web_key(key: str) -> str:
    """Return the key that others are made from, or nothing. Raises UsageError where it could be guessed."""
    if key and len(key) < _SHORTEST_KEY:
        raise errors.UsageError(
            f"GATEKEEPER_WEB_KEY is shorter than {_SHORTEST_KEY} characters, so that it could be guessed: give what "
            "`openssl rand -hex 32` prints"
        )
    return key


def number(environ: Mapping[str, str], name: str, default: int, least: int = 1, most: int = LARGEST) -> int:
    """Return the variable's whole number from `least` to `most`, or `default` where it is unset. Raises UsageError."""
    text = environ.get(f"GATEKEEPER_{name}", "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
        raise errors.UsageError(f"GATEKEEPER_{name} is {text!r}: give a whole number from {least} to {most:,}")
    return int(text)
