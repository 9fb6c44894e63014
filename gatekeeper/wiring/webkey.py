"""The secret that the web server's keys are made from: given by the operator, or made once and kept."""

import contextlib
import os
import secrets
from pathlib import Path

from gatekeeper import errors, settings
from gatekeeper.web import keys

_NAME = "web.key"
_BYTES = 32


def of(chosen: settings.Settings) -> keys.Keys:
    """Return the web server's keys. Raises UsageError where they are to be kept and cannot be."""
    return keys.derived(chosen.web_key or _kept(chosen.data / _NAME))


def _kept(file: Path) -> str:
    """Return the secret in the file, made where there is none: whichever process is first decides for all."""
    try:
        with contextlib.suppress(FileNotFoundError):
            return _read(file)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as made:
            made.write(secrets.token_hex(_BYTES) + "\n")
            made.flush()
            os.fsync(made.fileno())
        try:
            with contextlib.suppress(FileExistsError):
                # unlike renaming, it takes nothing's place
                os.link(unfinished, file)
        finally:
            unfinished.unlink()
        return _read(file)
    except (OSError, ValueError) as error:
        raise errors.UsageError(
            f"what cookies and tokens are protected with cannot be kept in {file}: {error}: mend it, or set "
            "GATEKEEPER_WEB_KEY"
        ) from error


def _read(file: Path) -> str:
    text = file.read_text(encoding="ascii").strip()
    if len(text) < 2 * _BYTES:
        raise ValueError("it is not whole; without it everybody has to sign in again")
    return text
