"""Walks over mappings, trees and linked nodes, and tables that fill up."""

from dataclasses import dataclass


@dataclass
class Node:
    value: int
    following: "Node | None" = None


def ring() -> Node:
    one = Node(1)
    one.following = Node(2, one)
    return one


def chain(length: int) -> Node:
    node = Node(0)
    for value in range(length):
        node = Node(value, node)
    return node


def length(node: Node | None) -> int:
    count = 0
    while node is not None:
        count += 1
        node = node.following
    return count


def has_ring(node: Node | None) -> bool:
    slow, fast = node, node
    while fast is not None and fast.following is not None:
        assert slow is not None
        slow, fast = slow.following, fast.following.following
        if slow is fast:
            return True
    return False


def last(node: Node) -> Node:
    seen = set()
    while node.following is not None and id(node) not in seen:
        seen.add(id(node))
        node = node.following
    return node


def depth(parents: dict[str, str], name: str) -> int:
    levels = 0
    while name in parents:
        name = parents[name]
        levels += 1
    return levels


def depth_within(parents: dict[str, str], name: str) -> int:
    levels = 0
    while name in parents and levels <= len(parents):
        name = parents[name]
        levels += 1
    return levels


def ancestors(parents: dict[str, str], name: str) -> set[str]:
    found: set[str] = set()
    while name not in found:
        found.add(name)
        name = parents.get(name, name)
    return found


def closure(links: dict[int, set[int]], start: int) -> set[int]:
    found = {start}
    while True:
        more = set().union(*(links.get(node, set()) for node in found))
        if more <= found:
            return found
        found |= more


def spread(links: dict[int, set[int]], start: int) -> set[int]:
    found, edge = set(), {start}
    while edge:
        found |= edge
        edge = set().union(*(links.get(node, set()) for node in edge))
    return found


def order(needs: dict[str, set[str]]) -> list[str]:
    done: list[str] = []
    while len(done) < len(needs):
        for name, wanted in needs.items():
            if name not in done and wanted <= set(done):
                done.append(name)
    return done


def order_or_fail(needs: dict[str, set[str]]) -> list[str]:
    done: list[str] = []
    while len(done) < len(needs):
        ready = [name for name, wanted in needs.items() if name not in done and wanted <= set(done)]
        if not ready:
            raise ValueError("a circle")
        done.extend(ready)
    return done


def slot(table: list[int | None], key: int) -> int:
    at = key % len(table)
    while table[at] is not None and table[at] != key:
        at = (at + 1) % len(table)
    return at


def slot_or_none(table: list[int | None], key: int) -> int | None:
    for step in range(len(table)):
        at = (key + step) % len(table)
        if table[at] is None or table[at] == key:
            return at
    return None


def jumps(offsets: list[int]) -> int:
    at, steps = 0, 0
    while 0 <= at < len(offsets):
        at += offsets[at]
        steps += 1
    return steps


def forward_jumps(offsets: list[int]) -> int:
    at, steps = 0, 0
    while at < len(offsets):
        at += max(offsets[at], 1)
        steps += 1
    return steps


def walk(field: list[str], at: int, step: int) -> int:
    while field[at % len(field)] == ".":
        at += step
    return at
