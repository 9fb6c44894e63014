"""Queries of addresses -> filters, windows and cursors, and back; what cannot be read is refused with its name."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from werkzeug import exceptions

from gatekeeper.verdicts import verdict
from gatekeeper.views import repository, reviews

# days back that a window may be asked for by; the second is meant where none is
WINDOWS = (7, 30, 90, 365)
USUAL = 90
# what a database counts by
_LARGEST = 2**31 - 1
# characters of a word
_LONGEST = 200

_Word = TypeVar("_Word", bound=StrEnum)


def days(given: Mapping[str, str]) -> int:
    """Return how many days back `days` asks for. Raises BadRequest."""
    found = _number(given, "days")
    if found is None:
        return USUAL
    if found not in WINDOWS:
        raise _refused("days", f"one of {', '.join(map(str, WINDOWS))}")
    return found


def window(given: Mapping[str, str], today: date) -> repository.Window:
    """Return the window of `first` and `last`, or of the last `days`, for one engine or all. Raises BadRequest."""
    last = _date(given, "last") or today
    first = _date(given, "first") or last - timedelta(days=days(given) - 1)
    if first > last:
        raise exceptions.BadRequest(f"The window ends on {last}, before it begins on {first}: exchange the two.")
    return repository.Window(
        first=first,
        last=last,
        engine=_text(given, "engine"),
        model=_text(given, "model"),
        version=_text(given, "version"),
    )


def of_window(chosen: repository.Window) -> dict[str, str]:
    """Return the query that `window` reads as `chosen`."""
    named = {"engine": chosen.engine, "model": chosen.model, "version": chosen.version}
    dates = {"first": chosen.first.isoformat(), "last": chosen.last.isoformat()}
    return dates | {name: value for name, value in named.items() if value is not None}


def chosen(given: Mapping[str, str]) -> reviews.Filter:
    """Return the filter of a list of reviews. Raises BadRequest."""
    return reviews.Filter(
        repository=_number(given, "repository"),
        pull=_number(given, "pull"),
        conclusion=word(given, "conclusion", verdict.Conclusion),
        result=word(given, "result", reviews.Result),
        engine=_text(given, "engine"),
        first=_date(given, "first"),
        last=_date(given, "last"),
        sha=_text(given, "sha"),
    )


def of_filter(wanted: reviews.Filter) -> dict[str, str]:
    """Return the query that `chosen` reads as `wanted`, without what it leaves open."""
    named = {
        "repository": wanted.repository,
        "pull": wanted.pull,
        "conclusion": wanted.conclusion,
        "result": wanted.result,
        "engine": wanted.engine,
        "first": wanted.first,
        "last": wanted.last,
        "sha": wanted.sha,
    }
    return {name: str(value) for name, value in named.items() if value is not None}


def cursor(given: Mapping[str, str]) -> reviews.Cursor | None:
    """Return where `after` says that a list goes on. Raises BadRequest."""
    text = _text(given, "after")
    if text is None:
        return None
    started, _, identity = text.partition("~")
    try:
        moment = datetime.fromisoformat(started)
    except ValueError:
        raise _refused("after", "an address that the page itself gave") from None
    if not identity:
        raise _refused("after", "an address that the page itself gave")
    return reviews.Cursor(started=moment if moment.tzinfo else moment.replace(tzinfo=UTC), id=identity)


def of_cursor(place: reviews.Cursor) -> str:
    """Return what `cursor` reads as `place`."""
    return f"{place.started.astimezone(UTC).replace(tzinfo=None).isoformat()}~{place.id}"


def step(given: Mapping[str, str], last: int) -> int | None:
    """Return the 0-based step that `step` asks for, counted from 1 there, the nearest that there is; None without."""
    found = _number(given, "step")
    return None if found is None else min(max(found - 1, 0), last)


def word(given: Mapping[str, str], name: str, words: type[_Word]) -> _Word | None:
    """Return one of few words; None where it is not given. Raises BadRequest."""
    text = _text(given, name)
    if text is None:
        return None
    if text not in set(words):
        raise _refused(name, f"one of {_listed(words)}")
    return words(text)


def text(given: Mapping[str, str], name: str) -> str:
    """Return what was written; empty where nothing was. Raises BadRequest."""
    return _text(given, name) or ""


def number(given: Mapping[str, str], name: str) -> int:
    """Return a number from 0; 0 where none is given. Raises BadRequest."""
    return _number(given, name) or 0


def _text(given: Mapping[str, str], name: str) -> str | None:
    found = given.get(name, "").strip()
    if len(found) > _LONGEST or not found.isprintable():
        raise _refused(name, f"at most {_LONGEST} characters that can be seen")
    return found or None


def _number(given: Mapping[str, str], name: str) -> int | None:
    found = _text(given, name)
    if found is None:
        return None
    if not (found.isascii() and found.isdigit()) or int(found) > _LARGEST:
        raise _refused(name, "a number")
    return int(found)


def _date(given: Mapping[str, str], name: str) -> date | None:
    found = _text(given, name)
    if found is None:
        return None
    try:
        return date.fromisoformat(found)
    except ValueError:
        raise _refused(name, "a day such as 2026-11-20") from None


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _refused(name: str, wanted: str) -> exceptions.BadRequest:
    return exceptions.BadRequest(f"The address's `{name}` must be {wanted}: correct it, or leave it out.")
