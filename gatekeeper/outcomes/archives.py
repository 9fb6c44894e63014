"""An artifact's zip -> the members that may be test reports; nothing is ever written to a disk.

What an archive says of itself is checked before anything is decompressed, and again while it is: a zip bomb is met as
one that declares its size, or as one that lies about it. Names are labels, never paths.
"""

import io
import itertools
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from gatekeeper.outcomes import elements, names

# of an artifact, compressed, that is downloaded because of its name; what GitHub keeps has no limit of its own
ARTIFACT = 50 * 1024 * 1024
# one this small is looked into whatever it is called
SMALL = 512 * 1024
# in one archive: HTML coverage has thousands of files, and is passed over by their names
MEMBERS = 20_000
# of these, those that are read, and their bytes together
READ = 500
TOTAL = 128 * 1024 * 1024
# decompressed bytes for each compressed one; deflate reaches 1,032 at most, reports about 20, of equal tests 200
RATIO = 300
# below this many bytes no ratio is looked at: a short report of equal lines packs well
UNSUSPICIOUS = 1024 * 1024
# what is told one by one of what was left out
TOLD = 50
_CHUNK = 64 * 1024
# PKWARE's APPNOTE 6.3, 4.3.12: the signature of an entry in the directory; 4.4.4: bit 0 of the flags
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
# the standard library decompresses the other methods without a bound
_BOUNDED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

_HINTS = re.compile(r"j?-?unit|x-?unit|nose|py-?test|tests?|surefire|failsafe|jest|reports?|results?|xml|ci\b|tox|nox")
# artifacts of which only small ones are looked into, whatever else their names say
_OTHERS = re.compile(
    r"wheels?|sdist|dists?|docs?|html|site|pages|cov|coverage|bin|binar(?:y|ies)|images?|docker|screenshots?|videos?|"
    r"build|logs?|cache|sarif|sbom|bench(?:mark)?s?|models?|data|installer|package|exe|deb|rpm"
)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of an archive that may be a test report."""

    # a label, as the archive has it, made printable and bounded; never a path to write to
    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What was not read of an archive."""

    # empty: the archive as a whole
    name: str
    why: str


def artifact_is_worth(name: str, size: int) -> bool:
    """Whether an artifact with that name and size in bytes, compressed, is to be downloaded to look for reports.

    Looking is preferred to guessing: all small ones; of the others those whose name tells of tests and of nothing else.
    """
    if not 0 < size <= ARTIFACT:
        return False
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word]
    hinted = bool(_HINTS.search(name.lower()))
    other = any(_OTHERS.fullmatch(word) for word in words)
    return size <= SMALL or (hinted and not other)


def reports(archive: bytes | BinaryIO) -> Iterator[Member | LeftOut]:
    """Yield the XML files of a zip, one at a time in the archive's order, and what was refused; raises nothing.

    `archive`: its bytes, or a seekable binary file. Members that are no XML by name are passed over in silence.
    """
    file = io.BytesIO(archive) if isinstance(archive, bytes) else archive
    try:
        if (entries := _entries(file)) > MEMBERS:
            yield LeftOut(name="", why=f"The archive has {entries:,} files; at most {MEMBERS:,} are looked at.")
            return
        opened = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, EOFError, NotImplementedError) as damaged:
        yield LeftOut(name="", why=f"The archive cannot be read: {names.message(str(damaged)) or 'it is damaged'}.")
        return
    with opened:
        told = 0
        for one in _members(opened):
            told += isinstance(one, LeftOut)
            if told > TOLD:
                yield LeftOut(name="", why=f"More than {TOLD} of the archive's files were refused; no more is read.")
                return
            yield one


def _members(opened: zipfile.ZipFile) -> Iterator[Member | LeftOut]:
    worth = (info for info in opened.infolist() if info.filename.lower().endswith(".xml") and not info.is_dir())
    total = 0
    for info in itertools.islice(worth, READ):
        one = _read(opened, info, TOTAL - total)
        total += len(one.content) if isinstance(one, Member) else 0
        yield one
    if next(worth, None) is not None:
        yield LeftOut(name="", why=f"The archive has more than {READ} XML files; only the first were read.")


def _read(opened: zipfile.ZipFile, info: zipfile.ZipInfo, rest: int) -> Member | LeftOut:
    label = names.name(info.filename)
    if why := _refused(info, rest):
        return LeftOut(name=label, why=why)
    try:
        return Member(name=label, content=_content(opened, info))
    # a zip made to break its reader raises what its part of the standard library happens to
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError) as damaged:
        return LeftOut(name=label, why=f"It is damaged: {names.message(str(damaged)) or 'it ends early'}.")


def _refused(info: zipfile.ZipInfo, rest: int) -> str:
    """Return why a member is not read, by what the archive says of it; empty where nothing speaks against it."""
    return _odd_name(info.filename) or _odd_kind(info) or _odd_size(info, rest)


def _odd_kind(info: zipfile.ZipInfo) -> str:
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
        return "It is a link or a device, not a file."
    if info.flag_bits & _ENCRYPTED:
        return "It is encrypted."
    if info.compress_type not in _BOUNDED:
        return "It is packed in a way other than deflate, which artifacts are not."
    return ""


def _odd_size(info: zipfile.ZipInfo, rest: int) -> str:
    if info.file_size > elements.BYTES:
        return f"It has {info.file_size:,} bytes; at most {elements.BYTES:,} are read of one report."
    if info.file_size > rest:
        return f"The archive's reports have more than {TOTAL:,} bytes together."
    if info.file_size > UNSUSPICIOUS and info.file_size > RATIO * max(info.compress_size, 1):
        return "It is packed as tightly as only a zip bomb is."
    return ""


def _odd_name(name: str) -> str:
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in parts:
        return "Its name leads out of the archive."
    if any(_DEVICE.fullmatch(part) for part in parts):
        return "Its name is that of a device."
    return ""


def _content(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return a member's bytes. Raises zipfile.BadZipFile where there are not as many as it declares, or others."""
    read = bytearray()
    with opened.open(info) as member:
        # by chunks: of a member that lies about its size no more is made than it declares, and its checksum fails
        while chunk := member.read(_CHUNK):
            read += chunk
    if len(read) != info.file_size:
        raise zipfile.BadZipFile("it ends early")
    return bytes(read)


def _entries(file: BinaryIO) -> int:
    """Return how many entries the directory of a zip may have at most: its signatures, wherever they stand."""
    count, rest = 0, b""
    while chunk := file.read(_CHUNK):
        count += (rest + chunk).count(_ENTRY)
        rest = chunk[-len(_ENTRY) + 1 :]
    file.seek(0)
    return count
