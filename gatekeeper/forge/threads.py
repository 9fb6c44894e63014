"""Threads of review comments, which only GraphQL knows."""

from dataclasses import dataclass

from gatekeeper import errors
from gatekeeper.forge import graphql, reading, session

_MOST_PAGES = 50
_THREADS = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id isResolved comments(first: 1) { nodes { databaseId } } }
      }
    }
  }
}
"""
_RESOLVE = """
mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { id isResolved } } }
"""
_UNRESOLVE = """
mutation($id: ID!) { unresolveReviewThread(input: {threadId: $id}) { thread { id isResolved } } }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A comment with its answers."""

    id: str
    resolved: bool


def find(asked: session.Session, repository: str, number: int) -> dict[int, Thread]:
    """Return the threads of the pull request by the number of their first comment. Raises ForgeError."""
    owner, _, name = repository.partition("/")
    found: dict[int, Thread] = {}
    after: str | None = None
    for _ in range(_MOST_PAGES):
        variables = {"owner": owner, "name": name, "number": number, "after": after}
        data = graphql.ask(asked, _THREADS, variables)
        path = ("repository", "pullRequest", "reviewThreads")
        for node in reading.entries(data, *path, "nodes"):
            for comment in reading.entries(node, "comments", "nodes"):
                thread = Thread(id=reading.text(node, "id"), resolved=reading.flag(node, "isResolved"))
                found[reading.number(comment, "databaseId")] = thread
        if not reading.flag(data, *path, "pageInfo", "hasNextPage"):
            break
        after = reading.text(data, *path, "pageInfo", "endCursor")
    return found


def settle(asked: session.Session, thread: Thread, *, resolved: bool) -> bool:
    """Resolve the thread or open it again; return False where the App may not."""
    try:
        graphql.ask(asked, _RESOLVE if resolved else _UNRESOLVE, {"id": thread.id})
    # a token for what was not granted is forbidden as well as the mutation
    except errors.ForbiddenError:
        return False
    return True
