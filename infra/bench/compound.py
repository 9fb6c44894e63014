"""Whether the lines at fault are found, and mended, in changes of many parts: culprits and fixes of real reviews.

    infra/bench/compound.py single CASES.json [--limit 20]
    infra/bench/compound.py harmless CASES.json [--limit 20] [--parts 20] [--label 30]
    infra/bench/compound.py added CLONE --src PACKAGE --tests TESTS [--limit 20] [--rev HEAD]

CASES.json lists labelled mutations of published packages, as `gatekeeper bench` takes them. `single` reviews those that
break a test, one by one. `harmless` puts each of them among up to `--parts` others of its package that break none:
those that are labelled so, and of `--label` more, made at random, those with which the package's tests pass natively.
`added` takes the newest commits of a clone that add to PACKAGE and to TESTS, and puts one mutation into the added lines
so that a test fails; taking the lines back fails the new tests. Its mutations are those of mutations.py, by the tokens
of a line.

Printed is a line for each change, then: how often the lines at fault are found exactly; how often a fix that was tried
passes every affected test, by where it comes from; and the seconds that the search took, which are this machine's.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import mutations
import natively
import pygit2
import trees

from gatekeeper import errors, settings
from gatekeeper import review as reviews
from gatekeeper.repair import candidate, mending
from gatekeeper.report.visible import visible
from gatekeeper.verdicts import verdict
from gatekeeper.wiring import carried, progress, review
from gatekeeper.wiring.bench import archives, cases, native, repositories

# mutations of one commit that are tried until one breaks a test
TRIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One change that was reviewed."""

    name: str
    # blocks of the change, and whether the culprit is exactly the lines that were mutated; None: that was not asked
    parts: int
    exact: bool | None
    # where the fix comes from with which every affected test passes
    fix: candidate.Source | None
    # the culprit's text in the fix is base's
    base: bool
    seconds: float
    failing: int


def main() -> int:
    """Run; return 0 where every change could be reviewed."""
    options = _options()
    problems = []
    with tempfile.TemporaryDirectory(prefix="gatekeeper-compound-") as folder:
        done = []
        for made in _KINDS[options.kind](options, Path(folder)):
            if isinstance(made, str):
                problems.append(made)
                print(f"FAILED: {visible(made)}", flush=True)
            else:
                done.append(made)
                _show(made)
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
    return parser.parse_args()


def _show(one: Done) -> None:
    exact = {None: "-", True: "exact", False: "NOT EXACT"}[one.exact]
    fix = f"{one.fix.value}{' (as base)' if one.base else ''}" if one.fix else "no fix"
    print(f"{visible(one.name)}: {one.parts} parts, {one.failing} failing, culprit {exact}, {fix}, {one.seconds:.1f} s",
          flush=True)  # fmt: skip


def _summarise(done: Sequence[Done]) -> None:
    asked = [one.exact for one in done if one.exact is not None]
    fixes = Counter(one.fix for one in done)
    print(f"\n{len(done)} changes")
    if asked:
        print(f"culprit exact: {sum(asked)} of {len(asked)}")
    print(f"mended by an edit: {fixes[candidate.Source.EDIT]}, of which not base's text at the culprit: "
          f"{sum(one.fix is candidate.Source.EDIT and not one.base for one in done)}; undone: "
          f"{fixes[candidate.Source.UNDO]}; neither: {fixes[None]}")  # fmt: skip
    if done:
        taken = sorted(one.seconds for one in done)
        print(f"seconds: median {statistics.median(taken):.1f}, longest {taken[-1]:.1f}")


def _review(folder: Path, base: str, head: str) -> carried.Carried:
    request = review.Request(repository=folder, base=base, head=head, judged=reviews.Judged.HEAD)
    return review.carry_out(request, settings.read(os.environ), progress.Progress(), searching=mending.SEARCHING)


def _done(name: str, parts: int, said: carried.Carried, culprit: tuple[str, range] | None) -> Done:
    """Return what became of a review; `culprit` are the lines of the judged tree that are at fault."""
    failing = {one.test for one in said.review.predictions if verdict.fails(one, said.review.policy)}
    fix = next((one for one in said.offered.fixes if failing <= set(one.mended)), None)
    exact = None
    if culprit is not None:
        path, lines = culprit
        exact = bool(said.offered.causes) and all(
            one.exact and [(part.path, part.start, part.end) for part in one.lines] == [(path, lines[0], lines[-1])]
            for one in said.offered.causes
        )
    return Done(
        name=name,
        parts=parts,
        exact=exact,
        fix=fix.source if fix else None,
        base=fix is not None and fix.source is candidate.Source.UNDO,
        seconds=said.review.timings.get("fix", 0.0),
        failing=len(failing),
    )


