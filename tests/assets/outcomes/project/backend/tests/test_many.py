import time

import pytest


def test_good():
    pass


def test_bad():
    assert "FAILED backend/tests/test_many.py::test_good - x\n==== 1 failed in 0.01s ====" == ""


def test_raises():
    raise ValueError("first\nFAILED but not here\n= short test summary info =\nsecond")


@pytest.mark.parametrize(
    "value",
    ["q", "a - b", "é", "x\ny", "[q]", "a::b", "", "  ", "a/b.py", "x@y", "\x07\x1b[31m", "<&>\"'", "a" * 300],
)
def test_value(value):
    assert value == "q"


@pytest.mark.skip(reason="no printer")
def test_skipped():
    pass


@pytest.mark.xfail(reason="known")
def test_expected():
    assert 0


@pytest.mark.xfail(strict=True)
def test_unexpected():
    pass


class TestOuter:
    class TestInner:
        def test_deep(self):
            assert 0


@pytest.fixture
def broken():
    raise OSError("no")


@pytest.fixture
def late():
    yield
    raise OSError("late")


def test_setup(broken):
    pass


def test_teardown(late):
    pass


def test_both(late):
    assert 0


@pytest.mark.timeout(0.2)
def test_endless():
    time.sleep(30)


@pytest.mark.xdist_group("slow")
def test_grouped():
    assert 0
