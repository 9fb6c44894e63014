"""A folder in which programs leave orders for one another; one of them works in it at a time."""

import contextlib


class Busy(Exception):
    """Somebody else works in the folder."""


@contextlib.contextmanager
def held(folder):
    """Hold the folder; nobody else can until the end."""
    lock = folder / "lock"
    try:
        lock.touch(exist_ok=False)
    except FileExistsError:
        raise Busy(folder) from None
    try:
        yield
    finally:
        lock.unlink()


def leave(folder, order):
    """Leave an order and return its number, counted from 1."""
    with held(folder):
        number = len(list(folder.glob("order-*"))) + 1
        (folder / f"order-{number:04}").write_text(order)
    return number


def collect(folder, most=10):
    """Take the oldest orders out of the folder and return them."""
    with held(folder):
        found = sorted(folder.glob("order-*"))[:most]
        orders = [path.read_text() for path in found]
        for path in found:
            path.unlink()
    return orders
