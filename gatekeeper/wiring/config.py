"""`gatekeeper config`: look at a repository's configuration before it counts."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pydantic
import yaml

from gatekeeper import configuration, configurationfile, configurationkeys, errors
from gatekeeper.wiring import engines

STANDARD_INPUT = "-"
_DEFAULT = "  # default"


def check(name: str | None) -> str:
    """Return what holds with the file `name` (None: the one in its place under the current folder; `-`: the input).

    YAML that gives the same again, with what is a default marked. Raises ConfigurationError with every problem in the
    file, UsageError where there is none.
    """
    given = configurationfile.parse(_content(name or configuration.PATH), name or configuration.PATH)
    # what the program itself makes of it
    configuration.from_file(given)
    if given.engine not in engines.names():
        allowed = ", ".join(engines.names())
        raise errors.ConfigurationError(
            f"{name or configuration.PATH}: there is no engine {given.engine!r}: name one of {allowed}"
        )
    return shown(given)


def shown(given: configurationkeys.File) -> str:
    """Return the file's values as YAML that gives the same again, with what is a default marked."""
    return "\n".join(_lines(given)) + "\n"


def schema() -> str:
    """Return the JSON Schema of the file as text."""
    return json.dumps(configurationkeys.schema(), indent=2) + "\n"


def _content(name: str) -> bytes:
    # one byte more than is allowed is enough to know
    most = configurationfile.LARGEST + 1
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(most)
    path = Path(name)
    if path.is_symlink() and path.absolute().parts[-2:] == Path(configuration.PATH).parts:
        raise errors.ConfigurationError(f"{name}:1:1: a link, and only a file is allowed")
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as problem:
        raise errors.UsageError(f"{name} cannot be read: {problem.strerror}{_hint(path)}") from problem


def _hint(path: Path) -> str:
    other = path.with_suffix(".yaml")
    if not path.exists() and other.exists():
        return f": rename {other} to {path}, the only name that counts"
    if path == Path(configuration.PATH):
        return ": without it the defaults hold, and `gatekeeper config check -` shows them for empty input"
    return ": name another file, or `-` for standard input"


def _lines(given: pydantic.BaseModel, indent: str = "") -> Iterator[str]:
    for key in type(given).model_fields:
        value = getattr(given, key)
        if isinstance(value, pydantic.BaseModel):
            yield f"{indent}{key}:"
            yield from _lines(value, f"{indent}  ")
        else:
            yield f"{indent}{key}: {_scalar(value)}{'' if key in given.model_fields_set else _DEFAULT}"


def _scalar(value: object) -> str:
    """Return the value as YAML on one line; characters that could mislead who looks at them are escaped."""
    is_printable = all(each.isprintable() for each in (value if isinstance(value, list) else [str(value)]))
    dumped = yaml.safe_dump(value, default_flow_style=True, width=sys.maxsize, allow_unicode=is_printable)
    return dumped.removesuffix("\n").removesuffix("\n...")
