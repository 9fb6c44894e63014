import pytest

from gatekeeper.wiring.bench import speed


def suite(package: str, native: float, *reviews: tuple[float, int]) -> speed.Suite:
    return speed.Suite(
        package=package,
        native=(native, native * 10, native / 10),
        empty=(1.0, 1.0, 7.0),
        reviews=tuple(speed.Timed(seconds=seconds, selected=selected, of=90) for seconds, selected in reviews),
    )


def taken(*suites: speed.Suite) -> speed.Speed:
    return speed.Speed(startup=speed.Startup(interpreter=0.01, imports=0.2, help=0.1), suites=suites)


def test_the_ratio_leaves_out_what_every_review_costs() -> None:
    small = suite("small", 2.0, (3.0, 90), (2.0, 30))
    assert taken(small).fixed == 1.0
    # (2 + 1) seconds beyond, against two native runs of 2 s
    assert taken(small).ratio([small]) == pytest.approx(3 / 4)


def test_the_ratio_over_packages_weighs_them_by_their_time() -> None:
    small, large = suite("small", 1.0, (3.0, 90)), suite("large", 19.0, (9.0, 90))
    assert taken(small, large).ratio([small, large]) == pytest.approx(10 / 20)


def test_changes_that_affect_few_tests_have_a_ratio_of_their_own() -> None:
    both = suite("both", 10.0, (11.0, 90), (3.0, 30), (100.0, 31))
    assert taken(both).ratio([both], few=True) == pytest.approx(2 / 10)
    none = suite("none", 10.0, (11.0, 90))
    assert taken(none).ratio([none], few=True) is None
