"""What tox and nox install before they run tests."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import groups, literals, manifests, requirements_files, sources

_FACTOR = re.compile(
    r"(?P<factors>[\w{},!.-]+)\s*:\s+(?P<line>.+)|(?P<braced>\{[\w,]+\}[\w{},!.-]*)\s*:\s*(?P<rest>.+)"
)
_INCLUDE = re.compile(r"(?:-r|--requirement)[\s=]*(?P<path>\S+)")


def read(project: sources.Sources) -> Iterator[groups.Group]:
    """Yield one group for each environment of tox and each session of nox in the folder."""
    files = project.files
    path = project.path("tox.ini")
    yield from _tox_ini(files, path, manifests.ini(files, path))
    yield from _tox_ini(files, project.path("setup.cfg"), project.cfg)
    path, tool = project.path("pyproject.toml"), manifests.table(project.document, "tool", "tox")
    yield from _tox_ini(files, path, manifests.sections(manifests.string(tool.get("legacy_tox_ini"))))
    yield from _tox_toml(files, path, tool)
    path = project.path("tox.toml")
    yield from _tox_toml(files, path, manifests.toml(files, path))
    yield from _nox(files, project.path("noxfile.py"))


def _tox_ini(files: tree.Tree, origin: str, sections: Mapping[str, Mapping[str, str]]) -> Iterator[groups.Group]:
    for name, section in sections.items():
        if name == "testenv" or name.startswith("testenv:"):
            listed = [*map(_unconditional, manifests.lines(section.get("deps", "")))]
            extras = re.findall(r"[\w.-]+", section.get("extras", ""))
            yield _environment(files, origin, name.partition(":")[2] or "test", [*listed, *_own(extras)])


def _unconditional(line: str) -> str:
    """Return the requirement; of one that only some environments ask for (`django42: Django~=4.2`), the name alone."""
    match = _FACTOR.fullmatch(line)
    if match is None:
        return line
    rest = str(match["line"] or match["rest"])
    return re.split(r"[<>=!~;\s]", rest, maxsplit=1)[0] if not rest.startswith(("-", ".")) else rest


def _tox_toml(files: tree.Tree, origin: str, tool: Mapping[str, Any]) -> Iterator[groups.Group]:
    tables = {"test": manifests.table(tool, "env_run_base")}
    tables |= {name: manifests.table(tool, "env", name) for name in manifests.table(tool, "env")}
    for name, table in tables.items():
        listed = [*manifests.strings(table.get("deps")), *_own(manifests.strings(table.get("extras")))]
        yield _environment(files, origin, name, listed)


def _own(extras: Iterable[str]) -> list[str]:
    return [f".[{extra}]" for extra in extras]


def _environment(files: tree.Tree, origin: str, name: str, listed: Iterable[str]) -> groups.Group:
    """One environment's group, its `-r` replaced by what the file lists."""
    folder = origin.rpartition("/")[0]
    lines: list[str] = []
    for line in listed:
        included = _INCLUDE.fullmatch(line)
        if included:
            lines += _file(files, folder, included["path"])
        elif not line.startswith(("-c", "--constraint")) and "[testenv" not in line:
            lines.append(re.sub(r"\s#.*$", "", line))
    return groups.Group(origin=origin, name=name, purpose=groups.purpose(name), lines=tuple(lines))


def _file(files: tree.Tree, folder: str, path: str) -> tuple[str, ...]:
    try:
        inside = manifests.join(folder, path.replace("{toxinidir}", ".").replace("{tox_root}", "."))
    except ValueError:
        return ()
    return requirements_files.lines(files, inside)


def _nox(files: tree.Tree, origin: str) -> Iterator[groups.Group]:
    module = manifests.syntax(files, origin)
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)] if module else []
    for function in functions:
        yield _environment(files, origin, function.name, _installed(function))


def _installed(function: ast.FunctionDef) -> list[str]:
    """Return the literal arguments of `session.install(…)`, `-r FILE` and `-e .` as one line each."""
    found: list[str] = []
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    for call in (call for call in calls if literals.called(call) in {"install", "_install"}):
        words = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        for word in words:
            if found and found[-1] in {"-r", "--requirement", "-e", "--editable", "-c", "--constraint"}:
                found[-1] += f" {word}"
            else:
                found.append(word)
    return [line for line in found if not re.fullmatch(r"--?[a-z-]+", line)]
