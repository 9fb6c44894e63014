"""GitHub's published description of its API, held against every request, answer and event of the double."""

import functools
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import jsonschema
from jsonschema import validators

from tests.fakes.github import state

ASSET = Path(__file__).resolve().parents[2] / "assets/github/openapi.json.gz"
_JSON = "application/json"
# what GitHub answers anywhere, and describes here and there
_ANYWHERE = frozenset({301, 304, 307, 400, 401, 403, 404, 422, 429, 500, 502})
# where the package demands what no account has: the fields of a user and of an enterprise together
_MENDED: dict[tuple[str, str, int], state.Json] = {
    ("GET", "/app/installations", 200): {"type": "array", "items": {"$ref": "#/components/schemas/installation"}},
}
# null in a comment that is outdated or on a file, as the description of the event of the same comment says
_NULLABLE = {"pull-request-review-comment": ("line", "original_line", "position")}
# events and permissions that came later are not in every list of them
_OPEN: dict[str, object] = {
    "events": {"type": "array", "items": {"type": "string"}},
    "permissions": {"type": "object"},
}


@functools.cache
def _document() -> state.Json:
    return cast("state.Json", json.loads(gzip.decompress(ASSET.read_bytes())))


def version() -> str:
    """Return the version of the package that the description comes from."""
    return str((_at(_document(), "info") or {})["version"])


def wrong_request(method: str, route: str, body: object, query: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return what the description does not know of the request; empty where all is well."""
    operation = _operation(method, route)
    if operation is None:
        return f"{method} {route} is not described"
    for name, value in query.items():
        if why := _wrong_parameter(operation, name, value):
            return f"{method} {route}: {why}"
    if body is None and not (_at(operation, "requestBody") or {}).get("required"):
        return ""
    schema = _at(operation, "requestBody", "content", _JSON, "schema")
    if schema is None:
        return "" if body in (None, {}) else f"{method} {route} has no body"
    return _errors(f"{method} {route}", schema, body)


def wrong_answer(method: str, route: str, status: int, body: object) -> str:
    """Return what the description does not know of the answer; empty where all is well."""
    operation = _operation(method, route)
    if operation is None:
        return f"{method} {route} is not described"
    response = _at(operation, "responses", str(status))
    if response is None:
        return "" if status in _ANYWHERE else f"{method} {route} does not answer {status}"
    schema = _MENDED.get((method, route, status)) or _at(response, "content", _JSON, "schema")
    if schema is None:
        return "" if body in (None, {}) else f"{method} {route} answers {status} without a body"
    return _errors(f"{method} {route} {status}", schema, body)


def wrong_event(event: str, payload: state.Json) -> str:
    """Return what the description does not know of the event's payload; empty where all is well."""
    name = "-".join(str(word).replace("_", "-") for word in (event, payload.get("action")) if word)
    schema = _at(_document(), "x-webhooks", name, "post", "requestBody", "content", _JSON, "schema")
    return f"{name} is not described" if schema is None else _errors(name, schema, payload)


def _wrong_parameter(operation: state.Json, name: str, value: str) -> str:
    described = [_resolved(one) for one in cast("list[object]", operation.get("parameters", []))]
    found = [one for one in described if isinstance(one, dict) and (one["in"], one["name"]) == ("query", name)]
    if not found:
        return f"the parameter {name} is not described"
    schema = _at(found[0], "schema") or {}
    return _errors(f"the parameter {name}", schema, _parsed(str(schema.get("type")), value))


def _parsed(kind: str, value: str) -> object:
    if kind == "integer" and value.isdecimal():
        return int(value)
    return value == "true" if kind == "boolean" and value in ("true", "false") else value


def _operation(method: str, route: str) -> state.Json | None:
    return _at(_document(), "paths", route, method.lower())


def _at(found: object, *names: str) -> state.Json | None:
    for name in names:
        found = _resolved(found)
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
    return cast("state.Json", _resolved(found))


def _resolved(found: object) -> object:
    while isinstance(found, dict) and "$ref" in found:
        reference, found = found["$ref"], _document()
        for name in reference.removeprefix("#/").split("/"):
            assert isinstance(found, dict)
            found = found[name]
    return found


def _errors(name: str, schema: state.Json, body: object) -> str:
    error = jsonschema.exceptions.best_match(_validator(name, json.dumps(schema)).iter_errors(cast("Any", body)))
    return "" if error is None else f"{name}: {error.json_path}: {error.message[:200]}"


@functools.cache
def _validator(_name: str, schema: str) -> jsonschema.protocols.Validator:
    return validators.Draft202012Validator({**_closed(json.loads(schema)), "components": _components()})


@functools.cache
def _components() -> dict[str, object]:
    known = _document()["components"]
    assert isinstance(known, dict)
    schemas = known["schemas"]
    for name, fields in _NULLABLE.items():
        for field in fields:
            schemas[name]["properties"][field]["nullable"] = True
    return {"schemas": {name: _closed(schema) for name, schema in schemas.items()}}


def _closed(schema: object) -> dict[str, object]:
    """Return the schema as JSON Schema has it, with objects that admit no property which they do not name."""
    closed = _translated(schema)
    assert isinstance(closed, dict)
    return closed


def _translated(schema: object) -> object:
    if isinstance(schema, list):
        return [_translated(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "allOf" in schema:
        schema = _merged(schema)
    made = {name: _translated_part(name, value) for name, value in schema.items()}
    nullable = made.pop("nullable", False)
    if "oneOf" in made:
        # errors are described so that some are of two kinds
        made["anyOf"] = made.pop("oneOf")
    if "properties" in made and not made.get("additionalProperties"):
        made["additionalProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if nullable else made


def _translated_part(name: str, value: object) -> object:
    if name in ("properties", "patternProperties"):
        assert isinstance(value, dict)
        return {key: _OPEN.get(key) or _translated(one) for key, one in value.items()}
    return value if name in ("enum", "default", "example", "required", "description") else _translated(value)


def _merged(schema: dict[str, object]) -> dict[str, object]:
    """Return one object for an `allOf`, whose parts would otherwise close themselves against each other."""
    parts = [_resolved(part) for part in cast("list[object]", schema["allOf"])]
    rest = {name: value for name, value in schema.items() if name != "allOf"}
    properties: dict[str, object] = {}
    required: list[str] = []
    for part in (*parts, rest):
        assert isinstance(part, dict)
        whole = _merged(part) if "allOf" in part else part
        if "properties" not in whole and part is not rest:
            return schema
        properties |= cast("dict[str, object]", whole.get("properties", {}))
        required += cast("list[str]", whole.get("required", []))
    return {**rest, "type": "object", "properties": properties, "required": required}
