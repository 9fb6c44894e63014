"""Routes that an App calls with its key, and the few that are nobody's."""

from typing import cast

import flask
from flask.typing import ResponseReturnValue

from tests.fakes.github import access, apps, clock, office, paging, payloads, problems, state

blueprint = flask.Blueprint("app", __name__)


@blueprint.get("/app")
def show_app() -> ResponseReturnValue:
    return payloads.app(access.world(), access.app()) | {"installations_count": len(_installations(access.app()))}


@blueprint.get("/app/installations")
def list_installations() -> ResponseReturnValue:
    found = _installations(access.app())
    return paging.answer(found, lambda one: payloads.installation(access.world(), one))


@blueprint.get("/app/installations/<int:installation_id>")
def show_installation(installation_id: int) -> ResponseReturnValue:
    return payloads.installation(access.world(), _installation(installation_id))


@blueprint.post("/app/installations/<int:installation_id>/access_tokens")
def create_token(installation_id: int) -> ResponseReturnValue:
    one = _installation(installation_id)
    given = flask.request.get_json(silent=True) or {}
    token = apps.issue_token(access.world(), one, _narrowed(one, given), given.get("permissions"))
    body: state.Json = {
        "token": token.value,
        "expires_at": clock.stamp(token.expires),
        "permissions": dict(token.permissions),
        "repository_selection": "all" if token.repositories is None and one.repositories is None else "selected",
    }
    if token.repositories is not None:
        body["repositories"] = [payloads.repository(access.world(), repository) for repository in token.repositories]
    return body, 201


@blueprint.get("/repos/<owner>/<repo>/installation")
def find_installation(owner: str, repo: str) -> ResponseReturnValue:
    caller = access.app()
    found = access.named(access.world(), f"{owner}/{repo}")
    one = access.world().installation_of(caller, found)
    if one is None:
        raise problems.not_found()
    return payloads.installation(access.world(), one)


@blueprint.get("/installation/repositories")
def list_repositories() -> ResponseReturnValue:
    token = access.token()
    found = [one for one in access.world().repositories.values() if token.covers(one)]
    return paging.answer(found, lambda one: payloads.repository(access.world(), one), "repositories")


@blueprint.get("/app/hook/config")
def show_hook() -> ResponseReturnValue:
    return _hook(access.app())


@blueprint.patch("/app/hook/config")
def change_hook() -> ResponseReturnValue:
    caller = access.app()
    given = flask.request.get_json()
    caller.hook_url = given.get("url", caller.hook_url)
    caller.webhook_secret = given.get("secret", caller.webhook_secret)
    return _hook(caller)


@blueprint.get("/app/hook/deliveries")
def list_deliveries() -> ResponseReturnValue:
    caller, here = access.app(), access.world()
    sent = [one for one in here.deliveries if one not in here.office.held and here.listed(one.shows)]
    mine = [one for one in sent if one.app is caller]
    mine.sort(key=lambda one: -one.id)
    return paging.by_cursor(mine, lambda one: one.id, _delivery)


@blueprint.get("/app/hook/deliveries/<int:delivery_id>")
def show_delivery(delivery_id: int) -> ResponseReturnValue:
    one = office.find(access.world(), access.app(), delivery_id)
    return _delivery(one) | {
        "url": one.app.hook_url or "",
        "request": {"headers": one.headers, "payload": flask.json.loads(one.body)},
        "response": {"headers": {}, "payload": one.answer},
    }


@blueprint.post("/app/hook/deliveries/<int:delivery_id>/attempts")
def redeliver(delivery_id: int) -> ResponseReturnValue:
    here = access.world()
    here.office.redeliver(office.find(here, access.app(), delivery_id))
    return {}, 202


@blueprint.post("/app-manifests/<code>/conversions")
def convert_manifest(code: str) -> ResponseReturnValue:
    app = access.world().manifests.pop(code, None)
    if app is None:
        raise problems.not_found()
    secrets = {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "webhook_secret": app.webhook_secret,
        "pem": app.pem,
    }
    return payloads.app(access.world(), app) | secrets, 201


@blueprint.get("/meta")
def show_meta() -> ResponseReturnValue:
    return {"verifiable_password_authentication": False, "hooks": ["127.0.0.1/32"]}


@blueprint.get("/rate_limit")
def show_limits() -> ResponseReturnValue:
    here = access.world()
    shown = here.limits.shown(flask.g.caller, here.now())
    return {"resources": dict.fromkeys(("core", "search", "graphql"), shown), "rate": shown}


@blueprint.get("/users/<username>")
def show_user(username: str) -> ResponseReturnValue:
    here = access.world()
    who = here.account(username)
    if who is None:
        raise problems.not_found()
    made = "2020-01-01T00:00:00Z"
    blank = dict.fromkeys(("company", "blog", "location", "email", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    times = {"created_at": made, "updated_at": made}
    return payloads.account(here, who) | blank | counts | times | {"name": None, "user_view_type": "public"}


def _installations(app: state.App) -> list[state.Installation]:
    return [one for one in access.world().installations.values() if one.app is app]


def _installation(number: int) -> state.Installation:
    one = access.world().installations.get(number)
    if one is None or one.app is not access.app():
        raise problems.not_found()
    return one


def _narrowed(one: state.Installation, given: state.Json) -> list[state.Repository] | None:
    """Return the repositories that the token is to be for."""
    names, ids = given.get("repositories"), given.get("repository_ids")
    if names is None and ids is None:
        return None
    known = [repository for repository in access.world().repositories.values() if one.covers(repository)]
    chosen = [r for r in known if r.name in cast("list[str]", names or ()) or r.id in cast("list[int]", ids or ())]
    if len(chosen) != len({*cast("list[str]", names or ())}) + len({*cast("list[int]", ids or ())}):
        raise problems.invalid(
            "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    return chosen


def _hook(app: state.App) -> state.Json:
    return {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": app.hook_url or ""}


def _delivery(one: state.Delivery) -> state.Json:
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": clock.stamp(one.made),
        "redelivery": one.redelivery,
        "duration": one.duration,
        "status": one.status,
        "status_code": one.status_code,
        "event": one.event,
        "action": one.action,
        "installation_id": one.installation,
        "repository_id": one.repository,
        "throttled_at": None,
    }
