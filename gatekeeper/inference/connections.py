"""Connections to servers, each for itself.

httpcore 1.0.9 looks at all connections of a pool for each of them whenever a request begins or ends: with 64 in flight
that is most of the processor time of a request. Pools of one connection have nothing to look at.
"""

import ssl
from collections import defaultdict
from collections.abc import AsyncIterator

import httpx

_Origin = tuple[str, str, int | None]


class Separate(httpx.AsyncBaseTransport):
    """Gives each request a connection that no other uses meanwhile: the last one used, as the likeliest to live."""

    def __init__(self, *, certificates: ssl.SSLContext, idle: float) -> None:
        # `idle`: seconds after which an unused connection is not used again
        self._certificates = certificates
        self._limits = httpx.Limits(max_connections=1, keepalive_expiry=idle)
        self._free: defaultdict[_Origin, list[httpx.AsyncHTTPTransport]] = defaultdict(list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it; the connection is free again when the response is closed."""
        free = self._free[request.url.scheme, request.url.host, request.url.port]
        used = free.pop() if free else httpx.AsyncHTTPTransport(verify=self._certificates, limits=self._limits)
        try:
            response = await used.handle_async_request(request)
        except BaseException:
            # nobody knows in what state it is
            await used.aclose()
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Lent(response.stream, used, free)
        return response

    async def aclose(self) -> None:
        """Close what is free; what is not is closed with its response."""
        for free in self._free.values():
            while free:
                await free.pop().aclose()


class _Lent(httpx.AsyncByteStream):
    def __init__(
        self, stream: httpx.AsyncByteStream, used: httpx.AsyncHTTPTransport, free: list[httpx.AsyncHTTPTransport]
    ) -> None:
        self._stream, self._used, self._free = stream, used, free

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        try:
            # where the answer was not read to its end, this ends the connection
            await self._stream.aclose()
        except BaseException:
            await self._used.aclose()
            raise
        self._free.append(self._used)
