"""All that speaks to GitHub, put together."""

import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass

from gatekeeper.forge import app, branches, checks, ci, clients, comments, pulls, tokens, wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """The adapters that the workflows need, over one pool of connections."""

    checks: checks.Checks
    pulls: pulls.Pulls
    comments: comments.Comments
    branches: branches.Branches
    app: app.App
    ci: ci.Ci
    line: wire.Wire

    def close(self) -> None:
        """Close the connections."""
        self.line.close()


def connect(
    broker: tokens.Tokens,
    api_url: str,
    *,
    now: Callable[[], float] = time.time,
    observe: wire.Observe = wire.unobserved,
    timeout: float = wire.TIMEOUT,
) -> Forge:
    """Return the adapters for GitHub's API at `api_url`. Raises UsageError where that is no address.

    `now` is in seconds of the epoch; `observe` hears of each request; `timeout` is how many seconds to wait for an
    answer. Nothing is asked yet.
    """
    line = wire.Wire(api_url, now=now, observe=observe, timeout=timeout)
    made = clients.Clients(broker, line)
    return Forge(
        checks=checks.Checks(made, html_url(api_url), now),
        pulls=pulls.Pulls(made),
        comments=comments.Comments(made),
        branches=branches.Branches(made),
        app=app.App(broker, made),
        ci=ci.Ci(made, now),
        line=line,
    )


def html_url(api_url: str) -> str:
    """Return where people see what the API at `api_url` serves.

    https://api.github.com and https://api.NAME.ghe.com lose a word, https://HOST/api/v3 its path.
    """
    parts = urllib.parse.urlsplit(api_url.rstrip("/"))
    path = parts.path.removesuffix("/api/v3")
    host = parts.netloc.removeprefix("api.") if not parts.path else parts.netloc
    return f"{parts.scheme}://{host}{path}"
