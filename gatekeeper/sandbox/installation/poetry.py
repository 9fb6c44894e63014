"""Poetry's own tables: dependencies in its version notation, translated to the common one.

The notation is that of https://python-poetry.org/docs/dependency-specification/.
"""

import re
from collections.abc import Iterator
from typing import Any

from gatekeeper.sandbox.installation import groups, manifests

_ORIGIN = "pyproject.toml"


def read(poetry: dict[str, Any], origin: str = _ORIGIN) -> Iterator[groups.Group]:
    """Yield the groups of a `[tool.poetry]` table."""
    runtime = manifests.table(poetry, "dependencies")
    yield _group(origin, "dependencies", groups.Purpose.RUNTIME, runtime)
    yield _group(origin, "dev-dependencies", groups.Purpose.DEVELOPMENT, manifests.table(poetry, "dev-dependencies"))
    for name in manifests.table(poetry, "group"):
        listed = manifests.table(poetry, "group", name, "dependencies")
        yield _group(origin, name, groups.purpose(name), listed)
    for extra, names in manifests.table(poetry, "extras").items():
        yield groups.Group(
            origin=origin,
            name=extra,
            purpose=groups.purpose(extra),
            extra=extra.lower(),
            lines=tuple(line for name in manifests.strings(names) for line in lines(name, runtime.get(name, "*"))),
        )


def _group(origin: str, name: str, purpose: groups.Purpose, listed: dict[str, Any]) -> groups.Group:
    found = [
        line
        for dependency, wanted in listed.items()
        if dependency.lower() != "python" and not _optional(purpose, wanted)
        for line in lines(dependency, wanted)
    ]
    return groups.Group(origin=origin, name=name, purpose=purpose, lines=tuple(found))


def _optional(purpose: groups.Purpose, wanted: object) -> bool:
    return purpose is groups.Purpose.RUNTIME and isinstance(wanted, dict) and wanted.get("optional") is True


def lines(name: str, wanted: object) -> tuple[str, ...]:
    """Return one dependency as requirement lines; several where the table lists alternatives by marker."""
    if isinstance(wanted, list):
        return tuple(line for item in wanted for line in lines(name, item))
    if isinstance(wanted, dict):
        return (_detailed(name, wanted),)
    return (f"{name}{specifier(manifests.string(wanted))}",)


def _detailed(name: str, wanted: dict[str, Any]) -> str:
    source = next((wanted[key] for key in ("git", "url", "path", "file") if key in wanted), None)
    if source is not None:
        return f"{name} @ {source}"
    extras = ",".join(manifests.strings(wanted.get("extras")))
    markers = [f"({wanted['markers']})"] if isinstance(wanted.get("markers"), str) else []
    python = specifier(manifests.string(wanted.get("python")))
    markers += [_python_marker(clause) for clause in python.split(",") if clause]
    text = f"{name}{f'[{extras}]' if extras else ''}{specifier(manifests.string(wanted.get('version')))}"
    return f"{text} ; {' and '.join(markers)}" if markers else text


def _python_marker(clause: str) -> str:
    operator = clause.rstrip("0123456789.*")
    return f'python_version {operator} "{clause[len(operator) :]}"'


def specifier(text: str) -> str:
    """Return Poetry's constraint as comma-separated clauses; of alternatives (`||`), the last."""
    clauses = [clause.strip() for clause in text.rpartition("|")[2].replace(" ", ",").split(",")]
    joined = re.sub(r"(>=|<=|==|!=|~=|<|>|\^|~|=),+", r"\1", ",".join(clause for clause in clauses if clause))
    return ",".join(filter(None, map(_clause, joined.split(","))))


def _clause(clause: str) -> str:
    if clause in {"", "*", "latest"}:
        return ""
    if clause.startswith("^"):
        return f">={clause[1:]},<{_next(clause[1:], caret=True)}"
    if clause.startswith("~") and not clause.startswith("~="):
        return f">={clause[1:]},<{_next(clause[1:], caret=False)}"
    if clause[0].isdigit():
        return f"=={clause}"
    return f"={clause}" if re.match(r"=[^=]", clause) else clause


def _next(version: str, *, caret: bool) -> str:
    """Return the first version that `^version` or `~version` no longer allows."""
    parts = [int(part) for part in re.findall(r"\d+", version.partition("-")[0])[:3]] or [0]
    fixed = min(1, len(parts) - 1)
    if caret:
        fixed = next((index for index, part in enumerate(parts) if part), len(parts) - 1)
    return ".".join(str(part) for part in (*parts[:fixed], parts[fixed] + 1))
