"""Loops over text."""

import re

_WORDS = re.compile(r"(\w+ ?)+$")


def squeezed(text: str) -> str:
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def doubled(text: str) -> str:
    while "-" in text:
        text = text.replace("-", "- ").strip()
    return text


def indented(text: str, width: int) -> str:
    while len(text) < width:
        text = " " + text
    return text


def quoted(text: str) -> str:
    while not text.startswith('"'):
        text = text + '"'
    return text


def fields(line: str) -> list[str]:
    found = []
    start = 0
    while True:
        end = line.find(",", start)
        if end == -1:
            found.append(line[start:])
            return found
        found.append(line[start:end])
        start = end + 1


def fields_again(line: str) -> list[str]:
    found = []
    start = 0
    while True:
        end = line.find(",", start)
        if end == -1:
            found.append(line[start:])
            return found
        found.append(line[start:end])
        start = end


def occurrences(text: str, part: str) -> int:
    count, at = 0, text.find(part)
    while at != -1:
        count += 1
        at = text.find(part, at + len(part))
    return count


def occurrences_one_by_one(text: str, part: str) -> int:
    count, at = 0, text.find(part)
    while at != -1:
        count += 1
        at = text.find(part, at + 1)
    return count


def unescaped(text: str) -> str:
    at, kept = 0, ""
    while at < len(text):
        if text[at] == "\\":
            at += 1
        kept += text[at : at + 1]
        at += 1
    return kept


def matching(text: str) -> int:
    depth, at = 0, 0
    while at < len(text):
        match text[at]:
            case "(":
                depth += 1
                at += 1
            case ")":
                depth -= 1
                at += 1
            case _:
                at = text.find("(", at)
    return depth


def is_sentence(text: str) -> bool:
    return _WORDS.match(text[:18]) is not None


def trimmed(text: str) -> str:
    while text and text[-1] in " \n":
        text = text[:-1]
    return text


def trimmed_to(text: str, end: str) -> str:
    while text[-1:] != end:
        text = text[:-1]
    return text


def wrapped(text: str, width: int) -> list[str]:
    lines = []
    while len(text) > width:
        cut = text.rfind(" ", 0, width)
        lines.append(text[:cut])
        text = text[cut:]
    return [*lines, text]


def wrapped_hard(text: str, width: int) -> list[str]:
    width = max(width, 1)
    lines = []
    while len(text) > width:
        lines.append(text[:width])
        text = text[width:]
    return [*lines, text]


def numeral(number: int) -> str:
    text = ""
    while number > 0:
        for value, letter in ((50, "L"), (10, "X"), (5, "V")):
            if number >= value:
                text += letter
                number -= value
                break
    return text
