"""The demo as it goes: pull requests reviewed as any other, then tested by a CI that begins when the review ended."""

import shutil
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gatekeeper import review, settings
from gatekeeper.outcomes import job
from gatekeeper.repair import mending
from gatekeeper.store import database, offers, records
from gatekeeper.store.views import lists
from gatekeeper.views import audience, reviews
from gatekeeper.wiring import outcomes, progress
from gatekeeper.wiring import review as reviewing
from gatekeeper.wiring.demo import changes, ci, repository
from gatekeeper.workflows import uploading

NAME = "demo/larder"
# seconds after which CI ends a job; the whole suite takes about one
LIMIT = 20.0
# billions of instructions for one test: the sample's longest needs less, and a loop that never ends takes them all
_FUEL = 4
# CI's machines: jobs at a time
_MACHINES = 2
_IDS = uuid.UUID("f6f1b0f4-0c1d-4a53-9c4b-0f5f4ad4b7f1")
# whoever plays the demo recorded all of it
EVERYTHING = audience.Audience(everything=True, administrator=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo is played, and how."""

    folder: Path
    chosen: settings.Settings
    shown: progress.Progress
    # whether the demo is to end
    stopped: Callable[[], bool]
    # seconds
    limit: float = LIMIT
    seed: int = changes.SEED

    @property
    def database(self) -> str:
        """URL of the demo's records."""
        return database_in(self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One pull request, and what became of it."""

    change: changes.Change
    line: reviews.Line
    # attempts of CI's job
    ran: tuple[ci.Ran, ...]
    # what the records took from each
    taken: tuple[uploading.Taken, ...]
    # whether all of it had been recorded before
    known: bool


def database_in(folder: Path) -> str:
    """Return the URL of the records in a demo's folder."""
    return f"sqlite:///{folder / 'records.sqlite'}"


def play(stage: Stage, pulls: int) -> Generator[Played]:
    """Review and test that many pull requests; yield each when its CI has ended. What was done before stays as it is.

    Raises UsageError where the folder holds something else, GatekeeperError where a review cannot be carried out.
    """
    stage.shown.step("making the sample and its pull requests")
    stage.folder.mkdir(parents=True, exist_ok=True)
    with futures.ThreadPoolExecutor(_MACHINES) as machines:
        yield from _Demo(stage, machines).play(pulls)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pull:
    """A pull request that was reviewed."""

    change: changes.Change
    merge: repository.Merge
    id: str
    # whether the review had been recorded before
    known: bool


class _Demo:
    def __init__(self, stage: Stage, machines: futures.Executor) -> None:
        self._stage, self._machines = stage, machines
        self._made = repository.Repository(stage.folder / "larder.git")
        self._engine = database.open_database(stage.database)
        fuel = min(stage.chosen.fuel, _FUEL)
        self._settings = replace(stage.chosen, database=stage.database, fuel=fuel)
        self._running: dict[futures.Future[list[ci.Ran]], _Pull] = {}

    def play(self, pulls: int) -> Iterator[Played]:
        base = self._made.base
        self._take(base.commit, self._test(base, changes.Weather.FAIR, "base"), job.Tested.HEAD)
        for number in range(1, pulls + 1):
            pull = self._reviewed(changes.drawn(number, self._stage.seed))
            testing = self._machines.submit(self._test, pull.merge, pull.change.weather, _name(pull))
            self._running[testing] = pull
            yield from self._played([one for one in self._running if one.done()])
        self._stage.shown.step("waiting for the sample's own tests")
        yield from self._played(futures.as_completed(list(self._running)))

    def _reviewed(self, change: changes.Change) -> _Pull:
        merge = self._made.propose(change)
        identity = uuid.uuid5(_IDS, f"{self._made.base.commit}/{merge.commit}").hex
        known = self._line(identity) is not None
        pull = _Pull(change=change, merge=merge, id=identity, known=known)
        if not known:
            # CI begins when the review has ended
            shutil.rmtree(self._results(_name(pull)), ignore_errors=True)
            self._review(pull)
        return pull

    def _review(self, pull: _Pull) -> None:
        request = reviewing.Request(
            repository=self._made.folder,
            base=repository.BASE,
            head=pull.merge.commit,
            judged=review.Judged.MERGE,
            id=pull.id,
            name=NAME,
        )
        done = reviewing.carry_out(
            request,
            self._settings,
            self._stage.shown,
            cancelled=self._stage.stopped,
            searching=mending.SEARCHING,
        )
        records.record(self._engine, done.review)
        offers.record(self._engine, pull.id, done.offered)

    def _test(self, merge: repository.Merge, weather: changes.Weather, name: str) -> list[ci.Ran]:
        """Run CI's job on the merge, or read what it did before; nothing comes of one that is stopped."""
        wanted = ci.Job(
            unpack=lambda folder: self._made.unpack(merge.tree, folder),
            limit=self._stage.limit,
            cancelled=weather is changes.Weather.CANCELLED,
            left_over=weather is changes.Weather.LEFT_OVER,
        )
        return ci.run(wanted, self._results(name), self._stage.stopped)

    def _played(self, ended: Iterable[futures.Future[list[ci.Ran]]]) -> Iterator[Played]:
        for testing in ended:
            pull = self._running.pop(testing)
            ran = testing.result()
            taken = self._take(pull.merge.commit, ran, job.Tested.MERGE)
            line = self._line(pull.id)
            assert line is not None
            known = pull.known and all(one.known for one in taken)
            yield Played(change=pull.change, line=line, ran=tuple(ran), taken=taken, known=known)

    def _take(self, commit: str, ran: Sequence[ci.Ran], tested: job.Tested) -> tuple[uploading.Taken, ...]:
        return tuple(self._taken(commit, one, tested) for one in ran)

    def _taken(self, commit: str, ran: ci.Ran, tested: job.Tested) -> uploading.Taken:
        given = uploading.Upload(
            repository=NAME,
            sha=commit,
            tested=tested,
            name=ci.NAME,
            workflow=ci.WORKFLOW,
            attempt=ran.attempt,
            conclusion=ran.conclusion,
            started=ran.started,
            completed=ran.completed,
        )
        reports = [] if ran.report is None else [ran.report]
        return outcomes.keep(self._stage.database, reports, given, datetime.now(UTC))

    def _line(self, identity: str) -> reviews.Line | None:
        found = lists.reviews(self._engine, EVERYTHING, reviews.Filter(sha=identity), limit=1)
        return found.lines[0] if found.lines else None

    def _results(self, name: str) -> Path:
        return self._stage.folder / "ci" / name


def _name(pull: _Pull) -> str:
    return f"pull-{pull.change.number}"
