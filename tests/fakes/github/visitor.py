"""A plain client of the double, which sends what it is told to: for tests of what GitHub refuses."""

from datetime import timedelta
from typing import cast

import jwt
import requests

from tests.fakes.github import state, store


def app_token(world: store.Store, app: state.App, *, minutes: float = 9, ahead: float = 0, issuer: str = "") -> str:
    """Return a JSON web token of the App: valid for some minutes, issued some seconds ahead of the time."""
    now = world.now()
    issued = int((now + timedelta(seconds=ahead)).timestamp())
    ends = int((now + timedelta(minutes=minutes)).timestamp())
    return jwt.encode({"iat": issued, "exp": ends, "iss": issuer or str(app.id)}, app.pem, algorithm="RS256")


class Visitor:
    """Calls the API with a token, or (empty) without one."""

    def __init__(self, api_url: str, token: str = "") -> None:
        self.api_url = api_url
        self.token = token

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Send a request and return the answer, whatever it is."""
        authorization = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method,
                f"{self.api_url}{path}",
                json=body,
                headers={**authorization, **(headers or {})},
                timeout=10,
                allow_redirects=False,
            )

    def get(self, path: str) -> state.Json:
        """Return the body of an answer that must be 200."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return cast("state.Json", answer.json())

    def graphql(self, query: str, **variables: object) -> state.Json:
        """Return the body of GraphQL's answer."""
        url = self.api_url.removesuffix("/v3")
        answer = Visitor(url, self.token).ask("POST", "/graphql", {"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        return cast("state.Json", answer.json())
