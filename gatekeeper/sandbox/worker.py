"""The worker process: holds the interpreter, and nothing that is worth stealing.

Started with an empty environment, no open descriptors but its two pipes and no key; killed from outside on wall-clock
time. One JSON object a line each way: a job comes in, its events go out, an event that asks is answered, and a last
line says how the job ended.
"""

import contextlib
import json
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

from gatekeeper.sandbox import instance

_parent = os.fdopen(os.dup(1), "w", encoding="utf-8")


def main() -> None:
    """Serve jobs until standard input ends."""
    words = json.loads(sys.stdin.readline())
    # libraries may print; the pipe carries nothing but messages
    sys.stdout = sys.stderr
    for name, limit in {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": words["disk"]}.items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    threading.stack_size(instance.THREAD_STACK)
    serving = threading.Thread(target=_serve, args=(Path(words["compiled"]),))
    serving.start()
    serving.join()


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, even in the middle of a job."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _serve(compiled: Path) -> None:
    interpreter = instance.Interpreter(compiled)
    with contextlib.suppress(BrokenPipeError, EOFError):
        for line in sys.stdin:
            _send(_do(interpreter, json.loads(line)))


def _do(interpreter: instance.Interpreter, order: dict[str, Any]) -> dict[str, Any]:
    grants = [
        instance.Grant(host=Path(host), guest=guest, writable=writable) for host, guest, writable in order["grants"]
    ]
    ended = interpreter.run(
        order["job"], grants, fuel=order["fuel"], memory=order["memory"], told=_relay(order["fuel_per_test"])
    )
    return {"ended": ended.trap, "fuel": ended.fuel}


def _relay(fuel_per_test: int) -> instance.Told:
    """Return what passes events to the parent, and refills the fuel when a test is let in."""

    def told(event: str, left: int) -> tuple[str, int | None]:
        parsed = json.loads(event)
        asks = parsed.get("event") == "start"
        _send({"told": parsed, "left": left})
        if not asks:
            return "", None
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line, fuel_per_test if json.loads(line).get("run") else None

    return told


def _send(message: dict[str, Any]) -> None:
    _parent.write(json.dumps(message) + "\n")
    _parent.flush()
