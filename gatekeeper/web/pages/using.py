"""What every page works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import flask

from gatekeeper.views import audience as audiences
from gatekeeper.web import access
from gatekeeper.web.pages import frame, queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Using:
    """The records, who looks, and the time."""

    queries: queries.Queries
    access: access.Access
    now: Callable[[], datetime]
    # number of a repository -> path of its badge, which whoever has it may see; None where there are no badges
    badge: Callable[[int], str] | None = None

    @property
    def audience(self) -> audiences.Audience:
        """What may be seen by who asks now."""
        return self.access.current().audience

    def render(self, template: str, **values: object) -> flask.Response:
        """Answer with a page for who asks now."""
        return frame.render(template, status=200, viewer=self.access.current(), now=self.now(), **values)
