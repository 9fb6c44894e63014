"""Labelled pull requests as a file lists them: a mutation of a published package, and what its tests then did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pydantic

from gatekeeper import errors
from gatekeeper.accuracy import labels

FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the package's own tests did."""

    # FINISHED, or what became of the whole run
    run: str
    # test id -> how it ended: the tests that passed before and not after
    broken: Mapping[str, labels.Label]
    # modules that could not be collected
    collect_errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One labelled pull request."""

    # `name==version`, and the hex digest of its source archive
    package: str
    sha256: str
    # the package's folder in the archive; its parent is what has to be on the import path
    src: str
    # paths of the tests in the archive, between commas
    tests: str
    # the mutation: of this file, by cosmic-ray's operator of that name, at its 0-based occurrence
    file: str
    operator: str
    occurrence: int
    # requirements that the tests import beside pytest
    test_requirements: Sequence[str] = ()
    passing_at_base: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A case with its 0-based place in the file."""

    index: int
    case: Case
    truth: labels.Truth = field(repr=False)


def read(path: Path) -> list[Numbered]:
    """Return the cases of the JSON file. Raises UsageError where it cannot be read or is of another form."""
    try:
        cases = pydantic.TypeAdapter(list[Case]).validate_json(path.read_bytes())
    except OSError as problem:
        raise errors.UsageError(f"{path} cannot be read: {problem.strerror}") from problem
    except pydantic.ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise errors.UsageError(f"{path} does not list labelled pull requests: {where}: {first['msg']}") from problem
    passing = _passing(cases)
    return [
        Numbered(index=index, case=case, truth=_truth(case, passing[case.package])) for index, case in enumerate(cases)
    ]


def spread(cases: Sequence[Numbered], limit: int | None) -> list[Numbered]:
    """Return `limit` of the cases, evenly spaced over the file."""
    number = len(cases) if limit is None else min(limit, len(cases))
    return [cases[place * len(cases) // number] for place in range(number)]


def _passing(cases: Sequence[Case]) -> dict[str, frozenset[str]]:
    """Return package -> tests that pass before the change: whatever a change to it can break."""
    passing: dict[str, frozenset[str]] = {}
    for case in cases:
        passing[case.package] = passing.get(case.package, frozenset()) | case.outcome.broken.keys()
    return passing


def _truth(case: Case, passing: frozenset[str]) -> labels.Truth:
    return labels.Truth(
        changed=case.outcome.broken,
        passing=passing,
        within=tuple(case.tests.split(",")),
        crashed=case.outcome.run != FINISHED,
    )
