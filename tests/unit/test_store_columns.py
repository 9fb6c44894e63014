from hypothesis import given, strategies

from gatekeeper.store import columns

_ANY = strategies.text(strategies.characters(exclude_categories=()) | strategies.sampled_from("\0\udcff␛0"))


@given(_ANY)
def test_what_is_escaped_comes_back_and_every_database_takes_it(text: str) -> None:
    stored = columns.escape(text)

    assert columns.unescape(stored) == text
    assert "\0" not in stored
    assert stored.encode() is not None


@given(_ANY, _ANY)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (columns.escape(one) == columns.escape(other)) == (one == other)


def test_ordinary_text_is_stored_as_it_reads() -> None:
    assert columns.escape(r"tests/test_a.py::test[\x00-ü-⚙]") == r"tests/test_a.py::test[\x00-ü-⚙]"
