"""The App's credentials on disk: made once, complete or not at all, for their owner's eyes alone."""

import json
import os
import secrets
import shutil
from pathlib import Path

from gatekeeper import errors, settings
from gatekeeper.forge import manifest


def write(data: Path, created: manifest.Created, *, api: str, url: str | None, replace: bool = False) -> Path:
    """Store the App below the folder `data` as `settings.read` finds it, and return the folder it is in.

    An App that is there is moved aside with `replace`, and else left alone: raises UsageError, also where it cannot
    be written.
    """
    folder = settings.credentials(data)
    unfinished = data / f"{folder.name}.{secrets.token_hex(4)}.part"
    found = {
        "id": created.id,
        "slug": created.slug,
        "page": created.page,
        "api": api,
        "client_id": created.client_id,
        "client_secret": created.client_secret,
        "webhook_secret": created.webhook_secret,
        **({"url": url} if url else {}),
    }
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        _write(unfinished / "key.pem", created.key)
        _write(unfinished / "app.json", json.dumps(found, indent=2) + "\n")
        if replace and folder.exists():
            folder.rename(data / f"{folder.name}.replaced-{secrets.token_hex(4)}")
        # refused by the system where there is one, unless it is empty
        unfinished.rename(folder)
        _settle(data)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if folder.exists():
            raise errors.UsageError(
                f"there is an App in {folder} already: keep it, or start with `gatekeeper serve --replace-app`"
            ) from error
        raise errors.UsageError(f"the App's credentials cannot be stored in {folder}: {error.strerror}") from error
    return folder


def mark(data: Path) -> tuple[int, int] | None:
    """Return what tells one stored App from another; None where there is none."""
    try:
        found = (settings.credentials(data) / "app.json").stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Let the renaming survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
