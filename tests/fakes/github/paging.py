"""Pages of a list, with the Link header that leads through them."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

import flask

_MOST = 100
T = TypeVar("T")


def answer(items: Sequence[T], shown: Callable[[T], object], key: str | None = None) -> flask.Response:
    """Answer with the page that the request asks for; under `key`, with `total_count`, where the list is wrapped."""
    number, size = _asked()
    page = [shown(item) for item in items[(number - 1) * size : number * size]]
    body: object = page if key is None else {"total_count": len(items), key: page}
    response = flask.jsonify(body)
    last = max(1, -(-len(items) // size))
    links: dict[str, int] = {}
    if number < last:
        links |= {"next": number + 1, "last": last}
    if number > 1:
        links |= {"prev": number - 1, "first": 1}
    if links:
        response.headers["Link"] = ", ".join(f'<{_address(page=to)}>; rel="{name}"' for name, to in links.items())
    return response


def by_cursor(items: Sequence[T], number: Callable[[T], int], shown: Callable[[T], object]) -> flask.Response:
    """Answer with the page after the cursor, which is the number of the last item of the page before."""
    size = _asked()[1]
    cursor = flask.request.args.get("cursor", "")
    after = int(cursor.removeprefix("v1_")) if cursor else None
    rest = [item for item in items if after is None or number(item) < after]
    page = rest[:size]
    response = flask.jsonify([shown(item) for item in page])
    if len(rest) > size:
        response.headers["Link"] = f'<{_address(cursor=f"v1_{number(page[-1])}")}>; rel="next"'
    return response


def _asked() -> tuple[int, int]:
    arguments = flask.request.args
    number, size = (int(arguments.get(name, default)) for name, default in (("page", "1"), ("per_page", "30")))
    return max(1, number), max(1, min(size, _MOST))


def _address(**changed: object) -> str:
    return f"{flask.request.base_url}?{urlencode({**flask.request.args.to_dict(), **changed})}"
