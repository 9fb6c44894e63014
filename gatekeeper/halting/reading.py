"""Any text that a model answers with -> what it says of halting, or why it says nothing. Total, and bounded."""

import re
from collections.abc import Mapping
from typing import Any

import pydantic

from gatekeeper.halting import asking

# characters of an answer that are looked at, from its end
MOST_ANSWER = 200_000
# characters of a call that is kept
MOST_EXAMPLE = 200
_THOUGHT = "</think>"
# what people and models put around a word
_DRESS = " \t*_`\"'.:#>-"
_LINE = re.compile(r"line\s*:\s*(\d{1,7})", re.IGNORECASE)
_INPUT = re.compile(r"input\s*:\s*(\S.*)", re.IGNORECASE)
_NO_INPUT = frozenset({"", "none", "null", "n/a"})


class _Object(pydantic.BaseModel):
    """An answer in JSON; its reasoning is not read."""

    model_config = pydantic.ConfigDict(strict=True, extra="ignore")

    answer: asking.Word = pydantic.Field(strict=False)
    line: int | None = None
    input: str | None = None


def schema(reasoning: int) -> Mapping[str, Any]:
    """Return the JSON Schema of an answer that reasons in so many characters at most, before it says the word."""
    return {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string", "maxLength": reasoning},
            "line": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "input": {"anyOf": [{"type": "string", "maxLength": MOST_EXAMPLE}, {"type": "null"}]},
            "answer": {"type": "string", "enum": [word.value for word in asking.Word]},
        },
        "required": ["reasoning", "line", "input", "answer"],
        "additionalProperties": False,
    }


def of_json(text: str) -> asking.Reply:
    """Read an answer in the form of `schema`, also in a fence or after thoughts, since not every server holds to it."""
    after = text[-MOST_ANSWER:].rpartition(_THOUGHT)[2]
    try:
        found = _Object.model_validate_json(after[after.index("{") : after.rindex("}") + 1])
    except pydantic.ValidationError:
        return asking.Unread(why="not an answer in the form that was asked for")
    except ValueError:
        return asking.Unread(why="no answer")
    return asking.Reading(word=found.answer, line=_positive(found.line), example=_example(found.input))


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


def _positive(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None


def _example(text: str | None) -> str | None:
    bounded = (text or "").strip()[:MOST_EXAMPLE]
    return None if bounded.lower() in _NO_INPUT else bounded
