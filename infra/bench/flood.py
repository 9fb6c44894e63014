"""Send the service a flood of deliveries, and see that none is lost, none is done twice, and each is answered soon.

    infra/bench/flood.py [--postgres URL] [--runs 3] [--only KIND]... [--json]

2,000 signed deliveries of GitHub's size, 20 % of them duplicates, go to a real `gatekeeper serve` on loopback over 32
connections, from a process of its own. They are sent, on a new database each time,

  bare     to a Flask view that verifies the signature and answers, on a server with the same settings: what is
           possible at all
  paused   to `gatekeeper serve --no-work`
  reviews  to `gatekeeper serve`, while it carries out real reviews in the sandbox of pull requests at a GitHub of the
           tests' own; the deliveries tell of pull requests there, so each also asks for its review

first with the records on SQLite, then on PostgreSQL. What is then in the database is compared with what was sent. The
table shows each flood; a line below it the medians, and whether they hold:

  bare     none: it is what the others' rates are divided by
  paused   99 of 100 answers within 0.25 s; on SQLite at least 0.15 of the bare rate
  reviews  99 of 100 answers within 1 s

Ends with 1 where something was lost, done twice, refused or not answered in 10 s, or where a median does not hold.
Run it on a machine that does nothing else: the figures are those of the cores that all of it shares.
"""

import argparse
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

# the tests' GitHub and its recorded deliveries
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import busy
import deliveries
import serving
import sqlalchemy

from gatekeeper import errors

Kind = Literal["bare", "paused", "reviews"]

# seconds after which GitHub gives up
LATEST = 10.0
# seconds within which 99 of 100 are answered
P99 = {"paused": 0.25, "reviews": 1.0}
# of the bare rate, on SQLite
SHARE = 0.15
_SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is sent."""

    deliveries: int = 2_000
    # share of the deliveries
    duplicates: float = 0.2
    connections: int = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """What one flood came to."""

    kind: Kind
    records: str
    # deliveries a second
    rate: float
    # seconds until one was answered
    p50: float
    p95: float
    p99: float
    longest: float
    # reviews that were finished meanwhile
    reviewed: int
    # what was lost, done twice, refused or late
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """Return the row of the table."""
        times = "".join(f"{1000 * value:>9,.0f}" for value in (self.p50, self.p95, self.p99, self.longest))
        return f"{self.records:<11}{self.kind:<9}{self.rate:>9,.0f}{times}{self.reviewed or '':>10}"


_HEAD = f"{'records':<11}{'flood':<9}{'per s':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}{'reviewed':>10}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is in the records after a flood: ids."""

    deliveries: Sequence[str]
    evaluations: Sequence[str]
    # workflows that carry requests for reviews out
    requests: Sequence[str]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--postgres", metavar="URL", default=os.environ.get("GATEKEEPER_TEST_POSTGRES"),
        help="a PostgreSQL on which a database is made and dropped (default: GATEKEEPER_TEST_POSTGRES)",
    )  # fmt: skip
    parser.add_argument("--runs", type=int, default=3, help="how often each flood is sent (default: 3)")
    parser.add_argument(
        "--only", action="append", choices=["bare", "paused", "reviews"], help="send this kind of flood"
    )
    parser.add_argument("--json", action="store_true", help="print one object in JSON instead of the table")
    words = parser.parse_args()
    if not words.postgres:
        print("flood: PostgreSQL is left out: name one with --postgres or GATEKEEPER_TEST_POSTGRES", file=sys.stderr)
    kinds: list[Kind] = words.only or ["bare", "paused", "reviews"]
    try:
        floods = list(_every(kinds, words.postgres, words.runs, quiet=words.json))
    except errors.GatekeeperError as error:
        print(f"flood: {error}", file=sys.stderr)
        return 2
    claims = list(_claims(floods))
    if words.json:
        print(json.dumps({"cores": os.cpu_count(), "floods": [asdict(one) for one in floods], "claims": claims}))
    else:
        print("\n".join(["", *(f"{'holds ' if holds else 'MISSED'}  {text}" for text, holds in claims)]))
    return 0 if all(holds for _, holds in claims) else 1


def _every(kinds: Sequence[Kind], server: str | None, runs: int, *, quiet: bool) -> Iterator[Flood]:
    if not quiet:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n{_HEAD}")
    for records in ("SQLite", "PostgreSQL") if server else ("SQLite",):
        for kind in [*kinds] * runs:
            with tempfile.TemporaryDirectory(prefix="gatekeeper-flood-") as folder:
                done = flood(kind, Path(folder), server if records == "PostgreSQL" else None, Size())
            if not quiet:
                print("\n".join([str(done), *(f"    FAULT: {fault}" for fault in done.faults)]), flush=True)
            yield done


