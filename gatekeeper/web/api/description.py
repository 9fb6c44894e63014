"""The API described as OpenAPI 3.1, from the same table that it is made of."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pydantic

import gatekeeper
from gatekeeper.web.api import operations, problems, values

_REFERENCE = "#/components/schemas/{model}"
_ABOUT = (
    "Reads what the web report shows. Whoever asks sees the repositories that GitHub lets them read, and nothing of "
    "any other: what is not there and what may not be seen are both answered 404. Send a token from the page /tokens "
    "as a bearer; a browser that is signed in may read too. Lists go on at `after`, which is `following` of the page "
    "before. Times are in UTC. Texts of pull requests are as they were: show them as text. Answers carry an `ETag`."
)
_FAILURES = {
    "400": "The query cannot be read.",
    "401": "A token is needed, or the one sent is not valid.",
    "404": "It does not exist, or may not be seen.",
    "429": "Too many requests with tokens that are none.",
    "503": "The records, or what GitHub lets the viewer read, cannot be reached now.",
}


@cache
def openapi() -> Mapping[str, Any]:
    """Return the description, as values that JSON holds."""
    keys, schemas = pydantic.TypeAdapter.json_schemas(
        [
            *((one.name, "serialization", one.answer) for one in operations.OPERATIONS),
            ("problem", "serialization", pydantic.TypeAdapter(values.Problem)),
        ],
        ref_template=_REFERENCE,
    )
    answers = {name: schema for (name, _), schema in keys.items()}
    described: Mapping[str, Any] = _readable(
        {
            "openapi": "3.1.0",
            "info": {"title": "Gatekeeper", "version": gatekeeper.__version__, "description": _ABOUT},
            "servers": [{"url": "/api"}],
            "security": [{"token": []}],
            "paths": {
                one.path: {"get": _operation(one, answers[one.name], answers["problem"])}
                for one in operations.OPERATIONS
            },
            "components": {
                "schemas": schemas["$defs"],
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }
    )
    return described


def _operation(one: operations.Operation, answer: Mapping[str, Any], problem: Mapping[str, Any]) -> Mapping[str, Any]:
    failed = {
        code: {"description": why, "content": {problems.TYPE: {"schema": problem}}} for code, why in _FAILURES.items()
    }
    return {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": [*_places(one), *_query(one)],
        "responses": {
            "200": {"description": "Found.", "content": {"application/json": {"schema": answer}}},
            "304": {"description": "Not changed since the answer with the `ETag` in `If-None-Match`."},
            **failed,
        },
    }


def _places(one: operations.Operation) -> Iterator[Mapping[str, Any]]:
    for name, schema in one.places.items():
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query(one: operations.Operation) -> Iterator[Mapping[str, Any]]:
    schema = one.query.model_json_schema(ref_template=_REFERENCE)
    for name, told in schema.get("properties", {}).items():
        plain = {key: value for key, value in told.items() if key not in {"description", "title"}}
        yield {
            "name": name,
            "in": "query",
            "required": False,
            "description": told.get("description", ""),
            "schema": _given(plain, schema.get("$defs", {})),
        }


def _given(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a parameter that is given: in a query nothing is null, and nothing is defined elsewhere."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        return _given(kinds[0], known)
    if "$ref" in schema:
        found: Mapping[str, Any] = known[schema["$ref"].rpartition("/")[2]]
        return {key: value for key, value in found.items() if key not in {"title", "description"}}
    return schema


# how pydantic names one of several classes of the same name: by its module
_QUALIFIED = re.compile(r"\w*?([a-z0-9]+)__([A-Z]\w*)")


def _readable(described: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the description with `reviews_Line` for `gatekeeper__views__reviews__Line`."""
    if isinstance(described, dict):
        return {_name(key): _readable(value) for key, value in described.items()}
    if isinstance(described, list):
        return [_readable(value) for value in described]
    if isinstance(described, str) and described.startswith(_REFERENCE.partition("{")[0]):
        start, _, name = described.rpartition("/")
        return f"{start}/{_name(name)}"
    return described


def _name(name: str) -> str:
    found = _QUALIFIED.fullmatch(name)
    return f"{found[1]}_{found[2]}" if found else name
