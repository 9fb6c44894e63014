"""The REST API, exports and badges: the same queries as the pages, for programs."""

from gatekeeper.web.api.routes import blueprints

__all__ = ["blueprints"]
