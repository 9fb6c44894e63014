"""The way from a test to what changed, as one sentence for people."""

from collections.abc import Mapping

from gatekeeper.impact import graph, seeds

Node = tuple[str, str]


def reason(start: Node, reached: Mapping[Node, Node | None], found: seeds.Seeds, links: graph.Graph, test: Node) -> str:
    """Return why `test` is affected through `start`, its own node or one that it runs in; `reached` leads on."""
    steps = [start]
    while (following := reached[steps[-1]]) is not None:
        steps.append(following)
    way = [step for step in steps if step[1] != "*"]
    clause = found.nodes[steps[-1]]
    if way[0] == test or way[0][0] == test[0] and test[1].startswith(way[0][1]):
        way = way[1:]
    if not way:
        return clause if clause[:2] != "is" and " " in clause else f"it {clause}" if " " in clause else f"it {clause}"
    first, last = way[0], way[-1]
    if first == last:
        return f"{_use(first, links)}, which {clause}"
    return f"{_use(first, links)}, which reaches {_name(last)}, which {clause}"


def _use(node: Node, links: graph.Graph) -> str:
    unit = links.names.unit(*node)
    if not node[1]:
        return f"imports {_name(node)}"
    if unit and unit.fixture:
        return f"uses fixture `{unit.fixture}` of {node[0]}"
    if unit and unit.kind == "f":
        return f"calls {_name(node)}"
    return f"uses {_name(node)}"


def _name(node: Node) -> str:
    """Return a node as people write it: `package.module.Class.method`."""
    path, name = node
    module = path.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")
    return f"{module}.{name}" if name else module
