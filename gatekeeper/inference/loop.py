"""An event loop in a thread of its own, for code that is not asynchronous."""

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Self, TypeVar

_T = TypeVar("_T")
# seconds that what was cancelled may still take; between two looks whether a result is still wanted
_LAST_WORDS, _POLL = 3.0, 0.1


class Running:
    """Runs coroutines until it is closed; a context manager. Any thread may submit."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._submitted: set[concurrent.futures.Future[Any]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="inference", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """Let `with` close it."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Close it."""
        self.close()

    def submit(self, work: Coroutine[Any, Any, _T]) -> "concurrent.futures.Future[_T]":
        """Start it; cancelling the future cancels it, and so what it asked servers for."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._submitted.add(future)
        future.add_done_callback(self._submitted.discard)
        return future

    def result(self, work: Coroutine[Any, Any, _T], unwanted: Callable[[], bool] = lambda: False) -> _T:
        """Return what comes of it. Raises `concurrent.futures.CancelledError` soon after `unwanted()` says so."""
        future = self.submit(work)
        try:
            while not concurrent.futures.wait([future], _POLL).done:
                if unwanted():
                    future.cancel()
            return future.result()
        finally:
            # also where this thread was interrupted
            future.cancel()

    @contextlib.contextmanager
    def entered(
        self, context: contextlib.AbstractAsyncContextManager[_T], unwanted: Callable[[], bool] = lambda: False
    ) -> Iterator[_T]:
        """Enter and leave an asynchronous context from the calling thread; `unwanted` as of `result`."""
        stack = contextlib.AsyncExitStack()
        try:
            yield self.result(stack.enter_async_context(context), unwanted)
        finally:
            self.submit(stack.aclose()).result()

    def close(self) -> None:
        """Cancel what still runs, wait until that has ended, and end the thread."""
        if self._loop.is_closed():
            return
        # a future, not its task: one that was cancelled before may be telling servers so, and is left to it
        for future in tuple(self._submitted):
            future.cancel()
        asyncio.run_coroutine_threadsafe(_end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _end() -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORDS):
            while running := _others():
                await asyncio.wait(running)
    late = _others()
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


def _others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}
