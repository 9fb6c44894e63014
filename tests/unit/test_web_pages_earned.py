"""What a gate still lacks for the next level of authority."""

from dataclasses import replace

from gatekeeper.accuracy import earning
from gatekeeper.verdicts import authority
from gatekeeper.web.pages import earned
from tests import web_samples

_STANDING = web_samples.repository_page().standings[0]


def test_the_next_level_names_its_bar_and_how_many_more_would_reach_it() -> None:
    found = earned.next_level(_STANDING)

    assert found is not None
    assert (found.level, found.bar) == (authority.Authority.BLOCK, 0.9)
    assert found.more is not None
    reached = earning.lower_bound(36 + found.more, 38 + found.more)
    before = earning.lower_bound(36 + found.more - 1, 38 + found.more - 1)
    assert reached is not None
    assert before is not None
    assert before < 0.9 <= reached


def test_there_is_nothing_above_the_highest_level() -> None:
    assert earned.next_level(replace(_STANDING, level=authority.Authority.BLOCK)) is None


def test_a_bar_that_is_far_away_is_not_counted_towards() -> None:
    wrong = replace(_STANDING, figures={"right": 0, "blocked": 400, "lower_bound": 0.0})
    found = earned.next_level(wrong)

    assert found is not None
    assert found.more is None
