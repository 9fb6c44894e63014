"""Releases -> the folder that is granted: pure-Python wheels, fetched by hash, unpacked once."""

import hashlib
from collections.abc import Callable, Container, Iterable, Sequence
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path

from gatekeeper import errors
from gatekeeper.sandbox.installation import drafts, needs, pip, requirement, resolution, solving, wheels

# distributions whose compiled modules only make them faster: their own Python stands in where those are missing
FALLBACKS = frozenset(
    """
    aiohttp charset-normalizer coverage dulwich falcon fastavro frozenlist google-crc32c immutables lazy-object-proxy
    markupsafe msgpack multidict pendulum propcache protobuf pymongo pyyaml rapidfuzz simplejson sqlalchemy thriftpy2
    tomli tornado websockets wrapt yarl zope-interface
    """.split()  # noqa: SIM905 - a list to read
)
# raised whenever wheels are unpacked differently
_FORMAT = 1
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """Which of the resolved releases are granted, and why the others are not."""

    releases: tuple[solving.Release, ...]
    # older releases that are for any machine, where the resolved one is not
    stand_ins: tuple[solving.Release, ...]
    unavailable: dict[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granter:
    """Asks the index, and keeps what it got."""

    index: pip.Pip
    cache: Path
    # distributions that are never granted: the tree's own
    without: frozenset[str]
    progress: Callable[[str], None]
    # release -> what the index has instead of it for any machine
    answers: dict[str, solving.Release | None] = field(default_factory=dict)

    def grant(self, requirements: Iterable[requirement.Requirement]) -> tuple[resolution.Resolution, resolution.Worth]:
        """Return what is granted for the requirements, and what the answer is worth.

        Raises OSError where the cache cannot be written.
        """
        requirements = tuple(requirements)
        solution = solving.solve(requirements, self.index.resolve)
        chosen = self._choose(requirements, solution)
        if chosen.stand_ins:
            self.progress(f"resolving again with {', '.join(map(str, chosen.stand_ins))}")
            pinned = (requirement.Requirement(name=it.name, specifier=f"=={it.version}") for it in chosen.stand_ins)
            solution = solving.solve((*requirements, *pinned), self.index.resolve)
            chosen = self._choose(requirements, solution, stood_in=chosen)
        missing = self._fetch(chosen.releases)
        sound = [release for release in chosen.releases if release.name not in missing]
        site, unpacked, unsound = _site(sound, self.cache)
        there = {*unpacked, *needs.PROVIDED, *self.without}
        granted = tuple(
            _granted(release, unpacked[release.name], solution.releases, there)
            for release in sound
            if release.name in unpacked
        )
        unavailable = {**solution.unavailable, **chosen.unavailable, **missing, **unsound}
        notes = (*solution.notes, *chosen.notes)
        found = resolution.Resolution(site=site, granted=granted, unavailable=unavailable, notes=notes)
        if solution.unreachable is not None:
            return found, resolution.Worth.SLOW if solution.unreachable.slow else resolution.Worth.NOTHING
        return found, resolution.Worth.NOTHING if missing else resolution.Worth.ANSWER

    def _choose(
        self,
        requirements: Sequence[requirement.Requirement],
        solution: solving.Solution,
        stood_in: _Chosen | None = None,
    ) -> _Chosen:
        """Prefer wheels for any machine; take a compiled one only where its Python is enough."""
        left_out = {*needs.PROVIDED, *needs.DISTURBING, *self.without}
        wanted = [release for release in solution.releases if release.name not in left_out]
        pure = self._pure([release for release in wanted if not release.pure], requirements, solution)
        chosen: list[solving.Release] = []
        stand_ins: list[solving.Release] = []
        unavailable: dict[str, str] = {}
        notes = list(stood_in.notes if stood_in is not None else ())
        for release in wanted:
            found = release if release.pure else pure[release.name]
            if found is not None and found.version == release.version:
                chosen.append(found)
            elif release.name in FALLBACKS:
                chosen.append(release)
                notes.append(f"{release} is granted without its compiled modules")
            elif found is not None and stood_in is None:
                stand_ins.append(found)
                notes.append(f"{release} has no pure-Python wheel: {found} stands in")
            else:
                unavailable[release.name] = f"{release} has no pure-Python wheel"
        return _Chosen(
            releases=tuple(chosen),
            stand_ins=tuple(stand_ins),
            unavailable=unavailable,
            notes=tuple(dict.fromkeys(notes)),
        )

    def _pure(
        self,
        foreign: Sequence[solving.Release],
        requirements: Sequence[requirement.Requirement],
        solution: solving.Solution,
    ) -> dict[str, solving.Release | None]:
        """Return the newest wheel for any machine of each, of the same release or an older one of its series."""
        unknown = [release for release in foreign if str(release) not in self.answers]
        if unknown:
            self.progress(f"looking for pure-Python wheels of {', '.join(release.name for release in unknown)}")
            asked = [solving.up_to(release, requirements, solution.releases) for release in unknown]
            with futures.ThreadPoolExecutor(_AT_ONCE) as pool:
                self.answers.update(zip(map(str, unknown), pool.map(self.index.pure, asked), strict=True))
        return {release.name: self.answers[str(release)] for release in foreign}

    def _fetch(self, releases: Sequence[solving.Release]) -> dict[str, str]:
        """Put the wheels that the cache lacks into it; return name -> reason for those that could not be had."""
        lacking = [release for release in releases if not _wheel(self.cache, release).is_file()]
        if not lacking:
            return {}
        self.progress(f"downloading {len(lacking)} wheels")
        missing: dict[str, str] = {}
        with drafts.scratch(self.cache / "wheels") as folder:
            for pure in (True, False):
                self._download([release for release in lacking if release.pure is pure], folder)
            for release in lacking:
                problem = _keep(folder / release.file, _wheel(self.cache, release), release)
                missing |= {release.name: f"{release} cannot be downloaded: {problem}"} if problem else {}
        return missing

    def _download(self, releases: Sequence[solving.Release], folder: Path) -> None:
        """Put as many of the wheels as can be had into the folder; pip keeps none where one of several fails."""
        if releases and not self.index.download(releases, folder) and len(releases) > 1:
            for release in releases:
                self.index.download([release], folder)


def _wheel(cache: Path, release: solving.Release) -> Path:
    return cache / "wheels" / release.sha256 / release.file


def _keep(found: Path, wheel: Path, release: solving.Release) -> str:
    """Move a downloaded wheel to its place; return what is wrong with it, or `""`."""
    if not found.is_file():
        return "the index did not give it"
    if hashlib.sha256(found.read_bytes()).hexdigest() != release.sha256:
        return "its digest is not the one that was resolved"
    wheel.parent.mkdir(mode=0o700, exist_ok=True)
    found.replace(wheel)
    return ""


def _site(
    releases: Sequence[solving.Release], cache: Path
) -> tuple[Path | None, dict[str, wheels.Unpacked], dict[str, str]]:
    """Unpack the wheels into one folder, whole or not at all; return it, what it holds, and what was unsound."""
    if not releases:
        return None, {}, {}
    digest = hashlib.sha256("\n".join([f"format {_FORMAT}", *sorted(item.sha256 for item in releases)]).encode())
    site = cache / "sites" / digest.hexdigest()
    unpacked: dict[str, wheels.Unpacked] = {}
    unsound: dict[str, str] = {}
    with drafts.scratch(cache / "sites") as folder:
        draft = folder / "site"
        draft.mkdir()
        for release in releases:
            try:
                unpacked[release.name] = wheels.unpack(_wheel(cache, release), draft)
            except errors.SandboxError as error:
                unsound[release.name] = str(error)
        _publish(draft, site)
    return site, unpacked, unsound


def _publish(draft: Path, site: Path) -> None:
    """Rename the folder into place; another process that was first made the same content."""
    try:
        draft.rename(site)
    except OSError:
        if not site.is_dir():
            raise


def _granted(
    release: solving.Release, unpacked: wheels.Unpacked, resolved: Sequence[solving.Release], there: Container[str]
) -> resolution.Granted:
    needed, unanswered = solving.closure(resolved, [release.name])
    lacking = [item.name for item in needed if item.name not in there]
    return resolution.Granted(
        name=release.name,
        version=release.version,
        file=release.file,
        sha256=release.sha256,
        modules=unpacked.modules,
        compiled=unpacked.compiled,
        plugins=unpacked.plugins,
        options=unpacked.options,
        lacking=tuple(sorted({*lacking, *unanswered})),
    )
