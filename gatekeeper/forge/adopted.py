"""The check runs that this process knows of, for the while in which GitHub's lists do not show them."""

import threading
from collections import OrderedDict
from collections.abc import Iterable

_MOST = 2000


class Adopted:
    """Numbers of check runs by repository, head and external id. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: OrderedDict[tuple[int, str, str], set[int]] = OrderedDict()

    def of(self, repository: int, head: str, external_id: str) -> frozenset[int]:
        """Return the numbers that are known."""
        with self._lock:
            return frozenset(self._numbers.get((repository, head, external_id), ()))

    def add(self, repository: int, head: str, external_id: str, numbers: Iterable[int]) -> None:
        """Take note of more."""
        key = (repository, head, external_id)
        with self._lock:
            self._numbers.setdefault(key, set()).update(numbers)
            self._numbers.move_to_end(key)
            if len(self._numbers) > _MOST:
                self._numbers.popitem(last=False)
