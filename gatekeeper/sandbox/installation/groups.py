"""Named groups of requirements, as manifests declare them, and what each group is for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from gatekeeper.sandbox.installation import requirement

_TEST = frozenset({"test", "tests", "testing", "pytest", "unittest", "unittests", "unit", "integration", "ci"})
# what is surely not for tests
_BESIDE = frozenset(
    """
    black build changelog codespell commit coverage format formatting lint linter linters linting
    mypy packaging precommit publish pyright release releases rtd ruff sphinx static style tools type typecheck typed
    types typing wheel
    """.split()  # noqa: SIM905 - a list to read
)
_DEVELOPMENT = frozenset({"dev", "develop", "development", "devel", "all", "full", "requirements", "default", "py"})

# more groups than anyone writes
_GROUPS = 1_000


class Purpose(IntEnum):
    """What a group is for; the smaller, the surer its requirements are there when tests run."""

    RUNTIME = 0
    TEST = 1
    DEVELOPMENT = 2
    # optional features, documentation, linters, releases
    OTHER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One list of requirements."""

    # the manifest's path
    origin: str
    # the group's name there; for people
    name: str
    purpose: Purpose
    # the extra that it makes up, in normalised form; None: not an extra
    extra: str | None = None
    # requirements, `.[extra]`, and whatever else stood there
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One requirement and where it stands."""

    requirement: requirement.Requirement
    purpose: Purpose
    origin: str


def purpose(name: str, otherwise: Purpose = Purpose.OTHER) -> Purpose:
    """Return what a group of this name is for; `otherwise` where the name says nothing."""
    words = {word.rstrip("0123456789") for word in re.split(r"[^a-z0-9]+", name.lower())}
    if words & _TEST:
        return Purpose.TEST
    if words & _BESIDE or any(word.startswith("doc") for word in words):
        return Purpose.OTHER
    return Purpose.DEVELOPMENT if words & _DEVELOPMENT else otherwise


def collect(groups: Iterable[Group], own: frozenset[str]) -> tuple[tuple[Declared, ...], tuple[str, ...]]:
    """Return the requirements of all groups, the surest first, and for people what was refused.

    `own`: normalised names of the tree's own projects; a requirement of one of them stands for its extras.
    """
    parsed = [(group, tuple(map(requirement.parse, group.lines))) for group in groups][:_GROUPS]
    wanted = _wanted_extras(parsed, own)
    found: dict[tuple[requirement.Requirement, Purpose], Declared] = {}
    refused: dict[str, None] = {}
    for group, items in parsed:
        aim = min(group.purpose, wanted.get(group.extra or "", group.purpose))
        for item in items:
            if isinstance(item, requirement.Refused) and aim < Purpose.OTHER:
                refused[f"{group.origin}: {item.text!r} is left out: {item.why}"] = None
            elif isinstance(item, requirement.Requirement) and item.name not in own:
                found.setdefault((item, aim), Declared(requirement=item, purpose=aim, origin=group.origin))
    return tuple(sorted(found.values(), key=lambda declared: declared.purpose)), tuple(refused)


_Parsed = list[tuple[Group, tuple[requirement.Requirement | requirement.Own | requirement.Refused, ...]]]


def _wanted_extras(parsed: _Parsed, own: frozenset[str]) -> Mapping[str, Purpose]:
    """Extra -> the surest purpose of a group that asks for it, through other extras too."""
    asking = [(group, tuple(_own_extras(items, own))) for group, items in parsed]
    wanted: dict[str, Purpose] = {}
    changed = True
    while changed:
        changed = False
        for group, extras in asking:
            aim = min(group.purpose, wanted.get(group.extra or "", group.purpose))
            for extra in extras:
                if aim < wanted.get(extra, Purpose.OTHER):
                    wanted[extra] = aim
                    changed = True
    return wanted


def _own_extras(
    items: Iterable[requirement.Requirement | requirement.Own | requirement.Refused], own: frozenset[str]
) -> Iterable[str]:
    for item in items:
        if isinstance(item, requirement.Own) or (isinstance(item, requirement.Requirement) and item.name in own):
            yield from item.extras
