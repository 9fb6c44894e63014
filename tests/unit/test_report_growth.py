"""How effort grows, drawn and said."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, strategies

from gatekeeper.halting import risk
from gatekeeper.report import evidence, growth
from tests.integration import offer_samples

_RISKS = {said.function: said for said in offer_samples.halting()}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _grown(law: risk.Law, points: tuple[tuple[float, int], ...]) -> list[growth.Plot]:
    return growth.plots(replace(_RISKS["pairs"], evidence=(risk.Growth(law=law, points=points),)))


def _curve(plot: growth.Plot) -> list[tuple[float, float]]:
    numbers = [float(found) for found in _NUMBER.findall(plot.curve)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_a_power_is_drawn_on_two_logarithmic_axes_with_the_law_through_its_points() -> None:
    (plot,) = growth.plots(_RISKS["pairs"])

    assert (plot.across, plot.up) == ("size of the arguments, logarithmic", "instructions, logarithmic")
    assert plot.said == (
        "Effort of pairs: quadratic in the size of the arguments, from 45 k instructions at 4 to 20.4 M at 256"
    )
    ends = _curve(plot)[0], _curve(plot)[-1]
    for (x, y), (drawn_x, drawn_y) in zip((plot.points[0], plot.points[-1]), ends, strict=True):
        assert abs(x - drawn_x) < 1
        assert abs(y - drawn_y) < 2


def test_an_exponential_is_a_straight_line_where_effort_alone_is_logarithmic() -> None:
    (plot,) = growth.plots(_RISKS["match"])

    assert (plot.across, plot.up) == ("characters of the text", "instructions, logarithmic")
    steps = [
        (later[1] - one[1]) / (later[0] - one[0]) for one, later in zip(plot.points, plot.points[1:], strict=False)
    ]
    assert max(steps) - min(steps) < 0.05
    assert "exponential" in plot.said


def test_what_grows_little_is_drawn_on_plain_axes_from_nought() -> None:
    (plot,) = _grown(risk.Law.LINEAR, tuple((float(size), 1_000 + size) for size in range(1, 6)))

    assert (plot.across, plot.up) == ("size of the arguments", "instructions")
    assert plot.marks_up[0] == growth.Mark(at=float(growth.BOTTOM), label="0")


@pytest.mark.parametrize(
    ("law", "points"),
    [
        (risk.Law.CONSTANT, ((1.0, 5), (2.0, 6), (4.0, 7))),
        (risk.Law.LINEAR, ((1.0, 5), (2.0, 6))),
        (risk.Law.LINEAR, ((1.0, 5), (1.0, 6), (1.0, 7))),
        (risk.Law.CUBIC, ((1.0, 5), (2.0, 5), (4.0, 5))),
        (risk.Law.CUBIC, ((1.0, 0), (2.0, 0), (4.0, -7))),
    ],
)
def test_what_has_nothing_to_show_is_not_drawn(law: risk.Law, points: tuple[tuple[float, int], ...]) -> None:
    assert _grown(law, points) == []


@given(
    strategies.sampled_from(risk.Law),
    strategies.lists(strategies.tuples(strategies.floats(), strategies.integers(-5, 2**62)), max_size=12),
)
def test_whatever_was_measured_stays_on_the_drawing(law: risk.Law, points: list[tuple[float, int]]) -> None:
    for plot in _grown(law, tuple(points)):
        places = [*plot.points, *_curve(plot)]
        assert all(
            growth.LEFT - 1 <= x <= growth.RIGHT + 1 and growth.TOP - 1 <= y <= growth.BOTTOM + 1 for x, y in places
        )
        assert len(plot.marks_up) <= 12


def test_every_form_of_evidence_is_said() -> None:
    said = {type(item): evidence.said(item) for one in _RISKS.values() for item in one.evidence}

    assert set(said) == set(risk.Evidence.__args__)
    assert said[risk.Repetition] == "proven: in drain(-1) the loop on line 17 comes back to a state that it was in"
    assert said[risk.Unended] == "search(0) did not end within 9 M instructions; search(9) ended after 100 k"
    assert said[risk.Backtracking] == (
        "matching r'(a+)+$' on line 52 takes 2 times as much for a further character; "
        "for 'a' * 28 + '!': 242 G instructions"
    )
    assert said[risk.Votes] == "a model, asked 5 times: 1 that every call ends, 3 that some call does not"


def test_beyond_the_reason_is_said_what_it_does_not_say() -> None:
    proof, ranking = _RISKS["drain"].evidence
    known = (*_RISKS["drain"].evidence, *_RISKS["pairs"].evidence, *_RISKS["steps"].evidence)
    grown, ended = map(evidence.said, _RISKS["pairs"].evidence)

    def beyond(reason: str) -> list[str]:
        return list(evidence.beyond_reason(replace(_RISKS["drain"], reason=reason, evidence=known)))

    assert beyond(_RISKS["drain"].reason) == [grown, ended]
    assert beyond("drain(-1) never ends") == [evidence.said(ranking), grown, ended]
    assert beyond("on line 17 it may stand still") == [evidence.said(proof), grown, ended]


@pytest.mark.parametrize(("value", "said"), [(0.0, "0"), (999.0, "999"), (1_000.0, "1 k"), (20_400_000.0, "20.4 M")])
def test_numbers_are_told_with_the_digits_that_matter(value: float, said: str) -> None:
    assert growth.shortly(value) == said
