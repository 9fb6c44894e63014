"""What the event loop of `gatekeeper.inference` lets end, and how."""

import asyncio
import threading

from gatekeeper.inference import loop


def test_what_a_cancelled_task_still_has_to_say_is_said_before_the_loop_closes() -> None:
    waiting, speaking, said = threading.Event(), threading.Event(), threading.Event()
    kept: list[asyncio.Task[None]] = []

    async def speak() -> None:
        speaking.set()
        await asyncio.sleep(0.1)
        said.set()

    async def ask() -> None:
        waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            kept.append(asyncio.create_task(speak()))

    with loop.Running() as running:
        future = running.submit(ask())
        assert waiting.wait(5)
        future.cancel()
        assert speaking.wait(5)

    assert said.is_set()


def test_what_nobody_cancelled_is_cancelled_where_the_loop_closes() -> None:
    waiting = threading.Event()

    async def ask() -> None:
        waiting.set()
        await asyncio.Event().wait()

    with loop.Running() as running:
        future = running.submit(ask())
        assert waiting.wait(5)

    assert future.cancelled()
