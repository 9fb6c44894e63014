"""A halting bench as one JSON object."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gatekeeper.halting import risk
from gatekeeper.wiring.bench.halting import scores


def as_json(bench: scores.Bench) -> dict[str, Any]:
    """Return `bench` as values that `json.dumps` takes; rates that are undefined are null."""
    return {
        "functions": len(bench.said),
        "engine": bench.said[0].risk.engine,
        "model": bench.said[0].risk.model,
        "version": bench.said[0].risk.version,
        **_rates(bench.said),
        "confusion": {
            name: {kind.value: scores.table(bench.said).get((halts, kind), 0) for kind in risk.Kind}
            for name, halts in (("halts", True), ("does not halt", False))
        },
        "kinds": {kind: {"functions": len(said), **_rates(said)} for kind, said in bench.kinds().items()},
        "seconds": bench.seconds,
        "tokens": {
            "prompt": bench.usage.prompt_tokens,
            "cached": bench.usage.cached_tokens,
            "completion": bench.usage.completion_tokens,
        },
        "dollars": bench.dollars,
        "said": [_said(one) for one in bench.said],
    }


def _rates(said: Sequence[scores.Said]) -> dict[str, Any]:
    counted = scores.counted(said)
    return {
        "precision": counted.precision,
        "recall": counted.recall,
        "abstention": scores.abstention(said),
        "brier": scores.brier(said),
        **asdict(counted),
    }


def _said(one: scores.Said) -> dict[str, Any]:
    told = one.risk
    return {
        "file": one.label.file,
        "function": one.label.name,
        "kind": one.label.kind,
        "halts": one.label.halts,
        "why": one.label.why,
        "said": told.kind,
        "probability": told.probability,
        "reason": told.reason,
        "line": told.line,
        "cost": asdict(told.cost),
        "evidence": [asdict(item) for item in told.evidence],
    }
