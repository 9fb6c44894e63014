"""Who is calling, and what the caller may do."""

from datetime import UTC, datetime, timedelta

import flask
import jwt
from jwt import types

from tests.fakes.github import apps, limits, problems, state, store
from tests.fakes.github import world as worlds

_LONGEST = timedelta(minutes=10)
# clocks differ: GitHub lets a claim be this far off
_LEEWAY = timedelta(seconds=60)
# times are compared with the world's clock below
_UNTIMED: types.Options = {"verify_exp": False, "verify_iat": False, "verify_iss": False}


def identify(world: store.Store, header: str | None) -> limits.Caller | None:
    """Return the App, the installation's token or the person's behind an Authorization header; None without one."""
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    if scheme.lower() not in ("bearer", "token"):
        raise problems.bad_credentials()
    if value.startswith("ghu_"):
        return _user_token(world, value)
    return _app(world, value) if value.count(".") == 2 else _token(world, value)


def _user_token(world: store.Store, value: str) -> state.UserToken:
    token = world.user_tokens.get(value)
    if token is None or (token.expires is not None and token.expires <= world.now()):
        raise problems.bad_credentials()
    return token


def _token(world: store.Store, value: str) -> state.Token:
    token = world.tokens.get(value)
    if token is None or token.expires <= world.now():
        raise problems.bad_credentials()
    if token.installation.suspended is not None:
        raise problems.Refusal(403, "This installation has been suspended")
    return token


def _app(world: store.Store, value: str) -> state.App:
    try:
        claims = jwt.decode(value, options={"verify_signature": False})
        issuer = str(claims["iss"])
        app = next(app for app in world.apps.values() if issuer in (str(app.id), app.client_id))
        claims = jwt.decode(value, app.key.public_key(), algorithms=["RS256"], options=_UNTIMED)
        issued, ends = (datetime.fromtimestamp(int(claims[name]), UTC) for name in ("iat", "exp"))
    except (jwt.PyJWTError, KeyError, StopIteration, ValueError, TypeError):
        raise problems.Refusal(401, "A JSON web token could not be decoded") from None
    now = world.now()
    if ends <= now:
        raise problems.Refusal(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future "
            "time at which the assertion expires",
        )
    if ends > now + _LONGEST:
        raise problems.Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
    if issued > now + _LEEWAY:
        raise problems.Refusal(
            401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        )
    return app


def world() -> worlds.World:
    """Return the world that the request is about."""
    found = flask.current_app.extensions["world"]
    assert isinstance(found, worlds.World)
    return found


def app() -> state.App:
    """Return the App that calls with its own key."""
    caller = flask.g.caller
    if caller is None:
        raise problems.Refusal(401, "Requires authentication")
    if not isinstance(caller, state.App):
        raise problems.Refusal(401, "A JSON web token could not be decoded")
    well_formed()
    return caller


def token() -> state.Token:
    """Return the installation's token that calls."""
    caller = flask.g.caller
    if caller is None:
        raise problems.Refusal(401, "Requires authentication")
    if not isinstance(caller, state.Token):
        raise problems.Refusal(401, "Bad credentials")
    return caller


def bot() -> state.Account:
    """Return the account that the calling App acts as."""
    return token().installation.app.bot


def repository(owner: str, repo: str, **needs: str) -> state.Repository:
    """Return the repository, if the caller has these permissions there.

    Raises the 404 of what may not be seen, the 403 of what may not be done, and the redirect of a former name.
    """
    found = named(world(), f"{owner}/{repo}")
    check(found, **needs)
    return found


def named(world: store.Store, full_name: str) -> state.Repository:
    """Return the repository of that name; a former name is answered with the address by number."""
    found = world.repository(full_name)
    if found is not None:
        return found
    former = world.former_names.get(full_name.lower())
    if former is None:
        raise problems.not_found()
    rest = flask.request.full_path.partition("/repos/")[2].split("/", 2)[2:]
    address = "/".join((f"{world.api_url}/repositories/{former}", *rest)).rstrip("?")
    if flask.request.method == "GET":
        raise problems.Refusal(301, "Moved Permanently", headers={"Location": address}, url=address)
    raise problems.Refusal(307, "Temporary Redirect", headers={"Location": address}, url=address)


def check(found: state.Repository, **needs: str) -> None:
    """Refuse a caller that may not see the repository or lacks the permissions there."""
    caller = flask.g.caller
    if isinstance(caller, state.App):
        raise problems.Refusal(401, "Bad credentials")
    held = caller.permissions if isinstance(caller, state.Token) and caller.covers(found) else None
    if held is None:
        if found.private:
            raise problems.not_found()
        # anyone may read what is public
        if any(level != "read" for level in needs.values()):
            raise problems.not_accessible() if caller is not None else problems.Refusal(401, "Requires authentication")
    elif not all(apps.allows(held, name, level) for name, level in needs.items()):
        raise problems.not_accessible()
    well_formed()


def well_formed() -> None:
    """Refuse a request that GitHub's description does not know; asked once the caller may make it."""
    if flask.g.get("wrong"):
        raise problems.invalid(f"Invalid request.\n\n{flask.g.wrong}")


def check_either(found: state.Repository, *names: str, level: str) -> None:
    """Refuse a caller that has none of the permissions at the level."""
    for name in names[:-1]:
        try:
            check(found, **{name: level})
        except problems.Refusal as refused:
            if refused.status != 403:
                raise
        else:
            return
    check(found, **{names[-1]: level})


def pull(one: state.Repository, number: int) -> state.Pull:
    """Return the pull request of that number."""
    if number not in one.pulls:
        raise problems.not_found()
    return one.pulls[number]
