"""How often each kind of edit is what was meant, and how soon the search comes to it.

    infra/bench/fixkinds.py [--cases CASES.json --packages NAME,NAME] [--clone CLONE --src PACKAGE]... [--commits 2000]

A change is one line of code in the place of another: a labelled mutation, which is to be undone, or a commit of a clone
that changes one line between unchanged ones, whose old line is taken for the mistake and whose new one for what was
meant. For every kind of edit is counted in how many changes there is an edit of it, and in how many one of these is
what was meant, to the syntax tree; `gatekeeper/repair/likelihood.py` keeps the counts. Then the ranks: at which place
of the search the edit stands, where the line at fault is known. Nothing is run. Count over some packages and clones,
and read the ranks over others.
"""

import argparse
import ast
import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import mutations
import trees

from gatekeeper import errors, settings
from gatekeeper.repair import edit, edits, functions, text
from gatekeeper.wiring.bench import archives, cases, repositories


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A mistake of one line, and what was meant."""

    # the whole file
    wrong: str
    meant: str
    # 1-based, of `wrong`
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """What the search has for one change."""

    kinds: frozenset[edit.Kind]
    # of the first edit that is what was meant, with its 1-based place; None: there is none
    kind: edit.Kind | None
    place: int | None


def main() -> int:
    """Run; return 0."""
    options = _options()
    found = [one for change in _changes(options) if (one := _ranked(change)) is not None]
    right = Counter(one.kind for one in found if one.kind)
    there = Counter(kind for one in found for kind in one.kinds)
    print(f"{len(found)} changes of one line in functions; meant was an edit that there is: {right.total()}")
    for kind in sorted(there, key=lambda kind: (-right[kind], kind)):
        print(f"    Kind.{kind.name}: ({right[kind]}, {there[kind]}),")
    places = sorted(one.place for one in found if one.place)
    if places:
        first = sum(place <= 10 for place in places)  # noqa: PLR2004 - as printed
        print(f"place: median {statistics.median(places):g}, among the first 10: {first} of {len(places)}, "
              f"last {places[-1]}")  # fmt: skip
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--packages", default="", help="of the cases, by commas")
    parser.add_argument("--clone", type=Path, action="append", default=[])
    parser.add_argument("--src", action="append", default=[], help="the package's folder, one for each clone")
    parser.add_argument("--commits", type=int, default=2000, help="of each clone, the newest (2000)")
    return parser.parse_args()


def _changes(options: argparse.Namespace) -> Iterator[Change]:
    if options.cases:
        yield from _labelled(options.cases, options.packages.split(","))
    for clone, src in zip(options.clone, options.src, strict=True):
        with tempfile.TemporaryDirectory(prefix="gatekeeper-kinds-") as folder:
            yield from _committed(clone, src, options.commits, Path(folder) / "clone.git")


def _labelled(path: Path, packages: Sequence[str]) -> Iterator[Change]:
    chosen = settings.read(os.environ)
    read: dict[str, Mapping[str, archives.File]] = {}
    for case in (one.case for one in cases.read(path) if one.case.package.partition("==")[0] in packages):
        if case.sha256 not in read:
            archive = archives.fetch(case.package, case.sha256, chosen.cache, offline=chosen.offline)
            read[case.sha256] = archives.read(archive)
        meant = read[case.sha256][case.file].content.decode().replace("\r\n", "\n")
        wrong = repositories.mutate(case, read[case.sha256]).decode()
        mutation = mutations.between(case.file, meant, wrong)
        if len(mutation.lines) == len(mutation.new) == 1:
            yield Change(wrong=wrong, meant=meant, line=mutation.lines.start + 1)


def _committed(clone: Path, src: str, commits: int, folder: Path) -> Iterator[Change]:
    made = trees.clone(clone, folder)
    words = ["log", "--no-merges", "--format=%H", f"-{commits}", "HEAD", "--", src]
    for commit in trees.git(folder, *words).split():
        try:
            patch = trees.git(folder, "show", "--format=", "--no-renames", "-U0", commit, "--", src)
        except errors.BenchError:
            continue
        path = ""
        for line in patch.splitlines():
            if line.startswith("+++ "):
                path = line.removeprefix("+++ b/")
            old, new = line.split()[1:3] if line.startswith("@@") else ("", "")
            if path.endswith(".py") and old and "," not in old and "," not in new:
                yield from _one(made, commit, path, (-int(old), int(new)))


def _one(made: trees.pygit2.Repository, commit: str, path: str, lines: tuple[int, int]) -> Iterator[Change]:
    """Yield the change of one line that a commit makes, alone."""
    try:
        wrong, now = (made.revparse_single(f"{rev}:{path}").data.decode() for rev in (f"{commit}^", commit))
    except (KeyError, UnicodeDecodeError):
        return
    there, new = text.lines(wrong), text.lines(now)
    old, line = lines
    yield Change(wrong=wrong, meant="".join([*there[: old - 1], new[line - 1], *there[old:]]), line=old)


def _ranked(change: Change) -> Ranked | None:
    """Return what the search has; None where the change is none of code in a function."""
    source, meant = functions.read("a.py", change.wrong), functions.parsed(change.meant)
    if source is None or meant is None or source.around(change.line, change.line) is None:
        return None
    wanted = ast.dump(meant)
    if ast.dump(source.tree) == wanted:
        return None
    found = [one for one in edits.propose(source, {change.line: 1.0}, "") if edits.parses(source, one)]
    for place, one in enumerate(found, 1):
        made = functions.parsed(text.replaced(source.text, one.replacement))
        if made is not None and ast.dump(made) == wanted:
            return Ranked(kinds=frozenset(each.kind for each in found), kind=one.kind, place=place)
    return Ranked(kinds=frozenset(each.kind for each in found), kind=None, place=None)


if __name__ == "__main__":
    sys.exit(main())
