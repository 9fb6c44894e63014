"""Tree -> what its projects declare, read as data."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import (
    compiled,
    environments,
    groups,
    manifests,
    modules,
    pyproject,
    pytest_settings,
    requirement,
    requirements_files,
    roots,
    setup_files,
    sources,
    versions,
)

_MANIFESTS = frozenset({"pyproject.toml", "setup.cfg", "setup.py"})
# folders whose projects are material for tests or documents, not parts of the repository
_MATERIAL = frozenset(
    """
    bench benchmarks cookiecutter doc docs example examples assets fixtures node_modules sample samples templates test
    testdata testing tests third_party vendor vendored _vendor
    """.split()  # noqa: SIM905 - a list to read
)
# requirements files with what a project needs to run
_BASIC = frozenset({"requirements", "requirements/base", "requirements/main", "requirements/requirements"})
_PROJECTS = 40
_DEPTH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project of a tree."""

    sources: sources.Sources
    # as written; `""` where none is declared
    name: str
    # `""` where the build would compute it
    version: str
    import_roots: tuple[str, ...]
    entry_points: Mapping[str, Mapping[str, str]]
    # of METADATA, beyond name and version
    headers: tuple[tuple[str, str], ...]
    groups: tuple[groups.Group, ...]
    # dotted names of modules that only a compiler would make -> why
    compiled: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a tree declares and imports."""

    # the root's first
    projects: tuple[Project, ...]
    declared: tuple[groups.Declared, ...]
    imported: modules.Imports
    pytest: pytest_settings.Settings
    # for people: what was refused
    notes: tuple[str, ...]

    @property
    def own(self) -> frozenset[str]:
        """The normalised names of the projects."""
        return frozenset(requirement.canonical(project.name) for project in self.projects if project.name)

    @property
    def import_roots(self) -> tuple[str, ...]:
        """What goes on `sys.path`, relative to the tree; the tree itself last, as `python -m pytest` has it."""
        named = [*self.pytest.pythonpath, *(root for project in self.projects for root in project.import_roots)]
        inside = (_inside(root) for root in named)
        return tuple(dict.fromkeys([*(root for root in inside if root), ""]))


def describe(files: tree.Tree, seen: MutableMapping[str, frozenset[str]] | None = None) -> Description:
    """Return what the tree declares, without running any of it.

    `seen`: what blobs import, filled and used, for trees that share most of their files.
    """
    projects = tuple(_project(files, folder) for folder in _folders(files))
    own = frozenset(requirement.canonical(project.name) for project in projects if project.name)
    declared, notes = groups.collect((group for project in projects for group in project.groups), own)
    return Description(
        projects=projects,
        declared=declared,
        imported=modules.imported(files, seen if seen is not None else {}),
        pytest=pytest_settings.read(files),
        notes=notes,
    )


def _folders(files: tree.Tree) -> tuple[str, ...]:
    """Return the folders of projects: the root always, and those below it that are no material for tests."""
    found = {""}
    for path in files.entries:
        folder, _, name = path.rpartition("/")
        parts = folder.split("/")
        if name in _MANIFESTS and len(parts) <= _DEPTH and not _MATERIAL.intersection(parts) and path[0] != ".":
            found.add(folder)
    return tuple(sorted(found)[:_PROJECTS])


def _project(files: tree.Tree, folder: str) -> Project:
    read = sources.read(files, folder)
    document, cfg, setup = read.document, read.cfg, read.setup
    import_roots = roots.import_roots(read)
    name = (
        pyproject.name(document)
        or cfg.get("metadata", {}).get("name", "").strip()
        or manifests.string(setup.get("name"))
    )
    return Project(
        sources=read,
        name=name if requirement.is_name(name) else "",
        version=versions.stated(read, import_roots),
        import_roots=import_roots,
        entry_points=_merged(
            setup_files.py_entry_points(setup), setup_files.cfg_entry_points(cfg), pyproject.entry_points(document)
        ),
        headers=tuple(pyproject.headers(document) or setup_files.headers(cfg, setup)),
        groups=_with_runtime(tuple(_groups(read))),
        compiled=compiled.modules(read, import_roots),
    )


def _groups(read: sources.Sources) -> Iterator[groups.Group]:
    yield from pyproject.declared_groups(read.document, read.path("pyproject.toml"))
    yield from setup_files.cfg_groups(read.cfg, read.path("setup.cfg"))
    yield from setup_files.py_groups(read.setup, read.path("setup.py"))
    hatch = read.path("hatch.toml")
    yield from pyproject.hatch(manifests.table(manifests.toml(read.files, hatch), "envs"), hatch)
    yield from environments.read(read)
    yield from requirements_files.read(read)


def _with_runtime(found: tuple[groups.Group, ...]) -> tuple[groups.Group, ...]:
    """Take requirements.txt for what the project needs to run, where no manifest says what it needs."""
    if any(group.purpose is groups.Purpose.RUNTIME and group.lines for group in found):
        return found
    return tuple(
        dataclasses.replace(group, purpose=groups.Purpose.RUNTIME) if group.name in _BASIC else group for group in found
    )


def _merged(*tables: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table in tables:
        for group, names in table.items():
            found.setdefault(group, {}).update(names)
    return found


def _inside(root: str) -> str:
    try:
        return manifests.join("", root)
    except ValueError:
        return ""


def extras(project: Project) -> dict[str, tuple[requirement.Requirement, ...]]:
    """Return the project's extras with their requirements."""
    return {group.extra: tuple(_requirements(group.lines)) for group in project.groups if group.extra is not None}


def requires(project: Project) -> tuple[requirement.Requirement, ...]:
    """Return what the project needs to run."""
    runtime = (group for group in project.groups if group.purpose is groups.Purpose.RUNTIME)
    return tuple(dict.fromkeys(item for group in runtime for item in _requirements(group.lines)))


def _requirements(lines: Iterable[str]) -> Iterator[requirement.Requirement]:
    yield from (item for item in map(requirement.parse, lines) if isinstance(item, requirement.Requirement))
