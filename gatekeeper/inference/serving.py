"""A model server connected to, once it is known to be the right one."""

import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from gatekeeper import errors, settings
from gatekeeper.inference import api, checks, client, generation, tokens, transport
from gatekeeper.inference.profiles import catalogue, profile

_FEW, _MOST_WORKERS = 8, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which servers, and how they are used."""

    # without a slash at the end; alike
    urls: tuple[str, ...]
    profile: profile.Profile
    # as the server names the model; "": the only one
    name: str = ""
    # "": none is asked for
    key: str = field(default="", repr=False)
    limits: transport.Limits = field(default_factory=transport.Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A server, looked at."""

    # None: it cannot be used at all
    model: client.Client | None
    checks: tuple[checks.Check, ...]


def wanted(chosen: settings.Settings) -> Wanted:
    """Return what the settings say. Raises UsageError where they name no server or no profile."""
    if not chosen.model_urls:
        raise errors.UsageError("no model server is set: set GATEKEEPER_MODEL_URL to its address")
    return Wanted(
        urls=chosen.model_urls,
        profile=catalogue.named(chosen.model_profile),
        name=chosen.model_name,
        key=chosen.model_key,
        limits=transport.Limits(requests=chosen.model_requests, seconds=chosen.model_seconds),
    )


@contextlib.asynccontextmanager
async def connect(asked: Wanted) -> AsyncIterator[generation.Model]:
    """Give the model, checked, for as long as the context lasts.

    Raises ModelError where no server can be reached, or one that can is the wrong one; those that cannot be reached
    are left out.
    """
    async with contextlib.aclosing(_transport(asked)) as carrier:
        # no two clients of a server may give requests the same ids
        found = await inspect(carrier, asked, client.numbered(f"gatekeeper-{uuid.uuid4().hex}"))
        wrong = [each for each in found.checks if each.passed is False]
        if wrong or found.model is None:
            described = "; ".join(": ".join(filter(None, (each.name, each.said, each.mend))) for each in wrong)
            raise errors.ModelError(f"the model server at {', '.join(asked.urls)} cannot be used: {described}")
        yield found.model


@contextlib.asynccontextmanager
async def inspected(asked: Wanted, ids: Callable[[], str]) -> AsyncIterator[Inspected]:
    """Give the same with every check, wrong ones too. Raises ModelError where no server can be reached."""
    async with contextlib.aclosing(_transport(asked)) as carrier:
        yield await inspect(carrier, asked, ids)


async def inspect(carrier: transport.Transport, asked: Wanted, ids: Callable[[], str]) -> Inspected:
    """Look at every server that answers, and then ask the model for a little. Raises ModelError."""
    server = api.Api(carrier, asked.name)
    told = await _told(carrier, server)
    looked = [check for each in told for check in _looked_at(each, asked)]
    if any(check.passed is False for check in looked):
        return Inspected(model=None, checks=tuple(looked))
    try:
        return await _asked(server, told[0], asked, looked, ids)
    except errors.ModelError as error:
        # what to do is in the message
        return Inspected(model=None, checks=(*looked, checks.Check(name="answers", passed=False, said=str(error))))


async def _asked(
    server: api.Api, told: checks.Told, asked: Wanted, looked: Sequence[checks.Check], ids: Callable[[], str]
) -> Inspected:
    server.model = asked.name or str(told.served[0]["id"])
    context, _ = checks.context(told, server.model, asked.profile)
    tokenizer = await _tokenizer(server, asked.profile, is_sglang=bool(told.server))
    served = generation.Served(
        model=server.model,
        server=checks.version(told),
        context=context,
        architecture=told.model.get("model_type"),
        controls=tokenizer.vocabulary.controls if tokenizer else {},
    )
    model = client.Client(server, served, tokenizer, ids=ids)
    tried = [check async for check in _tried(model, tokenizer, asked.profile)]
    return Inspected(model=model, checks=(*looked, *tried))


def _transport(asked: Wanted) -> transport.Transport:
    return transport.Transport(asked.urls, key=asked.key, limits=asked.limits)


async def _told(carrier: transport.Transport, server: api.Api) -> list[checks.Told]:
    """Ask every server what it is; from now on only those that answered are used."""
    found: list[checks.Told] = []
    last = errors.ModelError("no model server is named: set GATEKEEPER_MODEL_URL to its address")
    for url in carrier.urls:
        try:
            found += await _told_by(server, url)
        except errors.ModelError as error:
            last = error
    if not found:
        raise last
    carrier.keep([each.url for each in found])
    return found


async def _told_by(server: api.Api, url: str) -> list[checks.Told]:
    own = await _tells(server, url, url)
    if not checks.is_router(own):
        return [own]
    workers = (await server.workers(url))[:_MOST_WORKERS]
    try:
        first = [await _tells(server, url, worker) for worker in workers[:1]]
    except errors.ModelError:
        # in a network that only the router is in
        return [own]
    others = await tokens.together(_tells(server, url, worker) for worker in workers[1:])
    return [*first, *others] or [own]


async def _tells(server: api.Api, endpoint: str, url: str) -> checks.Told:
    model, info = await server.model_info(url), await server.server_info(url)
    return checks.Told(url=endpoint, model=model, server=info, served=await server.models(url))


def _looked_at(told: checks.Told, asked: Wanted) -> list[checks.Check]:
    named = checks.named(told, asked.name)
    found = [checks.server(told, asked.profile), named, checks.architecture(told, asked.profile)]
    if named.passed:
        found += [checks.context(told, named.said, asked.profile)[1], checks.window(told, asked.profile)]
    return found


async def _tokenizer(server: api.Api, chosen: profile.Profile, *, is_sglang: bool) -> tokens.Tokenizer | None:
    if not is_sglang:
        return None
    try:
        return tokens.Tokenizer(server, await tokens.explore(server))
    except errors.ModelError:
        # a server that is asked in text can do without
        if chosen.way is profile.Way.TOKENS:
            raise
        return None


async def _tried(
    model: client.Client, tokenizer: tokens.Tokenizer | None, chosen: profile.Profile
) -> AsyncIterator[checks.Check]:
    match chosen.way:
        case profile.Way.TOKENS:
            assert tokenizer is not None
            yield checks.controls(tokenizer.vocabulary, chosen)
            (ids,) = await model.encode([checks.ROUND_TRIP])
            (text,) = await model.decode([ids])
            yield checks.round_trip(text)
            greedy = generation.Sampling(temperature=0.0)
            yield checks.answered(await model.generate(generation.Asked(prompt=ids, sampling=greedy, most=_FEW)))
        case profile.Way.MESSAGES:
            said = generation.Conversation(messages=(("user", "Say yes."),), sampling=chosen.reasoning, most=_FEW)
            yield checks.answered(await model.converse(said))
