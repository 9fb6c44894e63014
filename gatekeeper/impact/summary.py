"""What one Python file defines and mentions, small enough to keep for every file of a large project.

A *mention* is a word by which a unit may reach another. Its form says what is known of the object it is looked up on:

| form | meaning |
|---|---|
| `a.b.c` | the module's global name `a`, and attributes from there |
| `.x` | attribute `x` of an object that is not known, or a constant string that may name it |
| `~x` | attribute `x` of the object a method belongs to: `self.x`, `cls.x`, `super().x` |
| `'a.b.c` | a constant string that may be a dotted path |
| `#a.b` | what `a.b` stands for is handed to a call as a whole |
| `!a.b` | the module `a.b` as a whole, imported by a computed call or named in a command |
| `@x` | pytest's fixture `x`, requested |
| `>a.b` | `a.b` is called, and what it returns is only kept |
| `&a.b` | the same, as a decorator |
| `:a.b` | an argument is annotated with `a.b` |
| `<a.b|x` | the mention `x` is handed to `a.b`, which may call it (`<@a.b|x`: as a decorator) |
| `^a.b` | a class derived from `a.b` is created |
| `?x`, `~?x` | an attribute whose computed name starts with `x` (`~`: of the method's own object) |
| `*` | every name of the own module: `globals()`, `exec` |
| `%`, `%x` | every module below the own package: `pkgutil`, imports under a computed name (that ends with `.x`) |
| `$` | another process that may run the project |
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

# raised whenever a summary of the same bytes would differ
VERSION = "3"

# the unit that stands for the examples in a file's docstrings
DOCTESTS = "<doctests>"
# ends the name of what a function makes for later, or an object of a class does later: not run by calling it
LATER = "<>"
# stands for a file that does not parse, which is imported by nothing but import statements
OPAQUE = "<opaque>"
# units of imports that no unit runs: those for type checkers alone, and pytest's `pytest_plugins`
CHECKERS = "<type checkers>"
PLUGINS = "<pytest_plugins>"


class SymbolCache(Protocol):
    """Keeps encoded summaries by blob id; what it returns was stored under the same version or is left out."""

    def get_many(self, blobs: list[str], version: str) -> dict[str, bytes]:
        """Return what is known, by blob id."""

    def put_many(self, summaries: dict[str, bytes], version: str) -> None:
        """Keep encoded summaries by blob id. A failure to keep them is not an error."""


class Unit(NamedTuple):
    """A function, a class, a module-level name, or (named "") what importing the module runs.

    A named tuple, as a large project has a hundred thousand of them.
    """

    # qualified within the module: `Class.method`; nested functions belong to the function around them
    name: str
    # f function, c class, v variable, m module
    kind: str
    # a autouse fixture · r keeps arguments in what outlives it · C calls one · c hands one on · s hands on its object
    # (of methods) · k has a metaclass
    flags: str
    # the name under which pytest knows the fixture, or ""
    fixture: str
    # classes: the bases as mentions, `` for one that is computed
    bases: list[str]


class Import(NamedTuple):
    """One name that an import statement binds."""

    level: int
    # dotted, without the leading dots
    module: str
    # what is imported from the module: "" for the module itself, `*` for everything
    name: str
    # the name it is bound to; "" for `import a.b`, which binds `a`
    alias: str
    # the unit that imports it when it runs; "" when the module is imported
    unit: str


class Details(NamedTuple):
    """The mentions of a file by word."""

    # word -> index of the unit that mentions it (~index in `keepers` for what is kept), what it is looked up on (the
    # first part of the mention, its sign, or the whole of it), 1 where the mention ends with it; and so on in threes
    uses: dict[str, list[int | str]]
    # mentions of what keeps functions and classes that it is given when the module is imported; `=`: by assignment
    keepers: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One file's summary."""

    # the parser's message with its line, or None
    error: str | None
    units: list[Unit]
    imports: list[Import]
    # every word under which `uses` has something, and every name in `imports`
    words: list[str]
    # JSON of `uses` and `keepers`
    details: bytes

    def opened(self) -> Details:
        """Return what stays encoded until the file turns out to matter."""
        uses, keepers = json.loads(self.details)
        return Details(uses, keepers)


def encode(value: Summary) -> bytes:
    """Return `value` as two lines of JSON, which `decode` reads."""
    head = [value.error, value.units, value.imports, " ".join(value.words)]
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + value.details


def decode(data: bytes) -> Summary:
    """Return the summary that `encode` wrote. Raises ValueError or TypeError for anything else."""
    head, _, details = data.partition(b"\n")
    error, units, imports, words = json.loads(head)
    return Summary(
        error=error,
        units=list(map(Unit._make, units)),
        imports=list(map(Import._make, imports)),
        words=words.split(" ") if words else [],
        details=details,
    )


def uses_of(mention: str) -> Iterator[tuple[str, str, int]]:
    """Yield each word of a mention with what it is looked up on and whether the mention ends with it."""
    first = mention[0]
    if first in "!*%$?" or mention.startswith("~?"):
        yield "?" if first == "~" else first, mention, 1
    elif first in ".~@":
        yield mention[1:], first, 1
    elif first == "^":
        yield mention.rpartition(".")[2].lstrip("^"), mention, 1
        yield "__init_subclass__", mention, 1
    elif first in "#&":
        base, _, word = mention[1:].rpartition(".")
        yield word, (f"#{base}" if first == "#" else f">{base}"), 1
    elif first in "<>:":
        sign, _, inner = mention.partition("|") if first == "<" else (first, "", mention[1:])
        prefix = f"{sign}|" if first == "<" else first
        yield from ((word, f"{prefix}{base}", ends) for word, base, ends in uses_of(inner))
    else:
        yield from _chain(mention)


def _chain(mention: str) -> Iterator[tuple[str, str, int]]:
    """Yield the words of `a.b.c`, or of `'a.b.c`, whose first word is a package and found otherwise."""
    base = ""
    words = mention.lstrip("'").split(".")
    for number, word in enumerate(words, 1):
        if mention[0] != "'" or number > 1:
            yield word, base, int(number == len(words))
        base = f"{base}.{word}" if base else f"'{word}" if mention[0] == "'" else word
