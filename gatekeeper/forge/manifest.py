"""Creating the App by a manifest: a form that GitHub is given, and the code that it gives in return.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import json
import re
import urllib.parse
from dataclasses import dataclass, field

from gatekeeper import errors
from gatekeeper.forge import exchange, permissions, reading, translation, wire

# GitHub's own limit on an App's name
LONGEST_NAME = 34
GITHUB = "https://github.com"
# where no public address is known, GitHub still wants one to show
_PROJECT = "https://github.com"
_CODE = re.compile(r"[\w-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The App to create."""

    name: str
    # None: the account of whoever creates it
    organisation: str | None
    # public address of the service without a slash at the end; None: GitHub cannot reach it, so there is no webhook
    url: str | None
    # address of GitHub's pages without a slash at the end
    github: str = GITHUB


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """The App as GitHub created it, with all that is secret of it."""

    id: int
    slug: str
    # the App's page
    page: str
    client_id: str
    client_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    # PEM of the private key
    key: str = field(repr=False)


def text(wanted: Wanted, *, created: str, signed_in: str) -> str:
    """Return the manifest as JSON.

    GitHub sends the browser back to `created` with the new App's code, and to `signed_in` with those who sign in.
    """
    events = {"default_events": list(permissions.EVENTS)} if wanted.url else {}
    return json.dumps(
        {
            "name": wanted.name,
            "url": wanted.url or _PROJECT,
            "hook_attributes": {"url": f"{wanted.url or _PROJECT}/webhooks", "active": wanted.url is not None},
            "redirect_url": created,
            "callback_urls": [signed_in],
            # people sign in when they want to look, not when they install the App
            "request_oauth_on_install": False,
            "public": False,
            "default_permissions": {name: level for name, (level, _) in permissions.MANIFEST_PERMISSIONS.items()},
            **events,
        }
    )


def form(wanted: Wanted, state: str) -> str:
    """Return the address that the manifest is posted to."""
    owner = f"/organizations/{urllib.parse.quote(wanted.organisation, safe='')}" if wanted.organisation else ""
    return f"{wanted.github}{owner}/settings/apps/new?{urllib.parse.urlencode({'state': state})}"


def api(github: str) -> str:
    """Return the address of the REST API that belongs to the address of GitHub's pages."""
    parts = urllib.parse.urlsplit(github)
    if parts.netloc == "github.com" or parts.netloc.endswith(".ghe.com"):
        return f"https://api.{parts.netloc}"
    return f"{github}/api/v3"


def convert(line: wire.Wire, code: str) -> Created:
    """Return the App that GitHub created for the `code`, which is good for one hour and one use. Raises ForgeError."""
    if not _CODE.fullmatch(code):
        raise errors.RefusedError("GitHub's code is not one: begin anew on the setup page")
    asked = "POST /app-manifests/*/conversions"
    answered = line.send("POST", f"/app-manifests/{code}/conversions", {}, None)
    data = exchange.parsed(answered.text.encode())
    if not 200 <= answered.status < 300:  # noqa: PLR2004 - HTTP's word for success
        raise translation.answer(
            answered.status, answered.headers, data, asked, now=line.now(), waited=translation.FIRST_WAIT
        )
    return Created(
        id=reading.number(data, "id"),
        slug=reading.text(data, "slug"),
        page=reading.text(data, "html_url"),
        client_id=reading.text(data, "client_id"),
        client_secret=reading.text(data, "client_secret"),
        # there may be none where the webhook is not active
        webhook_secret=reading.text(data, "webhook_secret") if reading.has(data, "webhook_secret") else "",
        key=reading.text(data, "pem"),
    )
