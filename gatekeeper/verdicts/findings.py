"""Predictions -> Findings: what a comment on the change would say, once for each cause."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from gatekeeper.impact import selection
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

_LINE = re.compile(r"\bline (\d+)")


class Kind(StrEnum):
    """What was found."""

    # tests that would fail alike: the same type of exception at the same line
    FAILURE = "failure"
    # a module that no longer parses
    UNPARSABLE = "unparsable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause of predicted failures."""

    kind: Kind
    # None where no line of the tree is at fault
    at: prediction.Location | None
    # what ends the first of its tests, or the parser's message
    message: str
    # the tests that would fail by it, in the order of their predictions
    tests: tuple[str, ...]
    # hex digest that stays the same where the finding moves to another line; unique in a review
    fingerprint: str


def find(
    predictions: Sequence[prediction.Prediction], chosen: selection.Selection, policy: verdict.Policy
) -> tuple[Finding, ...]:
    """Return the findings of a review: modules that do not parse first, then failures in the order of their tests."""
    failing = [said for said in predictions if verdict.fails(said, policy)]
    return tuple(_identified((*_unparsable(failing, chosen), *_failures(failing, chosen))))


def _unparsable(failing: Sequence[prediction.Prediction], chosen: selection.Selection) -> Iterator[Finding]:
    for path, message in sorted(chosen.unparsable.items()):
        found = _LINE.search(message)
        at = prediction.Location(path=path, line=max(1, int(found[1])) if found else 1)
        tests = tuple(said.test for said in failing if said.at and said.at.path == path)
        yield Finding(kind=Kind.UNPARSABLE, at=at, message=message, tests=tests, fingerprint="")


def _failures(failing: Sequence[prediction.Prediction], chosen: selection.Selection) -> Iterator[Finding]:
    groups: dict[tuple[prediction.Location | None, str], list[prediction.Prediction]] = {}
    hanging = _hanging(failing)
    for said in failing:
        if said.at is None or said.at.path not in chosen.unparsable:
            groups.setdefault(_cause(said, hanging), []).append(said)
    for (at, _), alike in groups.items():
        tests = tuple(said.test for said in alike)
        yield Finding(kind=Kind.FAILURE, at=at, message=_message(alike[0]), tests=tests, fingerprint="")


_Hanging = dict[str | None, prediction.Location]


def _cause(said: prediction.Prediction, hanging: _Hanging) -> tuple[prediction.Location | None, str]:
    if said.outcome is not prediction.Outcome.HANG:
        return said.at, _type(_message(said))
    return hanging.get(said.at.path if said.at else None), prediction.Outcome.HANG.value


def _hanging(failing: Sequence[prediction.Prediction]) -> _Hanging:
    """Return file -> the line at which most tests were that hang in it: which line of a loop that is, is chance.

    Under None those of which it is not known, where all others hang in one file.
    """
    places = Counter(said.at for said in failing if said.outcome is prediction.Outcome.HANG and said.at is not None)
    found: _Hanging = {}
    for at in sorted(places, key=lambda at: (-places[at], at.path, at.line)):
        found.setdefault(at.path, at)
    if len(found) == 1:
        found[None] = next(iter(found.values()))
    return found


def _message(said: prediction.Prediction) -> str:
    return said.exception or said.reason


def _type(message: str) -> str:
    """Return `Type` of `Type: message`, which stays where values in the message change."""
    return message.partition(":")[0]


def _identified(found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield `found` with fingerprints: of kind, path, type of failure and number among its like, not of the line."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in found:
        key = (finding.kind.value, finding.at.path if finding.at else "", _steady(finding))
        seen[key] += 1
        content = "\0".join((*key, str(seen[key]))).encode(errors="surrogatepass")
        yield replace(finding, fingerprint=hashlib.sha256(content).hexdigest())


def _steady(finding: Finding) -> str:
    return _LINE.sub("line", finding.message) if finding.kind is Kind.UNPARSABLE else _type(finding.message)
