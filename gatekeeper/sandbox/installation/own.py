"""What an installed project would have beside its code: metadata, and the version files of its build."""

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import dist_info, project, roots, versions


def generated(described: project.Description, tag: str) -> dict[str, bytes]:
    """Return the files that the builds of the tree's projects would write, by path.

    `tag`: the version for projects whose build computes it.
    """
    found: dict[str, bytes] = {}
    for each in described.projects:
        found |= versions.generated(each.sources, each.version or tag)
    return found


def dist_infos(files: tree.Tree, described: project.Description, tag: str) -> dict[str, bytes]:
    """Return the `.dist-info` folder of each of the tree's projects that has a name, as path -> bytes."""
    found: dict[str, bytes] = {}
    for each in described.projects:
        if each.name:
            metadata = dist_info.Metadata(
                name=each.name,
                version=each.version or tag,
                headers=each.headers,
                requires=project.requires(each),
                extras=project.extras(each),
                entry_points=each.entry_points,
                modules=frozenset().union(*(roots.top_level(files, root) for root in each.import_roots)),
                files=_plugin_files(files, each, described.import_roots[0]),
            )
            found |= dist_info.render(metadata)
    return found


def _plugin_files(files: tree.Tree, each: project.Project, first_root: str) -> list[str]:
    """Return the files that pytest rewrites assertions in: those of a project with a `pytest11` entry point."""
    if "pytest11" not in each.entry_points or first_root not in each.import_roots:
        return []
    prefix = f"{first_root}/" if first_root else ""
    return [path[len(prefix) :] for path in files.entries if path.startswith(prefix) and path.endswith(".py")]
