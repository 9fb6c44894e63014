"""Labelled functions as a folder holds them: Python files, and a `labels.toml` that says of each whether it halts."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pydantic

from gatekeeper import errors
from gatekeeper.diffs import tree
from gatekeeper.halting import calls, loops

LABELS = "labels.toml"
# bytes of a file
_LARGEST = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is known of one function."""

    # the Python file in the folder, and the function's qualified name in it
    file: str
    name: str
    # whether every call ends
    halts: bool
    # the argument for it
    why: str
    # functions of one kind are scored together
    kind: str = "other"
    # a call that does not end, or the hardest of those that do
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A function with its label."""

    label: Label
    suspect: loops.Suspect = field(repr=False)


class _Listed(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    function: list[Label] = pydantic.Field(min_length=1)


def read(folder: Path) -> tuple[Labelled, ...]:
    """Return the labelled functions in the order of their list. Raises UsageError where it does not fit the files."""
    listed = _listed(folder / LABELS)
    files = _Files(folder, [label.file for label in listed])
    known = calls.Calls(files)
    return tuple(Labelled(label=label, suspect=_suspect(label, known, folder)) for label in listed)


def _listed(path: Path) -> list[Label]:
    try:
        found = _Listed.model_validate(tomllib.loads(_content(path).decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise errors.UsageError(f"{path} is not TOML: {problem}") from problem
    except pydantic.ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise errors.UsageError(
            f"{path} does not list labelled functions: {where}: {first['msg']}: each [[function]] has file, name, "
            "halts (true or false) and why, and may have kind and call"
        ) from problem
    return found.function


def _suspect(label: Label, known: calls.Calls, folder: Path) -> loops.Suspect:
    module = known.module(label.file)
    if module is None:
        raise errors.UsageError(f"{folder / label.file} is not Python that can be parsed: mend it, or its label's file")
    found = loops.named(module, label.name, known)
    if found is None:
        raise errors.UsageError(
            f"{folder / label.file} has no function {label.name}: {LABELS} names it; mend one of the two"
        )
    return found


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise errors.UsageError(f"{path} is larger than {_LARGEST:,} bytes: split it")
        return path.read_bytes()
    except OSError as problem:
        raise errors.UsageError(f"{path} cannot be read: {problem.strerror}") from problem


class _Files:
    """The labelled files of a folder as a tree; implements `gatekeeper.diffs.tree.Tree`."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        for name in names:
            if Path(name).name != name:
                raise errors.UsageError(f"{folder / LABELS} names the file {name!r}: give a file of that folder itself")
        self._contents = {name: _content(folder / name) for name in dict.fromkeys(names)}

    @property
    def id(self) -> str:
        """A digest of all files."""
        return hashlib.sha256(b"".join(self._contents.values())).hexdigest()

    @property
    def entries(self) -> Mapping[str, tree.Entry]:
        """Every file by its name."""
        return {
            name: tree.Entry(blob=hashlib.sha256(content).hexdigest(), mode=tree.Mode.FILE, size=len(content))
            for name, content in self._contents.items()
        }

    def read(self, path: str) -> bytes:
        """Return the file's bytes. Raises KeyError where there is no such file."""
        return self._contents[path]