# -- mutations of packages ------------------------------------------------------------------------------------------


class _Packages:
    """Packages of the cases, and mutations of them."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.chosen = settings.read(os.environ)
        self.listed = cases.read(options.cases)
        self._files: dict[str, archives.Files] = {}

    def files(self, case: cases.Case) -> archives.Files:
        if case.sha256 not in self._files:
            archive = archives.fetch(case.package, case.sha256, self.chosen.cache, offline=self.chosen.offline)
            self._files[case.sha256] = archives.read(archive)
        return self._files[case.sha256]

    def breaking(self) -> list[cases.Numbered]:
        """Return cases that break a test, spread over the packages."""
        return cases.spread([one for one in self.listed if one.case.outcome.broken], self.options.limit)

    def text(self, case: cases.Case, path: str) -> str:
        return self.files(case)[path].content.decode().replace("\r\n", "\n")

    def mutation(self, case: cases.Case) -> mutations.Mutation:
        return mutations.between(
            case.file, self.text(case, case.file), repositories.mutate(case, self.files(case)).decode()
        )

    def reviewed(self, one: cases.Numbered, others: Sequence[mutations.Mutation]) -> Done:
        fault = self.mutation(one.case)
        every = mutations.apart([fault, *others])
        folder = self.folder / f"case-{one.index}"
        made = pygit2.init_repository(str(folder), bare=True, initial_head="main")
        index = pygit2.Index()
        for path, file in self.files(one.case).items():
            index.add(pygit2.IndexEntry(path, made.create_blob(file.content), pygit2.enums.FileMode(file.mode)))
        texts = {each.path: self.text(one.case, each.path) for each in every}
        trees.put(made, index, {path: content.encode() for path, content in texts.items()})
        base = _first(made, index)
        trees.put(made, index, {path: content.encode() for path, content in mutations.mutated(texts, every).items()})
        head = trees.commit(made, index, base, "Change")
        name = f"{one.index} {one.case.package} {one.case.operator.removeprefix('core/')}"
        return _done(name, len(every), _review(folder, base, head), mutations.at(fault, every) if fault.new else None)

    def harmless(self, case: cases.Case) -> list[mutations.Mutation]:
        """Return mutations of the case's package that break no test: labelled ones, then those labelled here."""
        listed = [one.case for one in self.listed if one.case.sha256 == case.sha256 and not one.case.outcome.broken
                  and one.case.outcome.run == cases.FINISHED]  # fmt: skip
        return [*map(self.mutation, listed), *self._labelled(case)]

    def _labelled(self, case: cases.Case) -> list[mutations.Mutation]:
        kept = self.chosen.cache / "bench" / "harmless" / f"{case.sha256}-{self.options.label}-{self.options.seed}.json"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(list(self._label(case))))
        return [self.mutation(replace(case, file=path, operator=operator, occurrence=number))
                for path, operator, number in json.loads(kept.read_text())]  # fmt: skip

    def _label(self, case: cases.Case) -> Iterator[tuple[str, str, int]]:
        python = native.environment(["pytest-timeout", native.guest_pytest(), *case.test_requirements],
                                    self.chosen.cache, python=natively.highest_python())  # fmt: skip
        suite = natively.Suite(python=python, tests=case.tests.split(","),
                               importable=[str(Path(case.src).parent)], test_seconds=5, seconds=120)  # fmt: skip
        tree = self.folder / "labelled" / case.sha256
        archives.unpack(self.files(case), tree)
        known = natively.outcomes(suite, tree)
        tried = 0
        for one in self._drawn(case):
            if tried == self.options.label:
                return
            try:
                (tree / one.file).write_bytes(repositories.mutate(one, self.files(case)))
            except errors.BenchError:
                # there is no such occurrence
                continue
            tried += 1
            if _ends_alike(suite, tree, known):
                yield one.file, one.operator, one.occurrence
            (tree / one.file).write_bytes(self.files(case)[one.file].content)

    def _drawn(self, case: cases.Case) -> Iterator[cases.Case]:
        drawn = random.Random(self.options.seed)  # noqa: S311 - a sample, not a secret
        operators = sorted({one.case.operator for one in self.listed})
        paths = sorted({one.case.file for one in self.listed if one.case.sha256 == case.sha256})
        for _ in range(100 * self.options.label):
            yield replace(
                case, file=drawn.choice(paths), operator=drawn.choice(operators), occurrence=drawn.randrange(30)
            )


