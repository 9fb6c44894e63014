"""Compile the unpacked requirements once, so that no session has to: nothing of them is run."""

import importlib._bootstrap_external as external
import importlib.util
import os
import sys

SITE = "/site"


def do(job: dict, tell) -> None:
    """Compile every `of`-th module below SITE from the `index`-th on, into the bytecode folder."""
    sys.pycache_prefix = job["bytecode"]
    for path in sorted(_sources())[job["index"] :: job["of"]]:
        _compile(path)
        tell({"event": "compiled"})


def _sources():
    for folder, _, files in os.walk(SITE):
        for file in files:
            if file.endswith(".py"):
                yield f"{folder}/{file}"


def _compile(path: str) -> None:
    with open(path, "rb") as file:
        source = file.read()
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    # never checked against its source, which cannot change below a folder that is named by its digest
    data = external._code_to_hash_pyc(code, importlib.util.source_hash(source), checked=False)
    target = importlib.util.cache_from_source(path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(data)
