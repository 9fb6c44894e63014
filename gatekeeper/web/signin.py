"""Signing in with GitHub, and signing out.

The browser is sent to GitHub with a state that is good once and a PKCE challenge, both bound to its cookie; Authlib
makes and checks them. https://docs.github.com/en/apps/creating-github-apps/writing-code-for-a-github-app/
"""

from collections.abc import Callable
from datetime import datetime

import flask
import requests
import structlog
from authlib.integrations import base_client, flask_client
from werkzeug import exceptions
from werkzeug.wrappers import Response

from gatekeeper import errors
from gatekeeper.forge import people as github
from gatekeeper.forge import translation, wire
from gatekeeper.store import people
from gatekeeper.web import access, protection, reach, sessions
from gatekeeper.web.pages import frame

# where the cookie remembers what was wanted
_NEXT = "next"
_PREFIX = "_state_"

_log = structlog.get_logger(__name__)


class SignIn:
    """The pages on which people sign in and out."""

    def __init__(
        self,
        asked: github.People | None,
        known: reach.Reach,
        signed_in: sessions.Sessions,
        protecting: protection.Protection,
        now: Callable[[], datetime],
        *,
        url: str | None,
    ) -> None:
        """`asked` is None where the App's client id or secret is not known; `url` is the service's public address."""
        self._asked, self._reach, self._sessions, self._now, self._url = asked, known, signed_in, now, url
        self._protection = protecting
        self._library = flask_client.OAuth()
        if asked is not None:
            self._library.register(
                "github",
                client_id=asked.client_id,
                client_secret=asked.client_secret,
                authorize_url=asked.authorize_url,
                access_token_url=asked.token_url,
                user_agent=wire.USER_AGENT,
                client_kwargs={
                    "code_challenge_method": "S256",
                    "token_endpoint_auth_method": "client_secret_post",
                    "default_timeout": wire.TIMEOUT,
                },
            )

    def blueprint(self) -> flask.Blueprint:
        """Return what answers `/sign-in`, GitHub's way back and `/sign-out`."""
        made = flask.Blueprint("signin", __name__)
        made.record_once(lambda state: self._library.init_app(state.app))
        made.add_url_rule(access.SIGN_IN, "ask", self.ask)
        made.add_url_rule(access.SIGN_IN, "begin", self.begin, methods=["POST"])
        made.add_url_rule(access.CALLBACK, "callback", self.callback)
        made.add_url_rule("/sign-out", "end", self.end, methods=["POST"])
        return made

    def ask(self) -> Response:
        """Show the way to GitHub; on to where they wanted for whoever is signed in."""
        wanted = access.local(flask.request.args.get("next", "/"))
        if self._sessions.viewer().how is not access.How.NOBODY:
            return flask.redirect(wanted, 303)
        github_url = "" if self._asked is None else self._asked.html_url
        shown = frame.render("sign_in.html", wanted=wanted, able=self._asked is not None)
        # browsers hold the redirects after a form against the same rule
        shown.headers["Content-Security-Policy"] = frame.POLICY.replace(
            "form-action 'self'", f"form-action 'self' {github_url}".rstrip()
        )
        return shown

    def begin(self) -> Response:
        """Send the browser to GitHub."""
        self._protection.attempt()
        if self._asked is None:
            raise exceptions.ServiceUnavailable(
                "Nobody can sign in yet: whoever runs this service has to set GATEKEEPER_CLIENT_ID and "
                "GATEKEEPER_CLIENT_SECRET."
            )
        # a cookie holds few attempts
        for name in [name for name in flask.session if name.startswith(_PREFIX)]:
            del flask.session[name]
        flask.session[_NEXT] = access.local(flask.request.form.get("next", "/"))
        here = self._url or flask.request.host_url.rstrip("/")
        sent: Response = self._library.github.authorize_redirect(f"{here}{access.CALLBACK}")
        return sent

    def callback(self) -> Response:
        """Take what GitHub gave for who signed in, and let them on."""
        self._protection.attempt()
        if self._asked is None:
            raise exceptions.NotFound("There is nothing here.")
        wanted = access.local(str(flask.session.pop(_NEXT, "/")))
        person = self._person()
        self._sessions.begin(person)
        _log.info("somebody signed in", person=person.id, login=person.login, repositories=len(person.repositories))
        return flask.redirect(wanted, 303)

    def end(self) -> Response:
        """Sign out."""
        self._sessions.end()
        return flask.redirect(access.SIGN_IN, 303)

    def _person(self) -> people.Person:
        try:
            given = self._library.github.authorize_access_token()
            return self._reach.newly(github.grant(given, self._now()))
        except base_client.OAuthError as error:
            # the words may be anybody's: they stand in the address
            _log.warning("somebody did not sign in", reason=translation.quoted(error.error))
            raise exceptions.BadRequest(
                "You are not signed in: GitHub refused, or this answer of it was not asked for by this browser, or is "
                "too old. Begin again from the sign-in page."
            ) from error
        except (errors.ForgeError, requests.RequestException, ValueError) as error:
            _log.warning("somebody could not sign in", reason=_reason(error))
            raise exceptions.ServiceUnavailable(
                "You are not signed in: GitHub does not answer now. Begin again from the sign-in page in a minute.",
                retry_after=60,
            ) from error


def _reason(error: Exception) -> str:
    # what requests says may hold addresses with a code
    return str(error) if isinstance(error, errors.GatekeeperError) else type(error).__name__
