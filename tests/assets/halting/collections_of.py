"""Loops over lists, texts and links."""

import itertools


def plurals(words: list[str]) -> list[str]:
    for word in words:
        if not word.endswith("s"):
            words.append("more")
    return words


def twice(words: list[str]) -> list[str]:
    for word in list(words):
        words.append(word)
    return words


def body(text: str) -> str:
    at = 0
    kept = []
    while at < len(text):
        if text[at] == "#":
            continue
        kept.append(text[at])
        at += 1
    return "".join(kept)


def root(links: dict[int, int], node: int) -> int:
    while links.get(node, node) != node:
        node = links[node]
    return node


def reachable(links: dict[int, list[int]], start: int) -> set[int]:
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        waiting.extend(links.get(node, []))
    return seen


def subsets(items: list[str]) -> list[list[str]]:
    found = []
    mask = 0
    while mask < 2 ** len(items):
        found.append([item for at, item in enumerate(items) if mask >> at & 1])
        mask += 1
    return found


def next_colour(after: int) -> int:
    return next(colour for colour in itertools.cycle((1, 2, 3)) if colour > after)


def side(area: int) -> int:
    return next(length for length in itertools.count() if length * length >= area)
