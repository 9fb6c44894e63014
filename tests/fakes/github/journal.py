"""The log of requests, for tests to look at."""

import json
from dataclasses import dataclass

from tests.fakes.github import faults


@dataclass(slots=True, kw_only=True)
class Entry:
    """A request; `status` is what the service answered, even where that was lost (0: the service was not asked)."""

    call: faults.Call
    query: str
    # who called: `app ID 7` or `installation ID 8`, and with which token
    caller: str = ""
    token: str = ""
    status: int = 0
    fault: faults.Fault | None = None

    @property
    def json(self) -> object:
        """Return the request's body, read as JSON."""
        return json.loads(self.call.body) if self.call.body else None
