"""Signatures over a delivery's raw bytes, as GitHub sends them in `X-Hub-Signature-256`.

The format is that of "Validating webhook deliveries" in GitHub's documentation: `sha256=`, then an HMAC's hex digest.
"""

import hmac
from collections.abc import Sequence


def sign(secret: bytes, body: bytes) -> str:
    """Return the header that GitHub sends with `body`. Raises ValueError where `secret` is empty."""
    _refuse_empty([secret])
    return _header(secret, body)


def verify(body: bytes, header: str | None, secrets: Sequence[bytes]) -> bool:
    """Whether `header` signs `body` with one of `secrets`, in a time that tells nothing of them.

    Raises ValueError where there is no secret or an empty one, with which anybody can sign.
    """
    _refuse_empty(secrets)
    # bytes, because `compare_digest` refuses text that is not ASCII
    given = (header or "").encode(errors="replace")
    fits = False
    for secret in secrets:
        # every secret is tried, even after one that fits
        fits |= hmac.compare_digest(_header(secret, body).encode(), given)
    return fits


def _header(secret: bytes, body: bytes) -> str:
    return f"sha256={hmac.digest(secret, body, 'sha256').hex()}"


def _refuse_empty(secrets: Sequence[bytes]) -> None:
    if not secrets or not all(secrets):
        raise ValueError("A webhook's secret is missing or empty, and with it anybody could sign: set one")
