"""A labelled pull request as a git repository: `main` is the package as released, `pr` adds the mutation."""

import importlib
from pathlib import Path
from typing import Any

import pygit2

from gatekeeper import errors
from gatekeeper.wiring.bench import archives, cases

BASE, HEAD = "main", "pr"
# whoever made the commits, and when, does not matter
_SOMEONE = pygit2.Signature("bench", "bench@example.invalid", 0, 0)


def make(case: cases.Case, files: archives.Files, folder: Path) -> None:
    """Make a bare repository in `folder` with the branches BASE and HEAD. Raises BenchError."""
    mutated = mutate(case, files)
    made = pygit2.init_repository(str(folder), bare=True, initial_head=BASE)
    index = pygit2.Index()
    for path, file in files.items():
        index.add(pygit2.IndexEntry(path, made.create_blob(file.content), pygit2.enums.FileMode(file.mode)))
    base = _commit(made, BASE, index, case.package, [])
    mode = pygit2.enums.FileMode(files[case.file].mode)
    index.add(pygit2.IndexEntry(case.file, made.create_blob(mutated), mode))
    _commit(made, HEAD, index, f"Change {case.file}", [base])


def _commit(
    made: pygit2.Repository, branch: str, index: pygit2.Index, message: str, parents: list[pygit2.Oid]
) -> pygit2.Oid:
    tree = index.write_tree(made)
    return made.create_commit(f"refs/heads/{branch}", _SOMEONE, _SOMEONE, message, tree, list(parents))


def mutate(case: cases.Case, files: archives.Files) -> bytes:
    """Return the case's file with its mutation. Raises BenchError where there is no such file or occurrence."""
    mutating, plugins = _cosmic_ray()
    if case.file not in files:
        raise errors.BenchError(f"{case.package} has no file {case.file}")
    # as labels are made: text, read with universal line endings
    code = files[case.file].content.decode().replace("\r\n", "\n")
    try:
        operator = plugins.get_operator(case.operator)()
    except (KeyError, ValueError) as problem:
        raise errors.BenchError(f"cosmic-ray has no operator {case.operator}") from problem
    mutated: str | None = mutating.mutate_code(code, operator, case.occurrence)
    if mutated is None:
        raise errors.BenchError(f"{case.operator} has no occurrence {case.occurrence} in {case.file} of {case.package}")
    return mutated.encode()


def require() -> None:
    """Raise BenchError, with what to install, where the package that makes mutations is absent."""
    _cosmic_ray()


def _cosmic_ray() -> tuple[Any, Any]:
    try:
        return importlib.import_module("cosmic_ray.mutating"), importlib.import_module("cosmic_ray.plugins")
    except ModuleNotFoundError as problem:
        raise errors.BenchError(
            "the mutations are made by cosmic-ray, which is not installed: pip install 'gatekeeper[bench]'"
        ) from problem
