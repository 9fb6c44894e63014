"""Loops over lists, texts and queues."""

from collections import deque


def without(items: list[int], unwanted: int) -> list[int]:
    at = 0
    while at < len(items):
        if items[at] == unwanted:
            del items[at]
        else:
            at += 1
    return items


def keep_out(items: list[int], unwanted: int) -> list[int]:
    while unwanted in items:
        items.index(unwanted)
        items = [*items, unwanted]
    return items


def merged(one: list[int], other: list[int]) -> list[int]:
    left, right = 0, 0
    result = []
    while left < len(one) and right < len(other):
        if one[left] < other[right]:
            result.append(one[left])
            left += 1
        elif other[right] < one[left]:
            result.append(other[right])
            right += 1
    return result + one[left:] + other[right:]


def merged_stably(one: list[int], other: list[int]) -> list[int]:
    left, right = 0, 0
    result = []
    while left < len(one) and right < len(other):
        if one[left] <= other[right]:
            result.append(one[left])
            left += 1
        else:
            result.append(other[right])
            right += 1
    return result + one[left:] + other[right:]


def bubble(items: list[int]) -> list[int]:
    swapped = True
    while swapped:
        swapped = False
        for at in range(len(items) - 1):
            if items[at] >= items[at + 1]:
                items[at], items[at + 1] = items[at + 1], items[at]
                swapped = True
    return items


def bubbled(items: list[int]) -> list[int]:
    swapped = True
    while swapped:
        swapped = False
        for at in range(len(items) - 1):
            if items[at] > items[at + 1]:
                items[at], items[at + 1] = items[at + 1], items[at]
                swapped = True
    return items


def insertion(items: list[int]) -> list[int]:
    for end in range(1, len(items)):
        at = end
        while at > 0 and items[at - 1] > items[at]:
            items[at - 1], items[at] = items[at], items[at - 1]
            at -= 1
    return items


def search(items: list[int], wanted: int) -> int:
    low, high = 0, len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        if items[middle] == wanted:
            return middle
        if items[middle] < wanted:
            low = middle
        else:
            high = middle - 1
    return -1


def search_below(items: list[int], wanted: int) -> int:
    low, high = 0, len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        if items[middle] == wanted:
            return middle
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1


def chunks(items: list[int], size: int) -> list[list[int]]:
    found = []
    while items:
        found.append(items[:size])
        items = items[size:]
    return found


def chunks_of_some(items: list[int], size: int) -> list[list[int]]:
    size = max(size, 1)
    found = []
    while items:
        found.append(items[:size])
        items = items[size:]
    return found


def drained(queue: deque[int]) -> int:
    total = 0
    while queue:
        number = queue.popleft()
        if number < 0:
            queue.append(number)
        else:
            total += number
    return total


def drained_once(queue: deque[int]) -> int:
    total = 0
    for _ in range(len(queue)):
        number = queue.popleft()
        if number < 0:
            queue.append(number)
        else:
            total += number
    return total


def rotated_to(items: list[int], first: int) -> list[int]:
    while items[0] != first:
        items = items[1:] + items[:1]
    return items


def rotated_to_the_least(items: list[int]) -> list[int]:
    while items and items[0] != min(items):
        items = items[1:] + items[:1]
    return items


def flat(nested: list[object]) -> list[object]:
    waiting, found = [nested], []
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        else:
            found.append(item)
    return found


def widths(lines: list[str]) -> int:
    widest = 0
    while len(lines) > 0:
        widest = max(widest, len(lines[-1]))
        lines = lines[:-1]
    return widest


def shortest_first(words: list[str]) -> list[str]:
    ordered = []
    while words:
        word = min(words, key=len)
        ordered.append(word)
        words = [other for other in words if other != word]
    return ordered


def pairs(total: int) -> list[tuple[int, int]]:
    found = []
    one, other = 0, total
    while one != other + 1:
        found.append((one, other))
        one, other = one + 1, other - 1
    return found


def windows(items: list[int], size: int) -> int:
    best = 0
    for start in range(len(items)):
        for end in range(start, min(start + abs(size), len(items)) + 1):
            best = max(best, sum(items[start:end]))
    return best


def padded(items: list[int], size: int) -> list[int]:
    while len(items) != size:
        items = [*items, 0]
    return items
