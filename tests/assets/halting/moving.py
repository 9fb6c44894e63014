"""Loops and recursions of which the text tells where they go."""


def place(values: list[int], wanted: int) -> int:
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def place_again(values: list[int], wanted: int) -> int:
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle
        else:
            high = middle
    return low


def drained(items: list[int]) -> int:
    total = 0
    while items:
        total += items.pop()
    return total


def drained_of_good_ones(items: list[int]) -> int:
    total = 0
    while items:
        item = items.pop()
        if item < 0:
            items.append(item)
        else:
            total += item
    return total


def thirds(limit: int) -> int:
    value = 0
    while value < limit:
        value += 3
    return value


def thirds_of_nothing(limit: int) -> int:
    value, seen = 0, 0
    while value < limit:
        seen = value + 3
    return seen


def rest_of(one: int, other: int) -> int:
    while other != 0:
        one, other = other, one % other
    return one


def rest_of_seven(one: int, other: int) -> int:
    while other != 0:
        one, other = other, one % 7
    return one


def added(values: list[int]) -> int:
    if not values:
        return 0
    return values[0] + added(values[1:])


def added_again(values: list[int]) -> int:
    if not values:
        return 0
    return values[0] + added_again(values)


def tower(floors: int) -> int:
    return 0 if floors <= 0 else 1 + tower(floors - 1)


def tower_by_twos(floors: int) -> int:
    if floors == 0:
        return 0
    return 1 + tower_by_twos(floors - 2)


def climbing(floors: int) -> int:
    return 1 + climbing(floors + 1)


def heartbeat() -> int:
    beats = 0
    while True:
        beats += 1


def heartbeats(most: int) -> int:
    beats = 0
    while True:
        if beats >= most:
            return beats
        beats += 1


def polled(waiting: bool) -> int:
    turn = 0
    while waiting:
        turn = (turn + 1) % 10
    return turn


def found(values: list[int], wanted: int, low: int, high: int) -> int:
    if low >= high:
        return low
    middle = low + (high - low) // 2
    if values[middle] < wanted:
        return found(values, wanted, middle, high)
    return found(values, wanted, low, middle)


def found_past(values: list[int], wanted: int, low: int, high: int) -> int:
    if low >= high:
        return low
    middle = low + (high - low) // 2
    if values[middle] < wanted:
        return found_past(values, wanted, middle + 1, high)
    return found_past(values, wanted, low, middle)


def stripped(text: str) -> str:
    while len(text) > 3:
        text = text.strip()
    return text


def divided(one: int, other: int) -> int:
    if other == 0:
        return one
    return divided(one % other, other)
