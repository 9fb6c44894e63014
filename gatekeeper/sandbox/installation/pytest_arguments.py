"""pytest's arguments in the sandbox: the tree's configuration without what only absent plugins understand."""

import re
import shlex
from collections.abc import Container, Iterable

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import addopts, manifests, pytest_settings

# plugin that may be absent -> the markers that it would have registered
_MARKERS: dict[str, tuple[str, ...]] = {
    "anyio": ("anyio",),
    "pytest-asyncio": ("asyncio",),
    "pytest-benchmark": ("benchmark",),
    "pytest-codspeed": ("benchmark", "codspeed_benchmark"),
    "pytest-cov": ("no_cover",),
    "pytest-django": ("django_db", "ignore_template_errors", "urls"),
    "pytest-forked": ("forked",),
    "pytest-memray": ("limit_leaks", "limit_memory"),
    "pytest-parallel": ("parallel",),
    "pytest-random-order": ("random_order",),
    "pytest-rerunfailures": ("flaky",),
    "pytest-retry": ("flaky",),
    "pytest-run-parallel": ("iterations", "parallel_threads", "parallel_threads_limit", "thread_unsafe"),
    "pytest-socket": ("allow_hosts", "disable_socket", "enable_socket"),
    "pytest-timeout": ("timeout",),
    "pytest-trio": ("trio",),
    "pytest-xdist": ("xdist_group",),
}

# warnings that only say that a plugin is absent; with `filterwarnings = error` they would end the run
_QUIETED = ("Unknown config option", "Failed to import filter module")

# files that may define a plugin
_PLUGIN = re.compile(r"(?:conftest|plugin|fixture|pytest|option)[^/]*\.py$")
_LITERAL = re.compile(rb"""["'](--[\w-]+)["']""")


def assemble(
    settings: pytest_settings.Settings, known: addopts.Known, absent: Iterable[str], present: Container[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the arguments, and for people what was neutralised.

    `absent`: distributions that are declared and not there. `present`: the top-level names that can be imported.
    """
    if settings.path is None:
        return (), ()
    kept, refused = addopts.neutralise(settings.addopts, known)
    arguments = ["-o", "strict_config=false"]
    by_reason: dict[str, list[str]] = {}
    for option, reason in refused.items():
        by_reason.setdefault(reason, []).append(repr(option))
    notes = [f"{settings.path}: addopts without {', '.join(names)}: {reason}" for reason, names in by_reason.items()]
    if kept != settings.addopts:
        arguments += ["-o", f"addopts={shlex.join(kept)}"]
    for name in ("required_plugins", "log_file"):
        if name in settings.names:
            arguments += ["-o", f"{name}="]
            notes.append(f"{settings.path}: {name} is left out")
    markers = {marker for name in absent for marker in _MARKERS.get(name, ())}
    if markers:
        arguments += ["-o", "markers=" + "\n".join([*settings.markers, *sorted(markers)])]
    filters = tuple(line for line in settings.filterwarnings if not (module := _module_of(line)) or module in present)
    if filters != settings.filterwarnings:
        arguments += ["-o", "filterwarnings=" + "\n".join(filters)]
        notes += [
            f"{settings.path}: filterwarnings {line!r} is left out: its module is not in the sandbox"
            for line in settings.filterwarnings
            if line not in filters
        ]
    for message in _QUIETED:
        arguments += ["-W", f"ignore:{message}:pytest.PytestConfigWarning"]
    return tuple(arguments), tuple(notes)


def _module_of(line: str) -> str:
    """Return the top-level module of a warning filter's category (`action:message:category:…`); `""`: built in."""
    fields = line.split(":")
    category = fields[2].strip() if len(fields) > 2 else ""  # noqa: PLR2004 - the third field
    return category.split(".")[0] if "." in category else ""


def tree_options(files: tree.Tree) -> frozenset[str]:
    """Return the long options that the tree's own conftest files and plugins add to pytest."""
    found: set[str] = set()
    for path, entry in files.entries.items():
        if _PLUGIN.search(path) and entry.size < manifests.LIMIT and entry.mode in manifests.REGULAR:
            source = files.read(path)
            if b"addoption(" in source:
                found |= options(source)
    return frozenset(found)


def options(source: bytes) -> frozenset[str]:
    """Return every string of the source that looks like a long option."""
    return frozenset(match.decode() for match in _LITERAL.findall(source))
