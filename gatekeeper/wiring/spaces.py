"""The sandbox's workspaces, made of git's trees and of what an installed project would have."""

import tempfile
from pathlib import Path

from gatekeeper.diffs import tree as trees
from gatekeeper.git import materialise
from gatekeeper.sandbox import workspace


class GitSpaces:
    """Writes each tree to disk when it is first asked for; removes both at the end."""

    def __init__(self, *, size_limit: int) -> None:
        """Prepare to write files of at most `size_limit` bytes."""
        self._size_limit = size_limit
        self._folder = tempfile.TemporaryDirectory(prefix="gatekeeper-")
        self._made: dict[str, tuple[workspace.Workspace, materialise.Written]] = {}

    def after(self, tree: trees.Tree) -> workspace.Workspace:
        """Return the after tree's workspace."""
        return self._space("after", tree)

    def before(self, tree: trees.Tree) -> workspace.Workspace:
        """Return the before tree's workspace."""
        return self._space("before", tree)

    def _space(self, name: str, tree: trees.Tree) -> workspace.Workspace:
        if name not in self._made:
            self._made[name] = self._make(Path(self._folder.name) / name, tree)
        return self._made[name][0]

    def _make(self, folder: Path, tree: trees.Tree) -> tuple[workspace.Workspace, materialise.Written]:
        for part in ("tree", "metadata", "bytecode"):
            (folder / part).mkdir(parents=True)
        like = next((written for _, written in self._made.values()), None)
        written = materialise.write(tree, folder / "tree", size_limit=self._size_limit, like=like)
        space = workspace.Workspace(
            folder=folder,
            paths=("/repo", "/repo/src"),
            arguments=("-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--rootdir=/repo"),
            site=None,
            own=frozenset(),
            unavailable={},
        )
        return space, written

    def close(self) -> None:
        """Remove what was written."""
        self._folder.cleanup()
