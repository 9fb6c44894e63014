"""What the model server must be, where one is set."""

import asyncio
import uuid
from collections.abc import Iterator

from gatekeeper import errors, settings
from gatekeeper.wiring.doctor import found

_STATES = {True: found.State.OK, False: found.State.FAIL, None: found.State.WARN}


def server(chosen: settings.Settings) -> Iterator[found.Found]:
    """Yield how the model server is; nothing where none is set. Asks it for a few tokens."""
    if not chosen.model_urls:
        return
    # httpx, and what a model is asked with
    from gatekeeper.inference import checks, client, serving

    async def inspected() -> tuple[checks.Check, ...]:
        wanted = serving.wanted(chosen)
        async with serving.inspected(wanted, client.numbered(f"gatekeeper-doctor-{uuid.uuid4().hex}")) as one:
            return one.checks

    try:
        for check in asyncio.run(inspected()):
            part = f"model server, {check.name}"
            yield found.Found(part=part, state=_STATES[check.passed], said=check.said, mend=check.mend)
    except errors.GatekeeperError as error:
        yield found.fail("model server", str(error), "see `gatekeeper model check --help`")
