from gatekeeper.wiring import restarts


def test_the_pause_doubles_with_each_failure_of_the_last_minute() -> None:
    assert [restarts.delay([float(n) for n in range(count)], 10.0) for count in range(1, 6)] == [0.5, 1, 2, 4, 8]


def test_old_failures_are_forgiven() -> None:
    assert restarts.delay([0.0, 1.0, 2.0, 3.0, 4.0, 100.0], 100.0) == 0.5


def test_too_many_failures_within_a_minute_are_the_end() -> None:
    assert restarts.delay([0.0, 1.0, 2.0, 3.0, 4.0, 59.0], 59.0) is None
