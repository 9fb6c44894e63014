"""What reviews took, read from their JSON."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from gatekeeper.inference.profiles import catalogue, cwm, profile
from gatekeeper.simulation import prediction
from gatekeeper.wiring.bench import spending


def said(engine: str, outcome: str, *attempts: dict[str, Any], imagined: bool = False, **cost: float) -> dict[str, Any]:
    """Return a test as the JSON of a review has it."""
    decided = outcome not in {"unknown", "skip"}
    disagreed = any(other["p_fail"] is not None and other["outcome"] != outcome for other in attempts)
    return {
        "outcome": outcome,
        "p_fail": 0.5 if decided else None,
        "engine": engine,
        "imagined": imagined,
        "disagreed": decided and disagreed,
        "attempts": list(attempts),
        "cost": asdict(prediction.Cost(**cost)),  # type: ignore[arg-type]
    }


def imagined(outcome: str, *attempts: dict[str, Any]) -> dict[str, Any]:
    cost = {"seconds": 2.0, "tokens": 120, "cached_tokens": 60, "completion_tokens": 20}
    return said("cwm", outcome, *attempts, imagined=True, **cost)


def test_what_each_engine_took_is_added_up() -> None:
    taken = spending.read(
        [
            said("sandbox", "pass", seconds=0.5, fuel=10),
            said("sandbox", "fail", imagined("pass"), seconds=0.5, fuel=10),
            imagined("pass", said("sandbox", "unknown")),
            imagined("unknown", said("sandbox", "unknown")),
        ]
    )

    assert (taken.imagined, taken.executed, taken.disagreed) == (1, 2, 1)
    sandbox, model = taken.engines["sandbox"], taken.engines["cwm"]
    assert (sandbox.said, sandbox.decided, sandbox.overruled, sandbox.fuel, sandbox.seconds) == (4, 2, 0, 20, 1.0)
    assert sandbox.cached is None
    assert (model.said, model.decided, model.overruled, model.seconds) == (3, 1, 1, 6.0)
    assert (model.prompt_tokens, model.cached_tokens, model.completion_tokens, model.cached) == (300, 180, 60, 0.6)


def test_several_reviews_add_up() -> None:
    one, other = spending.read([imagined("pass")]), spending.read([said("sandbox", "fail")])

    both = spending.total([one, other, one])

    assert (both.imagined, both.executed) == (2, 1)
    assert {name: spent.said for name, spent in both.engines.items()} == {"cwm": 2, "sandbox": 1}
    assert spending.total([]) == spending.Spending()


def test_dollars_are_by_the_prices_of_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    priced = replace(cwm.PROFILE, prices=profile.Prices(input=10, cached=1, output=100))
    monkeypatch.setattr(catalogue, "every", lambda: {"cwm": priced})
    spent = spending.read([imagined("pass")]).engines["cwm"]

    assert spending.dollars("cwm", spent) == pytest.approx((40 * 10 + 60 * 1 + 20 * 100) / 1e6)
    assert spending.dollars("sandbox", spent) == 0
