"""Time the selection of affected tests, cold and with what an earlier review kept.

    infra/bench/impact.py REPOSITORY BASE HEAD [--workers N] [--repeat N]
    infra/bench/impact.py ARCHIVE PATH::FUNCTION [--workers N] [--repeat N]

REPOSITORY is a git repository, whose revision BASE is compared with HEAD. ARCHIVE is a source archive (`.tar.gz`, as
`pip download --no-binary :all: --no-deps NAME` fetches it); it becomes a repository in a temporary folder, with one
statement added to FUNCTION. Printed are the seconds of the selection alone, and of reading both trees and the diff:
cold (nothing kept, N worker processes, their start included) and cached (in this process); the best, then all of the
repeats. For Django 5.2:

    infra/bench/impact.py Django-5.2.tar.gz django/utils/text.py::slugify
"""

import argparse
import ast
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import review
from gatekeeper.diffs import parse
from gatekeeper.git import comparison, difftext, repository
from gatekeeper.impact import affected, selection
from gatekeeper.store import symbols
from gatekeeper.wiring import spreading


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One selection, and what it took."""

    chosen: selection.Selection
    cold: bool
    # seconds for both trees and the diff
    reading: float
    seconds: float


def main() -> int:
    """Run; return 0."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="gatekeeper-impact-") as folder:
        if len(options.what) == 1:
            made = _unpacked(options.source, options.what[0], Path(folder) / "repository")
            found = list(_selections(made, "main", "change", Path(folder) / "cache", options))
        else:
            base, head = options.what
            found = list(_selections(options.source, base, head, Path(folder) / "cache", options))
    _show(found)
    return 0


def _selections(source: Path, base: str, head: str, caches: Path, options: argparse.Namespace) -> Iterator[Timed]:
    """Yield each selection: cold, with a cache of its own, then cached by the last of these."""
    for number in range(2 * options.repeat):
        start = time.perf_counter()
        opened = repository.open_repository(source)
        first, last = (repository.resolve(opened, revision) for revision in (base, head))
        compared = comparison.compare(opened, first, last, review.Judged.HEAD)
        change = parse.parse(difftext.unified(opened.objects, compared.before, compared.after))
        len(compared.before.entries), len(compared.after.entries)
        read = time.perf_counter()
        cold = number < options.repeat
        cache = symbols.SymbolFile(caches / str(min(number, options.repeat - 1)))
        spread = spreading.Spread(options.workers) if cold else map
        chosen = affected.select(change, compared.before, compared.after, cache, spread)
        yield Timed(chosen=chosen, cold=cold, reading=read - start, seconds=time.perf_counter() - read)


def _show(found: Sequence[Timed]) -> None:
    chosen = found[0].chosen
    print(f"{len(chosen.affected)} of {chosen.total} tests are affected")
    columns = {
        "reading": [one.reading for one in found],
        "cold": [one.seconds for one in found if one.cold],
        "cached": [one.seconds for one in found if not one.cold],
    }
    for name, seconds in columns.items():
        print(f"{name:8} {min(seconds):6.2f} s  ({' '.join(f'{one:.2f}' for one in seconds)})")


def _unpacked(archive: Path, target: str, into: Path) -> Path:
    """Make a repository of an archive, with the branches `main` and `change`."""
    with tempfile.TemporaryDirectory(dir=into.parent) as folder, tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
        next(item for item in Path(folder).iterdir() if item.is_dir()).rename(into)
    _git(into, "init", "--quiet", "--initial-branch=main")
    _git(into, "add", "--all", "--force")
    _git(into, "commit", "--quiet", "--message", archive.name)
    _git(into, "checkout", "--quiet", "-b", "change")
    path, _, function = target.partition("::")
    changed = into / path
    changed.write_text(_with_statement(changed.read_text("utf-8"), function), "utf-8")
    _git(into, "commit", "--quiet", "--all", "--message", f"Change {target}")
    # so that what has been written does not slow down what is timed
    os.sync()
    return into


def _with_statement(source: str, function: str) -> str:
    """Return the source with a statement added at the end of the function with this qualified name."""
    body = ast.parse(source).body
    for name in function.split("."):
        definitions = (item for item in body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))
        found = next((item for item in definitions if item.name == name), None)
        if found is None:
            sys.exit(f"there is no {function} in this file")
        body = found.body
    last = body[-1]
    lines = source.splitlines(keepends=True)
    lines.insert(last.lineno - 1, " " * last.col_offset + "0\n")
    return "".join(lines)


def _git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "-c", "core.autocrlf=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, metavar="REPOSITORY|ARCHIVE")
    parser.add_argument("what", nargs="+", metavar="BASE HEAD|PATH::FUNCTION")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes for the cold selection")
    parser.add_argument("--repeat", type=int, default=3, help="selections of each kind")
    options = parser.parse_args()
    match options.what:
        case [target] if "::" in target:
            pass
        case [_, _]:
            pass
        case _:
            parser.error("give BASE and HEAD of a repository, or PATH::FUNCTION of an archive")
    return options


if __name__ == "__main__":
    sys.exit(main())
