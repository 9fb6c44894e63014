"""pytest's configuration in a tree, found and read as pytest 9.2 would from the tree's root."""

import shlex
from dataclasses import dataclass
from typing import Any

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import manifests

# pytest's order of precedence (`_pytest.config.findpaths.CONFIG_LOADERS_BY_NAME`)
NAMES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that matter before pytest runs."""

    # the file they come from, relative to the tree; None: there is none
    path: str | None
    addopts: tuple[str, ...]
    pythonpath: tuple[str, ...]
    # the names of all settings
    names: frozenset[str]
    markers: tuple[str, ...]
    filterwarnings: tuple[str, ...]


def read(files: tree.Tree) -> Settings:
    """Return the settings of the first file that pytest would take; empty ones where there is none."""
    for name in NAMES:
        found = _settings(files, name) if name in files.entries else None
        if found is not None:
            return _typed(name, found)
    return _typed(None, {})


def _settings(files: tree.Tree, name: str) -> dict[str, Any] | None:
    if name in {"pytest.toml", ".pytest.toml"}:
        return manifests.table(manifests.toml(files, name), "pytest")
    if name in {"pytest.ini", ".pytest.ini"}:
        return {**manifests.ini(files, name).get("pytest", {})}
    if name == "pyproject.toml":
        pytest = manifests.table(manifests.toml(files, name), "tool", "pytest")
        native = {key: value for key, value in pytest.items() if key != "ini_options"}
        return native or (manifests.table(pytest, "ini_options") if "ini_options" in pytest else None)
    sections = manifests.ini(files, name)
    section = sections.get("tool:pytest" if name == "setup.cfg" else "pytest")
    return {**section} if section is not None else None


def _typed(path: str | None, found: dict[str, Any]) -> Settings:
    return Settings(
        path=path,
        addopts=_words(found.get("addopts")),
        pythonpath=_words(found.get("pythonpath")),
        names=frozenset(found),
        markers=_lines(found.get("markers")),
        filterwarnings=_lines(found.get("filterwarnings")),
    )


def _words(value: object) -> tuple[str, ...]:
    """Return a setting of the types `args` and `paths`: a list, or words as a shell would split them."""
    if isinstance(value, str):
        try:
            return tuple(shlex.split(value, comments=False))
        except ValueError:
            return ()
    return manifests.strings(value)


def _lines(value: object) -> tuple[str, ...]:
    """Return a setting of the type `linelist`."""
    return manifests.lines(value) if isinstance(value, str) else manifests.strings(value)
