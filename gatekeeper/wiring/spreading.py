"""A `map` over many source files that uses every core where that pays."""

import gc
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures

# bytes of source below which one process is done before others have started
WORTH_SPREADING = 2 << 20


class Spread:
    """Works like the built-in `map`; over processes of its own where there is much to do."""

    def __init__(self, workers: int) -> None:
        """Use at most `workers` processes."""
        self._workers = workers

    def __call__(self, function: Callable[[bytes], bytes], sources: Iterable[bytes], /) -> Iterator[bytes]:
        """Yield `function` of each of the sources, in their order."""
        listed = list(sources)
        if self._workers == 1 or sum(map(len, listed)) < WORTH_SPREADING:
            yield from map(function, listed)
            return
        # spawned, since this process has threads
        context = multiprocessing.get_context("spawn")
        # syntax trees are many small objects without cycles, which the collector would look through again and again
        with futures.ProcessPoolExecutor(self._workers, mp_context=context, initializer=gc.disable) as pool:
            yield from pool.map(function, listed, chunksize=max(1, len(listed) // (8 * self._workers)))
