"""A project's version, and the files with it that its build would have written."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import literals, manifests, pyproject, sources

_VERSION = re.compile(
    r"v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview)[-_.]?\d*)?"
    r"(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?",
    re.IGNORECASE,
)
# already as metadata spells it: most are, and `packaging` need not be imported
_PLAIN = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?")
UNKNOWN = "0.0.0"

# setuptools-scm's own template, which hatch-vcs and flit-scm use too
_TEMPLATE = """\
__all__ = ["__version__", "__version_tuple__", "version", "version_tuple", "__commit_id__", "commit_id"]

__version__ = version = {version!r}
__version_tuple__ = version_tuple = {version_tuple!r}
__commit_id__ = commit_id = None
"""


def is_version(text: str) -> bool:
    """Whether the text is a version as PEP 440 spells them."""
    return _VERSION.fullmatch(text.strip()) is not None


def normalised(version: str) -> str:
    """Return the version as metadata spells it (`3.2.dev` as `3.2.dev0`)."""
    if _PLAIN.fullmatch(version):
        return version
    from packaging import version as versions

    return str(versions.Version(version))


def from_tag(tag: str) -> str:
    """Return the version in a tag's name (`v1.2`, `release-1.2`, `rel_1_2`); `""` where there is none."""
    match = re.search(
        r"(?:^|[^0-9A-Za-z.])v?(\d+(?:[._]\d+)*(?:[-_.]?(?:a|b|rc|post|dev)[-_.]?\d+)?)$", tag, re.IGNORECASE
    )
    version = re.sub(r"(?<=\d)_(?=\d)", ".", match[1]) if match else ""
    return normalised(version) if is_version(version) else ""


def stated(project: sources.Sources, roots: tuple[str, ...]) -> str:
    """Return the version that the tree states somewhere, without running it; `""` where it states none."""
    metadata = project.cfg.get("metadata", {}).get("version", "")
    candidates: Iterator[str] = (
        text
        for source in (
            lambda: [pyproject.version(project.document)],
            lambda: [_reference(project, roots, metadata)],
            lambda: _from_tables(project, roots),
            lambda: [manifests.string(project.setup.get("version"))],
            lambda: _flit(project, roots),
            lambda: re.findall(
                r"^Version: *(.+)$", manifests.text(project.files, project.path("PKG-INFO")), re.MULTILINE
            ),
        )
        for text in source()
    )
    return next((normalised(text.strip()) for text in candidates if is_version(text)), "")


def _reference(project: sources.Sources, roots: tuple[str, ...], value: str) -> str:
    """Follow setup.cfg's `1.2`, `attr: module.name` or `file: PATH`."""
    kind, _, target = value.partition(":")
    if kind.strip() == "attr":
        return _attribute(project.files, roots, target.strip())
    if kind.strip() == "file":
        return manifests.text(project.files, project.path(target.partition(",")[0].strip()))
    return value


def _from_tables(project: sources.Sources, roots: tuple[str, ...]) -> Iterator[str]:
    files, tool = project.files, manifests.table(project.document, "tool")
    dynamic = manifests.table(tool, "setuptools", "dynamic", "version")
    yield _attribute(files, roots, manifests.string(dynamic.get("attr")))
    for path in manifests.strings(dynamic.get("file")):
        yield manifests.text(files, project.path(path))
    hatch = manifests.table(tool, "hatch", "version")
    if hatch.get("source", "regex") == "regex":
        yield _in_text(manifests.text(files, project.path(manifests.string(hatch.get("path")))), hatch.get("pattern"))
    pdm = manifests.table(tool, "pdm", "version")
    yield _in_text(manifests.text(files, project.path(manifests.string(pdm.get("path")))), None)


def _flit(project: sources.Sources, roots: tuple[str, ...]) -> Iterator[str]:
    """Yield `__version__` of the module, which Flit reads, as many setup.py files do in their own way."""
    flit = manifests.table(project.document, "tool", "flit")
    named = (
        manifests.string(manifests.table(flit, "module").get("name"))
        or pyproject.name(project.document)
        or manifests.string(project.setup.get("name"))
    )
    module = named.replace("-", "_").replace(".", "_")
    for name in dict.fromkeys((module, module.lower())):
        for source in (f"{name}.__version__", f"{name}._version.__version__", f"{name}.version.__version__"):
            yield _attribute(project.files, roots, source) if name else ""


def _in_text(source: str, pattern: object) -> str:
    """Return the version in `__version__ = "1.2"` or `VERSION = "1.2"`; a pattern of the tree's own is not run."""
    if isinstance(pattern, str) and "version" not in pattern.lower():
        return ""
    match = re.search(
        r"""^\s*(?:__)?version(?:__)?(?:\s*:\s*[\w.]+)?\s*=\s*["'](?P<version>[^"'\n]+)["']""",
        source,
        re.IGNORECASE | re.MULTILINE,
    )
    return match["version"] if match else ""


def _attribute(files: tree.Tree, roots: tuple[str, ...], dotted: str) -> str:
    """Return the string that `package.module.NAME` or `package.module:NAME` is assigned literally."""
    module, _, name = dotted.replace(":", ".").rpartition(".")
    path = module.replace(".", "/")
    for root in roots if path else ():
        for candidate in (f"{path}.py", f"{path}/__init__.py"):
            source = manifests.syntax(files, manifests.join(root, candidate))
            value = literals.attribute(source, name) if source else None
            if isinstance(value, str):
                return value
            if isinstance(value, list) and value and all(isinstance(part, int) for part in value):
                return ".".join(map(str, value))
    return ""


def generated(project: sources.Sources, version: str) -> dict[str, bytes]:
    """Return the version files that the build would write and the tree lacks, by path."""
    found = {}
    for path, template in _written(project.document):
        target = project.path(path)
        if target and target not in project.files.entries:
            found[target] = _render(template or ("{version}\n" if target.endswith(".txt") else _TEMPLATE), version)
    return found


def _written(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Path and template of each file that a tool of the document writes the version to."""
    tool = manifests.table(document, "tool")
    scm = manifests.table(tool, "setuptools_scm")
    template = manifests.string(scm.get("version_file_template")) or manifests.string(scm.get("write_to_template"))
    yield from ((manifests.string(scm.get(key)), template) for key in ("version_file", "write_to"))
    build = manifests.table(tool, "hatch", "build")
    for hooks in (manifests.table(build, "hooks"), manifests.table(build, "targets", "wheel", "hooks")):
        hook = manifests.table(hooks, "vcs")
        yield manifests.string(hook.get("version-file")), manifests.string(hook.get("template"))
    pdm = manifests.table(tool, "pdm", "version")
    pdm_template = manifests.string(pdm.get("write_template")).replace("{}", "{version}")
    yield manifests.string(pdm.get("write_to")), pdm_template or "{version}\n"
    versioningit = manifests.table(tool, "versioningit", "write")
    yield manifests.string(versioningit.get("file")), manifests.string(versioningit.get("template"))
    poetry = manifests.table(tool, "poetry-dynamic-versioning", "files")
    for path in poetry:
        yield path, manifests.string(manifests.table(poetry, path).get("initial-content"))


def _render(template: str, version: str) -> bytes:
    """Fill in the version; a template is the tree's own text, so only the two known fields are replaced."""
    numbers = tuple(int(part) if part.isdigit() else part for part in re.split(r"[.+]", version))
    fields = {
        "version": version,
        "version!r": repr(version),
        "version_tuple": repr(numbers),
        "version_tuple!r": repr(numbers),
    }
    return re.sub(r"\{([a-z_]+(?:!r)?)\}", lambda match: fields.get(match[1], match[0]), template).encode()
