"""What a model server can be asked, one function an address; by those that `sglang-router` 0.3.2 has too."""

from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper import errors
from gatekeeper.inference import generation, transport, wire

_OK, _NOT_FOUND = 200, 404


class Api:
    """Asks servers of one kind. Every call raises ModelError where there is no good answer in time."""

    def __init__(self, carrier: transport.Transport, model: str = "") -> None:
        self._carrier = carrier
        # its name, for servers that have several
        self.model = model

    async def generate(self, asked: generation.Asked, rid: str) -> tuple[generation.Sample, generation.Usage]:
        """Return one sample, and its cost without the time."""
        content = wire.generate(asked, rid)
        reply = _good(await self._carrier.post("/generate", content, group=asked.group, rid=rid))
        return wire.generated(reply.body, asked, reply.address)

    async def chat(
        self, asked: generation.Conversation, samples: int, rid: str
    ) -> tuple[list[generation.Sample], generation.Usage]:
        """Return up to so many samples, one at least; `rid` only for SGLang."""
        content = wire.chat(asked, self.model, samples, rid)
        reply = _good(await self._carrier.post("/v1/chat/completions", content, group=asked.group, rid=rid))
        return wire.chatted(reply.body, asked, reply.address)

    async def tokenize(self, texts: Sequence[str]) -> list[generation.Ids]:
        """Return the ids of each text, as the tokenizer sees it: names of control tokens become those."""
        reply = _good(await self._carrier.post("/v1/tokenize", wire.tokenize(texts, self.model)))
        return wire.tokenized(reply.body, len(texts), reply.address)

    async def detokenize(self, ids: Sequence[generation.Ids], *, skip: bool = False) -> list[str]:
        """Return the text of each; `skip` leaves control tokens out."""
        reply = _good(await self._carrier.post("/v1/detokenize", wire.detokenize(ids, self.model, skip=skip)))
        return wire.detokenized(reply.body, len(ids), reply.address)

    async def model_info(self, url: str = "") -> Mapping[str, Any]:
        """Return what SGLang says of the model; empty from other servers."""
        return await self._told(("/model_info", "/get_model_info"), url)

    async def server_info(self, url: str = "") -> Mapping[str, Any]:
        """Return how SGLang was started and how it is; empty from other servers."""
        return await self._told(("/server_info", "/get_server_info"), url)

    async def models(self, url: str = "") -> list[Mapping[str, Any]]:
        """Return the models that are served, of which each has its name as `id`."""
        reply = _good(await self._carrier.get("/v1/models", url=url))
        listed = wire.mapping(reply.body, reply.address).get("data")
        if not isinstance(listed, list) or not all(
            isinstance(each, dict) and isinstance(each.get("id"), str) for each in listed
        ):
            raise errors.ModelError(f"{reply.address} lists no models: see whether a model server runs there")
        return listed

    async def workers(self, url: str) -> list[str]:
        """Return the addresses of the servers behind an `sglang-router` that are well."""
        reply = _good(await self._carrier.get("/workers", url=url))
        listed = wire.mapping(reply.body, reply.address).get("workers")
        well = [each for each in listed if isinstance(each, dict) and each.get("is_healthy")] if listed else []
        return [each["url"].rstrip("/") for each in well if isinstance(each.get("url"), str)]

    async def _told(self, paths: Sequence[str], url: str) -> Mapping[str, Any]:
        for path in paths:
            reply = await self._carrier.get(path, url=url)
            if reply.status != _NOT_FOUND:
                return wire.mapping(_good(reply).body, reply.address)
        return {}


def _good(reply: transport.Reply) -> transport.Reply:
    if reply.status == _OK:
        return reply
    said = wire.refusal(reply.body)
    if reply.status in {401, 403}:
        raise errors.ModelError(f"{reply.address} answered {reply.status}{said}: set GATEKEEPER_MODEL_KEY to its key")
    if reply.status == _NOT_FOUND:
        raise errors.ModelError(
            f"{reply.address} answered 404{said}: this server cannot be asked so; check GATEKEEPER_MODEL_URL, "
            "GATEKEEPER_MODEL_NAME and GATEKEEPER_MODEL_PROFILE"
        )
    raise errors.ModelError(f"{reply.address} answered {reply.status}{said}: see the model server's log")
