"""Where a project's importable code lies in the tree, as each build backend would have been told."""

from collections.abc import Iterator, Mapping
from typing import Any

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import manifests, sources


def import_roots(project: sources.Sources) -> tuple[str, ...]:
    """Return the folders that an editable install would put on `sys.path`, relative to the tree, in order.

    Only folders that exist; the project's own folder where nothing else is declared or found.
    """
    files, folder, document = project.files, project.folder, project.document
    stated = [*_hatch(document), *_setuptools(document), *_cfg(project.cfg), *_setup(project.setup)]
    stated += _others(document, folder, files)
    found = dict.fromkeys(root for path in stated for root in _existing(files, folder, path))
    if not found or set(found) == {folder}:
        found |= dict.fromkeys(_existing(files, folder, "src") if _has_modules(files, _join(folder, "src")) else ())
    return tuple(sorted(found, key=lambda root: root == folder)) or (folder,)


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path


def _existing(files: tree.Tree, folder: str, path: str) -> Iterator[str]:
    try:
        root = manifests.join(folder, path)
    except ValueError:
        return
    if not root or any(name.startswith(f"{root}/") for name in files.entries):
        yield root


def _has_modules(files: tree.Tree, root: str) -> bool:
    """Whether the folder holds modules or packages, and is no package itself."""
    if f"{root}/__init__.py" in files.entries:
        return False
    below = (name[len(root) + 1 :] for name in files.entries if name.startswith(f"{root}/") and name.endswith(".py"))
    return any(name.count("/") <= 2 for name in below)  # noqa: PLR2004 - `module.py`, `package/…`, `namespace/package/…`


def _hatch(document: Mapping[str, Any]) -> Iterator[str]:
    build = manifests.table(document, "tool", "hatch", "build")
    for target in (manifests.table(build, "targets", "wheel"), build):
        yield from (_above(path) for path in manifests.strings(target.get("packages")))
        yield from (_above(path) for path in manifests.strings(target.get("only-include")))
        sources = target.get("sources")
        yield from manifests.strings(list(sources) if isinstance(sources, dict) else sources)
    yield from manifests.strings(build.get("dev-mode-dirs"))


def _above(path: str) -> str:
    return path.strip("/").rpartition("/")[0]


def _setuptools(document: Mapping[str, Any]) -> Iterator[str]:
    setuptools = manifests.table(document, "tool", "setuptools")
    yield from _package_dir(manifests.table(setuptools, "package-dir"))
    yield from manifests.strings(manifests.table(setuptools, "packages", "find").get("where"))


def _package_dir(table: Mapping[str, object]) -> Iterator[str]:
    """`{"": "src"}` names a root; `{"pkg.sub": "lib/pkg/sub"}` implies one where the names agree."""
    for package, path in table.items():
        if isinstance(path, str):
            suffix = package.replace(".", "/")
            folder = path.strip("/")
            if not package:
                yield folder
            elif folder == suffix or folder.endswith(f"/{suffix}"):
                yield folder[: len(folder) - len(suffix)].strip("/")


def _cfg(cfg: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    pairs = (line.partition("=") for line in manifests.lines(cfg.get("options", {}).get("package_dir", "")))
    yield from _package_dir({package.strip(): path.strip() for package, _, path in pairs})
    yield from manifests.lines(cfg.get("options.packages.find", {}).get("where", ""))


def _setup(setup: Mapping[str, object]) -> Iterator[str]:
    yield from _package_dir(manifests.table(setup, "package_dir"))
    yield from manifests.strings(manifests.table(setup, "packages").get("where"))


def _others(document: Mapping[str, Any], folder: str, files: tree.Tree) -> Iterator[str]:
    tool = manifests.table(document, "tool")
    listed = manifests.table(tool, "poetry").get("packages")
    for package in listed if isinstance(listed, list) else []:
        table = manifests.table({"package": package}, "package")
        if "include" in table:
            yield manifests.string(table.get("from"))
    yield manifests.string(manifests.table(tool, "pdm", "build").get("package-dir"))
    yield manifests.string(manifests.table(tool, "maturin").get("python-source"))
    yield manifests.string(manifests.table(tool, "uv", "build-backend").get("module-root"))
    module = manifests.string(manifests.table(tool, "flit", "module").get("name"))
    if module and _has_modules(files, _join(folder, "src")):
        yield "src"


def top_level(files: tree.Tree, root: str) -> frozenset[str]:
    """Return the names that can be imported from the folder: its modules, and its folders with Python in them."""
    prefix = f"{root}/" if root else ""
    parts = (
        name[len(prefix) :].split("/") for name in files.entries if name.startswith(prefix) and name.endswith(".py")
    )
    return frozenset(name for path in parts if (name := path[0].removesuffix(".py")).isidentifier())
