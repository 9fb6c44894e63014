"""`gatekeeper outcomes`: reports of CI into the records of this machine, or to the service."""

import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gatekeeper import errors
from gatekeeper.store import database
from gatekeeper.workflows import uploading

# bytes of one report: what the service takes
LARGEST = 20 * 1024 * 1024
# seconds: the service settles the reviews of the commit before it answers
_PATIENCE = 120.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where a service takes outcomes."""

    # its address, as browsers open it
    url: str
    token: str


def read(files: Sequence[Path]) -> tuple[bytes, ...]:
    """Return what is in the files. Raises UsageError for one that cannot be read, or is too large."""
    return tuple(_read(file) for file in files)


def keep(url: str, reports: Sequence[bytes], given: uploading.Upload, now: datetime) -> uploading.Taken:
    """Keep the reports in the database at `url` and settle what they tell of. Raises ReportError and StoreError."""
    engine = database.open_database(url)
    try:
        return uploading.take(engine, reports, given, now)
    finally:
        engine.dispose()


def service(url: str, token: str | None) -> Service:
    """Return the service at the address. Raises UsageError where it cannot be sent to."""
    parsed = urllib.parse.urlsplit(url)
    if parsed.scheme not in {"http", "https"} or not parsed.hostname:
        raise errors.UsageError(f"--to {url}: give the service's address, such as https://gate.example.org")
    if not token:
        raise errors.UsageError(
            "GATEKEEPER_TOKEN is not set: make a token for outcomes on the service's page /tokens, and keep it among "
            "the secrets of your CI"
        )
    return Service(url=url.rstrip("/"), token=token)


def is_open(to: Service) -> bool:
    """Whether the token would travel unencrypted, and beyond this machine."""
    parsed = urllib.parse.urlsplit(to.url)
    return parsed.scheme == "http" and parsed.hostname not in _LOOPBACK


def send(to: Service, report: bytes, given: uploading.Upload) -> uploading.Taken:
    """Send one report to the service and return what became of it. Raises UsageError where it was not taken."""
    import httpx

    words = {
        "repository": given.repository,
        "sha": given.sha,
        "tested": given.tested.value,
        "job": given.name,
        "attempt": str(given.attempt),
    }
    headers = {"Authorization": f"Bearer {to.token}", "Content-Type": "application/xml"}
    try:
        answer = httpx.post(f"{to.url}/api/outcomes", params=words, content=report, headers=headers, timeout=_PATIENCE)
    except httpx.HTTPError as problem:
        raise errors.UsageError(f"{to.url} does not answer: {problem}; sending it again changes nothing") from problem
    if answer.status_code != httpx.codes.OK:
        raise errors.UsageError(f"{to.url} did not take it ({answer.status_code}): {_reason(answer)}")
    return _taken(to, answer)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as problem:
        raise errors.UsageError(f"{file} cannot be read: {problem.strerror}") from problem
    if len(content) > LARGEST:
        raise errors.UsageError(
            f"{file} is larger than {LARGEST // 1024**2} MiB: hand in the parts of your suite apart"
        )
    return content


def _reason(answer: Any) -> str:  # noqa: ANN401 - httpx is imported where it is used
    """Return what the service says is wrong, in whichever of its forms."""
    try:
        said = answer.json()
        return str(said.get("reason") or said.get("detail") or said.get("title") or "it does not say why")
    except (ValueError, AttributeError):
        return "it is not a Gatekeeper service, or one behind something else: check the address"


def _taken(to: Service, answer: Any) -> uploading.Taken:  # noqa: ANN401 - as above
    try:
        said = answer.json()
        return uploading.Taken(
            job=str(said["job"]),
            known=bool(said["known"]),
            tests=int(said["tests"]),
            broken=int(said["broken"]),
            settled=tuple(map(str, said["settled"])),
        )
    except (ValueError, KeyError, TypeError) as problem:
        raise errors.UsageError(f"{to.url} answered, but not as Gatekeeper does: check the address") from problem
