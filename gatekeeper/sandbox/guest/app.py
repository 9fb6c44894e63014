"""The guest: what runs inside the sealed interpreter.

Everything at module level runs once, when the component is built, and its heap is snapshotted: an instance starts
with the standard library's code, pytest and these modules already in memory.
"""

import json
import os
import sys

import frozen
import wit_world

FROZEN = frozen.take(dict.fromkeys(sys.path))

import compiling
import gaps
import job
import stepping
import warm

warm.up()
gaps.fill()
sys.path[:] = []
sys.path_importer_cache.clear()
ENVIRONMENT = {"HOME": "/tmp", "TMPDIR": "/tmp", "USER": "gatekeeper", "LANG": "C.UTF-8", "TZ": "UTC"}


def tell(event: dict) -> dict:
    """Send one event to the host and return its answer."""
    return json.loads(wit_world.report(json.dumps(event)) or "{}")


class WitWorld(wit_world.WitWorld):
    """The component's exports."""

    def run(self, text: str) -> None:
        """Do the job that `text` describes."""
        os.environ.clear()
        os.environ.update(ENVIRONMENT)
        order = json.loads(text)
        (compiling if "compile" in order else stepping if "programs" in order else job).do(order, tell)
