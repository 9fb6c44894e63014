"""Each way to GitHub fails once: what is asked for is told apart as finely as requests can be."""

import json
import re
from dataclasses import dataclass, field

from tests.fakes.github import faults

_OPERATION = re.compile(r"(createCommitOnBranch|resolveReviewThread|unresolveReviewThread|reviewThreads)\(")


@dataclass(slots=True, kw_only=True)
class EachOnce:
    """A plan of faults: the first request of each kind fails; which is one path asked for one purpose."""

    fault: faults.Fault
    met: set[tuple[str, str, str]] = field(default_factory=set)
    # routes of which a request failed, and all
    failed: set[tuple[str, str]] = field(default_factory=set)
    routes: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, call: faults.Call) -> faults.Fault | None:
        """Return the fault for a request of a new kind."""
        kind = (call.method, call.path, _purpose(call))
        self.routes.add((call.method, call.route))
        if kind in self.met:
            return None
        self.met.add(kind)
        self.failed.add((call.method, call.route))
        return self.fault


def _purpose(call: faults.Call) -> str:
    """Return what the request is for, of those to one path."""
    text = call.body.decode()
    if found := _OPERATION.search(text):
        return found[1]
    said = json.loads(text) if text else {}
    return f"{said.get('status')} {said.get('conclusion')}" if isinstance(said, dict) else ""
