"""Routes as GitHub's API description writes them."""

import re

import flask
from werkzeug import routing

API = "/api/v3"
# where renamed repositories lead to: real, and not in the description
UNDESCRIBED = "/repositories/"
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


def of(rule: routing.Rule) -> str:
    """Return the route of a rule, as in `/repos/{owner}/{repo}/pulls/{pull_number}`."""
    return _PLACE.sub(r"{\1}", rule.rule).removeprefix(API)


def operations(app: flask.Flask) -> list[tuple[str, str]]:
    """Return the API's (method, route) pairs that the service has."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(f"{API}/")]
    rules = [rule for rule in rules if not of(rule).startswith(UNDESCRIBED)]
    return sorted({(method.lower(), described(of(rule))) for rule in rules for method in _methods(rule)})


def described(route: str) -> str:
    """Return the route under which the description has it."""
    return f"{route}{{path}}" if route.endswith("/contents/") else route


def _methods(rule: routing.Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}
