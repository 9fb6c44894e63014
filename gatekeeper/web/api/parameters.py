"""What queries of the API may ask for: validated here, and described to others from here."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal, Self

import pydantic
from pydantic import functional_validators

from gatekeeper.verdicts import verdict
from gatekeeper.views import repository, reviews

# days back where no window is asked for
_USUAL: Final = 90
# entries on one page, and where none is asked for
_MOST = 500
_SOME = 50
_LARGEST = 2**31 - 1
_DIGITS = re.compile(r"[0-9]{1,10}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# microseconds since 1970, and a review's id
_CURSOR = re.compile(r"([0-9]{1,16})~([0-9A-Za-z_-]{1,100})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _whole(given: object) -> object:
    """Turn digits into a number; pydantic would take `1_0` and `7.0` too, which the description does not tell."""
    if not isinstance(given, str):
        return given
    if not _DIGITS.fullmatch(given):
        raise ValueError("a number is written in digits")
    return int(given)


def _day(given: object) -> object:
    """Turn a day into a date; pydantic would take seconds since 1970 too."""
    if isinstance(given, str) and not _DAY.fullmatch(given):
        raise ValueError("a day is written as 2026-11-20")
    return given


_Number = Annotated[int, pydantic.Field(ge=0, le=_LARGEST), functional_validators.BeforeValidator(_whole)]
_Limit = Annotated[int, pydantic.Field(ge=1, le=_MOST), functional_validators.BeforeValidator(_whole)]
_Day = Annotated[date, functional_validators.BeforeValidator(_day)]
_Days = Annotated[Literal[7, 30, 90, 365], functional_validators.BeforeValidator(_whole)]
_Text = Annotated[str, pydantic.Field(max_length=200)]


class Nothing(pydantic.BaseModel):
    """No parameters: one that is not known is refused, since a misspelt filter would show too much."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Return what the query `given` asks for. Raises pydantic.ValidationError."""
        return cls.model_validate(dict(given))


class Recent(Nothing):
    """A window of whole days up to today."""

    days: _Days = pydantic.Field(_USUAL, description="How many days back.")


class Window(Recent):
    """Outcomes known in a window, of one engine or all."""

    first: _Day | None = pydantic.Field(None, description="First day, UTC; without it `days` counts back from `last`.")
    last: _Day | None = pydantic.Field(None, description="Last day, UTC; today without it.")
    engine: _Text | None = pydantic.Field(None, description="One engine, with each of its models and versions.")
    model: _Text | None = pydantic.Field(None, description="One model.")
    version: _Text | None = pydantic.Field(None, description="One version.")

    def value(self, today: date) -> repository.Window:
        """Return the window. One that ends before it begins holds nothing."""
        last = self.last or today
        back = min(timedelta(days=self.days - 1), last - date.min)
        return repository.Window(
            first=self.first or last - back,
            last=last,
            engine=self.engine,
            model=self.model,
            version=self.version,
        )


class Listing(Nothing):
    """Which reviews, and where the page begins."""

    repository: _Number | None = pydantic.Field(None, description="The repository's `id`.")
    pull: _Number | None = pydantic.Field(None, description="Number of the pull request.")
    conclusion: verdict.Conclusion | None = pydantic.Field(None, description="The verdict.")
    result: reviews.Result | None = pydantic.Field(None, description="How the verdict compares with real CI.")
    engine: _Text | None = pydantic.Field(None, description="The engine that was asked.")
    first: _Day | None = pydantic.Field(None, description="Begun on this day or later, UTC.")
    last: _Day | None = pydantic.Field(None, description="Begun on this day or earlier, UTC.")
    sha: Annotated[str, pydantic.Field(pattern="^[0-9a-fA-F]{1,64}$")] | None = pydantic.Field(
        None, description="How the head's SHA, or the review's id, begins."
    )
    limit: _Limit = pydantic.Field(_SOME, description="Reviews on a page.")
    after: Annotated[str, pydantic.Field(pattern=f"^{_CURSOR.pattern}$")] | None = pydantic.Field(
        None, description="Where the page begins: `following` of the page before."
    )

    def value(self) -> reviews.Filter:
        """Return the filter."""
        names = ("repository", "pull", "conclusion", "result", "engine", "first", "last", "sha")
        chosen: dict[str, Any] = {name: getattr(self, name) for name in names}
        return reviews.Filter(**chosen)

    def cursor(self) -> reviews.Cursor | None:
        """Return where the page begins; None at the newest."""
        found = _CURSOR.fullmatch(self.after or "")
        if found is None:
            return None
        return reviews.Cursor(started=_EPOCH + timedelta(microseconds=int(found[1])), id=found[2])


class Paging(Nothing):
    """A part of a review's tests."""

    limit: _Limit = pydantic.Field(_SOME, description="Tests on a page.")
    after: _Number | None = pydantic.Field(None, description="Where the page begins: `following` of the page before.")


def cursor(place: reviews.Cursor) -> str:
    """Return what `Listing.cursor` reads as `place`."""
    return f"{(place.started - _EPOCH) // timedelta(microseconds=1)}~{place.id}"
