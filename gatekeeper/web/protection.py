"""What keeps browsers' cookies safe, forms from being forged, and secrets from being guessed."""

import functools
import ipaddress
import math
import time
from collections.abc import Collection
from datetime import timedelta

import flask
import flask_wtf.csrf
import limits
from flask import sessions
from flask.typing import ResponseReturnValue
from limits import storage, strategies
from werkzeug import exceptions

from gatekeeper.web import keys

# of one address, at one process: each counts for itself
_SIGN_INS = limits.parse("20 per minute")
_WRONG_TOKENS = limits.parse("20 per minute")
# for as long as somebody stays signed in
_LASTS = timedelta(days=30)
_NEAR_NAMES = frozenset({"localhost", "ip6-localhost"})
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


class _Cookie(sessions.SecureCookieSessionInterface):
    """Flask's signed cookie, which only this host can have set wherever the connection is encrypted."""

    def get_cookie_name(self, app: flask.Flask) -> str:
        return "__Host-gatekeeper" if self.get_cookie_secure(app) else "gatekeeper"

    def get_cookie_secure(self, app: flask.Flask) -> bool:
        return bool(app.config["SESSION_COOKIE_SECURE"]) or flask.request.is_secure


class Protection:
    """Cookies, forms and limits of one application."""

    def __init__(self, signing: keys.Keys, *, https: bool) -> None:
        """`https`: people reach the service by an encrypted address, whatever a proxy makes of it."""
        self._keys, self._https = signing, https
        self._forms = flask_wtf.csrf.CSRFProtect()
        self._counted = strategies.FixedWindowRateLimiter(storage.MemoryStorage())

    def guard(self, app: flask.Flask, programs: Collection[flask.Blueprint]) -> None:
        """Protect the application; in `programs`, which take no cookie for what they change, forms are not looked for.

        To be called before the blueprints are registered.
        """
        app.session_interface = _Cookie()
        app.config.update(
            SECRET_KEY=self._keys.cookie,
            SESSION_COOKIE_SECURE=self._https,
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            SESSION_COOKIE_PATH="/",
            PERMANENT_SESSION_LIFETIME=_LASTS,
            # how long somebody may be idle is known in the records
            SESSION_REFRESH_EACH_REQUEST=False,
            # below: the library knows what is left out by the names of functions, which not all views have
            WTF_CSRF_CHECK_DEFAULT=False,
            # as long as the cookie that they belong to
            WTF_CSRF_TIME_LIMIT=None,
            # the cookie's name and SameSite say as much, and browsers may be set to tell no referrer
            WTF_CSRF_SSL_STRICT=False,
        )
        self._forms.init_app(app)
        app.before_request(functools.partial(self._look_at_form, frozenset(each.name for each in programs)))
        app.register_error_handler(flask_wtf.csrf.CSRFError, _stale)

    def attempt(self) -> None:
        """Count an attempt to sign in. Raises TooManyRequests where there were too many."""
        if not self._counted.hit(_SIGN_INS, "sign-ins", caller()):
            raise self._too_many("attempts to sign in", _SIGN_INS, "sign-ins")

    def refuse_guessing(self) -> None:
        """Refuse whoever came with too many wrong tokens. Raises TooManyRequests."""
        if not self._counted.test(_WRONG_TOKENS, "tokens", caller()):
            raise self._too_many("wrong tokens", _WRONG_TOKENS, "tokens")

    def wrong_token(self) -> None:
        """Take note that the request came with a wrong token."""
        self._counted.hit(_WRONG_TOKENS, "tokens", caller())

    def _look_at_form(self, programs: Collection[str]) -> None:
        if flask.request.endpoint is not None and flask.request.blueprint not in programs:
            self._forms.protect()

    def _too_many(self, what: str, limit: limits.RateLimitItem, name: str) -> exceptions.TooManyRequests:
        ends = self._counted.get_window_stats(limit, name, caller()).reset_time
        seconds = max(1, math.ceil(ends - time.time()))
        why = f"Too many {what} came from your address: try again in {seconds} s."
        return exceptions.TooManyRequests(why, retry_after=seconds)


def caller() -> str:
    """Return what attempts are counted by: the address, of IPv6 the network that one customer gets."""
    try:
        address = ipaddress.ip_address(flask.request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def refuse_strangers() -> None:
    """Refuse requests that are not this machine's own browser's: for a service that shows everything.

    A page anywhere may have its own name lead to 127.0.0.1 (DNS rebinding); what the browser sends as host stays that
    name.
    """
    host = flask.request.host
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() and not host.endswith("]") else host
    if not is_near(name) or any(header in flask.request.headers for header in _FORWARDED):
        raise exceptions.Forbidden(
            "This service shows everything, and to this machine's own browser alone: open it by its address, such as "
            "http://127.0.0.1:8000, without a proxy."
        )


def is_near(host: str) -> bool:
    """Return whether the name or address of a host is this machine's own, for itself alone."""
    plain = host.removeprefix("[").removesuffix("]").lower()
    if plain in _NEAR_NAMES:
        return True
    try:
        return ipaddress.ip_address(plain).is_loopback
    except ValueError:
        return False


def _stale(_: flask_wtf.csrf.CSRFError) -> ResponseReturnValue:
    why = "This form is too old, or was not this service's own: go back, load the page anew, and send it again."
    return flask.current_app.handle_user_exception(exceptions.BadRequest(why))
