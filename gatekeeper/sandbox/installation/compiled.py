"""Modules of a tree that only a compiler would make; the sandbox runs none of them."""

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import manifests, setup_files, sources

_KINDS = {".pyx": "Cython", ".pyf": "Fortran"}


def modules(project: sources.Sources, import_roots: tuple[str, ...]) -> dict[str, str]:
    """Return the dotted names of the project's compiled modules with the reason why they are not there.

    A module that stands in the tree as Python too (Cython's pure mode) is not among them.
    """
    files, document = project.files, project.document
    found = dict.fromkeys(setup_files.extension_names(project), "C")
    listed = manifests.table(document, "tool", "setuptools").get("ext-modules")
    for extension in listed if isinstance(listed, list) else []:
        found[manifests.string(manifests.table({"it": extension}, "it").get("name"))] = "C"
    found[manifests.string(manifests.table(document, "tool", "maturin").get("module-name"))] = "Rust"
    prefix = f"{project.folder}/" if project.folder else ""
    for path in files.entries:
        stem, dot, suffix = path.rpartition(".")
        if path.startswith(prefix) and dot + suffix in _KINDS:
            found[_dotted(stem, import_roots)] = _KINDS[dot + suffix]
    reasons = {name: f"{name} is compiled from {language}" for name, language in found.items()}
    return {name: reason for name, reason in reasons.items() if name and not _is_python(files, name, import_roots)}


def _dotted(stem: str, import_roots: tuple[str, ...]) -> str:
    inside = [
        stem[len(root) + 1 :] if root else stem for root in import_roots if not root or stem.startswith(f"{root}/")
    ]
    return min(inside, key=len, default=stem).replace("/", ".")


def _is_python(files: tree.Tree, name: str, import_roots: tuple[str, ...]) -> bool:
    path = name.replace(".", "/")
    stems = (manifests.join(root, path) for root in import_roots)
    return any(f"{stem}.py" in files.entries or f"{stem}/__init__.py" in files.entries for stem in stems)
