"""What is said over the token broker's socket: one JSON object a line, a request and then its answer."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gatekeeper import errors, hosted
from gatekeeper.forge import reading

# bytes of a request, its line end included
LONGEST_REQUEST = 65_536
# bytes of an answer: lists of installations are the longest
LONGEST_ANSWER = 16_777_216
# seconds that a token must still be good for, where a request names none
LEAST_LIFE = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An installation's token."""

    value: str
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Itself:
    """The App as GitHub knows it."""

    id: int
    # the App's name in links; its comments are written by `slug[bot]`
    slug: str
    name: str
    # the App's page
    page: str
    # name -> read or write, as its settings ask for
    permissions: Mapping[str, str]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """The App's webhook as GitHub has it."""

    # empty where none is set
    url: str
    # json or form
    content_type: str
    # whether deliveries are signed
    signed: bool
    # whether the certificate of `url` is not looked at
    insecure: bool


def token_to_json(token: Token) -> dict[str, object]:
    """Return the token for the socket."""
    return {"token": token.value, "expires": token.expires.isoformat()}


def token_from_json(data: object) -> Token:
    """Return what `token_to_json` made."""
    return Token(value=reading.text(data, "token"), expires=reading.moment(data, "expires"))


def itself_to_json(app: Itself) -> dict[str, object]:
    """Return the App for the socket."""
    return {
        "id": app.id,
        "slug": app.slug,
        "name": app.name,
        "page": app.page,
        "permissions": dict(app.permissions),
        "events": list(app.events),
    }


def itself_from_json(data: object) -> Itself:
    """Return what `itself_to_json` made."""
    return Itself(
        id=reading.number(data, "id"),
        slug=reading.text(data, "slug"),
        name=reading.text(data, "name"),
        page=reading.text(data, "page"),
        permissions=reading.names(data, "permissions"),
        events=tuple(str(event) for event in reading.entries(data, "events")),
    )


def hook_to_json(hook: Hook) -> dict[str, object]:
    """Return the webhook for the socket."""
    return {
        "url": hook.url,
        "content_type": hook.content_type,
        "signed": hook.signed,
        "insecure": hook.insecure,
    }


def hook_from_json(data: object) -> Hook:
    """Return what `hook_to_json` made."""
    return Hook(
        url=reading.text(data, "url"),
        content_type=reading.text(data, "content_type"),
        signed=reading.flag(data, "signed"),
        insecure=reading.flag(data, "insecure"),
    )


def installed_to_json(installed: hosted.Installed) -> dict[str, object]:
    """Return the installation for the socket."""
    return {
        "id": installed.id,
        "account": installed.account,
        "suspended": installed.suspended,
        "permissions": dict(installed.permissions),
    }


def installed_from_json(data: object) -> hosted.Installed:
    """Return what `installed_to_json` made."""
    return hosted.Installed(
        id=reading.number(data, "id"),
        account=reading.text(data, "account"),
        suspended=reading.flag(data, "suspended"),
        permissions=reading.names(data, "permissions"),
    )


def failed_to_json(failed: hosted.FailedDelivery) -> dict[str, object]:
    """Return the failed delivery for the socket."""
    return {"id": failed.id, "guid": failed.guid, "delivered": failed.delivered.isoformat()}


def failed_from_json(data: object) -> hosted.FailedDelivery:
    """Return what `failed_to_json` made."""
    return hosted.FailedDelivery(
        id=reading.number(data, "id"),
        guid=reading.text(data, "guid"),
        delivered=reading.moment(data, "delivered"),
    )


def digest(token: str) -> str:
    """Return what a token is told apart by where it must not be said itself."""
    return hashlib.sha256(token.encode()).hexdigest()


def line(data: Mapping[str, object]) -> bytes:
    """Return the object as one line."""
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def parsed(text: bytes) -> object:
    """Return the JSON of a line; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def failure_to_json(failure: errors.ForgeError) -> dict[str, object]:
    """Return the error for the socket."""
    match failure:
        case errors.RateLimitError():
            return {"error": "limited", "message": str(failure), "seconds": failure.seconds}
        case errors.ForbiddenError():
            return {"error": "forbidden", "message": str(failure)}
        case errors.MissingError():
            return {"error": "missing", "message": str(failure)}
        case errors.RefusedError():
            return {"error": "refused", "message": str(failure)}
        case _:
            return {"error": "unavailable", "message": str(failure)}


def failure_from_json(data: object) -> errors.ForgeError | None:
    """Return what `failure_to_json` made; None for an answer that is no error."""
    if not isinstance(data, dict) or "error" not in data:
        return None
    message = reading.text(data, "message")
    match data["error"]:
        case "limited":
            seconds = data.get("seconds")
            return errors.RateLimitError(message, float(seconds) if isinstance(seconds, int | float) else 60.0)
        case "forbidden":
            return errors.ForbiddenError(message)
        case "missing":
            return errors.MissingError(message)
        case "refused":
            return errors.RefusedError(message)
        case _:
            return errors.UnavailableError(message)
