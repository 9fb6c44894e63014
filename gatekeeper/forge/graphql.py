"""GitHub's GraphQL API, for what REST lacks: threads of reviews, commits in the App's name."""

from collections.abc import Mapping

from gatekeeper import errors
from gatekeeper.forge import session, translation


def ask(asked: session.Session, query: str, variables: Mapping[str, object]) -> object:
    """Return the `data` of the answer to a query or mutation. Raises ForgeError, also for errors beside data."""
    _, answered = asked.requestJsonAndCheck(
        "POST", asked.graphql_url, input={"query": query, "variables": dict(variables)}
    )
    if not isinstance(answered, dict):
        raise errors.UnavailableError("GitHub's answer cannot be read (GraphQL); it is asked again")
    if answered.get("errors"):
        failure = translation.graphql(answered["errors"], "GraphQL", waited=0.0)
        if isinstance(failure, errors.RateLimitError):
            failure.seconds = asked.limited()
        raise failure
    return answered.get("data")