def _ends_alike(suite: natively.Suite, tree: Path, known: Mapping[str, natively.Ended]) -> bool:
    try:
        return natively.outcomes(suite, tree) == known
    except errors.BenchError:
        return False


def _first(made: pygit2.Repository, index: pygit2.Index) -> str:
    someone = pygit2.Signature("bench", "bench@example.invalid", 0, 0)
    return str(made.create_commit("refs/heads/main", someone, someone, "Package", index.write_tree(made), []))


def _single(options: argparse.Namespace, folder: Path) -> Iterator[Done | str]:
    packages = _Packages(options, folder)
    for one in packages.breaking():
        try:
            yield packages.reviewed(one, [])
        except errors.GatekeeperError as problem:
            yield f"{one.index}: {problem}"


def _harmless(options: argparse.Namespace, folder: Path) -> Iterator[Done | str]:
    packages = _Packages(options, folder)
    drawn = random.Random(options.seed)  # noqa: S311 - a sample, not a secret
    for one in packages.breaking():
        try:
            others = packages.harmless(one.case)
            drawn.shuffle(others)
            yield packages.reviewed(one, others[: options.parts])
        except errors.GatekeeperError as problem:
            yield f"{one.index}: {problem}"


# -- commits that add code and tests --------------------------------------------------------------------------------


def _added(options: argparse.Namespace, folder: Path) -> Iterator[Done | str]:
    repository = folder / "clone.git"
    made = trees.clone(options.clone, repository)
    drawn = random.Random(options.seed)  # noqa: S311 - a sample, not a secret
    found = 0
    words = ["log", "--no-merges", "--format=%H", options.rev, "--", options.src]
    for commit in trees.git(repository, *words).split():
        if found == options.limit:
            return
        try:
            done = _commit(repository, made, commit, options, drawn)
        except errors.GatekeeperError as problem:
            yield f"{commit[:10]}: {problem}"
            continue
        if done is not None:
            found += 1
            yield done


def _commit(
    repository: Path, made: pygit2.Repository, commit: str, options: argparse.Namespace, drawn: random.Random
) -> Done | None:
    """Return what became of the commit with a mutation; None where it adds no code and tests, or none breaks a test."""
    added = _added_lines(repository, commit)
    code = [path for path in added if trees.under(path, options.src) and not trees.under(path, options.tests)]
    if not code or not any(trees.under(path, options.tests) for path in added):
        return None
    wrong = [(path, *one) for path in code for one in mutations.of_tokens(_content(made, commit, path),
                                                                     added[path])]  # fmt: skip
    drawn.shuffle(wrong)
    if not wrong or _review(repository, f"{commit}^", commit).review.verdict.conclusion is not (
        verdict.Conclusion.WOULD_PASS
    ):
        return None
    for path, line, what, content in wrong[:TRIES]:
        index = trees.index_of(made, commit)
        trees.put(made, index, {path: content.encode()})
        head = trees.commit(made, index, f"{commit}^", "Change")
        said = _review(repository, f"{commit}^", head)
        if said.review.verdict.conclusion is verdict.Conclusion.WOULD_FAIL:
            parts = sum(len(file.hunks) for file in said.review.diff.files)
            return _done(f"{commit[:10]} {path}:{line} {what}", parts, said, None)
    return None


def _added_lines(repository: Path, commit: str) -> dict[str, set[int]]:
    """Return file -> 1-based lines that a commit adds and removes none for, of Python files."""
    added: dict[str, set[int]] = {}
    path, at = "", 0
    for line in trees.git(repository, "show", "--format=", "--no-renames", "-U0", commit).splitlines():
        if line.startswith("+++ "):
            path = line.removeprefix("+++ b/")
        elif line.startswith("@@"):
            old, new = line.split()[1:3]
            at = int(new[1:].split(",")[0])
            pure = old.endswith(",0")
        elif line.startswith("+") and path.endswith(".py"):
            if pure:
                added.setdefault(path, set()).add(at)
            at += 1
    return added


def _content(made: pygit2.Repository, commit: str, path: str) -> str:
    return made.revparse_single(f"{commit}:{path}").peel(pygit2.Blob).data.decode(errors="replace")


_KINDS = {"single": _single, "harmless": _harmless, "added": _added}

if __name__ == "__main__":
    sys.exit(main())
