from gatekeeper.repair import screening
from gatekeeper.wiring import imagining


def test_where_nothing_is_run_nothing_is_known_of_any_version() -> None:
    screen = imagining.NoScreen()

    assert screen.exchanged(["a", "b"], [[], []], 5.0) == [[screening.NOTHING] * 2] * 2
    assert screen.imported("a", [{}], 5.0) == [screening.NOTHING]
