"""Names in reports -> the predicted tests that they mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gatekeeper.outcomes import job


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Reported tests beside the ids of predicted ones."""

    # id -> what was reported under one name: several results where several reports of a job have that name
    matched: Mapping[str, tuple[job.Reported, ...]]
    # reported names that fit more than one id, or ids that more than one name fits; never guessed
    ambiguous: tuple[job.Reported, ...]
    # the name of a predicted test but for its parameters
    unmatched: tuple[job.Reported, ...]
    # of tests that were not predicted
    unselected: tuple[job.Reported, ...]


def key(node_id: str) -> str:
    """Return the name of a test by pytest's node id: dotted module and classes, `::`, name with parameters.

    >>> key("tests/unit/test_a.py::TestB::test_c[1-x]")
    'tests.unit.test_a.TestB::test_c[1-x]'
    """
    raise NotImplementedError


def reported_key(reported: job.Reported) -> str:
    """Return the same of a reported test; shorter at its front where CI ran from a folder within the repository."""
    raise NotImplementedError


def suffixes(name: str) -> tuple[str, ...]:
    """Return a key and its shorter forms, longest first, as a report may have it whose run began further inside."""
    raise NotImplementedError


def match(reported: Sequence[job.Reported], node_ids: Iterable[str]) -> Matching:
    """Return which of the `node_ids` each reported test is."""
    raise NotImplementedError
