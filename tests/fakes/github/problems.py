"""What GitHub answers when it refuses."""

from collections.abc import Mapping, Sequence

DOCUMENTATION = "https://docs.github.com/rest"


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of the double
    """A status and the body that says why; `headers` are added to the answer."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: Sequence[object] = (),
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        super().__init__(f"{status} {message} {list(errors) or ''}")
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, object] = {"message": message, "documentation_url": DOCUMENTATION, **more}
        if status != 422:
            self.body["status"] = str(status)
        if errors:
            self.body["errors"] = list(errors)


def not_found() -> Refusal:
    """Return the answer for what is not there, or may not be seen."""
    return Refusal(404, "Not Found")


def not_accessible() -> Refusal:
    """Return the answer for what the App may not do."""
    return Refusal(403, "Resource not accessible by integration")


def bad_credentials() -> Refusal:
    """Return the answer to a token that is unknown or has expired."""
    return Refusal(401, "Bad credentials")


def invalid(message: str, *errors: object) -> Refusal:
    """Return the answer to a request that is understood and not acceptable."""
    return Refusal(422, message, errors)


def field(resource: str, name: str, code: str, message: str = "") -> dict[str, str]:
    """Return one error of a validation failure."""
    error = {"resource": resource, "field": name, "code": code}
    return {**error, "message": message} if message else error
