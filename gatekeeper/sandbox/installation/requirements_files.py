"""requirements.txt and its relatives, with their includes inside the tree.

The format is that of https://pip.pypa.io/en/stable/reference/requirements-file-format/; of its options only `-r`, and
`-e .[extra]` for the project itself, mean anything here.
"""

import re
from collections.abc import Iterator

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import groups, manifests, sources

_NAMED = re.compile(
    r"(?:[\w.-]*requirements?[\w.-]*|requirements?/[\w./-]+|(?:tests?|dev|ci)[-_]?(?:deps|reqs))\.(?:txt|in|pip)"
)
_FOLDERS = re.compile(r"(?:(?:tests?|testing|ci|\.ci|requirements?|reqs|dev|tools|build|etc)/){0,2}")
_INCLUDE = re.compile(r"(?:-r|--requirement)[\s=]*(?P<path>\S+)")
_CONSTRAINT = re.compile(r"(?:-c|--constraint)[\s=]*\S+")
# hashes and other options that follow a requirement on its line
_FOLLOWING = re.compile(r"\s--[a-z-]+[=\s]\S+")
# options that say where to look, which is the operator's to decide, and how to install
_QUIET = re.compile(r"--?(?:no-binary|only-binary|prefer-binary|pre|require-hashes|no-index|no-cache-dir|use-\S+)\b.*")
_FILES = 50


def read(project: sources.Sources) -> Iterator[groups.Group]:
    """Yield one group for each requirements file below the project's folder that is named like one.

    Of a list and what was compiled from it (`test.in`, `test.txt`) the list counts: pins were made for another Python.
    """
    files, prefix = project.files, f"{project.folder}/" if project.folder else ""
    named = [path for path in sorted(files.entries) if path.startswith(prefix) and _is_named(path[len(prefix) :])]
    compiled = {path.removesuffix(".in") + ".txt" for path in named if path.endswith(".in")}
    for path in [path for path in named if path not in compiled][:_FILES]:
        stem = path[len(prefix) :].rpartition(".")[0]
        yield groups.Group(origin=path, name=stem, purpose=_purpose(stem), lines=lines(files, path))


def _is_named(path: str) -> bool:
    folders = _FOLDERS.match(path)
    rest = path[folders.end() :] if folders else path
    return bool(_NAMED.fullmatch(path) or _NAMED.fullmatch(rest) or (rest != path and _in_folder(path)))


def _in_folder(path: str) -> bool:
    return path.endswith((".txt", ".in")) and path.split("/", 1)[0] in {"requirements", "requirement", "reqs"}


def _purpose(stem: str) -> groups.Purpose:
    """Return the purpose; a plain requirements.txt may be for run time or for developers: `development`."""
    return groups.purpose(re.sub(r"^(?:requirements?|reqs)/", "", stem), groups.Purpose.DEVELOPMENT)


def lines(files: tree.Tree, path: str) -> tuple[str, ...]:
    """Return the requirement lines of a file and of those it includes, each file once.

    What it includes for documents or linters is left out: those files are read for themselves.
    """
    found: list[str] = []
    pending, seen = [_source(files, path)], set[str]()
    while pending and len(seen) < _FILES:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        for line in logical(manifests.text(files, current)):
            included = _INCLUDE.fullmatch(line)
            if included:
                pending += _inside(files, current.rpartition("/")[0], included["path"])
            elif not _CONSTRAINT.fullmatch(line) and not _QUIET.fullmatch(line):
                found.append(_FOLLOWING.sub("", line).strip())
    return tuple(found)


def _source(files: tree.Tree, path: str) -> str:
    """Return the list that a file was compiled from, where it is there."""
    source = path.removesuffix(".txt") + ".in"
    return source if source in files.entries else path


def _inside(files: tree.Tree, folder: str, path: str) -> list[str]:
    name = path.rpartition("/")[2].rpartition(".")[0]
    if groups.purpose(name, groups.Purpose.DEVELOPMENT) is groups.Purpose.OTHER:
        return []
    try:
        return [_source(files, manifests.join(folder, path))]
    except ValueError:
        return []


def logical(source: str) -> Iterator[str]:
    """Yield the lines of a requirements file: continuations joined, comments and blanks left out."""
    for line in re.sub(r"\\\r?\n", " ", source).splitlines():
        bare = re.sub(r"(?:^|\s)#.*$", "", line).strip()
        if bare:
            yield bare
