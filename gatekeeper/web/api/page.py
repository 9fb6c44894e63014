"""`GET /api`: the description for people."""

import flask

from gatekeeper.web import access as accesses
from gatekeeper.web.api import description
from gatekeeper.web.pages import frame


def blueprint(access: accesses.Access) -> flask.Blueprint:
    """Return what answers the page, for those who are signed in."""
    made = flask.Blueprint("api_page", __name__)
    made.before_request(access.page)

    def show() -> flask.Response:
        described = description.openapi()
        operations = [{"path": path, **item["get"]} for path, item in described["paths"].items()]
        return frame.render(
            "api.html",
            viewer=access.current(),
            here="api",
            about=described["info"]["description"],
            server=described["servers"][0]["url"],
            operations=operations,
        )

    made.add_url_rule("/api", "api", show)
    return made
