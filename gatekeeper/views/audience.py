"""Whose eyes a view is for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Which repositories may be seen; every query takes one and shows nothing beyond it."""

    # everything, those too that GitHub does not host
    everything: bool = False
    # GitHub's numbers of the repositories that may be read; not looked at where `everything`
    numbers: frozenset[int] = frozenset()
    # whether deliveries and work in progress may be seen
    administrator: bool = False
