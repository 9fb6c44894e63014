"""The examples in docstrings -> what they mention."""

import ast
import re
import warnings

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
            module = item.module if isinstance(item, ast.ImportFrom) else None
            found.update(f"!{name}" for name in ([module] if module else [alias.name for alias in item.names]))
    return found
