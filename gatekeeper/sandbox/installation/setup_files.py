"""setup.cfg and setup.py: what setuptools would have been told, as far as it stands there literally."""

import ast
from collections.abc import Iterator, Mapping

from gatekeeper.sandbox.installation import groups, literals, manifests, requirement, sources


def cfg_groups(cfg: Mapping[str, Mapping[str, str]], origin: str) -> Iterator[groups.Group]:
    """Yield the groups of requirements of a setup.cfg."""
    options = cfg.get("options", {})
    runtime = manifests.lines(options.get("install_requires", ""))
    yield groups.Group(origin=origin, name="install_requires", purpose=groups.Purpose.RUNTIME, lines=runtime)
    tests = manifests.lines(options.get("tests_require", ""))
    yield groups.Group(origin=origin, name="tests_require", purpose=groups.Purpose.TEST, lines=tests)
    for extra, listed in cfg.get("options.extras_require", {}).items():
        yield _extra(origin, extra, manifests.lines(listed))


def py_groups(setup: Mapping[str, object], origin: str) -> Iterator[groups.Group]:
    """Yield the groups of requirements among the arguments of `setup()`."""
    runtime = _listed(setup.get("install_requires"))
    yield groups.Group(origin=origin, name="install_requires", purpose=groups.Purpose.RUNTIME, lines=runtime)
    tests = _listed(setup.get("tests_require"))
    yield groups.Group(origin=origin, name="tests_require", purpose=groups.Purpose.TEST, lines=tests)
    for extra, listed in manifests.table(setup, "extras_require").items():
        yield _extra(origin, extra, _listed(listed))


def _listed(value: object) -> tuple[str, ...]:
    return tuple(line for text in manifests.strings(value) for line in manifests.lines(text))


def _extra(origin: str, extra: str, lines: tuple[str, ...]) -> groups.Group:
    """Return an extra of setuptools, which may carry a marker after a colon (`test:python_version<'3'`)."""
    name, _, marker = extra.partition(":")
    if marker:
        lines = tuple(f"{line} ; {marker}" for line in lines if ";" not in line)
    if not name:
        return groups.Group(origin=origin, name=extra, purpose=groups.Purpose.RUNTIME, lines=lines)
    return groups.Group(
        origin=origin, name=name, purpose=groups.purpose(name), extra=requirement.canonical(name), lines=lines
    )


def cfg_entry_points(cfg: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return entry points of a setup.cfg: group -> name -> `module:object`."""
    listed = cfg.get("options.entry_points", {}).items()
    return {group: _pairs(manifests.lines(value)) for group, value in listed}


def py_entry_points(setup: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Return entry points among the arguments of `setup()`, given as a table or as INI text."""
    value = setup.get("entry_points")
    if isinstance(value, str):
        return manifests.sections(value)
    return {group: _pairs(_listed(listed)) for group, listed in manifests.table(setup, "entry_points").items()}


def _pairs(lines: tuple[str, ...]) -> dict[str, str]:
    split = (line.partition("=") for line in lines)
    return {name.strip(): target.strip() for name, _, target in split if target.strip()}


def headers(cfg: Mapping[str, Mapping[str, str]], setup: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what METADATA says beyond name and version, as header and value."""
    metadata = cfg.get("metadata", {})
    found = []
    for header, key in (
        ("Summary", "description"),
        ("Home-page", "url"),
        ("Author", "author"),
        ("Author-email", "author_email"),
        ("License", "license"),
    ):
        value = metadata.get(key) or manifests.string(setup.get(key))
        found += [(header, value)] if value else []
    return found


def extension_names(project: sources.Sources) -> tuple[str, ...]:
    """Return the dotted names of `Extension("name", …)` calls in the project's setup.py."""
    nodes = ast.walk(project.module) if project.module is not None else ()
    calls = (node for node in nodes if isinstance(node, ast.Call))
    named = (
        call.args[0] for call in calls if literals.called(call) in {"Extension", "Pybind11Extension"} and call.args
    )
    return tuple(arg.value for arg in named if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
