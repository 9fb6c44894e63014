"""The `.dist-info` folder that an installed project would have, from what its manifests declare.

Format: https://packaging.python.org/specifications/core-metadata/ and the entry points specification beside it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gatekeeper.sandbox.installation import requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known of one project."""

    name: str
    version: str
    # of METADATA, beyond name and version
    headers: Iterable[tuple[str, str]]
    requires: Iterable[requirement.Requirement]
    extras: Mapping[str, Iterable[requirement.Requirement]]
    # group -> name -> `module:object`
    entry_points: Mapping[str, Mapping[str, str]]
    # top-level names
    modules: Iterable[str]
    # the project's own files as RECORD lists them, relative to the folder's parent
    files: Iterable[str]


def render(metadata: Metadata) -> dict[str, bytes]:
    """Return the folder's files by their path, the folder's name included."""
    folder = f"{re.sub(r'[-_.]+', '_', metadata.name)}-{metadata.version.replace('-', '_')}.dist-info"
    found = {
        f"{folder}/METADATA": _headers(metadata),
        f"{folder}/INSTALLER": "gatekeeper\n",
        f"{folder}/top_level.txt": "".join(f"{module}\n" for module in sorted(metadata.modules)),
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: gatekeeper\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if metadata.entry_points:
        found[f"{folder}/entry_points.txt"] = _entry_points(metadata.entry_points)
    record = [*found, f"{folder}/RECORD", *sorted(metadata.files)]
    found[f"{folder}/RECORD"] = "".join(f"{_quoted(path)},,\n" for path in record)
    return {path: text.encode("utf-8", "surrogateescape") for path, text in found.items()}


def _quoted(path: str) -> str:
    return f'"{path.replace(chr(34), chr(34) * 2)}"' if re.search(r'[",\r\n]', path) else path


def _headers(metadata: Metadata) -> str:
    pairs = [("Metadata-Version", "2.4"), ("Name", metadata.name), ("Version", metadata.version), *metadata.headers]
    pairs += [("Requires-Dist", str(item)) for item in metadata.requires]
    for extra, listed in metadata.extras.items():
        pairs.append(("Provides-Extra", extra))
        pairs += [("Requires-Dist", _of_extra(item, extra)) for item in listed]
    return "".join(f"{header}: {' '.join(value.split())}\n" for header, value in pairs)


def _of_extra(item: requirement.Requirement, extra: str) -> str:
    marker = f'({item.marker}) and extra == "{extra}"' if item.marker else f'extra == "{extra}"'
    return str(requirement.Requirement(name=item.name, extras=item.extras, specifier=item.specifier, marker=marker))


def _entry_points(groups: Mapping[str, Mapping[str, str]]) -> str:
    """Names with what would end a line, a section or a name are left out: they could add entries of their own."""
    lines: list[str] = []
    for group, names in groups.items():
        if re.fullmatch(r"[\w.:-]+", group):
            sound = {name: target for name, target in names.items() if re.fullmatch(r"[^\[\]=\r\n]+", name)}
            lines += [
                f"[{group}]",
                *(f"{name.strip()} = {' '.join(target.split())}" for name, target in sound.items()),
                "",
            ]
    return "".join(f"{line}\n" for line in lines)
