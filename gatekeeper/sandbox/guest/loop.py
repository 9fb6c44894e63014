"""An asyncio event loop without file descriptors: nothing to watch, so waiting is sleeping."""

import asyncio
import asyncio.events
import asyncio.selector_events
import selectors
import time


class Nothing(selectors._BaseSelectorImpl):
    """A selector that watches nothing."""

    def select(self, timeout=None):
        """Sleep for `timeout` seconds; raise RuntimeError where that would be for ever."""
        if timeout is None:
            raise RuntimeError("the event loop waits for something that cannot happen in the sandbox")
        if timeout > 0:
            time.sleep(timeout)
        return []


class Loop(asyncio.selector_events.BaseSelectorEventLoop):
    """The loop that `asyncio.new_event_loop` makes in the sandbox."""

    def __init__(self, selector=None) -> None:
        super().__init__(Nothing())

    def _make_self_pipe(self) -> None:
        self._ssock = self._csock = None

    def _close_self_pipe(self) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def run_in_executor(self, executor, function, *args):
        """Run `function` at once: there are no threads to run it in."""
        future = self.create_future()
        try:
            future.set_result(function(*args))
        except Exception as error:  # the future carries whatever the function raises
            future.set_exception(error)
        return future


class Policy(asyncio.events._BaseDefaultEventLoopPolicy):
    """Makes the sandbox's loop."""

    _loop_factory = Loop


def install() -> None:
    """Make every way to a new loop lead to the sandbox's."""
    asyncio.SelectorEventLoop = asyncio.EventLoop = Loop
    asyncio.events._set_event_loop_policy(Policy())
