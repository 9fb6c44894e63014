import halving


def test_below():
    assert halving.clamp(1, 2, 3) == 2


def test_within():
    assert halving.clamp(2, 1, 3) == 2


def test_above():
    assert halving.clamp(4, 2, 3) == 3


def test_halvings_of_eight():
    assert halving.halvings(8) == 3


def test_halvings_of_one():
    assert halving.halvings(1) == 0
