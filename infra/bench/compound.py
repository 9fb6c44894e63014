"""Whether the lines at fault are found, and mended, in changes of many parts: `gatekeeper fix`, from start to end.

    infra/bench/compound.py single CASES.json [--limit 20]
    infra/bench/compound.py harmless CASES.json [--limit 20] [--parts 20] [--label 30]
    infra/bench/compound.py added CLONE --src PACKAGE --tests TESTS [--limit 20] [--rev HEAD]

CASES.json lists labelled mutations of published packages, as `gatekeeper bench` takes them. `single` takes those that
break a test, one by one. `harmless` puts each of them among up to `--parts` others of its package that break none:
those that are labelled so, and of `--label` more, made at random, those with which the package's tests pass natively.
`added` takes the newest commits of a clone that add to PACKAGE and to TESTS, and puts one mutation into the added lines
so that a test fails; taking the lines back fails the new tests. Its mutations are those of mutations.py, by the tokens
of a line. `--keep FOLDER` keeps the changes, to be taken again.

Printed is a line for each change, then: how often the lines at fault are found exactly; how often a fix passes every
affected test, by where it comes from, and whether it is base's text at the fault; and for the whole command, with its
start, the seconds and the seconds of CPU of all its processes, which are this machine's. The load is that of all else
that runs, too.
"""

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fixcases
import trees

from gatekeeper.repair import candidate
from gatekeeper.report.visible import visible

# seconds that one command may take on a busy machine
LIMIT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One change that was looked at."""

    name: str
    # whether the culprit is exactly the lines at fault; None: that was not asked
    exact: bool | None
    # where the fix comes from with which every affected test passes, and whether the lines at fault are base's in it
    fix: candidate.Source | None
    base: bool
    failing: int
    # of the whole command: wall clock, and CPU of all its processes; of its last part, what is beyond the verdict
    seconds: float
    cpu: float
    fixing: float


def main() -> int:
    """Run; return 0 where every change could be looked at."""
    options = _options()
    problems = []
    done: list[Done] = []
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatekeeper-compound-")))
        folder.mkdir(parents=True, exist_ok=True)
        for change in fixcases.made(options, folder):
            said = change if isinstance(change, str) else _fixed(change)
            if isinstance(said, str):
                problems.append(said)
                print(f"FAILED: {visible(said)}", flush=True)
            else:
                done.append(said)
                _show(said)
    _summarise(done)
    return int(bool(problems))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    single, harmless, added = (kinds.add_parser(name) for name in ("single", "harmless", "added"))
    for given in (single, harmless):
        given.add_argument("cases", type=Path)
    harmless.add_argument("--parts", type=int, default=20, help="harmless mutations of one change, at most (20)")
    harmless.add_argument("--label", type=int, default=30, help="mutations of a package to label natively (30)")
    added.add_argument("clone", type=Path)
    added.add_argument("--src", required=True, help="the package's folder")
    added.add_argument("--tests", required=True, help="the folder of its tests")
    added.add_argument("--rev", default="HEAD", help="the newest commit (HEAD)")
    for given in (single, harmless, added):
        given.add_argument("--limit", type=int, default=20, help="changes (20)")
        given.add_argument("--seed", type=int, default=1, help="of what is drawn at random (1)")
        given.add_argument("--keep", type=Path, help="the folder to keep the changes in, or to take them from")
    return parser.parse_args()


def _fixed(change: fixcases.Change) -> Done | str:
    """Run `gatekeeper fix` on the change; return why where it says nothing."""
    words = ["fix", "--repo", change.folder, "--base", change.base, "--head", change.head, "--tree", "head", "--json"]
    before, began = _used(), time.monotonic()
    try:
        run = subprocess.run([sys.executable, "-m", "gatekeeper.cli", *words],
                             capture_output=True, text=True, timeout=LIMIT, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"{change.name}: no answer after {LIMIT} s"
    seconds = time.monotonic() - began
    if not run.stdout.startswith("{"):
        return f"{change.name}: {run.stderr.strip()[-500:]}"
    said = json.loads(run.stdout)
    failing = {test["id"] for test in said["tests"] if test["would_fail"]}
    fix = next((fix for fix in said["fixes"] if failing <= set(fix["mended"])), None)
    return Done(
        name=change.name,
        exact=_exact(change, said) if change.only and change.at else None,
        fix=candidate.Source(fix["source"]) if fix and failing else None,
        base=fix is not None and _restores(change, fix),
        failing=len(failing),
        seconds=seconds,
        cpu=_used() - before,
        fixing=said["timings"].get("fix", 0.0),
    )


def _used() -> float:
    """Return the CPU seconds of the processes that were waited for, and of those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _exact(change: fixcases.Change, said: Mapping[str, Any]) -> bool:
    """Whether every culprit is the lines at fault, and no more."""
    return bool(said["causes"]) and all(
        one["exact"] and [(part["path"], part["start"], part["end"]) for part in one["lines"]] == [change.at]
        for one in said["causes"]
    )


def _restores(change: fixcases.Change, fix: Mapping[str, Any]) -> bool:
    """Whether what the fix removes and adds is, without white space, what base has at the fault."""
    if fix["source"] == candidate.Source.UNDO.value:
        return True
    if change.at is None or not change.only:
        return False
    body = fix["diff"].split("\n")[2:]
    added = ["".join(line[1:].split()) for line in body if line.startswith("+")]
    there = trees.git(Path(change.folder), "show", f"{change.base}:{change.at[0]}")
    return bool(added) and all(line in {"".join(one.split()) for one in there.split("\n")} for line in added)


def _show(one: Done) -> None:
    exact = {None: "-", True: "exact", False: "NOT EXACT"}[one.exact]
    fix = f"{one.fix.value}{' (as base)' if one.base else ''}" if one.fix else "no fix"
    print(f"{visible(one.name)}: {one.failing} failing, culprit {exact}, {fix}, {one.seconds:.1f} s, "
          f"CPU {one.cpu:.1f} s, beyond the verdict {one.fixing:.1f} s, load {os.getloadavg()[0]:.1f}",
          flush=True)  # fmt: skip


def _summarise(done: Sequence[Done]) -> None:
    asked = [one.exact for one in done if one.exact is not None]
    edited = [one for one in done if one.fix is candidate.Source.EDIT]
    fixes = Counter(one.fix for one in done)
    print(f"\n{len(done)} changes")
    if asked:
        print(f"culprit exact: {sum(asked)} of {len(asked)}")
    other = sum(not one.base for one in edited)
    print(f"mended by an edit: {len(edited)}, of which not base's text at the fault: {other}; "
          f"undone: {fixes[candidate.Source.UNDO]}; neither: {fixes[None]}")  # fmt: skip
    for name, taken in (("seconds", [one.seconds for one in done]), ("seconds of CPU", [one.cpu for one in done]),
                        ("seconds beyond the verdict", [one.fixing for one in done])):  # fmt: skip
        if taken:
            print(f"{name}: median {statistics.median(taken):.1f}, longest {max(taken):.1f}")


if __name__ == "__main__":
    sys.exit(main())