def flood(kind: Kind, folder: Path, server: str | None, size: Size) -> Flood:
    """Send one flood, with records on the PostgreSQL at the URL `server`, or else on SQLite in `folder`."""
    chance = random.Random(_SEED)  # noqa: S311 - no secret
    needed = deliveries.pulls_needed(size.deliveries, size.duplicates)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(serving.postgres(server)) if server else f"sqlite:///{folder / 'records.sqlite'}"
        running = None
        if kind == "reviews":
            running = stack.enter_context(busy.reviewing(folder, url, needed))
            address, pulls = running.address, running.pulls
        else:
            told = serving.environment(folder, url)
            serve = serving.bare(told) if kind == "bare" else serving.service(told, "--no-work")
            address, pulls = stack.enter_context(serve), deliveries.invented(needed)
        sent = deliveries.planned(pulls, size.deliveries, size.duplicates, chance)
        deliveries.write(sent, folder / "requests")
        before = running.finished() if running else 0
        seconds, answers = _send(address, folder / "requests", size)
        reviewed = running.finished() - before if running else 0
        faults = list(_late_or_refused(answers))
        if kind != "bare":
            faults += _lost_or_twice(sent, answers, _kept(url, sent))
        if running and not running.is_busy():
            faults.append("the reviews had ended before the flood did")
    times = sorted(time for time, _, _ in answers)
    at = [times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.95, 0.99)]
    return Flood(
        kind=kind,
        records="PostgreSQL" if server else "SQLite",
        rate=len(answers) / seconds,
        p50=at[0],
        p95=at[1],
        p99=at[2],
        longest=times[-1],
        reviewed=reviewed,
        faults=tuple(faults),
    )


def _send(address: str, file: Path, size: Size) -> tuple[float, list[tuple[float, int, str]]]:
    sender = Path(__file__).with_name("sender.py")
    words = [sys.executable, str(sender), address, str(file), str(size.connections)]
    done = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
    return done["seconds"], [(seconds, code, said) for seconds, code, said in done["answers"]]


def _late_or_refused(answers: Sequence[tuple[float, int, str]]) -> Iterator[str]:
    late = sum(seconds > LATEST for seconds, _, _ in answers)
    if late:
        yield f"{late} were answered after more than {LATEST:.0f} s"
    for (code, said), number in Counter((code, said) for _, code, said in answers).items():
        if (code, said) not in {(202, "accepted"), (200, "duplicate")}:
            yield f"{number} were answered with {code} {said}"


def _lost_or_twice(
    sent: Sequence[deliveries.Delivery], answers: Sequence[tuple[float, int, str]], kept: Kept
) -> Iterator[str]:
    taken = Counter(one.id for one, (_, code, _) in zip(sent, answers, strict=True) if code == 202)  # noqa: PLR2004 - HTTP's
    twice = sum(number > 1 for number in taken.values())
    if twice:
        yield f"{twice} were accepted more than once"
    wanted = {
        "delivery": (kept.deliveries, {one.id for one in sent}),
        "evaluation": (kept.evaluations, {one.pull.review for one in sent}),
        "request for a review": (kept.requests, {one.pull.review for one in sent}),
    }
    for name, (found, expected) in wanted.items():
        if lost := expected - set(found):
            yield f"{len(lost)} lost: no {name} such as {min(lost)}"
        if more := set(found) - expected:
            yield f"{len(more)} too many: {name} such as {min(more)}"
        if len(found) != len(set(found)):
            yield f"{len(found) - len(set(found))} twice: {name}"


def _kept(url: str, sent: Sequence[deliveries.Delivery]) -> Kept:
    """Return what is kept of the repositories and installations that were told of."""
    repositories = {one.pull.repository for one in sent}
    pulls = {(one.pull.repository, one.pull.number) for one in sent}
    workflows = "workflow_status" if url.startswith("sqlite") else "dbos.workflow_status"
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:

        def rows(query: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

        evaluations = [(str(name), pull) for name, *pull in rows("SELECT id, repository, pull FROM evaluations")]
        requests = [str(name) for (name,) in rows(f"SELECT workflow_uuid FROM {workflows} WHERE name = 'request'")]  # noqa: S608 - one of two constants
        kept = [(str(name), where) for name, where in rows("SELECT id, repository FROM deliveries")]
    others = {name for name, pull in evaluations if tuple(pull) not in pulls}
    return Kept(
        deliveries=[name for name, where in kept if where in repositories],
        evaluations=[name for name, _ in evaluations if name not in others],
        requests=[name for name in requests if name not in others],
    )


def _claims(floods: Sequence[Flood]) -> Iterator[tuple[str, bool]]:
    faults = [fault for one in floods for fault in one.faults]
    yield "none lost, none done twice, every answer 202 or 200 within 10 s", not faults
    for records in dict.fromkeys(one.records for one in floods):
        mine = [one for one in floods if one.records == records]
        bare = [one.rate for one in mine if one.kind == "bare"]
        for kind, limit in P99.items():
            same = [one for one in mine if one.kind == kind]
            if not same:
                continue
            rate, p99 = (statistics.median(getattr(one, name) for one in same) for name in ("rate", "p99"))
            yield f"{records}, {kind}: p99 {1000 * p99:,.0f} ms, at most {1000 * limit:,.0f} ms", p99 <= limit
            if not bare:
                continue
            possible = statistics.median(bare)
            wanted = f", at least {SHARE}" if (records, kind) == ("SQLite", "paused") else ""
            text = f"{records}, {kind}: {rate:,.0f} a second, {rate / possible:.2f} of the bare {possible:,.0f}"
            yield f"{text}{wanted}", not wanted or rate >= SHARE * possible


if __name__ == "__main__":
    sys.exit(main())
