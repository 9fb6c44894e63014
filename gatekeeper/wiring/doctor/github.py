"""What GitHub must say: that it knows the App, what it may do, where deliveries go, what time it is."""

import email.utils
import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import gatekeeper
from gatekeeper import errors, settings
from gatekeeper.forge import permissions, tokens, wire
from gatekeeper.wiring.doctor import found

# GitHub refuses what the App signs where its clock is further ahead than this
_SKEW, _UNSETTLING = timedelta(seconds=60), timedelta(seconds=10)
_DELIVERIES = timedelta(days=1)
_SECONDS = 10
_LEVELS = {"read": 1, "write": 2, "admin": 3}


def clock(chosen: settings.Settings, now: datetime) -> Iterator[found.Found]:
    """Yield whether GitHub can be reached, and how far this machine's clock is from its."""
    line = wire.Wire(chosen.github_api)
    try:
        # any answer will do, also a refusal
        answered = line.send("GET", "/meta", {}, None)
    except errors.ForgeError as error:
        yield found.fail("GitHub", str(error), f"check the way to {chosen.github_api}: GATEKEEPER_GITHUB_API, proxies")
        return
    finally:
        line.close()
    yield found.ok("GitHub", f"{chosen.github_api} answers")
    try:
        theirs = email.utils.parsedate_to_datetime(answered.headers.get("date", ""))
    except ValueError:
        return
    skew = abs(now - theirs.replace(tzinfo=theirs.tzinfo or UTC))
    said = f"{skew.total_seconds():.0f} s from GitHub's"
    mend = "set this machine's clock by NTP"
    if skew > _SKEW:
        yield found.fail("clock", said, mend)
    elif skew > _UNSETTLING:
        yield found.warn("clock", said, mend)
    else:
        yield found.ok("clock", said)


def app(chosen: settings.Settings, now: datetime) -> Iterator[found.Found]:
    """Yield what GitHub says to the App, through the token broker."""
    broker = tokens.Tokens(chosen.broker)
    try:
        itself = broker.app()
        yield _identity(chosen, itself.id, itself.name)
        yield _events(itself.events, chosen)
        yield from _granted("permissions", itself.permissions, f"{itself.page}: Permissions & events")
        for one in broker.installations():
            if one.suspended:
                yield found.warn(f"installed on {one.account}", "suspended", "ask its owner to resume it")
            else:
                yield from _granted(
                    f"installed on {one.account}", one.permissions, "ask its owner to accept the new permissions"
                )
        yield from _hook(chosen, broker, now)
    except errors.ForgeError as error:
        yield found.fail("App on GitHub", str(error), "check GATEKEEPER_APP_ID and its private key")


def _identity(chosen: settings.Settings, number: int, name: str) -> found.Found:
    if chosen.app is not None and chosen.app.id != number:
        return found.fail(
            "App on GitHub",
            f"the broker's App is {number}, not {chosen.app.id}",
            "give both the same GATEKEEPER_APP_ID",
        )
    return found.ok("App on GitHub", f"GitHub takes the key of {name}")


def _events(given: tuple[str, ...], chosen: settings.Settings) -> found.Found:
    missing = [event for event in permissions.EVENTS if event not in given]
    if not missing:
        return found.ok("events", "all are subscribed to")
    page = chosen.app.page if chosen.app else ""
    return found.warn(
        "events", f"not subscribed to {', '.join(missing)}", f"tick them on the App's page {page}: Permissions & events"
    )


def _granted(part: str, given: Mapping[str, str], mend: str) -> Iterator[found.Found]:
    missing = [
        f"{name} ({level}), {why}"
        for name, (level, why) in permissions.MANIFEST_PERMISSIONS.items()
        if _LEVELS.get(given.get(name, ""), 0) < _LEVELS[level]
    ]
    if missing:
        yield found.fail(part, f"not granted: {'; '.join(missing)}", mend)
        return
    writes = " and commits fixes" if given.get("contents") == "write" else ""
    yield found.ok(part, f"all that is needed{writes}")


def _hook(chosen: settings.Settings, broker: tokens.Tokens, now: datetime) -> Iterator[found.Found]:
    hook = broker.hook()
    wanted = f"{chosen.url}/webhooks" if chosen.url else None
    mend = f"set the webhook's address to {wanted or 'ADDRESS/webhooks'} on the App's page"
    if not hook.url:
        yield found.warn("webhook", "has no address", f"{mend}, unless you run `gatekeeper serve --poll`")
        return
    if wanted is not None and hook.url != wanted:
        yield found.warn("webhook", f"leads to {hook.url}", mend)
    elif hook.content_type != "json":
        yield found.fail("webhook", "sends forms", "set its content type to application/json on the App's page")
    elif not hook.signed:
        yield found.fail("webhook", "is not signed", "set its secret on the App's page, and GATEKEEPER_WEBHOOK_SECRET")
    elif hook.insecure:
        yield found.warn("webhook", "does not look at certificates", "enable SSL verification on the App's page")
    else:
        yield found.ok("webhook", f"leads to {hook.url}")
    failed = broker.failed_deliveries(now - _DELIVERIES)
    if failed:
        yield found.warn(
            "deliveries", f"{len(failed)} of the last day did not arrive", "the worker asks for them again"
        )
    else:
        yield found.ok("deliveries", "all of the last day arrived")


def address(chosen: settings.Settings) -> found.Found:
    """Return whether the service answers at its public address, as seen from here."""
    if chosen.url is None:
        return found.warn("public address", "not set", "set GATEKEEPER_URL, for links to full reports")
    asked = urllib.request.Request(  # noqa: S310 - settings take http and https alone
        f"{chosen.url}/healthz", headers={"User-Agent": f"gatekeeper/{gatekeeper.__version__}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answered:  # noqa: S310 - as above
            status = answered.status
    except urllib.error.HTTPError as error:
        status = error.code
    except (OSError, http.client.HTTPException) as error:
        return found.warn("public address", f"{chosen.url} does not answer: {error}", "check the way to this service")
    if status != http.HTTPStatus.OK:
        return found.fail("public address", f"{chosen.url}/healthz answers {status}", "lead it to GATEKEEPER_LISTEN")
    return found.ok("public address", f"{chosen.url} answers")
