"""The text of `.github/gatekeeper.yml` -> its values, or every problem in it with its line."""

import difflib
from collections.abc import Iterator
from typing import Protocol

import pydantic
import pydantic_core
import yaml

from gatekeeper import configurationkeys, errors

LARGEST = 64 * 1024
_DEEPEST = 10
# characters of a value that a message repeats
_SHOWN = 60


class _Mark(Protocol):
    """A place in the text, counted from 0."""

    line: int
    column: int


_START: _Mark = yaml.Mark(name="", index=0, line=0, column=0, buffer=None, pointer=0)


class _Problems(Exception):  # noqa: N818 - never leaves this module
    """What is wrong, and where: one or several."""

    def __init__(self, *each: tuple[str, _Mark]) -> None:
        super().__init__(each)
        self.each = each


def parse(content: bytes, path: str) -> configurationkeys.File:
    """Return the values given. Raises ConfigurationError, a line `path:line:column: what, what is allowed` each."""
    try:
        return _parse(content)
    except _Problems as found:
        each = sorted(found.each, key=lambda problem: (problem[1].line, problem[1].column))
        lines = [f"{path}:{mark.line + 1}:{mark.column + 1}: {what}" for what, mark in each]
        raise errors.ConfigurationError("\n".join(lines)) from found


def _parse(content: bytes) -> configurationkeys.File:
    try:
        node = _compose(_text(content))
        return configurationkeys.File() if node is None else _validated(node)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        raise _Problems((f"not YAML: {problem.problem}", _START if mark is None else mark)) from problem
    except yaml.YAMLError as problem:
        raise _Problems((f"not YAML: {problem}", _START)) from problem


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise _Problems((f"{len(content):,} bytes, and at most {LARGEST:,} are allowed", _START))
    try:
        return content.decode()
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start)
        mark = yaml.Mark(name="", index=problem.start, line=line, column=0, buffer=None, pointer=0)
        raise _Problems(("not UTF-8: save the file as UTF-8", mark)) from problem


def _compose(text: str) -> yaml.Node | None:
    """Return the document's node, refusing what a configuration has no use for and an attacker might have."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = event.start_mark or _START
        if isinstance(event, yaml.AliasEvent):
            raise _Problems(("aliases are not allowed: write the value again", mark))
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag is not None:
            raise _Problems((f"the tag {_cut(event.tag)} is not allowed: leave it out", mark))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise _Problems((f"nested more than {_DEEPEST} deep, and two are enough", mark))
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _plain(node: yaml.Node) -> object:
    """Return the node as dicts by text, lists and scalars."""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return dict(_items(node))
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except ValueError as problem:
        raise _Problems((f"{_cut(node.value)} is not a usable value: write it in quotes", node.start_mark)) from problem


def _items(node: yaml.MappingNode) -> Iterator[tuple[str, object]]:
    seen = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _Problems(("a key must be a word", key.start_mark))
        if key.value in seen:
            raise _Problems((f"the key {_cut(key.value)} is given twice: keep one", key.start_mark))
        seen.add(key.value)
        yield key.value, _plain(value)


def _validated(node: yaml.Node) -> configurationkeys.File:
    given = _plain(node)
    if given is None:
        return configurationkeys.File()
    try:
        return configurationkeys.File.model_validate(given)
    except pydantic.ValidationError as problem:
        found = problem.errors(include_url=False)
        raise _Problems(*((_explain(each), _mark(node, each["loc"])) for each in found)) from problem


def _mark(node: yaml.Node, location: tuple[int | str, ...]) -> _Mark:
    mark: _Mark = node.start_mark
    for step in location:
        if isinstance(node, yaml.MappingNode):
            mark, node = next((key.start_mark, value) for key, value in node.value if key.value == step)
        elif isinstance(node, yaml.SequenceNode):
            assert isinstance(step, int)
            node = node.value[step]
            mark = node.start_mark
    return mark


def _explain(problem: pydantic_core.ErrorDetails) -> str:
    location = problem["loc"]
    label = ".".join(str(step) for step in location) or "the file"
    match problem["type"]:
        case "extra_forbidden":
            return _unknown(str(location[-1]), list(configurationkeys.model_at(location[:-1]).model_fields))
        case "model_type":
            keys = ", ".join(configurationkeys.model_at(location).model_fields)
            return f"{label} must be made of keys: allowed are {keys}"
        case "too_short":
            return f"{label} must have at least one entry: leave it out where all are meant"
        case "string_pattern_mismatch":
            start = f"{label} must be a pattern of whole names that starts with neither `!` nor `/`"
            return f"{start}, not {_cut(problem['input'])}"
        case _:
            return f"{label} {problem['msg'].removeprefix('Input ')}, not {_cut(problem['input'])}"


def _unknown(key: str, keys: list[str]) -> str:
    near = difflib.get_close_matches(key[:_SHOWN], keys, n=1)
    meant = f", did you mean {near[0]}?" if near else ":"
    return f"unknown key {_cut(key)}{meant} allowed are {', '.join(keys)}"


def _cut(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 2]}.."
