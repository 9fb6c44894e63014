"""The bench, package by package: sources, native suite, reviews, scores."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from statistics import median

from gatekeeper import errors, settings
from gatekeeper.accuracy import scoring
from gatekeeper.wiring.bench import archives, cases, native, repositories, results, reviewing, speed

# runs of which the median is taken
NATIVE_RUNS = 3
EMPTY_RUNS = 3
STARTUP_RUNS = 5

_BARE = (sys.executable, "-c", "pass")
_IMPORTS = (sys.executable, "-c", "import gatekeeper.cli, gatekeeper.wiring.review")
_HELP = (*reviewing.GATEKEEPER, "review", "--help")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package's sources and its cases."""

    name: str
    files: archives.Files
    cases: Sequence[cases.Numbered]


class Progress:
    """What a bench tells while it works; this one says nothing."""

    def step(self, what: str) -> None:
        """Name what is being done now."""

    def reviewed(self, one: results.Ran) -> None:
        """Take note of one more pull request."""


def run(
    listed: Sequence[cases.Numbered],
    of: int,
    chosen: settings.Settings,
    *,
    timed: bool,
    progress: Progress,
    engine: str | None = None,
) -> results.Bench:
    """Review and score the pull requests; time them too where `timed`. Raises BenchError where none can be made.

    `engine` predicts; None: the one that each package configures.
    """
    repositories.require()
    packages = [_package(list(group), chosen, progress) for group in _by_package(listed)]
    with tempfile.TemporaryDirectory(prefix="gatekeeper-bench-") as folder:
        bench = _Bench(chosen, Path(folder), progress, engine)
        startup = bench.startup() if timed else None
        suites = [bench.package(package, timed=timed) for package in packages]
    ran = tuple(sorted(bench.ran, key=lambda one: one.numbered.index))
    measured = tuple(suite for suite in suites if suite is not None)
    times = speed.Speed(startup=startup, suites=measured) if startup and measured else None
    return results.Bench(ran=ran, of=of, speed=times, untimed=tuple(bench.untimed), engine=engine)


def _by_package(listed: Sequence[cases.Numbered]) -> list[list[cases.Numbered]]:
    grouped: dict[str, list[cases.Numbered]] = {}
    for one in listed:
        grouped.setdefault(one.case.sha256, []).append(one)
    return list(grouped.values())


def _package(group: Sequence[cases.Numbered], chosen: settings.Settings, progress: Progress) -> Package:
    case = group[0].case
    progress.step(f"fetching {case.package}")
    archive = archives.fetch(case.package, case.sha256, chosen.cache, offline=chosen.offline)
    return Package(name=case.package, files=archives.read(archive), cases=group)


class _Bench:
    """One run: everything that is written is below one folder."""

    def __init__(self, chosen: settings.Settings, folder: Path, progress: Progress, engine: str | None) -> None:
        self.ran: list[results.Ran] = []
        # package -> why it could not be timed
        self.untimed: list[tuple[str, str]] = []
        self._chosen, self._folder, self._progress = chosen, folder, progress
        self._reviewer = reviewing.Reviewer(chosen, folder / "records.sqlite", engine)

    def startup(self) -> speed.Startup:
        """Time the program's start."""
        self._progress.step("timing the program's start")
        interpreter, imports, shown = (self._median(words) for words in (_BARE, _IMPORTS, _HELP))
        return speed.Startup(interpreter=interpreter, imports=imports, help=shown)

    def _median(self, words: Sequence[str]) -> float:
        return median(self._reviewer.timed(words)[1] for _ in range(STARTUP_RUNS))

    def package(self, package: Package, *, timed: bool) -> speed.Suite | None:
        """Review and score a package's pull requests, after its native suite and its empty review were timed."""
        native_and_empty = self._timed(package) if timed else None
        ran = [self._case(one, package) for one in package.cases]
        self.ran.extend(ran)
        if native_and_empty is None:
            return None
        reviews = tuple(
            speed.Timed(seconds=one.reviewed.seconds, selected=one.reviewed.selected, of=one.reviewed.of)
            for one in ran
            if one.reviewed is not None
        )
        return speed.Suite(package=package.name, native=native_and_empty[0], empty=native_and_empty[1], reviews=reviews)

    def _timed(self, package: Package) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        try:
            return self._native(package), self._empty(package)
        except errors.BenchError as problem:
            self.untimed.append((package.name, str(problem)))
            return None

    def _native(self, package: Package) -> tuple[float, ...]:
        case = package.cases[0].case
        self._progress.step(f"preparing the native tests of {package.name}")
        python = native.environment([native.guest_pytest(), *case.test_requirements], self._chosen.cache)
        folder = self._folder / f"{case.sha256}.source"
        archives.unpack(package.files, folder)
        self._progress.step(f"timing the native tests of {package.name}")
        importable = str(PurePosixPath(case.src).parent)
        return self._repeat(NATIVE_RUNS, lambda: native.suite(python, folder, case.tests.split(","), importable))

    def _empty(self, package: Package) -> tuple[float, ...]:
        """Time reviews of nothing, after one of the package's changes: what can be prepared then is."""
        self._progress.step(f"warming up on {package.name}")
        folder = self._folder / f"{package.cases[0].case.sha256}.git"
        repositories.make(package.cases[0].case, package.files, folder)
        self._reviewer.review(folder, repositories.BASE, repositories.HEAD)
        self._progress.step(f"timing empty reviews of {package.name}")
        return self._repeat(
            EMPTY_RUNS, lambda: self._reviewer.review(folder, repositories.BASE, repositories.BASE).seconds
        )

    def _repeat(self, runs: int, once: Callable[[], float]) -> tuple[float, ...]:
        return tuple(once() for _ in range(runs))

    def _case(self, one: cases.Numbered, package: Package) -> results.Ran:
        self._progress.step(f"reviewing {package.name}, {one.case.file}")
        reviewed, failure = None, None
        try:
            with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                repositories.make(one.case, package.files, Path(folder))
                reviewed = self._reviewer.review(Path(folder), repositories.BASE, repositories.HEAD)
        except errors.BenchError as problem:
            failure = str(problem)
        said = reviewed.said if reviewed else ()
        scored = scoring.score(one.truth, said, reviewed.conclusion if reviewed else None)
        ran = results.Ran(numbered=one, reviewed=reviewed, failure=failure, scored=scored)
        self._progress.reviewed(ran)
        return ran
