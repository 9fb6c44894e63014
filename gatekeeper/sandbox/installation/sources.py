"""The manifests of one project's folder, parsed once."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import literals, manifests


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """A folder of a tree and what its manifests say; what is missing is empty."""

    files: tree.Tree
    # relative to the tree; `""`: the root
    folder: str
    # pyproject.toml
    document: Mapping[str, Any]
    # setup.cfg
    cfg: Mapping[str, Mapping[str, str]]
    # setup.py
    module: ast.Module | None
    # the literal arguments of `setup()` in it, by keyword
    setup: Mapping[str, object]

    def path(self, name: str) -> str:
        """Return the path of a file of the folder; `""` for one outside the tree, or without a name."""
        try:
            return manifests.join(self.folder, name) if name else ""
        except ValueError:
            return ""


def read(files: tree.Tree, folder: str) -> Sources:
    """Return the folder's manifests."""
    module = manifests.syntax(files, manifests.join(folder, "setup.py"))
    return Sources(
        files=files,
        folder=folder,
        document=manifests.toml(files, manifests.join(folder, "pyproject.toml")),
        cfg=manifests.ini(files, manifests.join(folder, "setup.cfg")),
        module=module,
        setup=literals.arguments(module, "setup") if module is not None else {},
    )
