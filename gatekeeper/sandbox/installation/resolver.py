"""Requirements -> a folder of unpacked wheels, from the operator's index or from the cache.

The modules that ask the index are imported only when it is asked: a cached answer costs a few milliseconds.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from gatekeeper.sandbox.installation import requirement

# raised whenever what is cached would come out differently
_FORMAT = 1
# seconds that a resolution is good for: releases appear every day, and the reviews of one week should agree
_AGE = 7 * 24 * 3600.0
# seconds before an index that did not answer in time is asked again: every review would wait for it
_PAUSE = 3600.0


class Worth(Enum):
    """What an answer of the index is worth."""

    ANSWER = "kept for a week"
    # it did not come in time
    SLOW = "kept for an hour"
    # it did not come, which is soon found out again
    NOTHING = "not kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """One distribution of the folder."""

    # normalised
    name: str
    version: str
    # the wheel's file name and its hex digest
    file: str
    sha256: str
    # top-level names that it brings
    modules: tuple[str, ...]
    # dotted names of its compiled modules, which were left out
    compiled: tuple[str, ...]
    # names of its pytest plugins, and long options that they may define
    plugins: tuple[str, ...]
    options: tuple[str, ...]
    # distributions that it needs, itself or through others, and that are not there
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a set of requirements became."""

    # None: nothing is granted
    site: Path | None
    granted: tuple[Granted, ...]
    # distribution -> why it is not there
    unavailable: Mapping[str, str]
    # for people
    notes: tuple[str, ...]


class Resolver:
    """Resolves requirements once and remembers: a second time costs no network."""

    def __init__(
        self, cache: Path, *, offline: bool, provided: Mapping[str, str], progress: Callable[[str], None]
    ) -> None:
        """Keep answers below `cache`, a folder of the operator's own.

        `provided`: the sandbox's own distributions and their versions. `progress` is told what takes seconds.
        """
        self._cache = cache / "requirements"
        self._offline = offline
        self._provided = dict(provided)
        self._progress = progress

    def resolve(self, wanted: Iterable[requirement.Requirement], own: frozenset[str] = frozenset()) -> Resolution:
        """Return what the requirements become; what cannot be had is unavailable with a reason, never an error.

        `own`: distributions that the tree itself provides, which others may require and which are not granted.
        """
        requirements = tuple(dict.fromkeys(wanted))
        if not requirements:
            return Resolution(site=None, granted=(), unavailable={}, notes=())
        entry = self._cache / "resolutions" / f"{self._key(requirements, own)}.json"
        kept, until = _read(entry, self._cache)
        if kept is not None and (self._offline or time.time() < until):
            return kept
        if self._offline:
            return _nothing(requirements, "requirements are not resolved: offline, and not in the cache")
        return self._ask(requirements, own, entry, kept)

    def _key(self, requirements: tuple[requirement.Requirement, ...], own: frozenset[str]) -> str:
        provided = (f"{name}=={version}" for name, version in sorted(self._provided.items()))
        parts = [
            f"format {_FORMAT}",
            "cp314",
            *provided,
            f"without {' '.join(sorted(own))}",
            *sorted(map(str, requirements)),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _ask(
        self,
        requirements: tuple[requirement.Requirement, ...],
        own: frozenset[str],
        entry: Path,
        kept: Resolution | None,
    ) -> Resolution:
        from gatekeeper.sandbox.installation import granting, pip

        self._progress(f"resolving {len({item.name for item in requirements})} requirements")
        granter = granting.Granter(
            index=pip.Pip(provided=self._provided), cache=self._cache, without=own, progress=self._progress
        )
        try:
            resolution, worth = granter.grant(requirements)
            if worth is not Worth.ANSWER and kept is not None:
                resolution = kept
            if worth is not Worth.NOTHING:
                _write(entry, resolution, time.time() + (_AGE if worth is Worth.ANSWER else _PAUSE))
        except OSError as error:
            return _nothing(requirements, f"requirements are not resolved: the cache cannot be written: {error}")
        return resolution


def _nothing(requirements: Iterable[requirement.Requirement], reason: str) -> Resolution:
    unavailable = {item.name: reason for item in requirements}
    return Resolution(site=None, granted=(), unavailable=unavailable, notes=(reason,))


def _read(entry: Path, cache: Path) -> tuple[Resolution | None, float]:
    """Return the kept resolution and until when it is good; None where there is none, or its folder is gone."""
    try:
        data = json.loads(entry.read_text("utf-8"))
        granted = tuple(map(_granted, data["granted"]))
        site = cache / "sites" / data["site"] if data["site"] else None
        notes = tuple(data["notes"])
        resolution = Resolution(site=site, granted=granted, unavailable=data["unavailable"], notes=notes)
        until = float(data["until"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, 0.0
    return (resolution if site is None or site.is_dir() else None), until


def _granted(item: dict[str, Any]) -> Granted:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}
    return Granted(**fields)


def _write(entry: Path, resolution: Resolution, until: float) -> None:
    """Write the entry whole or not at all. `until`: seconds since the epoch."""
    from gatekeeper.sandbox.installation import granting

    data = {
        "until": until,
        "site": resolution.site.name if resolution.site else None,
        "granted": [asdict(item) for item in resolution.granted],
        "unavailable": dict(resolution.unavailable),
        "notes": list(resolution.notes),
    }
    with granting.scratch(entry.parent) as folder:
        draft = folder / entry.name
        draft.write_text(json.dumps(data, indent=1), "utf-8")
        draft.replace(entry)
