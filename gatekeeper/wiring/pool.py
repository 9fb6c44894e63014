"""Worker processes that start while the diff is still being read."""

from concurrent import futures
from typing import Self

from gatekeeper import settings
from gatekeeper.sandbox import component, process, session
from gatekeeper.wiring import progress

MEBI = 1 << 20


class Pool:
    """As many workers as the settings say; a context manager that ends them all."""

    def __init__(self, chosen: settings.Settings, shown: progress.Progress, *, wanted: bool = True) -> None:
        """Prepare to start; the sandbox itself is built first where the cache has none. Not `wanted`: start none."""
        self._chosen, self._shown, self._wanted = chosen, shown, wanted
        self._thread = futures.ThreadPoolExecutor(1)
        self.limits = session.Limits(
            fuel=chosen.fuel * session.BILLION,
            memory=chosen.memory * MEBI,
            seconds=chosen.test_seconds,
            disk=chosen.disk * MEBI,
        )

    def __enter__(self) -> Self:
        """Start in the background."""
        self._started = self._thread.submit(self._start)
        return self

    def _start(self) -> list[process.Process]:
        if not self._wanted:
            return []
        compiled = component.ensure(self._chosen.cache, self._shown.step)
        return [process.Process(compiled, disk=self.limits.disk) for _ in range(self._chosen.workers)]

    def processes(self) -> list[process.Process]:
        """Return the workers, once they are started. Raises SandboxError."""
        return self._started.result()

    def __exit__(self, *_: object) -> None:
        """End the workers."""
        self._thread.shutdown()
        if self._started.exception() is None:
            for worker in self._started.result():
                worker.close()
