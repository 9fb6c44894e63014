"""Calls that wait for something outside the program, without a time limit."""

import ast
from collections.abc import Iterator

from gatekeeper.halting import source

# method -> positional arguments from which on there is a limit, or it is another method of that name
_METHODS = {"join": 1, "wait": 1, "acquire": 1, "get": 1, "result": 1, "communicate": 2, "accept": 1, "recv": 2}
_METHODS |= {"wait_for": 2, "serve_forever": 1, "run_forever": 1}
# function -> likewise; these take a limit by name alone, or none
_NEVER = 1_000
_FUNCTIONS = {"input": _NEVER, "select.select": 4, "signal.pause": _NEVER, "signal.sigwait": _NEVER}
_FUNCTIONS |= {f"subprocess.{name}": _NEVER for name in ("run", "call", "check_call", "check_output")}
_LIMITS = frozenset({"timeout", "block", "blocking"})


def lines(node: ast.AST, module: source.Module) -> Iterator[int]:
    """Yield the 1-based lines of such calls under `node`."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and not _limited(call) and len(call.args) < _limit(call, module):
            yield call.lineno


def _limit(call: ast.Call, module: source.Module) -> int:
    limit = _FUNCTIONS.get(module.meaning(call.func))
    if limit is not None:
        return limit
    return _METHODS.get(call.func.attr, 0) if isinstance(call.func, ast.Attribute) else 0


def _limited(call: ast.Call) -> bool:
    return any(keyword.arg is None or keyword.arg in _LIMITS for keyword in call.keywords)
