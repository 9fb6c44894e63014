"""Whether a branch asks for a check: by its rulesets, or by the older protection."""

import urllib.parse
from collections.abc import Iterator

from gatekeeper import errors
from gatekeeper.forge import reading, session

# a rule that any App may satisfy
ANYONE = -1
_MOST_PAGES = 10


def find(asked: session.Session, name: str, branch: str, check: str) -> frozenset[int] | None:
    """Return the Apps of which the branch requires the check (ANYONE: not pinned); empty: not required.

    None where the App may look neither at the rules nor at the protection, or where the rules do not ask for it and
    the protection cannot be seen.
    """
    path = f"/repos/{name}/{{}}/{urllib.parse.quote(branch, safe='')}"
    seen = [_rules(asked, path.format("rules/branches"), check), _protection(asked, path.format("branches"), check)]
    found = frozenset().union(*(apps for apps in seen if apps is not None))
    return found if found or None not in seen else None


def _rules(asked: session.Session, path: str, check: str) -> frozenset[int] | None:
    """https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch."""
    try:
        pages = list(asked.pages(path, most=_MOST_PAGES))
    except (errors.ForbiddenError, errors.MissingError):
        return None
    rules = [rule for page in pages for rule in reading.entries({"page": page}, "page")]
    return frozenset(app for rule in rules for app in _of_rule(rule, check))


def _of_rule(rule: object, check: str) -> Iterator[int]:
    if reading.text(rule, "type") != "required_status_checks":
        return
    for required in reading.entries(rule, "parameters", "required_status_checks"):
        if reading.text(required, "context") == check:
            pinned = reading.has(required, "integration_id")
            yield reading.number(required, "integration_id") if pinned else ANYONE


def _protection(asked: session.Session, path: str, check: str) -> frozenset[int] | None:
    """https://docs.github.com/en/rest/branches/branches#get-a-branch: shown to more than the protection's own page."""
    try:
        said = asked.get(path)
    except errors.MissingError:
        # no such branch yet: nothing protects it
        return frozenset()
    except errors.ForbiddenError:
        return None
    if not reading.flag(said, "protected") or not reading.has(said, "protection", "required_status_checks"):
        return frozenset()
    status = ("protection", "required_status_checks")
    if reading.has(said, *status, "checks"):
        return frozenset(
            reading.number(required, "app_id") if reading.has(required, "app_id") else ANYONE
            for required in reading.entries(said, *status, "checks")
            if reading.text(required, "context") == check
        )
    return frozenset({ANYONE} if check in reading.entries(said, *status, "contexts") else ())
