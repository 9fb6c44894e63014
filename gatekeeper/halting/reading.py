"""Any text that a model answers with -> what it says of halting, or why it says nothing. Total, and bounded."""

import json
import re
from collections.abc import Mapping
from typing import Any

from gatekeeper.halting import asking

# characters of an answer that are looked at, from its end
MOST_ANSWER = 200_000
# characters of a call that is kept
MOST_EXAMPLE = 200
# lines of a file
MOST_LINE = 9_999_999
_THOUGHT = "</think>"
# what people and models put around a word
_DRESS = " \t*_`\"'.:#>-"
_LINE = re.compile(r"line\s*:\s*(\d{1,7})", re.IGNORECASE)
_INPUT = re.compile(r"input\s*:\s*(\S.*)", re.IGNORECASE)
_NO_INPUT = frozenset({"", "none", "null", "n/a"})
_WORDS = frozenset(word.value for word in asking.Word)


def of_json(text: str) -> asking.Reply:
    """Read an answer in the form of `schema`, also in a fence or after thoughts, since not every server holds to it."""
    after = text[-MOST_ANSWER:].rpartition(_THOUGHT)[2]
    try:
        # not by pydantic, which takes no half of a surrogate pair: servers let models write them
        found = json.loads(after[after.index("{") : after.rindex("}") + 1], strict=False)
    except (ValueError, RecursionError):
        return asking.Unread(why="no answer in JSON")
    match found:
        case {"answer": str(said), **others} if said in _WORDS:
            return asking.Reading(
                word=asking.Word(said), line=_positive(others.get("line")), example=_example(others.get("input"))
            )
        case _:
            return asking.Unread(why="not an answer in the form that was asked for")


def schema(reasoning: int) -> Mapping[str, Any]:
    """Return the JSON Schema of an answer that reasons in so many characters at most, before it says the word."""
    return {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string", "maxLength": reasoning},
            "line": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MOST_LINE}, {"type": "null"}]},
            "input": {"anyOf": [{"type": "string", "maxLength": MOST_EXAMPLE}, {"type": "null"}]},
            "answer": {"type": "string", "enum": [word.value for word in asking.Word]},
        },
        "required": ["reasoning", "line", "input", "answer"],
        "additionalProperties": False,
    }


def of_words(text: str) -> asking.Reply:
    """Read an answer whose last line is one of the words, before which lines may name a line and an input.

    Thoughts end with `</think>`; an answer without that has no thoughts.
    """
    lines = [line for line in text[-MOST_ANSWER:].rpartition(_THOUGHT)[2].splitlines() if line.strip(_DRESS)]
    word = spoken(lines[-1]) if lines else None
    if word is None:
        return asking.Unread(why="the last line is none of the words that were asked for" if lines else "no answer")
    numbers = [found[1] for line in lines if (found := _LINE.fullmatch(line.strip(_DRESS)))]
    inputs = [found[1] for line in lines if (found := _INPUT.fullmatch(line.strip()))]
    return asking.Reading(
        word=word,
        line=_positive(int(numbers[-1])) if numbers else None,
        example=_example(inputs[-1].strip("` ")) if inputs else None,
    )


def spoken(line: str) -> asking.Word | None:
    """Return the word that a whole line is, whatever its case and what is around it; else None."""
    said = " ".join(line.strip(_DRESS).lower().split())
    return next((word for word in asking.Word if word.value == said), None)


def _positive(number: object) -> int | None:
    return number if type(number) is int and 0 < number <= MOST_LINE else None


def _example(text: object) -> str | None:
    sound = text.encode(errors="replace").decode().strip()[:MOST_EXAMPLE] if isinstance(text, str) else ""
    return None if sound.lower() in _NO_INPUT else sound
