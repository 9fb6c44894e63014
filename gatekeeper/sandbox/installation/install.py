"""Trees -> Installations: what an installed project would have been for the sealed interpreter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import (
    addopts,
    groups,
    modules,
    needs,
    own,
    project,
    pytest_arguments,
    resolution,
    resolver,
    versions,
)

# modules of the sandbox's own distributions
_PROVIDED = frozenset({"pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments"})
_UNDECLARED = "it is not among the declared requirements"
# options for granted plugins: each benchmark runs once, and generated examples are the same in both trees
_SETTLED = {"pytest-benchmark": "--benchmark-disable", "hypothesis": "--hypothesis-seed=0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What the sandbox gets beside a tree."""

    # folders of the tree that go on `sys.path`, in order, relative to it; `""` is its root
    import_roots: tuple[str, ...]
    # files to lay over the tree, by path: what the build would have written
    generated: Mapping[str, bytes]
    # `NAME-VERSION.dist-info/FILE` -> bytes; RECORD lists the project's files relative to the first import root
    dist_info: Mapping[str, bytes]
    # folder with unpacked wheels, for `sys.path` after the tree; None: none is needed
    site: Path | None
    # distribution, top-level module or dotted name of a compiled module -> why it is not there
    unavailable: Mapping[str, str]
    # top-level modules outside the standard library that the tree's files import
    imports: frozenset[str]
    # what stands in for the parts of pytest's configuration that the sandbox cannot follow
    pytest_args: tuple[str, ...]
    # pytest's configuration file relative to the tree; None: there is none
    pytest_config: str | None
    # what was neutralised, refused or assumed, for people
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The installations of the two trees that are compared."""

    before: Installation
    after: Installation


def install(
    before: tree.Tree, after: tree.Tree, resolve: resolver.Resolver, *, head_dependencies: bool, version: str | None
) -> Pair:
    """Return what both trees would be, installed.

    `head_dependencies`: whether requirements that only after declares are granted. `version`: the nearest tag's name,
    for projects whose build computes their version.
    """
    seen: dict[str, frozenset[str]] = {}
    described = project.describe(before, seen)
    first = _install(before, described, _Admitted(declared=described.declared), resolve, version)
    if after.id == before.id:
        return Pair(before=first, after=first)
    changed = project.describe(after, seen)
    admitted = _Admitted(declared=changed.declared) if head_dependencies else _admit(described, changed)
    return Pair(before=first, after=_install(after, changed, admitted, resolve, version))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Admitted:
    """The requirements of a tree that may be resolved, and why others are not."""

    declared: Sequence[groups.Declared]
    # distribution -> reason
    refused: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def _admit(before: project.Description, after: project.Description) -> _Admitted:
    """Return after's requirements as far as before has them: of a changed one before's lines, of a new one none."""
    known = {item.requirement for item in before.declared}
    by_name: dict[str, list[groups.Declared]] = {}
    for item in before.declared:
        by_name.setdefault(item.requirement.name, []).append(item)
    admitted: dict[groups.Declared, None] = {}
    added: dict[str, None] = {}
    moved: dict[str, None] = {}
    for item in after.declared:
        name = item.requirement.name
        if item.requirement in known:
            admitted[item] = None
        elif name in by_name:
            admitted |= dict.fromkeys(by_name[name])
            moved[f"{item.requirement} ({item.origin})"] = None
        else:
            added[name] = None
    reason = f"added by the pull request, and base's configuration does not grant what it adds: {', '.join(added)}"
    notes = (f"changed by the pull request, so that base's requirement is met instead: {', '.join(moved)}",)
    return _Admitted(declared=tuple(admitted), refused=dict.fromkeys(added, reason), notes=notes if moved else ())


def _install(
    files: tree.Tree,
    described: project.Description,
    admitted: _Admitted,
    resolve: resolver.Resolver,
    version: str | None,
) -> Installation:
    chosen = needs.choose(admitted.declared, described.imported)
    resolved = resolve.resolve(chosen.requirements, described.own)
    absent = {**chosen.refused, **resolved.unavailable, **admitted.refused}
    present = _present(files, resolved)
    known = _known(files, resolved, present)
    arguments, neutralised = pytest_arguments.assemble(described.pytest, known, absent, present)
    blocked = {plugin: item for item in resolved.granted for plugin in item.plugins if item.lacking}
    arguments += tuple(word for plugin in blocked for word in ("-p", f"no:{plugin}"))
    arguments += tuple(_SETTLED[it.name] for it in resolved.granted if it.name in _SETTLED and not it.lacking)
    tag = versions.from_tag(version or "") or versions.UNKNOWN
    return Installation(
        import_roots=described.import_roots,
        generated=own.generated(described, tag),
        dist_info=own.dist_infos(files, described, tag),
        site=resolved.site,
        unavailable=_unavailable(described, absent, resolved, present),
        imports=described.imported.all,
        pytest_args=arguments,
        pytest_config=described.pytest.path,
        notes=_once(
            *(*described.notes, *admitted.notes, *chosen.notes),
            *(*resolved.notes, *absent.values(), *neutralised),
            *(f"the plugin {name} is off: {', '.join(item.lacking)} is not there" for name, item in blocked.items()),
        ),
    )


def _once(*notes: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))


def _present(files: tree.Tree, resolved: resolution.Resolution) -> frozenset[str]:
    """Return the top-level names that can be imported: any folder of the tree may be on `sys.path` in some test."""
    names = {part for path in files.entries for part in path.removesuffix(".py").split("/")}
    names.update(name for item in resolved.granted for name in item.modules)
    return frozenset(names | _PROVIDED | modules.STANDARD)


def _known(files: tree.Tree, resolved: resolution.Resolution, present: frozenset[str]) -> addopts.Known:
    granted = frozenset(option for item in resolved.granted if not item.lacking for option in item.options)
    own_options: list[frozenset[str]] = []

    def option(name: str) -> bool:
        if name in granted:
            return True
        if not own_options:
            own_options.append(pytest_arguments.tree_options(files))
        return name in own_options[0]

    return addopts.Known(
        option=option,
        plugin=lambda name: name.split(".")[0] in present or name in addopts.BUNDLED,
        path=lambda path: path.strip("./") in present or any(file.startswith(path) for file in files.entries),
    )


def _unavailable(
    described: project.Description,
    absent: Mapping[str, str],
    resolved: resolution.Resolution,
    present: frozenset[str],
) -> dict[str, str]:
    unavailable = dict.fromkeys(sorted(described.imported.all - present), _UNDECLARED)
    for name in {item.requirement.name for item in described.declared}:
        optional = (module for module in modules.of_distribution(name) if module in unavailable)
        unavailable |= dict.fromkeys(optional, f"{name} is declared, but not for tests with Python 3.14 on Linux")
    for each in described.projects:
        unavailable |= each.compiled
    for item in resolved.granted:
        unavailable |= dict.fromkeys(item.compiled, f"{item.name} is granted without its compiled modules")
    for name, reason in absent.items():
        unavailable |= {module: reason for module in modules.of_distribution(name) if module not in present}
    return {**unavailable, **absent}
