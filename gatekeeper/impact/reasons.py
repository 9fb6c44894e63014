"""The way from a test to what changed, as one sentence for people."""

from collections.abc import Iterable

from gatekeeper.impact import graph, seeds, summary

Node = tuple[str, str]


def of_way(way: Iterable[Node], last: Node, found: seeds.Seeds, links: graph.Graph, test: Node) -> str:
    """Return why `test` is affected: `way` leads from it, or something that runs with it, to `last`, which changed."""
    clause = found.nodes[last]
    first = next((step for step in way if _is_told(step, last, links) and not _is_around(step, test)), None)
    if first is None:
        return f"it {clause}"
    if first == last:
        return f"{_use(first, links)}, which {clause}"
    return f"{_use(first, links)}, which reaches {_name(last)}, which {clause}"


def of_computed(member: Node, found: seeds.Seeds) -> str:
    """Return why a test that reads attributes under computed names is affected by the changed `member`."""
    return f"may read {_name(member)}, which {found.nodes[member]}, under a name that is computed"


def _is_told(node: Node, change: Node, links: graph.Graph) -> bool:
    """Whether a step says something: the change does, and code, but neither an import's name nor a whole module."""
    return node == change or not node[1] or links.names.unit(node[0], node[1].removesuffix(summary.LATER)) is not None


def _is_around(node: Node, test: Node) -> bool:
    """Whether the node is the test, its class, or its module."""
    return node[0] == test[0] and (test[1] + ".").startswith(node[1] + "." if node[1] else "")


def _use(node: Node, links: graph.Graph) -> str:
    unit = links.names.unit(node[0], node[1].removesuffix(summary.LATER))
    if not node[1]:
        return f"imports {_name(node)}"
    if unit and unit.fixture:
        return f"uses fixture `{unit.fixture}` of {node[0]}"
    return f"calls {_name(node)}" if unit and unit.kind == "f" else f"uses {_name(node)}"


def _name(node: Node) -> str:
    """Return a node as people write it: `package.module.Class.method`."""
    path, name = node[0], node[1].removesuffix(summary.LATER)
    module = path.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")
    return f"{module}.{name}" if name else module
