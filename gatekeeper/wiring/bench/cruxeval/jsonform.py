"""A run of CRUXEval as one JSON object."""

from typing import Any

from gatekeeper.wiring.bench.cruxeval import scores


def as_json(bench: scores.Bench) -> dict[str, Any]:
    """Return `bench` as values that `json.dumps` takes; shares are in 0..1."""
    usage, low_high = bench.usage, scores.wilson(bench.share, len(bench.scored))
    return {
        "samples": len(bench.scored),
        "of": bench.of,
        "profile": bench.profile,
        "model": bench.model,
        "server": bench.server,
        "mode": bench.mode.value,
        "pass@1": bench.share,
        "interval": low_high,
        "published": {"pass@1": scores.PUBLISHED[bench.mode], "source": scores.SOURCE},
        "seconds": bench.seconds,
        "model_seconds": usage.seconds,
        "tokens": {
            "prompt": usage.prompt_tokens,
            "cached": usage.cached_tokens,
            "completion": usage.completion_tokens,
        },
        "completion_tokens_per_answer": usage.completion_tokens / bench.answers,
        "cached_share": bench.cached,
        "dollars": bench.dollars,
        "unread": dict(bench.unread()),
        "said": [_said(one) for one in bench.scored],
    }


def _said(one: scores.Scored) -> dict[str, Any]:
    return {
        "id": one.sample.id,
        "output": one.sample.output,
        "right": one.right,
        "said": [said.value for said in one.answered.said],
        "why": [said.why for said in one.answered.said],
    }
