"""A tree's manifests as plain data: bounded, tolerant of nonsense, and never followed out of the tree."""

import ast
import configparser
import functools
import tomllib
import warnings
from collections.abc import Mapping
from typing import Any

from gatekeeper.diffs import tree

# bytes; no honest manifest is larger, and parsers take many times the memory of their input
LIMIT = 1_000_000
# parsed files that are kept: both trees of a review have mostly the same
_REMEMBERED = 16
# a symlink's target and a submodule are not read as text
REGULAR = frozenset({tree.Mode.FILE, tree.Mode.EXECUTABLE})


def text(files: tree.Tree, path: str) -> str:
    """Return the file's text; `""` where it is missing, no regular file, or too large."""
    entry = files.entries.get(path)
    if entry is None or entry.mode not in REGULAR or entry.size > LIMIT:
        return ""
    return files.read(path).decode("utf-8-sig", "replace")


def toml(files: tree.Tree, path: str) -> dict[str, Any]:
    """Return the TOML document, not to be changed; empty where it is missing or invalid."""
    return _document(text(files, path))


@functools.lru_cache(_REMEMBERED)
def _document(source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def ini(files: tree.Tree, path: str) -> dict[str, dict[str, str]]:
    """Return the sections of an INI file; empty where it is missing or invalid."""
    return sections(text(files, path))


@functools.lru_cache(_REMEMBERED)
def sections(source: str) -> dict[str, dict[str, str]]:
    """Return the sections of INI text, names and values as written, not to be changed; empty where it is invalid."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, default_section="")
    parser.optionxform = str  # type: ignore[method-assign,assignment] # the documented way to keep case
    try:
        parser.read_string(source)
    except configparser.Error:
        return {}
    return {name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()}


def syntax(files: tree.Tree, path: str) -> ast.Module | None:
    """Return the file as syntax, not to be changed; None where it is missing or not Python of the host's version."""
    return _module(text(files, path))


@functools.lru_cache(_REMEMBERED)
def _module(source: str) -> ast.Module | None:
    if not source:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def table(data: object, *keys: str) -> dict[str, Any]:
    """Return the nested table under `keys`; empty where any step is not a table."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return {key: value for key, value in data.items() if isinstance(key, str)} if isinstance(data, Mapping) else {}


def strings(value: object) -> tuple[str, ...]:
    """Return the strings of a list, or the one string; other values are left out."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()


def string(value: object) -> str:
    """Return the value where it is a string, else `""`."""
    return value if isinstance(value, str) else ""


def lines(value: str) -> tuple[str, ...]:
    """Return the lines of a multi-line INI value without blanks and comments."""
    stripped = (line.strip() for line in value.splitlines())
    return tuple(line for line in stripped if line and not line.startswith(("#", ";")))


def join(folder: str, path: str) -> str:
    """Return the path inside the tree, normalised; raises ValueError where it would leave the tree."""
    parts: list[str] = []
    for part in f"{folder}/{path.replace(chr(92), '/')}".split("/"):
        if part == "..":
            if not parts:
                raise ValueError(f"{path} leaves the tree")
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
