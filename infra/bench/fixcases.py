"""The changes that `compound.py` looks for faults and fixes in: mutations of packages, and commits with a mutation."""

import argparse
import json
import os
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import mutations
import natively
import pygit2
import trees

from gatekeeper import errors, settings
from gatekeeper import review as reviews
from gatekeeper.verdicts import verdict
from gatekeeper.wiring import progress, review
from gatekeeper.wiring.bench import archives, cases, native, repositories

# mutations of one commit that are tried until one breaks a test
TRIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change with a fault."""

    name: str
    # a bare repository, and commits of it
    folder: str
    base: str
    head: str
    # file of head, and 1-based first and last line that are at fault; None: the fault is that lines are missing
    at: tuple[str, int, int] | None
    # whether `at` is known to be all that is at fault of what base has otherwise
    only: bool


def made(options: argparse.Namespace, folder: Path) -> Iterator[Change | str]:
    """Yield the changes of a kind, or why there is none; those that were kept in the folder are not made again."""
    kept = folder / "changes.json"
    if kept.exists():
        for one in json.loads(kept.read_text()):
            yield Change(**one | {"at": one["at"] and tuple(one["at"])})
        return
    found = []
    for one in _KINDS[options.kind](options, folder):
        if isinstance(one, Change):
            found.append({name: getattr(one, name) for name in Change.__dataclass_fields__})
        yield one
    kept.write_text(json.dumps(found, indent=1))


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

    def change(self, one: cases.Numbered, others: Sequence[mutations.Mutation]) -> Change:
        fault = self.mutation(one.case)
        every = mutations.apart([fault, *others])
        folder = self.folder / f"case-{one.index}"
        base, head = self._committed(one.case, folder, every)
        path, lines = mutations.at(fault, every)
        return Change(
            name=f"{one.index} {one.case.package} {one.case.operator.removeprefix('core/')}",
            folder=str(folder),
            base=base,
            head=head,
            at=(path, lines[0], lines[-1]) if fault.new else None,
            only=True,
        )

    def _committed(self, case: cases.Case, folder: Path, every: Sequence[mutations.Mutation]) -> tuple[str, str]:
        """Make a repository of the package, and a commit with the mutations; return both commits."""
        made = pygit2.init_repository(str(folder), bare=True, initial_head="main")
        index = pygit2.Index()
        for path, file in self.files(case).items():
            index.add(pygit2.IndexEntry(path, made.create_blob(file.content), pygit2.enums.FileMode(file.mode)))
        texts = {each.path: self.text(case, each.path) for each in every}
        trees.put(made, index, {path: content.encode() for path, content in texts.items()})
        base = _first(made, index)
        trees.put(made, index, {path: content.encode() for path, content in mutations.mutated(texts, every).items()})
        return base, trees.commit(made, index, base, "Change")

    def harmless(self, case: cases.Case) -> list[mutations.Mutation]:
        """Return mutations of the case's package that break no test: labelled ones, then those labelled here."""
        listed = [one.case for one in self.listed if one.case.sha256 == case.sha256 and not one.case.outcome.broken
                  and one.case.outcome.run == cases.FINISHED]  # fmt: skip
        return [*map(self.mutation, listed), *self._labelled(case)]

    def together(self, one: cases.Numbered, others: Sequence[mutations.Mutation]) -> Sequence[mutations.Mutation]:
        """Return as many of the first as break no test together: what is harmless alone may not be so beside others."""
        fault = self.mutation(one.case)
        kept = mutations.apart([fault, *others])[1:]
        while kept:
            with tempfile.TemporaryDirectory(dir=self.folder, prefix="together-") as folder:
                base, head = self._committed(one.case, Path(folder), kept)
                if _judged(Path(folder), base, head) is not verdict.Conclusion.WOULD_FAIL:
                    break
            kept = kept[: len(kept) // 2]
        return kept

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


def _single(options: argparse.Namespace, folder: Path) -> Iterator[Change | str]:
    packages = _Packages(options, folder)
    for one in packages.breaking():
        try:
            yield packages.change(one, [])
        except errors.GatekeeperError as problem:
            yield f"{one.index}: {problem}"


def _harmless(options: argparse.Namespace, folder: Path) -> Iterator[Change | str]:
    packages = _Packages(options, folder)
    drawn = random.Random(options.seed)  # noqa: S311 - a sample, not a secret
    for one in packages.breaking():
        try:
            others = packages.harmless(one.case)
            drawn.shuffle(others)
            yield packages.change(one, packages.together(one, others[: options.parts]))
        except errors.GatekeeperError as problem:
            yield f"{one.index}: {problem}"


# -- commits that add code and tests --------------------------------------------------------------------------------


def _added(options: argparse.Namespace, folder: Path) -> Iterator[Change | str]:
    repository = folder / "clone.git"
    made = trees.clone(options.clone, repository)
    drawn = random.Random(options.seed)  # noqa: S311 - a sample, not a secret
    found = 0
    words = ["log", "--no-merges", "--format=%H", options.rev, "--", options.src]
    for commit in trees.git(repository, *words).split():
        if found == options.limit:
            return
        try:
            change = _commit(repository, made, commit, options, drawn)
        except errors.GatekeeperError as problem:
            yield f"{commit[:10]}: {problem}"
            continue
        if change is not None:
            found += 1
            yield change


def _commit(
    repository: Path, made: pygit2.Repository, commit: str, options: argparse.Namespace, drawn: random.Random
) -> Change | None:
    """Return the commit with a mutation; None where it adds no code and tests, or none breaks a test."""
    added = _added_lines(repository, commit)
    code = [path for path in added if trees.under(path, options.src) and not trees.under(path, options.tests)]
    if not code or not any(trees.under(path, options.tests) for path in added):
        return None
    wrong = [(path, *one) for path in code for one in mutations.of_tokens(_content(made, commit, path),
                                                                     added[path])]  # fmt: skip
    drawn.shuffle(wrong)
    if not wrong or _judged(repository, f"{commit}^", commit) is not verdict.Conclusion.WOULD_PASS:
        return None
    for path, line, what, content in wrong[:TRIES]:
        index = trees.index_of(made, commit)
        trees.put(made, index, {path: content.encode()})
        head = trees.commit(made, index, f"{commit}^", "Change")
        if _judged(repository, f"{commit}^", head) is verdict.Conclusion.WOULD_FAIL:
            name = f"{commit[:10]} {path}:{line} {what}"
            return Change(name=name, folder=str(repository), base=f"{commit}^", head=head, at=(path, line, line),
                          only=False)  # fmt: skip
    return None


def _judged(folder: Path, base: str, head: str) -> verdict.Conclusion:
    request = review.Request(repository=folder, base=base, head=head, judged=reviews.Judged.HEAD)
    return review.carry_out(request, settings.read(os.environ), progress.Progress()).review.verdict.conclusion


def _added_lines(repository: Path, commit: str) -> dict[str, set[int]]:
    """Return file -> 1-based lines that a commit adds and removes none for, of Python files."""
    added: dict[str, set[int]] = {}
    path, at, pure = "", 0, False
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


_KINDS: Mapping[str, Callable[[argparse.Namespace, Path], Iterator[Change | str]]] = {
    "single": _single,
    "harmless": _harmless,
    "added": _added,
}
