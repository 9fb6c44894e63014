"""The part of GitHub's published GraphQL schema that the double answers."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

import graphql

ASSET = Path(__file__).resolve().parents[2] / "assets/github/schema.graphql"
_THREAD = (
    "id",
    "isResolved",
    "isOutdated",
    "isCollapsed",
    "path",
    "line",
    "startLine",
    "originalLine",
    "originalStartLine",
    "diffSide",
    "subjectType",
    "comments",
)
_CONNECTION = ("nodes", "pageInfo", "totalCount")
_COMMENT = ("id", "databaseId", "body", "author", "isMinimized", "minimizedReason", "url")
_MUTATIONS = (
    "resolveReviewThread",
    "unresolveReviewThread",
    "minimizeComment",
    "createCommitOnBranch",
)
# the fields that are kept of each type
_KEPT = {
    "Query": ("id", "repository", "node"),
    "Mutation": _MUTATIONS,
    "Repository": ("id", "databaseId", "nameWithOwner", "pullRequest"),
    "PullRequest": ("id", "number", "title", "headRefOid", "reviewThreads"),
    "PullRequestReviewThreadConnection": _CONNECTION,
    "PullRequestReviewThread": _THREAD,
    "PullRequestReviewCommentConnection": _CONNECTION,
    "PullRequestReviewComment": (*_COMMENT, "path", "line", "outdated"),
    "IssueComment": _COMMENT,
    "Actor": ("login",),
    "Bot": ("id", "login"),
    "User": ("id", "login"),
    "Organization": ("id", "login"),
    "Node": ("id",),
    "Minimizable": ("isMinimized", "minimizedReason"),
    "PageInfo": ("endCursor", "hasNextPage", "hasPreviousPage", "startCursor"),
    "Commit": ("id", "oid"),
    "Ref": ("id", "name"),
    "ResolveReviewThreadPayload": ("clientMutationId", "thread"),
    "UnresolveReviewThreadPayload": ("clientMutationId", "thread"),
    "MinimizeCommentPayload": ("clientMutationId", "minimizedComment"),
    "CreateCommitOnBranchPayload": ("clientMutationId", "commit", "ref"),
}
_BUILT_IN = frozenset({"String", "Int", "Float", "Boolean", "ID"})
_OUTPUTS = (graphql.ObjectTypeDefinitionNode, graphql.InterfaceTypeDefinitionNode)


@functools.cache
def schema() -> graphql.GraphQLSchema:
    """Return the schema that queries are held against."""
    return graphql.build_schema(ASSET.read_text())


def pruned(published: str) -> str:
    """Return the part of the whole schema that is kept, without its prose."""
    known = {
        definition.name.value: definition
        for definition in graphql.parse(published, no_location=True).definitions
        if isinstance(definition, graphql.TypeDefinitionNode)
    }
    kept: dict[str, graphql.DefinitionNode] = {}
    waiting = list(_KEPT)
    while waiting:
        name = waiting.pop()
        if name not in kept and name not in _BUILT_IN:
            kept[name] = _part(name, known[name])
            waiting += [used for used in _named(kept[name]) if used not in kept]
    return "\n\n".join(graphql.print_ast(kept[name]) for name in sorted(kept)) + "\n"


def _part(name: str, definition: graphql.TypeDefinitionNode) -> graphql.DefinitionNode:
    if isinstance(definition, _OUTPUTS):
        assert name in _KEPT, f"{name} is reached and its fields are not listed"
        fields = tuple(field for field in definition.fields or () if field.name.value in _KEPT[name])
        absent = set(_KEPT[name]) - {field.name.value for field in fields}
        assert not absent, f"GitHub's {name} has no {absent}"
        interfaces = tuple(one for one in definition.interfaces or () if one.name.value in _KEPT)
        definition = dataclasses.replace(definition, fields=fields, interfaces=interfaces)
    part: graphql.DefinitionNode = graphql.visit(definition, _Bare())
    return part


class _Bare(graphql.Visitor):
    """Takes descriptions and directives away."""

    def leave(self, node: graphql.Node, *_: object) -> graphql.Node:
        names = {field.name for field in dataclasses.fields(node)}
        bare: dict[str, Any] = {
            name: value for name, value in (("description", None), ("directives", ())) if name in names
        }
        return dataclasses.replace(node, **bare) if bare else node


def _named(definition: graphql.Node) -> list[str]:
    names: list[str] = []

    class Names(graphql.Visitor):
        def enter_named_type(self, node: graphql.NamedTypeNode, *_: object) -> None:
            names.append(node.name.value)

    graphql.visit(definition, Names())
    return names
