"""The REST API, exports and badges: the same queries as the pages, for programs."""

from gatekeeper.web.api.routes import blueprint

__all__ = ["blueprint"]
