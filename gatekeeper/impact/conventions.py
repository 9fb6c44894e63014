"""What pytest collects in a tree, by the tree's own configuration.

The settings are pytest's: `python_files`, `python_classes`, `python_functions`, `testpaths`, `norecursedirs`,
`pythonpath`, `addopts` (https://docs.pytest.org/en/stable/reference/customize.html). At the root of the tree the first
of `pytest.toml`, `pytest.ini`, their hidden twins, `pyproject.toml`, `tox.ini` and `setup.cfg` with a section for
pytest holds.
"""

import configparser
import contextlib
import fnmatch
import functools
import itertools
import re
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# run before or after tests of a class or module by pytest and unittest, without being mentioned
_FIXTURE_METHODS_WORDS = (
    "setUp tearDown setUpClass tearDownClass asyncSetUp asyncTearDown setUpModule tearDownModule setUpTestData "
    "setup teardown setup_method teardown_method setup_class teardown_class setup_module teardown_module "
    "setup_function teardown_function runTest addTypeEqualityFunc"
)
_FIXTURE_METHODS = frozenset(_FIXTURE_METHODS_WORDS.split())
_SECTIONS = (
    ("pytest.toml", "pytest"),
    (".pytest.toml", "pytest"),
    ("pytest.ini", "pytest"),
    (".pytest.ini", "pytest"),
    ("pyproject.toml", "tool.pytest"),
    ("tox.ini", "pytest"),
    ("setup.cfg", "tool:pytest"),
)
_NO_RECURSE = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}", "__pycache__")
_REQUIRED = re.compile(r"(?:requires-python|python_requires)\s*=\s*[\"']?[^\"'\n]*>=?\s*3\.(\d+)")
# entry points of plugins, as setup.py writes them in a call that is not run here
_SETUP_PLUGINS = re.compile(r"pytest11.{0,500}", re.DOTALL)
_PLUGIN_TARGET = re.compile(r"=\s*([A-Za-z_][\w.]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """What is a test, and which files serve tests."""

    files: tuple[str, ...] = ("test_*.py", "*_test.py")
    classes: tuple[str, ...] = ("Test",)
    functions: tuple[str, ...] = ("test",)
    test_paths: tuple[str, ...] = ()
    skipped_folders: tuple[str, ...] = _NO_RECURSE
    python_path: tuple[str, ...] = ()
    doctest_modules: bool = False
    # dotted names of modules that are pytest plugins of the project itself
    plugins: tuple[str, ...] = ()

    def is_collected(self, path: str) -> bool:
        """Whether pytest looks at the file at all."""
        if any(_matches(folder, self.skipped_folders) for folder in path.split("/")[:-1]):
            return False
        if not self.test_paths:
            return True
        return any(
            path == item or path.startswith(item + "/") or fnmatch.fnmatch(path, item + "/*")
            for item in self.test_paths
        )

    def is_test_file(self, path: str) -> bool:
        """Whether the file is collected as a test module.

        `tests.py` and `test.py` count too, whatever the configuration says: a project with a runner of its own keeps
        tests there, and a module without tests costs nothing.
        """
        if not path.endswith(".py"):
            return False
        name = path.rpartition("/")[2]
        named = name in {"tests.py", "test.py"} or _matches(name, self.files)
        by_path = any("/" in item and fnmatch.fnmatch(path, item) for item in self.files)
        return (named or by_path) and self.is_collected(path)

    def is_test_support(self, path: str) -> bool:
        """Whether the file serves tests: a test module, a `conftest.py`, or anything in a folder of tests."""
        folders = path.split("/")
        return (
            self.is_test_file(path)
            or folders[-1] == "conftest.py"
            or bool({"tests", "test", "testing"} & set(folders[:-1]))
        )

    def is_test_function(self, name: str) -> bool:
        """Whether pytest collects a function of this name from a test module or test class."""
        return _starts_or_matches(name, self.functions)

    def is_test_class(self, name: str) -> bool:
        """Whether pytest collects a class of this name, whatever it derives from."""
        return _starts_or_matches(name, self.classes)

    def is_fixture_method(self, name: str) -> bool:
        """Whether pytest or unittest runs a function of this name around tests."""
        return name in _FIXTURE_METHODS

    def sees_fixture(self, path: str, definer: str) -> bool:
        """Whether tests and fixtures of `path` may request a fixture by its name in `definer`."""
        if path == definer or self.is_plugin(definer):
            return True
        folder, _, name = definer.rpartition("/")
        return name == "conftest.py" and (not folder or path.startswith(folder + "/"))

    def is_plugin(self, path: str) -> bool:
        """Whether the file is a plugin that pytest loads for the whole run."""
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return any(module == item or module.endswith("." + item) for item in self.plugins)


def _starts_or_matches(name: str, patterns: tuple[str, ...]) -> bool:
    return name.startswith(patterns) or any(_has_wildcard(item) and fnmatch.fnmatch(name, item) for item in patterns)


@functools.lru_cache(maxsize=100)
def _has_wildcard(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern or "[" in pattern


@functools.lru_cache(maxsize=10_000)
def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(name, item) for item in patterns)


def read(load: Callable[[str], bytes | None], plugins: Iterable[str]) -> Conventions:
    """Return the conventions of a tree; `load` gives a file's bytes or None, `plugins` what modules name as such."""
    options = _options(load)
    added = _words(options.get("addopts"))
    named = [after for word, after in itertools.pairwise(added) if word == "-p"]
    return Conventions(
        files=_tuple(options, "python_files", Conventions().files),
        classes=_tuple(options, "python_classes", Conventions().classes),
        functions=_tuple(options, "python_functions", Conventions().functions),
        test_paths=tuple(
            item.rstrip("/").removeprefix("./") for item in _words(options.get("testpaths")) if item != "."
        ),
        skipped_folders=_tuple(options, "norecursedirs", _NO_RECURSE),
        python_path=tuple(item.rstrip("/").removeprefix("./") for item in _words(options.get("pythonpath"))),
        doctest_modules="--doctest-modules" in added,
        plugins=tuple(sorted({*plugins, *named, *_entry_points(load)})),
    )


def _tuple(options: Mapping[str, object], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_words(options.get(name))) or default


def _words(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    try:
        return shlex.split(value, comments=True) if isinstance(value, str) else []
    except ValueError:
        return str(value).split()


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")


def _options(load: Callable[[str], bytes | None]) -> Mapping[str, object]:
    for name, section in _SECTIONS:
        data = load(name)
        if data is None:
            continue
        found = _toml_options(data) if name.endswith(".toml") else _ini_options(data, section)
        if found is not None:
            return found
    return {}


def _toml_options(data: bytes) -> Mapping[str, object] | None:
    table = _toml(data)
    options = table.get("pytest") or (table.get("tool") or {}).get("pytest")
    if not isinstance(options, dict):
        return None
    inner = options.get("ini_options", options)
    return inner if isinstance(inner, dict) else None


def _ini_options(data: bytes, section: str) -> Mapping[str, object] | None:
    parser = _ini(data)
    return dict(parser[section]) if parser.has_section(section) else None


def _toml(data: bytes | None) -> dict[str, Any]:
    """Return the table; an empty one for what is no TOML, which pytest itself will complain of."""
    try:
        return tomllib.loads(_text(data))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _ini(data: bytes | None) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    with contextlib.suppress(configparser.Error):
        parser.read_string(_text(data))
    return parser


def _entry_points(load: Callable[[str], bytes | None]) -> Iterator[str]:
    """Yield the modules that the project itself offers to pytest as plugins."""
    table = _toml(load("pyproject.toml"))
    for name in ("project.entry-points.pytest11", "tool.poetry.plugins.pytest11"):
        found: object = table
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        yield from (str(value).partition(":")[0] for value in (found.values() if isinstance(found, dict) else ()))
    declared = _ini(load("setup.cfg"))
    if declared.has_option("options.entry_points", "pytest11"):
        yield from _PLUGIN_TARGET.findall(declared.get("options.entry_points", "pytest11"))
    for block in _SETUP_PLUGINS.findall(_text(load("setup.py"))):
        yield from _PLUGIN_TARGET.findall(block)


def has_newer_syntax(load: Callable[[str], bytes | None]) -> bool:
    """Whether the project asks for a newer Python than this one: what does not parse here may then be sound."""
    every = "\n".join(_text(load(name)) for name in ("pyproject.toml", "setup.cfg", "setup.py"))
    return any((3, int(minor)) > sys.version_info[:2] for minor in _REQUIRED.findall(every))
