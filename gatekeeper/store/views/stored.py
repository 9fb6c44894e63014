"""Figures kept as JSON, back as values."""

from collections.abc import Mapping
from typing import Any

from gatekeeper.accuracy import figures
from gatekeeper.views import overview

_RATES = ("precision", "recall", "pr_auc", "false_block_rate", "abstention", "brier", "ece")


def to_figures(kept: Mapping[str, Any]) -> figures.Figures:
    """Return the figures that `dataclasses.asdict` was given."""
    rates = {name: figures.Figure(**kept[name]) for name in _RATES}
    bins = tuple(figures.Bin(**one) for one in kept["reliability"])
    return figures.Figures(**{**kept, **rates, "reliability": bins})


def to_value(kept: Mapping[str, Any]) -> overview.Value:
    """Return the value that `dataclasses.asdict` was given."""
    return overview.Value(**kept)
