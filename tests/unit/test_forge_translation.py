import inspect
import json

import github
import pytest
import requests

from gatekeeper import errors
from gatekeeper.forge import translation

_LEAVES = (
    errors.RateLimitError,
    errors.UnavailableError,
    errors.ForbiddenError,
    errors.MissingError,
    errors.RefusedError,
)
_NOW = 1_700_000_000.0


def _answer(status: int, headers: dict[str, str] | None = None, message: str = "no") -> errors.ForgeError:
    return translation.answer(status, headers or {}, {"message": message}, "GET /app", now=_NOW, waited=60.0)


def _subclasses(base: type[Exception]) -> set[type[Exception]]:
    return {base}.union(*(_subclasses(one) for one in base.__subclasses__()))


def _made(kind: type[Exception]) -> Exception:
    """Return an exception of the kind, as its library would make it."""
    if issubclass(kind, github.BadAttributeException):
        return kind("1", (str, str), None)
    if issubclass(kind, github.GithubException):
        return kind(404, {"message": "Not Found"}, {})
    if issubclass(kind, json.JSONDecodeError):
        return kind("no", "{", 0)
    return kind("no")


@pytest.mark.parametrize(
    "kind",
    sorted(
        _subclasses(github.GithubException) | {github.BadAttributeException} | _subclasses(requests.RequestException),
        key=str,
    ),
)
def test_every_exception_of_the_libraries_is_one_of_ours(kind: type[Exception]) -> None:
    @translation.bordered
    def ask() -> None:
        raise _made(kind)

    with pytest.raises(_LEAVES) as caught:
        ask()

    assert isinstance(caught.value.__cause__, kind)


def test_every_exception_that_pygithub_names_is_known() -> None:
    named = [
        value
        for _, value in inspect.getmembers(github, inspect.isclass)
        if issubclass(value, Exception) and not issubclass(value, Warning)
    ]

    assert len(named) > 5
    assert all(issubclass(value, translation.FOREIGN) for value in named)


@pytest.mark.parametrize(
    ("status", "leaf"),
    [
        (301, errors.UnavailableError),
        (400, errors.RefusedError),
        (401, errors.ForbiddenError),
        (403, errors.ForbiddenError),
        (404, errors.MissingError),
        (408, errors.UnavailableError),
        (409, errors.RefusedError),
        (410, errors.MissingError),
        (422, errors.RefusedError),
        (429, errors.RateLimitError),
        (500, errors.UnavailableError),
        (502, errors.UnavailableError),
        (503, errors.UnavailableError),
        (504, errors.UnavailableError),
    ],
)
def test_every_status_has_its_meaning(status: int, leaf: type[errors.ForgeError]) -> None:
    assert type(_answer(status)) is leaf


@pytest.mark.parametrize(
    ("status", "headers", "message", "seconds"),
    [
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(_NOW) + 90)}, "API rate limit exceeded", 91),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(_NOW) - 5)}, "no", 1),
        (403, {"x-ratelimit-remaining": "0"}, "no", 60),
        (403, {"retry-after": "7", "x-ratelimit-remaining": "4000"}, "You have exceeded a secondary rate limit", 7),
        (403, {"retry-after": "0"}, "no", 1),
        (403, {"retry-after": "999999"}, "no", 3600),
        (429, {"retry-after": "soon"}, "no", 60),
        (403, {"x-ratelimit-remaining": "4000"}, "You have exceeded a secondary rate limit. Please wait", 60),
        (422, {}, "Validation Failed: was submitted too quickly", 60),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(status: int, headers: dict[str, str], message: str, seconds: float) -> None:
    failure = _answer(status, headers, message)

    assert isinstance(failure, errors.RateLimitError)
    assert failure.seconds == seconds


def test_a_missing_permission_is_named() -> None:
    failure = _answer(403, {"x-accepted-github-permissions": "contents=write"}, "Resource not accessible")

    assert isinstance(failure, errors.ForbiddenError)
    assert "contents=write" in str(failure)


def test_githubs_words_are_bounded_and_printable() -> None:
    data = {"message": "bad\x1b[31m\n" + "x" * 10_000, "errors": [{"resource": "A", "field": "b", "code": "c"}] * 99}

    failure = translation.answer(422, {}, data, "POST /x", now=_NOW, waited=60.0)

    assert len(str(failure)) < 500
    assert str(failure).isprintable()


def test_the_reasons_of_a_refusal_are_told() -> None:
    data = {"message": "Validation Failed", "errors": ["line must be part of the diff", {"message": "too long"}]}

    said = str(translation.answer(422, {}, data, "POST /x", now=_NOW, waited=60.0))

    assert "Validation Failed: line must be part of the diff: too long" in said


@pytest.mark.parametrize(
    ("failures", "leaf"),
    [
        ([{"type": "NOT_FOUND", "message": "no"}], errors.MissingError),
        ([{"type": "FORBIDDEN", "message": "no"}], errors.ForbiddenError),
        ([{"type": "RATE_LIMITED", "message": "no"}], errors.RateLimitError),
        ([{"type": "STALE_DATA", "message": "no"}], errors.RefusedError),
        ([{"message": "Something went wrong while executing your query"}], errors.UnavailableError),
        ([{"message": "Field 'x' doesn't exist"}], errors.RefusedError),
        ("nonsense", errors.RefusedError),
    ],
)
def test_every_failure_of_graphql_has_its_meaning(failures: object, leaf: type[errors.ForgeError]) -> None:
    assert type(translation.graphql(failures, "GraphQL", waited=60.0)) is leaf
