"""Functions that call themselves, or each other, and loops that call."""


def factorial(number: int) -> int:
    return 1 if number == 0 else number * factorial(number - 1)



def sum_to(number: int) -> int:
    if number <= 0:
        return 0
    return number + sum_to(number)


def power(base: int, exponent: int) -> int:
    if exponent == 0:
        return 1
    half = power(base, exponent // 2)
    return half * half * (base if exponent % 2 else 1)


def small_power(base: int, exponent: int) -> int:
    if exponent <= 0:
        return 1
    half = small_power(base, exponent // 2)
    return half * half * (base if exponent % 2 else 1)



def same_both_ways(text: str) -> bool:
    return text == "" or (text[0] == text[-1] and same_both_ways(text[1:-1] or text))


def partitions(number: int, largest: int) -> int:
    if number == 0:
        return 1
    if number < 0 or largest <= 0:
        return 0
    return partitions(number - largest, largest) + partitions(number, largest - 1)


def coins(amount: int, kinds: list[int]) -> int:
    if amount == 0:
        return 1
    if amount < 0 or not kinds:
        return 0
    return coins(amount - kinds[0], kinds) + coins(amount, kinds[1:])



def moves(discs: int) -> int:
    if discs <= 0:
        return 0
    return moves(discs - 1) + 1 + moves(discs - 1)




def tick(ball: int) -> int:
    return tock(ball - 1) if ball > 0 else ball


def tock(ball: int) -> int:
    return tick(ball + 1) if ball > 0 else ball


def nested(depth: int) -> list[object]:
    return [] if depth == 1 else [nested(depth - 1)]


def ninety_one(number: int) -> int:
    return number - 10 if number > 100 else ninety_one(ninety_one(number + 11))
