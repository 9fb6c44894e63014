"""Functions that call themselves, or each other."""


def every_other(number: int) -> list[int]:
    if number == 0:
        return []
    return [number, *every_other(number - 2)]


def even(number: int) -> bool:
    return True if number == 0 else odd(number - 1)


def odd(number: int) -> bool:
    return False if number == 0 else even(number - 1)


def growth(outer: int, inner: int) -> int:
    if not (0 <= outer <= 2 and 0 <= inner <= 8):
        raise ValueError((outer, inner))
    return _growth(outer, inner)


def _growth(outer: int, inner: int) -> int:
    if outer == 0:
        return inner + 1
    if inner == 0:
        return _growth(outer - 1, 1)
    return _growth(outer - 1, _growth(outer, inner - 1))


def rabbits(month: int) -> int:
    if month < 2:
        return month
    return rabbits(month - 1) + rabbits(month - 2)
