"""Loops over whole numbers: powers, divisors, sequences."""


def bits(number: int) -> int:
    count = 0
    while number:
        number >>= 1
        count += 1
    return count


def set_bits(number: int) -> int:
    rest = abs(number)
    count = 0
    while rest:
        rest &= rest - 1
        count += 1
    return count


def power_above(base: int, bound: int) -> int:
    value = 1
    while value <= bound:
        value *= base
    return value


def double_above(bound: int) -> int:
    value = 1
    while value <= bound:
        value *= 2
    return value


def smallest_factor(number: int) -> int:
    factor = 2
    while number % factor != 0:
        factor += 1
    return factor


def prime_factor(number: int) -> int:
    factor = 2
    while factor * factor <= number:
        if number % factor == 0:
            return factor
        factor += 1
    return number


def greatest_divisor(one: int, other: int) -> int:
    while other:
        one, other = other, one % other
    return one


def least_multiple(one: int, other: int) -> int:
    multiple = one
    while multiple % other:
        multiple += one
    return multiple


def countdown(start: int) -> list[int]:
    numbers = []
    while start != 0:
        numbers.append(start)
        start -= 2
    return numbers


def launch(start: int) -> list[int]:
    numbers = []
    while start > 0:
        numbers.append(start)
        start -= 2
    return numbers


def reverse(number: int) -> int:
    rest, turned = number, 0
    while rest > 0:
        turned = turned * 10 + rest % 10
        rest //= 10
    return turned


def happy(number: int) -> bool:
    while number != 1:
        number = sum(int(digit) ** 2 for digit in str(abs(number)))
    return True


def happy_or_not(number: int) -> bool:
    seen = set()
    while number != 1 and number not in seen:
        seen.add(number)
        number = sum(int(digit) ** 2 for digit in str(abs(number)))
    return number == 1


def whole_root(number: int) -> int:
    low, high = 0, max(number, 0) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if middle * middle <= number:
            low = middle
        else:
            high = middle
    return low


def newton_root(number: int) -> int:
    guess = number
    while guess * guess != number:
        guess = (guess + number // guess) // 2
    return guess


def triangle_at_least(bound: int) -> int:
    total, step = 0, 0
    while total < bound:
        step += 1
        total += step
    return total


def shrink(number: int, by: int) -> int:
    while number > by:
        number -= by
    return number


def shrink_by_one_more(number: int, by: int) -> int:
    by = abs(by) + 1
    while number > by:
        number -= by
    return number


def binary(number: int) -> str:
    text = ""
    while number != 0:
        text = str(number % 2) + text
        number = int(number / 2)
    return text or "0"


def ternary(number: int) -> str:
    text = ""
    while number != 0:
        text = str(number % 3) + text
        number = number // 3
    return text or "0"


def meet(left: int, right: int) -> int:
    steps = 0
    while left != right:
        left += 1
        right -= 1
        steps += 1
    return steps


def pass_by(left: int, right: int) -> int:
    steps = 0
    while left < right:
        left += 1
        right -= 1
        steps += 1
    return steps
