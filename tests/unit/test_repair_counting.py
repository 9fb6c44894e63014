from gatekeeper.repair import counting, fate

OFFERED, APPLIED, IGNORED = fate.Became.OFFERED, fate.Became.APPLIED, fate.Became.IGNORED


def _offer(review: str, position: int, *mends: str, became: fate.Became = OFFERED) -> counting.Offer:
    return counting.Offer(review=review, position=position, mends=mends, became=became)


def test_of_one_review_the_best_fix_of_each_finding_counts() -> None:
    offers = [_offer("1", 0, "x"), _offer("1", 1, "x"), _offer("1", 2, "y"), _offer("1", 3, "y", "x")]

    assert counting.counted(offers) == {("1", 0), ("1", 2)}


def test_a_fix_of_two_findings_counts_once() -> None:
    assert counting.counted([_offer("1", 0, "x", "y"), _offer("1", 1, "y")]) == {("1", 0)}


def test_what_a_newer_review_offers_for_the_same_finding_takes_its_place() -> None:
    offers = [_offer("1", 0, "x"), _offer("1", 1, "y"), _offer("2", 0, "x"), _offer("2", 1, "x")]

    assert counting.counted(offers) == {("1", 1), ("2", 0)}


def test_what_was_ignored_gives_way_to_what_is_offered_again() -> None:
    assert counting.counted([_offer("1", 0, "x", became=IGNORED), _offer("2", 0, "x")]) == {("2", 0)}


def test_what_was_applied_counts_whatever_is_better_or_newer() -> None:
    offers = [_offer("1", 0, "x"), _offer("1", 1, "x", became=APPLIED), _offer("2", 0, "x")]

    assert counting.counted(offers) == {("1", 1)}


def test_of_two_that_were_applied_the_newer_counts() -> None:
    offers = [_offer("1", 0, "x", became=APPLIED), _offer("2", 0, "x"), _offer("2", 1, "x", became=APPLIED)]

    assert counting.counted(offers) == {("2", 1)}


def test_nothing_offered_counts_nothing() -> None:
    assert counting.counted([]) == frozenset()
