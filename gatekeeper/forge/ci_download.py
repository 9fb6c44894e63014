"""Artifacts and logs, which GitHub keeps in stores of others and leads to by addresses that it signs."""

import ipaddress
import time
import urllib.parse
import zlib
from typing import TYPE_CHECKING

from gatekeeper import errors
from gatekeeper.forge import session, translation, wire

if TYPE_CHECKING:
    import requests

# seconds for all of a download
_PATIENCE = 120.0
_CHUNK = 64 * 1024
_MEBI = 1 << 20
_WHOLE = 200
_PART = 206
_GONE = frozenset({404, 410})
_FIRST_REDIRECT = 300
_FIRST_FAILURE = 400
_FIRST_OUTAGE = 500
_TOO_MANY = 429
# zlib: the window of 32 KiB, with gzip's header
_GZIP = 16 + 15


def whole(line: wire.Wire, asked: session.Session, path: str, most: int) -> bytes:
    """Return what the path leads to, `most` bytes.

    Raises RefusedError where it is larger or the address is none to go to, MissingError where it is gone, and
    ForgeError as any request does.
    """
    with line.opened(_address(line, asked, path), {}) as answered:
        _check(answered, _WHOLE)
        if _length(answered) > most:
            raise _too_large(most)
        return _read(answered, most)


def end(line: wire.Wire, asked: session.Session, path: str, most: int) -> tuple[bytes, bool]:
    """Return the last `most` bytes of what the path leads to, and whether there are more; errors as `whole`."""
    address = _address(line, asked, path)
    with line.opened(address, {}) as answered:
        _check(answered, _WHOLE)
        length = _length(answered)
        if length <= most:
            return _read(answered, most), False
    with line.opened(address, {"Range": f"bytes={length - most}-"}) as answered:
        if answered.status_code == _WHOLE:
            raise _too_large(most)
        _check(answered, _PART)
        return _read(answered, most), True


def _address(line: wire.Wire, asked: session.Session, path: str) -> str:
    """Return the address, which must be of a kind that GitHub gives; on loopback it may be plain."""
    address = asked.location(path)
    try:
        parts = urllib.parse.urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise errors.RefusedError("GitHub leads to what is no address: nothing is downloaded") from None
    plain = line.api_url.startswith("http://") and parts.scheme == "http" and _is_loopback(host)
    if not host or parts.username is not None or not (parts.scheme == "https" or plain):
        where = translation.quoted(f"{parts.scheme}://{host}")
        raise errors.RefusedError(f"GitHub leads to {where}, which is no address to download from")
    return address


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check(answered: "requests.Response", wanted: int) -> None:
    status = answered.status_code
    if status == wanted:
        return
    if status in _GONE:
        raise errors.MissingError("GitHub no longer has it")
    if _FIRST_REDIRECT <= status < _FIRST_FAILURE:
        raise errors.RefusedError("GitHub's store leads on to another place: nothing is downloaded from there")
    if status >= _FIRST_OUTAGE or status == _TOO_MANY:
        raise errors.UnavailableError(f"GitHub's store is out of order ({wire.DOWNLOAD}: {status}); it is asked again")
    raise errors.RefusedError(f"GitHub's store refuses it ({wire.DOWNLOAD}: {status})")


def _length(answered: "requests.Response") -> int:
    """Return the length that is announced; 0 where there is none."""
    said = answered.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdecimal() else 0


def _read(answered: "requests.Response", most: int) -> bytes:
    """Return the content; where the store keeps it packed it is unpacked, and no further than `most`."""
    until = time.monotonic() + _PATIENCE
    content = bytearray()
    for chunk in answered.raw.stream(_CHUNK, decode_content=False):
        content += chunk
        if len(content) > most:
            raise _too_large(most)
        if time.monotonic() > until:
            raise errors.UnavailableError(f"A download took longer than {_PATIENCE:.0f} s; it is asked for again")
    match answered.headers.get("Content-Encoding", "identity").strip().lower():
        case "identity" | "":
            return bytes(content)
        case "gzip":
            return _unpacked(bytes(content), most)
        case other:
            raise errors.RefusedError(f"GitHub's store gives it packed by {translation.quoted(other)}")


def _unpacked(content: bytes, most: int) -> bytes:
    opened = zlib.decompressobj(_GZIP)
    try:
        unpacked = opened.decompress(content, most + 1)
    except zlib.error:
        raise errors.RefusedError("it is packed, and cannot be unpacked") from None
    if len(unpacked) > most:
        raise _too_large(most)
    return unpacked


def _too_large(most: int) -> errors.RefusedError:
    return errors.RefusedError(f"it is larger than the {most / _MEBI:.0f} MB that are read")
