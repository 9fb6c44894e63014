"""Requirements -> a folder of unpacked wheels, from the operator's index or from the cache.

The modules that ask the index are imported only when it is asked: a cached answer costs a few milliseconds.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gatekeeper.sandbox.installation import drafts, requirement, resolution

# raised whenever what is cached would come out differently
_FORMAT = 1
# seconds that a resolution is good for: releases appear every day, and the reviews of one week should agree
_AGE = 7 * 24 * 3600.0
# seconds before an index that did not answer in time is asked again: every review would wait for it
_PAUSE = 3600.0


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

    def resolve(
        self, wanted: Iterable[requirement.Requirement], own: frozenset[str] = frozenset()
    ) -> resolution.Resolution:
        """Return what the requirements become; what cannot be had is unavailable with a reason, never an error.

        `own`: distributions that the tree itself provides, which others may require and which are not granted.
        """
        requirements = tuple(dict.fromkeys(wanted))
        if not requirements:
            return resolution.Resolution(site=None, granted=(), unavailable={}, notes=())
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
        kept: resolution.Resolution | None,
    ) -> resolution.Resolution:
        from gatekeeper.sandbox.installation import granting, pip

        self._progress(f"resolving {len({item.name for item in requirements})} requirements")
        granter = granting.Granter(
            index=pip.Pip(provided=self._provided), cache=self._cache, without=own, progress=self._progress
        )
        try:
            found, worth = granter.grant(requirements)
            if worth is not resolution.Worth.ANSWER and kept is not None:
                found = kept
            if worth is not resolution.Worth.NOTHING:
                _write(entry, found, time.time() + (_AGE if worth is resolution.Worth.ANSWER else _PAUSE))
        except OSError as error:
            return _nothing(requirements, f"requirements are not resolved: the cache cannot be written: {error}")
        return found


def _nothing(requirements: Iterable[requirement.Requirement], reason: str) -> resolution.Resolution:
    unavailable = {item.name: reason for item in requirements}
    return resolution.Resolution(site=None, granted=(), unavailable=unavailable, notes=(reason,))


def _read(entry: Path, cache: Path) -> tuple[resolution.Resolution | None, float]:
    """Return the kept resolution and until when it is good; None where there is none, or its folder is gone."""
    try:
        data = json.loads(entry.read_text("utf-8"))
        granted = tuple(map(_granted, data["granted"]))
        site = cache / "sites" / data["site"] if data["site"] else None
        notes = tuple(data["notes"])
        found = resolution.Resolution(site=site, granted=granted, unavailable=data["unavailable"], notes=notes)
        until = float(data["until"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, 0.0
    return (found if site is None or site.is_dir() else None), until


def _granted(item: dict[str, Any]) -> resolution.Granted:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}
    return resolution.Granted(**fields)


def _write(entry: Path, found: resolution.Resolution, until: float) -> None:
    """Write the entry whole or not at all. `until`: seconds since the epoch."""
    data = {
        "until": until,
        "site": found.site.name if found.site else None,
        "granted": [asdict(item) for item in found.granted],
        "unavailable": dict(found.unavailable),
        "notes": list(found.notes),
    }
    with drafts.scratch(entry.parent) as folder:
        draft = folder / entry.name
        draft.write_text(json.dumps(data, indent=1), "utf-8")
        draft.replace(entry)
