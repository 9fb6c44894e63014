"""What the web server signs and encrypts with: all derived from one secret, a key for each purpose."""

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography import fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf import hkdf

_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys."""

    # signs the cookie and what forms carry
    cookie: bytes = field(repr=False)
    # signs addresses that are a permission of their own, such as a badge's
    address: bytes = field(repr=False)
    # encrypts people's tokens, 32 bytes
    tokens: bytes = field(repr=False)

    def seal(self, text: str) -> bytes:
        """Return the text encrypted."""
        return self._box().encrypt(text.encode())

    def opened(self, sealed: bytes) -> str | None:
        """Return the text that `seal` was given; None where it was sealed with another key, or damaged."""
        try:
            return self._box().decrypt(sealed).decode()
        except fernet.InvalidToken:
            return None

    def _box(self) -> fernet.Fernet:
        return fernet.Fernet(base64.urlsafe_b64encode(self.tokens))


def derived(secret: str) -> Keys:
    """Return the keys that belong to the secret, by HKDF (RFC 5869)."""
    return Keys(cookie=_key(secret, "cookie"), address=_key(secret, "address"), tokens=_key(secret, "tokens"))


def digest(secret: str) -> str:
    """Return what a secret that was made at random is recognised by, without being it: SHA-256, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(secret: str, purpose: str) -> bytes:
    made = hkdf.HKDF(algorithm=hashes.SHA256(), length=_BYTES, salt=None, info=f"gatekeeper {purpose}".encode())
    return made.derive(secret.encode())
