"""A repository's badge for its README: the gate's precision, at an address that cannot be guessed."""

import html
import math
from collections.abc import Callable
from typing import Final

import flask
import itsdangerous
import sqlalchemy

from gatekeeper.accuracy import figures
from gatekeeper.store import views

_LABEL: Final = "gate precision, 90 days"
# white letters on each have a contrast of at least 4.5
_GREEN, _AMBER, _RED, _GREY, _DARK = "#1b7a2f", "#8a5a00", "#b3261e", "#5f6368", "#3c4043"
# what a gate may block with, and advise with, where nothing else is configured
_GOOD, _FAIR = 0.9, 0.7
# pixels of a letter on the average, and around a text
_LETTER, _SPACE = 6.4, 12
# seconds that a README's proxy may keep it
_KEPT = 600
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{title}">\
<title>{title}</title>\
<clipPath id="round"><rect width="{width}" height="20" rx="3"/></clipPath>\
<g clip-path="url(#round)"><rect width="{left}" height="20" fill="{dark}"/>\
<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>\
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\
<text x="{label_at}" y="14" textLength="{label_length}">{label}</text>\
<text x="{text_at}" y="14" textLength="{text_length}">{text}</text></g></svg>
"""


class Badges:
    """Signs the addresses of badges and answers them."""

    def __init__(self, key: bytes) -> None:
        """Sign with a key that is for addresses alone."""
        self._signer = itsdangerous.Signer(key, salt="badge")

    def address(self, identity: int) -> str:
        """Return the path of a repository's badge, with the key that lets everybody see it."""
        signature = self._signer.get_signature(str(identity)).decode("ascii")
        return f"/repositories/{identity}/badge.svg?key={signature}"

    def blueprint(self, engine: sqlalchemy.Engine) -> flask.Blueprint:
        """Return what answers badges, to everybody who has their address; 404 for every other."""
        made = flask.Blueprint("badges", __name__)
        made.add_url_rule("/repositories/<int:identity>/badge.svg", "badge", self._answering(engine))
        return made

    def _answering(self, engine: sqlalchemy.Engine) -> Callable[[int], flask.Response]:
        def answer(identity: int) -> flask.Response:
            key = flask.request.args.get("key", "").encode("utf-8", "replace")
            valid = self._signer.verify_signature(str(identity), key)
            precision = views.badge(engine, identity) if valid else None
            if precision is None:
                flask.abort(404, "There is no badge at this address; the repository's page shows the right one.")
            response = flask.Response(svg(precision), content_type="image/svg+xml; charset=utf-8")
            response.headers["Cache-Control"] = f"public, max-age={_KEPT}"
            response.add_etag()
            return response.make_conditional(flask.request)  # type: ignore[return-value] # it is the same object

        return answer


def svg(precision: figures.Figure) -> str:
    """Return the badge as SVG, which says honestly where nothing is measured."""
    text, colour = _said(precision)
    label_length, text_length = (math.ceil(len(part) * _LETTER) for part in (_LABEL, text))
    left, right = label_length + _SPACE, text_length + _SPACE
    return _SVG.format(
        title=html.escape(f"{_LABEL}: {text}"),
        width=left + right,
        left=left,
        right=right,
        dark=_DARK,
        colour=colour,
        label=_LABEL,
        label_at=left / 2,
        label_length=label_length,
        text=html.escape(text),
        text_at=left + right / 2,
        text_length=text_length,
    )


def _said(precision: figures.Figure) -> tuple[str, str]:
    if precision.value is None:
        return "not measured", _GREY
    # cut, not rounded: 99.6 % is not all of them
    share = math.floor(precision.value * 100 + 1e-9)
    colour = _GREEN if precision.value >= _GOOD else _AMBER if precision.value >= _FAIR else _RED
    return f"{share} %", colour
