"""Releases -> the folder that is granted: pure-Python wheels, fetched by hash, unpacked once."""

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import errors
from gatekeeper.sandbox.installation import needs, pip, requirement, resolver, solving, wheels

# distributions whose compiled modules only make them faster: their own Python stands in where those are missing
FALLBACKS = frozenset(
    """
    aiohttp cbor2 charset-normalizer coverage frozenlist google-crc32c immutables lazy-object-proxy markupsafe msgpack
    multidict persistent propcache protobuf pymongo pyyaml rapidfuzz simplejson sqlalchemy tomli tornado websockets
    wrapt yarl zope-interface
    """.split()  # noqa: SIM905 - a list to read
)
# raised whenever wheels are unpacked differently
_FORMAT = 1
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """Which releases are granted, and why the others are not."""

    releases: tuple[solving.Release, ...]
    unavailable: dict[str, str]
    notes: tuple[str, ...]


def grant(
    requirements: Iterable[requirement.Requirement], index: pip.Pip, cache: Path, progress: Callable[[str], None]
) -> tuple[resolver.Resolution, bool]:
    """Return what is granted for the requirements, and whether the answer is worth keeping.

    Raises OSError where the cache cannot be written.
    """
    solution = solving.solve(requirements, index.resolve)
    chosen = _choose(solution.releases, index, progress)
    missing = _fetch(chosen.releases, index, cache, progress)
    sound = [release for release in chosen.releases if release.name not in missing]
    site, granted, unsound = _site(sound, solution.releases, cache)
    lasting = not solution.unreachable and not missing
    unavailable = {**solution.unavailable, **chosen.unavailable, **missing, **unsound}
    notes = (*solution.notes, *chosen.notes)
    return resolver.Resolution(site=site, granted=granted, unavailable=unavailable, notes=notes), lasting


def _choose(releases: Sequence[solving.Release], index: pip.Pip, progress: Callable[[str], None]) -> _Chosen:
    """Prefer a wheel for any machine; take a compiled one only where its Python is enough."""
    wanted = [item for item in releases if item.name not in needs.PROVIDED and item.name not in needs.DISTURBING]
    foreign = [release for release in wanted if not release.pure]
    if foreign:
        progress(f"looking for pure-Python wheels of {', '.join(release.name for release in foreign)}")
    with futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        pure = dict(zip((release.name for release in foreign), pool.map(index.pure, foreign), strict=True))
    chosen: list[solving.Release] = []
    unavailable: dict[str, str] = {}
    notes: list[str] = []
    for release in wanted:
        found = release if release.pure else pure[release.name]
        if found is not None:
            chosen.append(found)
        elif release.name in FALLBACKS:
            chosen.append(release)
            notes.append(f"{release.name} {release.version} is granted without its compiled modules")
        else:
            unavailable[release.name] = f"{release.name} {release.version} has no pure-Python wheel"
    return _Chosen(releases=tuple(chosen), unavailable=unavailable, notes=tuple(notes))


def _wheel(cache: Path, release: solving.Release) -> Path:
    return cache / "wheels" / release.sha256 / release.file


def _fetch(
    releases: Sequence[solving.Release], index: pip.Pip, cache: Path, progress: Callable[[str], None]
) -> dict[str, str]:
    """Put the wheels that the cache lacks into it; return name -> reason for those that could not be had."""
    lacking = [release for release in releases if not _wheel(cache, release).is_file()]
    if not lacking:
        return {}
    progress(f"downloading {len(lacking)} wheels")
    missing: dict[str, str] = {}
    with scratch(cache / "wheels") as folder:
        for group in filter(
            None, ([item for item in lacking if item.pure], [item for item in lacking if not item.pure])
        ):
            problem = index.download(group, folder)
            missing |= {item.name: f"{item.name} cannot be downloaded: {problem}" for item in group if problem}
        for release in lacking:
            _keep(folder / release.file, _wheel(cache, release), release, missing)
    return missing


def _keep(found: Path, wheel: Path, release: solving.Release, missing: dict[str, str]) -> None:
    if not found.is_file():
        missing.setdefault(release.name, f"{release.name} cannot be downloaded")
    elif hashlib.sha256(found.read_bytes()).hexdigest() != release.sha256:
        missing[release.name] = f"{release.name} is not what was resolved: its digest differs"
    else:
        missing.pop(release.name, None)
        wheel.parent.mkdir(mode=0o700, exist_ok=True)
        found.replace(wheel)


def _site(
    releases: Sequence[solving.Release], resolved: Sequence[solving.Release], cache: Path
) -> tuple[Path | None, tuple[resolver.Granted, ...], dict[str, str]]:
    """Unpack the wheels into one folder, whole or not at all; return it, what it holds, and what was unsound."""
    if not releases:
        return None, (), {}
    digest = hashlib.sha256("\n".join([f"format {_FORMAT}", *sorted(item.sha256 for item in releases)]).encode())
    site = cache / "sites" / digest.hexdigest()
    unpacked: dict[str, wheels.Unpacked] = {}
    unsound: dict[str, str] = {}
    with scratch(cache / "sites") as folder:
        draft = folder / "site"
        draft.mkdir()
        for release in releases:
            try:
                unpacked[release.name] = wheels.unpack(_wheel(cache, release), draft)
            except errors.SandboxError as error:
                unsound[release.name] = str(error)
        _publish(draft, site)
    granted = (_granted(release, unpacked, resolved) for release in releases if release.name in unpacked)
    return site, tuple(granted), unsound


def _publish(draft: Path, site: Path) -> None:
    """Rename the folder into place; another process that was first made the same content."""
    try:
        draft.rename(site)
    except OSError:
        if not site.is_dir():
            raise


def _granted(
    release: solving.Release, site: Mapping[str, wheels.Unpacked], resolved: Sequence[solving.Release]
) -> resolver.Granted:
    unpacked = site[release.name]
    needed, unanswered = solving.closure(resolved, [release.name])
    lacking = [item.name for item in needed if item.name not in site and item.name not in needs.PROVIDED]
    return resolver.Granted(
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


@contextlib.contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """Yield an empty private folder on the same file system as `beside`, which is made; it is removed afterwards."""
    beside.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".draft-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
