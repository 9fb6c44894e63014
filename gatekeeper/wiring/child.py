"""One process of the service, as the supervisor starts it: `python -m gatekeeper.wiring.child ROLE ALIVE RUNNING`."""

import contextlib
import os
import select
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import structlog

from gatekeeper import errors, settings
from gatekeeper.wiring import environments, logs, supervisor

# seconds that a worker waits for the broker
_BROKER = 30.0
_BROKEN = 1
# of a worker and the sandboxes that it starts
_NICE = 10


def command(role: environments.Role, *words: str) -> tuple[str, ...]:
    """Return the command that runs this module as `role`; nothing is imported from the working folder."""
    return (sys.executable, "-P", "-m", __name__, role, *words)


def main() -> None:
    """Be the process that the arguments name; exits with `supervisor.HOPELESS` where a new start would not help."""
    role, *words, alive, running = sys.argv[1:]
    threading.Thread(target=_end_with, args=(int(alive),), daemon=True).start()
    logs.configure(sys.stderr, process=role, terminal=sys.stderr.isatty())
    log = structlog.get_logger(__name__)
    try:
        _be(role, words, int(running), settings.read(os.environ))
    except errors.UsageError as error:
        log.critical("cannot run", reason=str(error))
        sys.exit(supervisor.HOPELESS)
    except errors.GatekeeperError as error:
        log.critical("cannot go on", reason=str(error))
        sys.exit(_BROKEN)
    except Exception:
        log.critical("a fault of this program", exc_info=True)
        sys.exit(_BROKEN)


def _be(role: str, words: list[str], running: int, chosen: settings.Settings) -> None:
    match role:
        case "web":
            from gatekeeper.wiring import app

            app.serve(chosen, running, words)
        case "worker":
            _work(chosen, running)
        case "broker":
            _hand_out(chosen)
        case _:
            raise errors.UsageError(f"there is no process called {role!r}")


def _work(chosen: settings.Settings, running: int) -> None:
    from gatekeeper.wiring import broker, work

    # deliveries are to be answered while reviews take every core
    os.nice(_NICE)
    stop = threading.Event()
    threading.Thread(target=_tell, args=(stop, running, _woken()), daemon=True).start()
    if broker.wait(chosen.broker, _BROKER, stop.is_set):
        work.run(chosen, stop)
        # without waiting for the threads of workflows that sleep, which go on at the next start
        sys.stderr.flush()
        os._exit(0)
    elif not stop.is_set():
        raise errors.UnavailableError(f"no token broker answers on {chosen.broker}")


def _woken() -> int:
    """Return a descriptor that can be read once there was a SIGTERM.

    A trap: where the system gives the signal to another thread, a main thread that waits for a lock never hears of it.
    """
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda *_: None)
    return woken


def _tell(stop: threading.Event, *descriptors: int) -> None:
    select.select(descriptors, [], [])
    stop.set()


def _hand_out(chosen: settings.Settings) -> None:
    from gatekeeper.wiring import broker

    signal.signal(signal.SIGTERM, _leave)
    log = structlog.get_logger("gatekeeper.broker")
    broker.run(chosen, log.warning)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _end_with(alive: int) -> None:
    """End this process and all that it started when the supervisor is gone, whatever they are doing."""
    # nothing is ever written to it
    os.read(alive, 1)
    # programs such as git lead groups of their own
    for number in _below(os.getpid()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(number, signal.SIGKILL)
    os.killpg(0, signal.SIGKILL)


def _below(process: int) -> list[int]:
    """Return the processes that `process` started and those that they started; none where there is no /proc."""
    parents = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # a program's name, in parentheses, may hold anything
            words = file.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            parents[int(file.parent.name)] = int(words[1])
    found: list[int] = []
    front = [process]
    while front:
        front = [child for child, parent in parents.items() if parent in front]
        found += front
    return found


if __name__ == "__main__":
    main()
