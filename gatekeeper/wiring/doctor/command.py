"""All of the doctor's looks, and how they are shown."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from gatekeeper import settings
from gatekeeper.report import visible
from gatekeeper.wiring import streams
from gatekeeper.wiring.doctor import found, github, machine, model


def run(chosen: settings.Settings, *, as_json: bool) -> int:
    """Print what is found, and return 1 where any part fails, else 0."""
    all_found = list(look(chosen, datetime.now(UTC)))
    fails = any(one.state is found.State.FAIL for one in all_found)
    if as_json:
        parts = [{"part": one.part, "state": one.state, "said": one.said, "mend": one.mend} for one in all_found]
        streams.say(json.dumps({"ok": not fails, "parts": parts}, indent=2) + "\n")
    else:
        streams.say("".join(map(shown, all_found)))
    return 1 if fails else 0


def look(chosen: settings.Settings, now: datetime) -> Iterator[found.Found]:
    """Yield what is found, part by part; changes nothing."""
    yield from machine.programs()
    yield from machine.space(chosen)
    yield from machine.sandbox(chosen)
    yield from machine.records(chosen, now)
    yield from model.server(chosen)
    yield from machine.credentials(chosen)
    yield from github.clock(chosen, now)
    if chosen.app is not None:
        broker = machine.token_broker(chosen)
        yield broker
        if broker.state is found.State.OK:
            yield from github.app(chosen, now)
        yield github.address(chosen)


def shown(one: found.Found) -> str:
    """Return a part as a line, and what to do as another; what others wrote can move no cursor."""
    line = f"{one.state:<5} {one.part}: {visible.visible(one.said)}\n"
    return line if not one.mend else f"{line}      → {visible.visible(one.mend)}\n"
