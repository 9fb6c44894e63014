"""`gatekeeper demo`: plays, tells, and opens the report."""

import contextlib
import os
import sys
import threading
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gatekeeper import settings
from gatekeeper.store import database
from gatekeeper.wiring import interrupts, progress, serve, streams
from gatekeeper.wiring.demo import playing, words
from gatekeeper.workflows import summarising

# seconds between two looks whether the report answers, and how many there are
_PAUSE, _LOOKS = 0.25, 240
_INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a user asks for."""

    # None: in the folder of records
    folder: Path | None
    pulls: int
    # whether the report is to be served, and a browser to show it
    served: bool = True
    browsed: bool = True


def run(
    wanted: Wanted,
    chosen: settings.Settings,
    environ: Mapping[str, str],
    shown: Callable[[], contextlib.AbstractContextManager[progress.Progress]],
    heard: interrupts.Interrupts,
) -> int:
    """Fill the folder's records, serve the report until it is asked to stop, and return the exit code.

    Raises UsageError where the folder or the address is not usable, and GatekeeperError.
    """
    folder = (wanted.folder or chosen.data / "demo").expanduser().absolute()
    url = playing.database_in(folder)
    report = replace(chosen, database=url, data=folder, app=None, webhook_secrets=(), url=None)
    if wanted.served:
        # before the work, not after it
        serve.Service(report, serve.Wanted(open=True), environ).check()
        serve.require_free(chosen.listen)
    streams.say(f"{words.BEGINNING}\n")
    try:
        with shown() as drawn:
            stage = playing.Stage(folder=folder, chosen=chosen, shown=drawn, stopped=heard.came)
            played = _told(stage, wanted.pulls)
    except KeyboardInterrupt:
        streams.warn(words.interrupted(folder))
        return _INTERRUPTED
    streams.say(words.ending(played, folder))
    if not wanted.served:
        streams.say(words.to_look(url))
        return 0
    if wanted.browsed:
        threading.Thread(target=_browse, args=(f"http://{chosen.listen}/",), daemon=True).start()
    return serve.run(report, serve.Wanted(open=True), environ)


def _told(stage: playing.Stage, pulls: int) -> list[playing.Played]:
    """Play, and tell of each pull request when it has ended; make the figures that pages show."""
    played = []
    with contextlib.closing(playing.play(stage, pulls)) as going:
        for one in going:
            played.append(one)
            streams.say(words.line(one, pulls))
    engine = database.open_database(stage.database)
    summarising.summarise(engine, datetime.now(UTC))
    engine.dispose()
    return played


def _browse(address: str) -> None:
    """Open the report in a browser once it answers; in none where there is only one for terminals, or none."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    patience = threading.Event()
    for _ in range(_LOOKS):
        if _answers(address):
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(address)
            return
        patience.wait(_PAUSE)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - an address of ours
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
