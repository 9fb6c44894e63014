"""pyproject.toml: names, versions, entry points and groups of requirements of every common build backend.

Formats: PEP 621, PEP 735, and the documented tables of Poetry, Flit, PDM, Hatch, uv and setuptools.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from gatekeeper.sandbox.installation import groups, manifests, poetry, requirement

# more groups than anyone writes: each may include all others
_GROUPS = 100


def declared_groups(document: Mapping[str, Any], origin: str) -> Iterator[groups.Group]:
    """Yield every group of requirements of the document."""
    project = manifests.table(document, "project")
    runtime = manifests.strings(project.get("dependencies"))
    yield groups.Group(origin=origin, name="dependencies", purpose=groups.Purpose.RUNTIME, lines=runtime)
    for extra, listed in manifests.table(project, "optional-dependencies").items():
        yield _extra(origin, extra, manifests.strings(listed))
    tables = manifests.table(document, "dependency-groups")
    for name in itertools.islice(tables, _GROUPS):
        yield _group(origin, name, dependency_group(tables, name))
    tool = manifests.table(document, "tool")
    yield from poetry.read(manifests.table(tool, "poetry"), origin)
    yield from _flit(manifests.table(tool, "flit", "metadata"), origin)
    yield from hatch(manifests.table(tool, "hatch", "envs"), origin)
    for name, listed in manifests.table(tool, "pdm", "dev-dependencies").items():
        yield _group(origin, name, manifests.strings(listed))
    yield _group(origin, "dev", manifests.strings(manifests.table(tool, "uv").get("dev-dependencies")))


def dependency_group(tables: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the lines of a group of PEP 735 with those of the groups it includes, each group once."""
    names = {requirement.canonical(key): key for key in tables}
    found: list[str] = []
    pending, seen = [requirement.canonical(name)], set[str]()
    while pending:
        current = pending.pop()
        items = tables.get(names.get(current, ""))
        if current in seen or not isinstance(items, list):
            continue
        seen.add(current)
        found += manifests.strings(items)
        included = (item.get("include-group") for item in items if isinstance(item, dict))
        pending += [requirement.canonical(item) for item in included if isinstance(item, str)]
    return tuple(found)


def _flit(metadata: Mapping[str, Any], origin: str) -> Iterator[groups.Group]:
    runtime = manifests.strings(metadata.get("requires"))
    yield groups.Group(origin=origin, name="requires", purpose=groups.Purpose.RUNTIME, lines=runtime)
    yield _group(origin, "dev", manifests.strings(metadata.get("dev-requires")))
    for extra, listed in manifests.table(metadata, "requires-extra").items():
        yield _extra(origin, extra, manifests.strings(listed))


def hatch(environments: Mapping[str, Any], origin: str) -> Iterator[groups.Group]:
    """Yield one group for each environment of Hatch; its features are extras of the project."""
    for name in environments:
        environment = manifests.table(environments, name)
        listed = [*manifests.strings(environment.get("dependencies"))]
        listed += manifests.strings(environment.get("extra-dependencies"))
        listed += [f".[{feature}]" for feature in manifests.strings(environment.get("features"))]
        yield _group(origin, name, tuple(listed))


def _extra(origin: str, extra: str, lines: tuple[str, ...]) -> groups.Group:
    name = requirement.canonical(extra)
    return groups.Group(origin=origin, name=extra, purpose=groups.purpose(extra), extra=name, lines=lines)


def _group(origin: str, name: str, lines: tuple[str, ...]) -> groups.Group:
    return groups.Group(origin=origin, name=name, purpose=groups.purpose(name), lines=lines)


def name(document: Mapping[str, Any]) -> str:
    """Return the project's name as written; `""` where the document has none."""
    flit = manifests.table(document, "tool", "flit", "metadata")
    stated = (
        manifests.table(document, "project").get("name"),
        manifests.table(document, "tool", "poetry").get("name"),
        flit.get("dist-name"),
        flit.get("module"),
    )
    return next(filter(None, map(manifests.string, stated)), "")


def version(document: Mapping[str, Any]) -> str:
    """Return the version that the document states; `""` where it is computed."""
    project = manifests.table(document, "project")
    return manifests.string(project.get("version")) or manifests.string(
        manifests.table(document, "tool", "poetry").get("version")
    )


def entry_points(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return entry points: group -> name -> `module:object`."""
    project = manifests.table(document, "project")
    tool = manifests.table(document, "tool")
    found: dict[str, dict[str, str]] = {
        "console_scripts": {
            **_texts(manifests.table(tool, "poetry", "scripts")),
            **_texts(manifests.table(tool, "flit", "scripts")),
            **_texts(manifests.table(project, "scripts")),
        },
        "gui_scripts": _texts(manifests.table(project, "gui-scripts")),
    }
    for tables in (
        manifests.table(tool, "poetry", "plugins"),
        manifests.table(tool, "flit", "entrypoints"),
        manifests.table(project, "entry-points"),
    ):
        for group in tables:
            found.setdefault(group, {}).update(_texts(manifests.table(tables, group)))
    return {group: names for group, names in found.items() if names}


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the entries that are strings, or Poetry's tables with a `reference` or `callable`."""
    found = {}
    for key, value in table.items():
        target = (value.get("reference") or value.get("callable")) if isinstance(value, dict) else value
        if isinstance(target, str):
            found[key] = target
    return found


def headers(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what METADATA says beyond name and version, as header and value."""
    project = manifests.table(document, "project") or manifests.table(document, "tool", "poetry")
    licence = project.get("license")
    found = [
        ("Summary", manifests.string(project.get("description"))),
        ("License-Expression", manifests.string(licence)),
        ("License", manifests.string(manifests.table({"license": licence}, "license").get("text"))),
        ("Keywords", ",".join(manifests.strings(project.get("keywords")))),
        ("Requires-Python", manifests.string(project.get("requires-python"))),
        *_people("Author", project.get("authors")),
        *_people("Maintainer", project.get("maintainers")),
    ]
    found += [("Classifier", classifier) for classifier in manifests.strings(project.get("classifiers"))]
    found += [("Project-URL", f"{key}, {url}") for key, url in _texts(manifests.table(project, "urls")).items()]
    return [(header, value) for header, value in found if value]


def _people(header: str, people: object) -> Iterator[tuple[str, str]]:
    """PEP 621: a name alone is the header, an address with or without a name its `-email`."""
    listed = [manifests.table({"person": person}, "person") for person in people] if isinstance(people, list) else []
    names = [manifests.string(person.get("name")) for person in listed if not person.get("email")]
    addresses = [
        f"{manifests.string(person.get('name'))} <{manifests.string(person.get('email'))}>".strip()
        if person.get("name")
        else manifests.string(person.get("email"))
        for person in listed
        if person.get("email")
    ]
    yield header, ", ".join(filter(None, names))
    yield f"{header}-email", ", ".join(addresses)
