"""Addresses hold filters, windows and cursors whole."""

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import exceptions

from gatekeeper.verdicts import verdict
from gatekeeper.views import repository, reviews
from gatekeeper.web.pages import addresses

_WORD = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)
_NUMBER = st.integers(0, 2**31 - 1)
_DATE = st.dates(date(2000, 1, 1), date(2100, 1, 1))
_FILTER = st.builds(
    reviews.Filter,
    repository=st.none() | _NUMBER,
    pull=st.none() | _NUMBER,
    conclusion=st.none() | st.sampled_from(verdict.Conclusion),
    result=st.none() | st.sampled_from(reviews.Result),
    engine=st.none() | _WORD,
    first=st.none() | _DATE,
    last=st.none() | _DATE,
    sha=st.none() | _WORD,
)


@given(_FILTER)
def test_a_filter_comes_back_from_its_address(wanted: reviews.Filter) -> None:
    assert addresses.chosen(addresses.of_filter(wanted)) == wanted


@given(_DATE, st.integers(0, 900), st.none() | _WORD)
def test_a_window_comes_back_from_its_address(first: date, days: int, engine: str | None) -> None:
    last = date.fromordinal(first.toordinal() + days)
    wanted = repository.Window(first=first, last=last, engine=engine)

    assert addresses.window(addresses.of_window(wanted), date(2026, 1, 1)) == wanted


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), _WORD)  # noqa: DTZ001 - made aware below
def test_a_cursor_comes_back_from_its_address(moment: datetime, identity: str) -> None:
    place = reviews.Cursor(started=moment.replace(tzinfo=UTC), id=identity)

    assert addresses.cursor({"after": addresses.of_cursor(place)}) == place


@given(st.dictionaries(st.sampled_from(["repository", "first", "result", "after", "days", "step", "sha"]), st.text()))
def test_whatever_an_address_says_is_read_or_refused(given_: dict[str, str]) -> None:
    for read in (addresses.chosen, addresses.cursor, addresses.days):
        # nothing else is raised
        with contextlib.suppress(exceptions.BadRequest):
            read(given_)


def test_the_last_ninety_days_are_meant_where_nothing_is_said() -> None:
    window = addresses.window({}, date(2026, 11, 21))

    assert (window.first, window.last) == (date(2026, 8, 24), date(2026, 11, 21))


@pytest.mark.parametrize(("asked", "step"), [("", None), ("0", 0), ("1", 0), ("5", 4), ("900", 9)])
def test_a_step_is_the_nearest_that_there_is(asked: str, step: int | None) -> None:
    assert addresses.step({"step": asked}, 9) == step
