"""Signing in through an App: what the browser is sent to, what a code is exchanged for, and what people then see."""

import base64
import hashlib
import secrets
from datetime import timedelta
from urllib.parse import urlencode

import flask
from flask.typing import ResponseReturnValue

from tests.fakes.github import access, paging, payloads, problems, routes_app, state, store

blueprint = flask.Blueprint("user", __name__)
# outside the API, for browsers and for the exchange
pages = flask.Blueprint("signin", __name__)
_CODE_LASTS = timedelta(minutes=10)
# by role; https://docs.github.com/en/rest/repos/repos has them as five flags
_ROLES = {
    "admin": ("admin", "maintain", "push", "triage", "pull"),
    "maintain": ("maintain", "push", "triage", "pull"),
    "write": ("push", "triage", "pull"),
    "triage": ("triage", "pull"),
    "read": ("pull",),
}


def revoke(world: store.Store, login: str) -> None:
    """Take the person's authorisation of every App back: their tokens end, and cannot be renewed."""
    with world.lock:
        for value in [one.value for one in world.user_tokens.values() if one.account.login == login]:
            del world.user_tokens[value]


@pages.get("/login/oauth/authorize")
def authorize() -> ResponseReturnValue:
    here, given = access.world(), flask.request.args
    with here.lock:
        app = next((app for app in here.apps.values() if app.client_id == given.get("client_id")), None)
        if app is None:
            return "There is no such App", 404
        back = given.get("redirect_uri", "")
        if back not in app.callback_urls:
            return "The redirect_uri is not associated with this application.", 400
        if here.browser is None:
            return "Sign in to GitHub"
        if here.browser_refuses:
            refused = {"error": "access_denied", "error_description": "The user has denied your application access."}
            return flask.redirect(f"{back}?{urlencode(refused | {'state': given.get('state', '')})}")
        assert given.get("code_challenge_method") == "S256"
        code = state.Code(
            value=secrets.token_hex(10),
            account=here.user(here.browser),
            app=app,
            redirect_uri=back,
            challenge=given["code_challenge"],
            expires=here.now() + _CODE_LASTS,
        )
        here.codes[code.value] = code
    return flask.redirect(f"{back}?{urlencode({'code': code.value, 'state': given.get('state', '')})}")


@pages.post("/login/oauth/access_token")
def exchange() -> ResponseReturnValue:
    here, given = access.world(), flask.request.form
    with here.lock:
        app = next((app for app in here.apps.values() if app.client_id == given.get("client_id")), None)
        if app is None or not secrets.compare_digest(app.client_secret, given.get("client_secret", "")):
            return _said({"error": "incorrect_client_credentials"})
        if given.get("grant_type") == "refresh_token":
            old = next((one for one in here.user_tokens.values() if one.refresh == given.get("refresh_token")), None)
            if old is None or old.app is not app:
                return _said({"error": "bad_refresh_token"})
            del here.user_tokens[old.value]
            return _said(_issued(here, app, old.account))
        code = here.codes.pop(given.get("code", ""), None)
        good = code is not None and code.app is app and code.expires > here.now()
        if code is None or not good or code.redirect_uri != given.get("redirect_uri") or not _proved(code, given):
            return _said({"error": "bad_verification_code"})
        return _said(_issued(here, app, code.account))


@blueprint.get("/user")
def show() -> ResponseReturnValue:
    return routes_app.show_user(_caller().account.login)


@blueprint.get("/user/installations")
def list_installations() -> ResponseReturnValue:
    who, here = _caller(), access.world()
    mine = [one for one in here.installations.values() if one.app is who.app and _visible(here, one, who.account)]
    return paging.answer(mine, lambda one: payloads.installation(here, one), "installations")


@blueprint.get("/user/installations/<int:installation_id>/repositories")
def list_repositories(installation_id: int) -> ResponseReturnValue:
    who, here = _caller(), access.world()
    one = here.installations.get(installation_id)
    if one is None or one.app is not who.app or not _visible(here, one, who.account):
        raise problems.not_found()
    if one.suspended is not None:
        raise problems.Refusal(403, "This installation has been suspended")
    found = _visible(here, one, who.account)
    return paging.answer(found, lambda each: _shown(here, each, who.account), "repositories")


def _caller() -> state.UserToken:
    caller = flask.g.caller
    if not isinstance(caller, state.UserToken):
        raise problems.Refusal(401, "Requires authentication")
    return caller


def _visible(here: store.Store, one: state.Installation, who: state.Account) -> list[state.Repository]:
    known = [each for each in here.repositories.values() if one.covers(each)]
    return [each for each in known if each.roles.get(who.login, "none") != "none"]


def _shown(here: store.Store, one: state.Repository, who: state.Account) -> state.Json:
    held = _ROLES[one.roles[who.login]]
    return payloads.repository(here, one) | {"permissions": {name: name in held for name in _ROLES["admin"]}}


def _issued(here: store.Store, app: state.App, account: state.Account) -> state.Json:
    lasts = here.user_tokens_last
    token = state.UserToken(
        value=f"ghu_{secrets.token_urlsafe(27)}",
        account=account,
        app=app,
        expires=None if lasts is None else here.now() + lasts,
        refresh=None if lasts is None else f"ghr_{secrets.token_urlsafe(27)}",
    )
    here.user_tokens[token.value] = token
    body: state.Json = {"access_token": token.value, "scope": "", "token_type": "bearer"}
    if lasts is not None:
        ends = {"expires_in": int(lasts.total_seconds()), "refresh_token_expires_in": 15897600}
        body |= {"refresh_token": token.refresh, **ends}
    return body


def _proved(code: state.Code, given: dict[str, str]) -> bool:
    proof = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
    return proof.rstrip(b"=").decode() == code.challenge


def _said(body: state.Json) -> ResponseReturnValue:
    """Answer in JSON to who asks for it, and else as a form; failures are 200 too."""
    if "application/json" in flask.request.headers.get("Accept", ""):
        return flask.jsonify(body)
    words = {name: str(value) for name, value in body.items()}
    return flask.Response(urlencode(words), content_type="application/x-www-form-urlencoded; charset=utf-8")
