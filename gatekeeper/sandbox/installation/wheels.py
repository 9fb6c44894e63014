"""Wheels -> the folder that the guest imports from.

Format: https://packaging.python.org/specifications/binary-distribution-format/. Nothing in a wheel is run; scripts,
headers and data files are left out, and so are compiled modules.
"""

import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gatekeeper import errors
from gatekeeper.sandbox.installation import manifests

# bytes and files of one wheel, unpacked
_BYTES = 300 << 20
_FILES = 20_000

_COMPILED = (".so", ".pyd", ".dylib", ".dll", ".a", ".lib")
_OPTION = re.compile(rb"""["'](--[a-z][\w-]+)["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What one wheel brought."""

    # top-level names that can be imported
    modules: tuple[str, ...]
    # compiled modules that were left out, dotted
    compiled: tuple[str, ...]
    # names of its pytest plugins
    plugins: tuple[str, ...]
    # strings of the plugins' sources that look like long options
    options: tuple[str, ...]


def unpack(wheel: Path, site: Path) -> Unpacked:
    """Unpack the wheel's importable files into the folder. Raises SandboxError for a wheel that is not sound."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = list(_members(archive))
            written = {path: _write(archive, member, site / path) for member, path in members}
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise errors.SandboxError(f"{wheel.name} cannot be unpacked: {error}") from error
    paths = [path for path, kept in written.items() if kept]
    listed = (site / path for path in paths if path.endswith(".dist-info/entry_points.txt"))
    plugins = tuple(sorted(name for path in listed for name in _plugins(path)))
    return Unpacked(
        modules=tuple(sorted({_top(path) for path in paths if ".dist-info/" not in path} - {""})),
        compiled=tuple(sorted(path.split(".")[0].replace("/", ".") for path, kept in written.items() if not kept)),
        plugins=plugins,
        options=tuple(sorted(_options(site, paths))) if plugins else (),
    )


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Yield the members to unpack and where they go. Raises SandboxError for what no sound wheel has."""
    name = archive.filename or "the wheel"
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > _FILES or sum(member.file_size for member in members) > _BYTES:
        raise errors.SandboxError(f"{name} is too large to be granted")
    for member in members:
        path = PurePosixPath(member.filename)
        mode = member.external_attr >> 16
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename or stat.S_ISLNK(mode):
            raise errors.SandboxError(f"{name} has a member that leaves its folder: {member.filename!r}")
        first, *rest = path.parts
        if not first.endswith(".data"):
            yield member, str(path)
        elif len(rest) > 1 and rest[0] in {"purelib", "platlib"}:
            yield member, "/".join(rest[1:])


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> bool:
    """Write one member; False where it is a compiled module, which is left out."""
    if target.name.endswith(_COMPILED) or ".so." in target.name:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("wb") as sink:
        left = member.file_size
        while left > 0 and (chunk := source.read(min(left, 1 << 20))):
            sink.write(chunk)
            left -= len(chunk)
    return True


def _top(path: str) -> str:
    first = path.partition("/")[0]
    name = first.removesuffix(".py")
    return name if name.isidentifier() and (first != name or "/" in path) else ""


def _plugins(entry_points: Path) -> list[str]:
    return [*manifests.sections(entry_points.read_text("utf-8", "replace")).get("pytest11", {})]


def _options(site: Path, paths: list[str]) -> set[str]:
    sources = (path for path in paths if path.endswith(".py"))
    return {match.decode() for path in sources for match in _OPTION.findall((site / path).read_bytes())}
