from hypothesis import given, strategies

from gatekeeper.report.github import fitting, markdown

_CLOSING = "Everything: [the full report](https://gate.example)."


def _rows(number: int) -> fitting.Part:
    items = tuple(f"| row {row} |" for row in range(number))
    return fitting.Part(head="| Test |\n|---|\n", items=items, joint="\n", what="test")


def test_what_fits_is_shown_without_a_word_on_room() -> None:
    shown = fitting.fit([fitting.whole("one", "two"), _rows(2)], _CLOSING, 10_000)

    assert shown == f"one\n\ntwo\n\n| Test |\n|---|\n| row 0 |\n| row 1 |\n\n{_CLOSING}"


def test_what_does_not_fit_is_counted_and_the_rest_is_still_shown() -> None:
    shown = fitting.fit([_rows(1_000), fitting.whole("after")], "", 2_000)

    kept = shown.count("| row")
    assert 0 < kept < 1_000
    assert shown.endswith(f"after\n\n… and {1_000 - kept:,} more tests, left out for want of room.")


def test_a_part_that_does_not_fit_at_all_leaves_no_heading_behind() -> None:
    large = fitting.Part(head="### Traces\n\n", items=("x" * 5_000,), what="trace")

    assert fitting.fit([large], "", 2_000) == "… and 1 more trace, left out for want of room."


@given(
    strategies.lists(strategies.integers(0, 300), max_size=5),
    strategies.lists(strategies.sampled_from(["\N{SNOWMAN}" * 100, "x" * 900]), max_size=20),
    strategies.integers(1_000, 5_000),
)
def test_the_limit_holds_in_bytes(tables: list[int], texts: list[str], limit: int) -> None:
    shown = fitting.fit([*map(_rows, tables), fitting.whole(*texts)], _CLOSING, limit)

    assert markdown.size(shown) <= limit
    assert shown.endswith(_CLOSING)


def test_a_part_leaves_room_for_those_after_it() -> None:
    greedy = fitting.Part(items=("x" * 90,) * 10, what="trace", largest=500)

    shown = fitting.fit([greedy, fitting.whole("after")], "", 100_000)

    assert shown.count("x" * 90) == 5
    assert "after\n\n… and 5 more traces" in shown
