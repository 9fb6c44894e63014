"""The examples in docstrings -> what they mention."""

import ast
import re
import warnings
from collections.abc import Iterator

from gatekeeper.impact import mentions

_EXAMPLE = re.compile(r"^[ \t]*>>> ?(.*(?:\n[ \t]*\.\.\. ?.*)*)", re.MULTILINE)
_CONTINUED = re.compile(r"\n[ \t]*\.\.\. ?")


def mentions_of(module: ast.Module) -> set[str]:
    """Return the mentions of every example in the docstrings of a module."""
    texts = [node.value for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return set().union(*(mentions_of_text(text) for text in texts if ">>>" in text))


def mentions_of_text(text: str) -> set[str]:
    """Return the mentions of every example in `text`; an example that does not parse mentions nothing."""
    found: set[str] = set()
    for example in _EXAMPLE.findall(text):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parsed = ast.parse(_CONTINUED.sub("\n", example))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        inside = mentions.of_nodes(parsed.body)
        found |= inside.mentions
        for item in inside.imports:
            found.update(_imported(item))
    return found


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield what an import inside an example reaches: the module itself, or what it names of it."""
    if isinstance(node, ast.Import):
        yield from (f"!{alias.name}" for alias in node.names)
    elif node.module:
        yield f"!{node.module}"
        # what is imported by `*` may be anything
        yield from ("?" if alias.name == "*" else f"'{node.module}.{alias.name}" for alias in node.names)
