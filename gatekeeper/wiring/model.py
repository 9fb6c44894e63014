"""`gatekeeper model`: look at a model server before it counts."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from gatekeeper import errors, settings
from gatekeeper.inference import checks, client, generation, serving, trial
from gatekeeper.report import visible
from gatekeeper.wiring import streams

_SIGNS = {True: "\N{CHECK MARK}", False: "\N{BALLOT X}", None: "·"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look at a model server came to."""

    wanted: serving.Wanted
    checks: tuple[checks.Check, ...]
    # None: it is not known
    served: generation.Served | None = None
    # None: there was no trial, since something is wrong
    tried: trial.Trial | None = None

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.passed is not False for check in self.checks)


def check(chosen: settings.Settings, *, as_json: bool) -> int:
    """Print what the model servers of the settings are, and return 1 where they are not right, else 0.

    Raises UsageError where the settings name no server, or no profile that there is.
    """
    looked = asyncio.run(look(serving.wanted(chosen)))
    streams.say(json.dumps(as_mapping(looked), indent=2) + "\n" if as_json else "".join(shown(looked)))
    return 0 if looked.is_right else 1


async def look(wanted: serving.Wanted) -> Looked:
    """Check the servers and ask for a little."""
    found: tuple[checks.Check, ...] = ()
    served = None
    try:
        async with serving.inspected(wanted, client.numbered(f"gatekeeper-check-{uuid.uuid4().hex}")) as inspected:
            found = inspected.checks
            if inspected.model is None:
                return Looked(wanted=wanted, checks=found)
            served = inspected.model.served
            done = None
            if all(check.passed is not False for check in found):
                done = await trial.run(inspected.model, wanted.profile)
            return Looked(wanted=wanted, checks=found, served=served, tried=done)
    except errors.ModelError as error:
        # what to do is in the message
        wrong = checks.Check(name="answers", passed=False, said=str(error))
        return Looked(wanted=wanted, checks=(*found, wrong), served=served)


def shown(looked: Looked) -> Iterator[str]:
    """Yield the lines; what servers and models wrote can move no cursor."""
    chosen = looked.wanted.profile
    yield f"{', '.join(looked.wanted.urls)} as {chosen.name}: {chosen.about}\n"
    yield f"licence: {chosen.licence}\n\n"
    for each in looked.checks:
        yield f"{_SIGNS[each.passed]} {each.name}: {visible.visible(each.said)}\n"
        if each.mend:
            yield f"  → {visible.visible(each.mend)}\n"
    if (done := looked.tried) is not None:
        usage, wrote = done.usage, "what" if done.right else "something else than"
        yield f"\nIt was asked what this does, and wrote {wrote} Python does:\n"
        yield from (f"  {line}\n" for line in trial.question(chosen).splitlines())
        yield "\n"
        yield from (f"  {visible.visible(line)}\n" for line in done.written)
        yield f"\n{done.tokens_per_second:.1f} tokens a second in one answer, of {usage.completion_tokens} tokens\n"
        yield f"{usage.cached_tokens} of {usage.prompt_tokens} tokens of a repeated prompt were cached\n"


def as_mapping(looked: Looked) -> dict[str, object]:
    """Return it for `--json`."""
    served, done = looked.served, looked.tried
    return {
        "ok": looked.is_right,
        "urls": looked.wanted.urls,
        "profile": looked.wanted.profile.name,
        "licence": looked.wanted.profile.licence,
        "model": served.model if served else None,
        "server": served.server if served else None,
        "context": served.context if served else None,
        "architecture": served.architecture if served else None,
        "checks": [asdict(each) for each in looked.checks],
        "trial": None
        if done is None
        else {
            "right": done.right,
            "written": done.written,
            "tokens_per_second": round(done.tokens_per_second, 3),
            **asdict(done.usage),
        },
    }
