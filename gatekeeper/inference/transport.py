"""Requests to model servers: bounded, in time, again where that is of use, and taken back when nobody waits."""

import asyncio
import contextlib
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from gatekeeper import errors
from gatekeeper.inference import connections, endpoints, retry

# seconds
_CONNECTING, _TAKING_BACK = 5.0, 2.0
# uvicorn closes a connection that idles for five
_IDLE = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is asked at a time, and how long is waited."""

    # in flight
    requests: int = 64
    # of one request from its turn on, its repetitions included
    seconds: float = 120.0
    # of one request, waiting for its turn included
    patience: float = 3600.0
    # bytes of one answer; 131,072 tokens with log-probabilities take about 6 MiB
    largest: int = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server answered."""

    # where it was asked: `http://HOST:PORT/generate`
    address: str
    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    path: str
    content: bytes = b""
    group: str = ""
    rid: str = ""
    # "": any server
    url: str = ""


class _Again(Exception):  # noqa: N818 - no error: a request to be repeated
    def __init__(self, trouble: retry.Trouble, why: str, told: float | None = None) -> None:
        super().__init__(why)
        self.trouble = trouble
        self.why = why
        self.told = told


class Transport:
    """Speaks to one or several servers that are alike; belongs to one event loop.

    A request whose awaiting task is cancelled, or whose time is up, is taken back from the server: by SGLang's
    `/abort_request`, and by closing its connection, which SGLang 0.5.23 looks for every four seconds, also behind
    `sglang-router`, which knows no such address.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        key: str = "",
        limits: Limits | None = None,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or Limits()
        self._endpoints = [endpoints.Endpoint(url=url.rstrip("/")) for url in urls]
        self._chance, self._clock = chance, clock
        self._turns = asyncio.Semaphore(self.limits.requests)
        # tasks that wait for an answer
        self._waiting: set[asyncio.Task[object]] = set()
        self._taking_back: set[asyncio.Task[None]] = set()
        self._http = httpx.AsyncClient(
            headers={
                # an answer that is packed could unpack to any size
                "accept-encoding": "identity",
                "content-type": "application/json",
                **({"authorization": f"Bearer {key}"} if key else {}),
            },
            # certificates as the environment says, but neither proxies nor passwords from it
            transport=connections.Separate(certificates=httpx.create_ssl_context(), idle=_IDLE),
            trust_env=False,
            timeout=httpx.Timeout(None, connect=_CONNECTING),
        )

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of the servers."""
        return tuple(endpoint.url for endpoint in self._endpoints)

    def keep(self, urls: Sequence[str]) -> None:
        """Use only these from now on."""
        self._endpoints = [endpoint for endpoint in self._endpoints if endpoint.url in urls]

    async def get(self, path: str, *, url: str = "") -> Reply:
        """Return what a server answers: the one at `url`, where that is given, known or not. Raises ModelError."""
        return await self._in_time(_Request(method="GET", path=path, url=url))

    async def post(self, path: str, content: bytes, *, group: str = "", rid: str = "") -> Reply:
        """Return the answer to JSON; `rid` is the id that it gives the request, if any. Raises ModelError."""
        return await self._in_time(_Request(method="POST", path=path, content=content, group=group, rid=rid))

    async def aclose(self) -> None:
        """Cancel what still waits for an answer, let the servers know, and close all connections."""
        waiting = tuple(self._waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.gather(*self._taking_back, return_exceptions=True)
        await self._http.aclose()

    async def _in_time(self, asked: _Request) -> Reply:
        names, task = asked.url or self._names(), asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            async with asyncio.timeout(self.limits.patience), self._turns:
                return await self._answered(asked)
        except TimeoutError as error:
            raise errors.ModelError(
                f"a request to {names} did not get its turn and an answer in {self.limits.patience:g} s: "
                "start more model servers, or review less at a time"
            ) from error
        finally:
            self._waiting.discard(task)

    async def _answered(self, asked: _Request) -> Reply:
        last = f"{asked.url or self._names()} did not answer"
        try:
            async with asyncio.timeout(self.limits.seconds):
                troubles: Counter[retry.Trouble] = Counter()
                while True:
                    try:
                        return await self._tried(asked)
                    except _Again as again:
                        last = again.why
                        pause = retry.pause(again.trouble, troubles[again.trouble], self._chance(), again.told)
                        troubles[again.trouble] += 1
                    if pause is None:
                        raise errors.ModelError(f"{last}: see whether the model server runs and is not overloaded")
                    await asyncio.sleep(pause)
        except TimeoutError as error:
            raise errors.ModelError(
                f"{last} within {self.limits.seconds:g} s: see whether the model server is overloaded, "
                "or raise GATEKEEPER_MODEL_SECONDS"
            ) from error

    async def _tried(self, asked: _Request) -> Reply:
        chosen = self._chosen(asked)
        address = f"{chosen.url}{asked.path}"
        chosen.in_flight += 1
        try:
            reply = await self._sent(asked, address)
        except asyncio.CancelledError:
            if asked.rid:
                self._take_back(chosen.url, asked.rid)
            raise
        except _Again as again:
            # one that is busy is well
            if again.trouble is not retry.Trouble.BUSY:
                chosen.failed(self._clock())
            raise
        finally:
            chosen.in_flight -= 1
        chosen.answered()
        return reply

    def _chosen(self, asked: _Request) -> endpoints.Endpoint:
        among = [endpoint for endpoint in self._endpoints if asked.url in {"", endpoint.url}]
        return endpoints.choose(among or [endpoints.Endpoint(url=asked.url)], asked.group, self._clock())

    async def _sent(self, asked: _Request, address: str) -> Reply:
        try:
            async with self._http.stream(asked.method, address, content=asked.content or None) as response:
                if response.status_code in retry.BUSY_STATUSES:
                    told = retry.told(response.headers.get("retry-after"))
                    raise _Again(retry.Trouble.BUSY, f"{address} answered {response.status_code}", told)
                body = await self._read(address, response)
                return Reply(address=address, status=response.status_code, body=body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _Again(retry.Trouble.UNREACHED, f"{address} cannot be reached ({_why(error)})") from error
        except httpx.TransportError as error:
            raise _Again(retry.Trouble.RESET, f"{address} ended the connection without an answer") from error
        except (httpx.InvalidURL, httpx.HTTPError) as error:
            raise errors.ModelError(f"{address} cannot be asked: {_why(error)}: check GATEKEEPER_MODEL_URL") from error

    async def _read(self, address: str, response: httpx.Response) -> bytes:
        body = bytearray()
        try:
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > self.limits.largest:
                    raise errors.ModelError(
                        f"{address} answered with more than {self.limits.largest:,} bytes: see what runs there"
                    )
        except httpx.TransportError as error:
            raise errors.ModelError(f"{address} ended the connection amid its answer: see its log") from error
        return bytes(body)

    def _take_back(self, url: str, rid: str) -> None:
        task = asyncio.create_task(self._told_to_abort(url, rid))
        self._taking_back.add(task)
        task.add_done_callback(self._taking_back.discard)

    async def _told_to_abort(self, url: str, rid: str) -> None:
        # a server that does not know it sees the connection end
        with contextlib.suppress(httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            async with asyncio.timeout(_TAKING_BACK):
                content = json.dumps({"rid": rid}).encode()
                await self._http.post(f"{url}/abort_request", content=content)

    def _names(self) -> str:
        shown = [endpoint.url for endpoint in itertools.islice(self._endpoints, 3)]
        return ", ".join(shown) + (" and others" if len(self._endpoints) > len(shown) else "")


def _why(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]
