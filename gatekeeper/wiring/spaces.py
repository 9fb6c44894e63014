"""The sandbox's workspaces, made of git's trees and of what an installed project would have."""

import importlib.metadata
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gatekeeper import configuration, settings
from gatekeeper.diffs import tree as trees
from gatekeeper.git import comparison, materialise, repository
from gatekeeper.sandbox import bytecode, component, workspace
from gatekeeper.sandbox.installation import install, resolver
from gatekeeper.wiring import pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How both trees of a review are installed."""

    before: trees.Tree
    after: trees.Tree
    cache: Path
    offline: bool
    # whether requirements that only the pull request declares are granted
    head_dependencies: bool
    # the nearest tag's name, for projects whose build computes their version
    version: str | None
    # bytes; larger files are left out
    size_limit: int
    progress: Callable[[str], None]
    # unpacked requirements -> the folder with their bytecode
    compiled: Callable[[Path], Path]


@dataclass(slots=True, kw_only=True)
class InstalledSpaces:
    """Installs and writes each tree when it is first asked for; removes both at the end."""

    recipe: Recipe
    # what was neutralised, refused, assumed or left out, for people
    notes: dict[str, None] = field(default_factory=dict)
    _folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="gatekeeper-")
    )
    _pair: install.Pair | None = None
    _made: dict[str, tuple[workspace.Workspace, materialise.Written]] = field(default_factory=dict)

    def after(self, tree: trees.Tree) -> workspace.Workspace:
        """Return the after tree's workspace."""
        return self._space("after", tree, self._installed().after)

    def before(self, tree: trees.Tree) -> workspace.Workspace:
        """Return the before tree's workspace."""
        return self._space("before", tree, self._installed().before)

    def _installed(self) -> install.Pair:
        if self._pair is None:
            recipe = self.recipe
            provided = {name: importlib.metadata.version(name) for name in component.DISTRIBUTIONS}
            resolving = resolver.Resolver(
                recipe.cache, offline=recipe.offline, provided=provided, progress=recipe.progress
            )
            self._pair = install.install(
                recipe.before,
                recipe.after,
                resolving,
                head_dependencies=recipe.head_dependencies,
                version=recipe.version,
            )
            self.notes.update(dict.fromkeys(self._pair.after.notes))
        return self._pair

    def _space(self, name: str, tree: trees.Tree, installed: install.Installation) -> workspace.Workspace:
        if name not in self._made:
            self._made[name] = self._make(Path(self._folder.name) / name, tree, installed)
        return self._made[name][0]

    def _make(
        self, folder: Path, tree: trees.Tree, installed: install.Installation
    ) -> tuple[workspace.Workspace, materialise.Written]:
        for part in ("tree", "metadata", "bytecode"):
            (folder / part).mkdir(parents=True)
        like = next((written for _, written in self._made.values()), None)
        written = materialise.write(tree, folder / "tree", size_limit=self.recipe.size_limit, like=like)
        self.notes.update(dict.fromkeys(f"left out of the sandbox: {path}: {why}" for path, why in written.left_out))
        workspace.lay(folder / "tree", installed.generated)
        workspace.lay(folder / "metadata", installed.dist_info)
        compiled = self.recipe.compiled(installed.site) if installed.site else None
        return _workspace(folder, tree, installed, self._installed().before, compiled), written

    def close(self) -> None:
        """Remove what was written."""
        self._folder.cleanup()


def of(
    opened: repository.Repository,
    compared: comparison.Comparison,
    configured: configuration.Configuration,
    chosen: settings.Settings,
    workers: pool.Pool,
    step: Callable[[str], None],
    *,
    tagged: bool = True,
) -> InstalledSpaces:
    """Return the workspaces of what is compared; `tagged`: whether the version is looked for in the tags."""
    recipe = Recipe(
        before=compared.before,
        after=compared.after,
        cache=chosen.cache,
        offline=chosen.offline,
        head_dependencies=configured.dependencies is configuration.Dependencies.HEAD,
        version=repository.nearest_tag(opened, compared.subject.base) if tagged else None,
        size_limit=chosen.file_size * pool.MEBI,
        progress=step,
        compiled=lambda site: bytecode.ensure(site, workers.processes(), workers.limits, step),
    )
    return InstalledSpaces(recipe=recipe)


def _workspace(
    folder: Path, tree: trees.Tree, installed: install.Installation, before: install.Installation, compiled: Path | None
) -> workspace.Workspace:
    roots = [f"{workspace.TREE}/{root}".rstrip("/") for root in installed.import_roots]
    site = [workspace.SITE] if installed.site else []
    configuration = ("-c", installed.pytest_config) if installed.pytest_config else ()
    return workspace.Workspace(
        folder=folder,
        # the tree's root comes last where it is no import root: `python -m pytest` puts it there too
        paths=tuple(dict.fromkeys((*roots, workspace.METADATA, *site, workspace.TREE))),
        arguments=(*configuration, *installed.pytest_args),
        site=installed.site,
        compiled=compiled,
        imported_before=before.imports,
        own=frozenset(
            _top(path, root) for path in tree.entries for root in installed.import_roots if _under(path, root)
        ),
        unavailable=installed.unavailable,
    )


def _under(path: str, root: str) -> bool:
    return path.startswith(f"{root}/") if root else True


def _top(path: str, root: str) -> str:
    return path[len(root) :].lstrip("/").partition("/")[0].removesuffix(".py")
