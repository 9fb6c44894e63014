"""The law by which effort grows."""

from collections.abc import Callable

import pytest

from gatekeeper.halting import growth, risk

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


def _points(effort: Callable[[int], float], sizes: tuple[int, ...] = SIZES) -> list[tuple[float, int]]:
    return [(float(size), 1_000_000 + int(effort(size))) for size in sizes]


@pytest.mark.parametrize(
    ("law", "effort", "factor"),
    [
        (risk.Law.EXPONENTIAL, lambda n: 1000 * 2.0**n, 2.0),
        (risk.Law.EXPONENTIAL, lambda n: 1000 * 1.4**n, 1.4),
        (risk.Law.QUADRATIC, lambda n: 700 * n**2, 4.0),
        (risk.Law.CUBIC, lambda n: 30 * n**3, 8.0),
        (risk.Law.LINEAR, lambda n: 90_000 * n, 2.0),
    ],
)
def test_the_law_is_the_one_that_the_efforts_follow(
    law: risk.Law, effort: Callable[[int], float], factor: float
) -> None:
    fit = growth.fitted([(float(size), int(effort(size))) for size in (8, 10, 12, 14, 20, 26)])
    assert fit.law is law
    assert fit.factor == pytest.approx(factor, rel=0.02)


@pytest.mark.parametrize(
    ("law", "effort"),
    [
        (risk.Law.CONSTANT, lambda n: 0),
        (risk.Law.CONSTANT, lambda n: 20_000 * n.bit_length()),
        (risk.Law.LINEAR, lambda n: 30_000 * n),
        (risk.Law.QUADRATIC, lambda n: 500 * n**2),
        (risk.Law.CUBIC, lambda n: 5 * n**3),
    ],
)
def test_what_ended_at_every_size_is_never_exponential(law: risk.Law, effort: Callable[[int], float]) -> None:
    assert growth.of(_points(effort), cut=False).law is law


def test_a_step_that_is_noise_is_no_growth() -> None:
    points = [*_points(lambda _: 0, SIZES[:-1]), (512.0, 3_400_000)]
    assert growth.of(points, cut=False).law is risk.Law.CONSTANT


def test_what_explodes_before_its_fuel_ends_is_exponential_with_its_factor() -> None:
    told = growth.of(_points(lambda n: 4000 * 1.6**n, (1, 2, 4, 8, 16, 18, 20, 22, 24)), cut=True)
    assert told.law is risk.Law.EXPONENTIAL
    assert told.factor == pytest.approx(1.6, abs=0.05)


def test_what_stands_at_once_after_it_was_cheap_is_not_called_exponential() -> None:
    assert growth.of(_points(lambda _: 1000, (1, 2, 4, 8, 9, 10, 11)), cut=True).law is risk.Law.CONSTANT
