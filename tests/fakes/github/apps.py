"""Apps, their installations and tokens."""

import functools
import secrets
from collections.abc import Iterable
from datetime import timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.github import problems, state, store

_LEVELS = {"read": 1, "write": 2, "admin": 3}
_LIFETIME = timedelta(hours=1)
PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "checks": "write",
    "pull_requests": "write",
    "issues": "write",
    "merge_queues": "read",
    "actions": "read",
    "statuses": "read",
}
EVENTS = (
    "pull_request",
    "check_run",
    "check_suite",
    "merge_group",
    "issue_comment",
    "pull_request_review_comment",
    "status",
    "workflow_job",
    "workflow_run",
)


@functools.cache
def _key() -> tuple[rsa.RSAPrivateKey, str]:
    """Make the key that all Apps of a process share: making one takes a tenth of a second."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return key, pem.decode()


def register(
    world: store.Store,
    owner: state.Account,
    name: str,
    permissions: state.Permissions | None,
    events: Iterable[str] | None,
    webhook_secret: str | None,
    hook_url: str | None,
) -> state.App:
    """Make an App with a bot account of its own."""
    key, pem = _key()
    number = world.next_id()
    slug = "-".join(name.lower().split())
    bot = state.Account(id=world.next_id(), login=f"{slug}[bot]", kind="Bot")
    world.accounts[bot.login.lower()] = bot
    app = state.App(
        id=number,
        slug=slug,
        name=name,
        owner=owner,
        bot=bot,
        client_id=f"Iv23li{number:014d}",
        client_secret=secrets.token_hex(20),
        webhook_secret=webhook_secret,
        key=key,
        pem=pem,
        permissions=dict(PERMISSIONS if permissions is None else permissions),
        events=list(EVENTS if events is None else events),
        hook_url=hook_url,
        created=world.now(),
    )
    world.apps[app.id] = app
    return app


def install(
    world: store.Store, app: state.App, account: state.Account, repositories: list[state.Repository] | None
) -> state.Installation:
    """Install the App on an account, with what the App asks for at the time."""
    one = state.Installation(
        id=world.next_id(),
        app=app,
        account=account,
        repositories=None if repositories is None else list(repositories),
        permissions=dict(app.permissions),
        events=list(app.events),
        created=world.now(),
    )
    world.installations[one.id] = one
    return one


def issue_token(
    world: store.Store,
    one: state.Installation,
    repositories: list[state.Repository] | None,
    permissions: state.Permissions | None,
) -> state.Token:
    """Give out a token for an hour, narrowed as asked and never widened."""
    if one.suspended is not None:
        raise problems.Refusal(403, "This installation has been suspended")
    for name, level in (permissions or {}).items():
        if _LEVELS.get(level, 9) > _LEVELS.get(one.permissions.get(name, ""), 0):
            raise problems.invalid("The permissions requested are not granted to this installation.")
    if any(not one.covers(repository) for repository in repositories or ()):
        raise problems.invalid(
            "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    granted = {"metadata": "read", **permissions} if permissions else dict(one.permissions)
    token = state.Token(
        value=f"ghs_{secrets.token_urlsafe(27)}",
        installation=one,
        permissions=granted,
        repositories=repositories,
        expires=world.now() + _LIFETIME,
    )
    world.tokens[token.value] = token
    return token


def allows(permissions: state.Permissions, name: str, level: str) -> bool:
    """Return whether the permissions reach the level."""
    return _LEVELS.get(permissions.get(name, ""), 0) >= _LEVELS[level]
