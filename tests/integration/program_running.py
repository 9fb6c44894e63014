"""Closed programs, really run: each for itself in a child process, its text alone, with the outcome a test would have.

The text has the code of the tree in it, so an import of one of the tree's own modules gives a stand-in whose attributes
are the names of the text. Everything else is imported as it is.
"""

import json
import os
import subprocess
import sys
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_NAME = "closed_program"
_SECONDS = 300


_PLUGIN = """
import json
outcomes = {}
def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        outcomes.setdefault(report.nodeid, report.outcome)
def pytest_unconfigure():
    with open("outcomes.json", "w") as file:
        json.dump(outcomes, file)
"""


def natively(root: Path, tests: Sequence[str], importable: str = ".") -> dict[str, str]:
    """Return `passed`, `failed` or `skipped` by test id, of the tests of a project in the folder `root`."""
    (root / "told_outcomes.py").write_text(_PLUGIN)
    environment = {**os.environ, "PYTHONPATH": f"{root}:{root / importable}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    words = [sys.executable, "-m", "pytest", "-q", "-p", "told_outcomes", "-p", "no:cacheprovider", *tests]
    subprocess.run(words, cwd=root, env=environment, capture_output=True, check=False, timeout=_SECONDS)
    return dict(json.loads((root / "outcomes.json").read_text()))


def agree(native: str, closed: str) -> bool:
    """Whether a program's outcome is that of the test."""
    match native:
        case "passed":
            return closed == "pass"
        case "skipped":
            return closed == "skip"
        case _:
            return closed not in {"pass", "skip"}


class _Names(NamedTuple):
    # first words of the dotted names of the tree's modules, and all of them
    tops: frozenset[str]
    words: frozenset[str]


def run(programs: Mapping[str, str], paths: Sequence[str], root: Path) -> dict[str, str]:
    """Return `pass`, `skip`, or the exception's type and message, by the names of the programs.

    `paths` are the files of the tree, whose modules are stood in for; `root` is where the programs run.
    """
    task = json.dumps({"programs": dict(programs), "tops": sorted(_tops(paths)), "words": sorted(_words(paths))})
    command = [sys.executable, "-W", "ignore", str(Path(__file__).resolve())]
    done = subprocess.run(command, input=task, capture_output=True, text=True, check=True, timeout=_SECONDS, cwd=root)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _tops(paths: Sequence[str]) -> set[str]:
    """Return the names under which the tree's modules may be imported: their first words."""
    found = {path.removeprefix("src/").partition("/")[0].removesuffix(".py") for path in paths if path.endswith(".py")}
    # a folder of tests is on the path when its tests are run
    return found | {path.rpartition("/")[2].removesuffix(".py") for path in paths if "test" in path} - {"__init__"}


def _words(paths: Sequence[str]) -> set[str]:
    """Return every word of a module's dotted name in the tree."""
    found = {part for path in paths if path.endswith(".py") for part in path.removesuffix(".py").split("/")}
    return found - {"__init__", "src", "lib"}


def main() -> None:
    task = json.load(sys.stdin)
    own = _Names(frozenset(task["tops"]), frozenset(task["words"]))
    output, sys.stdout = sys.stdout, sys.stderr
    outcomes = {name: _outcome(text, own) for name, text in task["programs"].items()}
    print(json.dumps(outcomes), file=output)


def _outcome(text: str, own: _Names) -> str:
    import pytest

    module = types.ModuleType(_NAME)
    sys.modules[_NAME] = module
    namespace = module.__dict__
    namespace["__builtins__"] = {**vars(__import__("builtins")), "__import__": _importer(namespace, own)}
    try:
        exec(compile(text, "<closed>", "exec"), namespace)
        namespace["main"]()
    except pytest.skip.Exception:
        return "skip"
    except BaseException as error:  # noqa: BLE001 - whatever a test raises is its outcome
        return f"{type(error).__name__}: {error}"[:300]
    return "pass"


def _importer(namespace: dict[str, Any], own: _Names) -> Any:
    stand_in = _Own(namespace, own)

    def find(name: str, where: Any = None, inside: Any = None, names: Any = (), level: int = 0) -> Any:
        if level or name.partition(".")[0] in own.tops:
            return stand_in
        return __import__(name, where, inside, names, level)

    return find


class _Own(types.ModuleType):
    """Every module of the tree: its names are those of the program."""

    def __init__(self, namespace: dict[str, Any], own: _Names) -> None:
        super().__init__("own")
        vars(self).update(_namespace=namespace, _own=own, __all__=[])

    def __getattr__(self, name: str) -> Any:
        found = self._namespace.get(name)
        if name in self._own.words and not isinstance(found, types.FunctionType | type):
            return self
        if name not in self._namespace:
            raise AttributeError(name)
        return found

    def __setattr__(self, name: str, value: object) -> None:
        self._namespace[name] = value

    def __delattr__(self, name: str) -> None:
        self._namespace.pop(name, None)


if __name__ == "__main__":
    main()
