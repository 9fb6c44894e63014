"""The bytecode of unpacked requirements: compiled in the sandbox once for each set of them, for every review."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent import futures
from pathlib import Path
from typing import Any

from gatekeeper.sandbox import component, process, session, workspace

# silence of one worker after which it is given up: a single module takes far less
PATIENCE = 60.0
# of fuel, for all modules of one worker
FUEL = 10_000 * session.BILLION


def ensure(
    site: Path, workers: Sequence[process.Process], limits: session.Limits, progress: Callable[[str], None]
) -> Path:
    """Return the folder with the bytecode of `site`, a folder named by its content, compiling it where there is none.

    What cannot be compiled is left out: its import compiles it again. Only the sandbox's own code runs.
    """
    kept = site.parent.parent / "bytecode" / f"{site.name[:32]}-{component.digest()}"
    if kept.is_dir():
        return kept
    progress("compiling the requirements (once for this set of them)")
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=kept.parent, prefix="new-"))
    try:
        with futures.ThreadPoolExecutor(len(workers)) as pool:
            jobs = [
                pool.submit(_compile, worker, _order(site, made, limits.memory, index, len(workers)))
                for index, worker in enumerate(workers)
            ]
            for job in jobs:
                job.result()
        made.rename(kept)
    except OSError:
        # another review was faster, or the disk is full: the session compiles what it needs itself
        shutil.rmtree(made, ignore_errors=True)
    return kept


def _order(site: Path, into: Path, memory: int, index: int, of: int) -> dict[str, Any]:
    return {
        "job": {"compile": True, "bytecode": workspace.BYTECODE, "index": index, "of": of},
        "grants": [(str(site), workspace.SITE, False), (str(into), f"{workspace.BYTECODE}/site", True)],
        "fuel": FUEL,
        "fuel_per_test": FUEL,
        "memory": memory,
    }


def _compile(worker: process.Process, order: dict[str, Any]) -> None:
    end = time.monotonic() + 10 * PATIENCE
    with contextlib.suppress(process.Killed):
        worker.send(order)
        for _ in worker.messages(lambda: PATIENCE, lambda: "wall" if time.monotonic() > end else None):
            pass
