"""GraphQL: review threads, hiding a comment, and a commit on a branch."""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

import flask
import graphql
from flask.typing import ResponseReturnValue

from tests.fakes.github import access, apps, contents, graphschema, payloads, problems, pull_payloads, state

blueprint = flask.Blueprint("graphql", __name__)
T = TypeVar("T")
_MOST = 100


class _Problem(Exception):  # noqa: N818 - an answer, as `problems.Refusal` is
    """An error with a type, as GitHub reports it inside an answer of status 200."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@blueprint.post("/api/graphql")
def answer() -> ResponseReturnValue:
    access.token()
    given = flask.request.get_json()
    root = {
        "id": "Query",
        "repository": _repository,
        "node": _node,
        "resolveReviewThread": _resolve,
        "unresolveReviewThread": _unresolve,
        "minimizeComment": _minimise,
        "createCommitOnBranch": _commit,
    }
    result = graphql.graphql_sync(
        graphschema.schema(),
        given.get("query") or "",
        root_value=root,
        variable_values=given.get("variables"),
        operation_name=given.get("operationName"),
    )
    body: state.Json = {} if result.data is None and result.errors else {"data": result.data}
    if result.errors:
        body["errors"] = [_shown(error) for error in result.errors]
    return body


def _shown(error: graphql.GraphQLError) -> state.Json:
    shown = cast("state.Json", dict(error.formatted))
    cause = error.original_error
    if isinstance(cause, _Problem):
        shown["type"] = cause.kind
    elif cause is not None and not isinstance(cause, graphql.GraphQLError):
        raise cause
    return shown


def _repository(_info: object, owner: str, name: str, **_: object) -> state.Json:
    found = access.world().repository(f"{owner}/{name}")
    if found is None or (found.private and not access.token().covers(found)):
        raise _Problem("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
    return {
        "__typename": "Repository",
        "id": f"R_{found.id}",
        "databaseId": found.id,
        "nameWithOwner": found.full_name,
        "pullRequest": lambda _info, number: _pull(found, number),
    }


def _pull(found: state.Repository, number: int) -> state.Json:
    _need(found, "read", "pull_requests")
    pull = found.pulls.get(number)
    if pull is None:
        raise _Problem("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    return {
        "__typename": "PullRequest",
        "id": f"PR_{pull.id}",
        "number": pull.number,
        "title": pull.title,
        "headRefOid": access.world().shown_head(pull),
        "reviewThreads": lambda _info, **page: _connection(_threads(pull), _thread, **page),
    }


def _threads(pull: state.Pull) -> list[state.ReviewComment]:
    """Return the comments that threads begin with."""
    listed = access.world().listed
    return [one for one in pull.review_comments.values() if one.reply_to is None and listed(one.shows)]


def _thread(root: state.ReviewComment) -> state.Json:
    replies = [one for one in root.pull.review_comments.values() if one.reply_to == root.id]
    resolved = root.id in root.pull.resolved
    return {
        "__typename": "PullRequestReviewThread",
        "id": f"PRRT_{root.id}",
        "isResolved": resolved,
        "isCollapsed": resolved,
        "isOutdated": root.subject == "line" and root.line is None,
        "path": root.path,
        "line": root.line,
        "startLine": root.start_line,
        "originalLine": root.original_line,
        "originalStartLine": root.original_start_line,
        "diffSide": root.side,
        "subjectType": root.subject.upper(),
        "comments": lambda _info, **page: _connection([root, *replies], _comment, **page),
    }


def _comment(one: state.ReviewComment | state.IssueComment) -> state.Json:
    shown = {
        "databaseId": one.id,
        "body": one.body,
        "author": {
            "__typename": one.author.kind,
            "id": f"U_{one.author.id}",
            # GraphQL names a bot without the ending that REST gives it
            "login": one.author.login.removesuffix("[bot]"),
        },
        "isMinimized": one.minimised is not None,
        "minimizedReason": one.minimised,
    }
    world = access.world()
    if isinstance(one, state.IssueComment):
        url = pull_payloads.issue_comment(world, one)["html_url"]
        return {"__typename": "IssueComment", "id": f"IC_{one.id}", "url": url, **shown}
    url = pull_payloads.review_comment(world, one)["html_url"]
    more = {"path": one.path, "line": one.line, "outdated": one.subject == "line" and one.line is None}
    return {"__typename": "PullRequestReviewComment", "id": f"PRRC_{one.id}", "url": url, **shown, **more}


def _connection(items: Sequence[T], shown: Callable[[T], state.Json], **page: object) -> state.Json:
    first, after = page.get("first"), page.get("after")
    if not isinstance(first, int):
        raise _Problem(
            "MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value to properly paginate."
        )
    if not 0 <= first <= _MOST:
        raise _Problem(
            "EXCESSIVE_PAGINATION", f"Requesting {first} records exceeds the `first` limit of {_MOST} records."
        )
    start = int(str(after)) if after else 0
    end = start + first
    return {
        "nodes": [shown(item) for item in items[start:end]],
        "totalCount": len(items),
        "pageInfo": {
            "endCursor": str(min(end, len(items))) if items else None,
            "startCursor": str(start) if items else None,
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
        },
    }


def _node(_info: object, id: str) -> state.Json:  # noqa: A002 - the schema's name
    found = _found(id)
    if isinstance(found, state.ReviewComment) and id.startswith("PRRT_"):
        return _thread(found)
    return _comment(found)


def _found(node: str) -> state.ReviewComment | state.IssueComment:
    """Return the comment, or the one that the thread begins with, of that node id."""
    kind, _, number = node.rpartition("_")
    for repository in access.world().repositories.values():
        for pull in repository.pulls.values() if number.isdecimal() else ():
            comments = pull.comments if kind == "IC" else pull.review_comments
            found = comments.get(int(number))
            if found is not None and access.token().covers(repository) and kind in ("IC", "PRRC", "PRRT"):
                return found
    raise _Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")


def _resolve(_info: object, input: dict[str, str]) -> state.Json:  # noqa: A002 - the schema's name
    root = _thread_to_change(input["threadId"])
    root.pull.resolved.add(root.id)
    return {"clientMutationId": input.get("clientMutationId"), "thread": _thread(root)}


def _unresolve(_info: object, input: dict[str, str]) -> state.Json:  # noqa: A002 - the schema's name
    root = _thread_to_change(input["threadId"])
    root.pull.resolved.discard(root.id)
    return {"clientMutationId": input.get("clientMutationId"), "thread": _thread(root)}


def _thread_to_change(node: str) -> state.ReviewComment:
    root = _found(node)
    if not isinstance(root, state.ReviewComment) or not node.startswith("PRRT_") or root.reply_to is not None:
        raise _Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")
    _need(root.pull.repository, "write", "pull_requests", "contents")
    return root


def _minimise(_info: object, input: dict[str, str]) -> state.Json:  # noqa: A002 - the schema's name
    comment = _found(input["subjectId"])
    _need(comment.pull.repository, "write", "pull_requests")
    comment.minimised = input["classifier"].lower().replace("_", "-")
    return {"clientMutationId": input.get("clientMutationId"), "minimizedComment": _comment(comment)}


def _commit(_info: object, input: state.Json) -> state.Json:  # noqa: A002 - the schema's name
    branch = cast("dict[str, str]", input["branch"])
    name, ref = branch.get("repositoryNameWithOwner", ""), branch.get("branchName", "")
    world, token = access.world(), access.token()
    found = world.repository(name)
    before = None if found is None else found.git.resolve(f"refs/heads/{ref}")
    if found is None or before is None:
        raise _Problem("NOT_FOUND", f"Could not resolve to a branch {ref} of the repository {name}.")
    try:
        world.contents.check_push(token, found, ref)
        if before != input["expectedHeadOid"]:
            expected = input["expectedHeadOid"]
            raise _Problem(
                "STALE_DATA", f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
            )
        message = cast("dict[str, str]", input["message"])
        text = "\n\n".join(part for part in (message["headline"], message.get("body")) if part)
        sha = world.contents.commit_files(token, found, ref, before, _changes(found, before, input), text)
    except problems.Refusal as refused:
        kind = "FORBIDDEN" if refused.status == 403 else "UNPROCESSABLE"
        raise _Problem(kind, str(refused.body["message"])) from refused
    commit = payloads.commit(world, found, sha)
    shown = {"id": commit["node_id"], "oid": sha}
    reference = {"id": f"REF_{found.id}_{ref}", "name": ref}
    return {"clientMutationId": input.get("clientMutationId"), "commit": shown, "ref": reference}


def _changes(found: state.Repository, before: str, given: state.Json) -> dict[str, bytes | None]:
    changes = cast("dict[str, list[dict[str, str]]]", given.get("fileChanges") or {})
    files: dict[str, bytes | None] = {}
    for addition in changes.get("additions", ()):
        files[addition["path"]] = contents.decoded(addition["contents"])
    for deletion in changes.get("deletions", ()):
        if found.git.find(before, deletion["path"]) is None:
            raise _Problem(
                "UNPROCESSABLE", f"A path was requested for deletion which does not exist: {deletion['path']}"
            )
        files[deletion["path"]] = None
    return files


def _need(found: state.Repository, level: str, *names: str) -> None:
    token = access.token()
    if not token.covers(found) or not all(apps.allows(token.permissions, name, level) for name in names):
        raise _Problem("FORBIDDEN", "Resource not accessible by integration")
