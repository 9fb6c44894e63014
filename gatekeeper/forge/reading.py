"""Fields of GitHub's JSON, checked as they are read: what is not as documented is an answer that does not count."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NoReturn

from gatekeeper import errors
from gatekeeper.forge import translation


def text(data: object, *path: str) -> str:
    """Return the string at `path`. Raises UnavailableError where there is none, as all of this module do."""
    found = _at(data, path)
    return found if isinstance(found, str) else _unreadable(path)


def number(data: object, *path: str) -> int:
    """Return the integer at `path`."""
    found = _at(data, path)
    return found if isinstance(found, int) and not isinstance(found, bool) else _unreadable(path)


def flag(data: object, *path: str) -> bool:
    """Return whether it is true at `path`."""
    found = _at(data, path)
    return found if isinstance(found, bool) else _unreadable(path)


def entries(data: object, *path: str) -> Sequence[object]:
    """Return the list at `path`."""
    found = _at(data, path)
    return found if isinstance(found, list) else _unreadable(path)


def names(data: object, *path: str) -> dict[str, str]:
    """Return the strings by name at `path`."""
    found = _at(data, path)
    if not isinstance(found, dict):
        return _unreadable(path)
    return {str(name): str(value) for name, value in found.items()}


def moment(data: object, *path: str) -> datetime:
    """Return the time at `path`, in UTC."""
    try:
        found = datetime.fromisoformat(text(data, *path))
    except ValueError:
        return _unreadable(path)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def has(data: object, *path: str) -> bool:
    """Return whether there is anything but null at `path`."""
    return _at(data, path) is not None


def _at(data: object, path: Sequence[str]) -> object:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _unreadable(path: Sequence[str]) -> NoReturn:
    where = translation.quoted(".".join(path))
    raise errors.UnavailableError(f"GitHub's answer cannot be read: {where} is not what it should be")
