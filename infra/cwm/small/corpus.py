"""The recorded programs as text and as tokens."""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import transformers

from gatekeeper.inference import grammar, grammar_text

# strings of the programs: nothing is learned from them, so that they are read letter by letter
_STRINGS = re.compile(r"'[bkqwxz]+'", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One program and what it did."""

    context: str
    # control tokens by their names
    trace: str
    passed: bool

    @property
    def prompt(self) -> str:
        """What the model continues, control tokens by their names."""
        return grammar_text.text_of(
            [grammar.Control.BEGIN_OF_TEXT, grammar.Control.TRACE_CONTEXT_START, self.context, *grammar.ENTRY]
        )


def read(file: Path, kind: str, most: int | None = None) -> list[Example]:
    """Return the first `most` examples of a kind: `training`, `held out` or `longer`."""
    found: list[Example] = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if line.pop("kind") == kind:
                found.append(Example(**line))
            if len(found) == most:
                break
    return found


def texts(examples: Iterable[Example]) -> Iterator[str]:
    """Yield what the tokenizer learns from: texts between control tokens, without the contents of strings."""
    for example in examples:
        for item in grammar_text.items_of(example.prompt + example.trace):
            if not isinstance(item, grammar.Control):
                yield _STRINGS.sub("''", item)


def tokens(
    tokenizer: transformers.PreTrainedTokenizerFast, examples: Iterable[Example]
) -> list[tuple[list[int], list[int]]]:
    """Return the ids of prompt and trace of each example."""
    pairs = [(example.prompt, example.trace) for example in examples]
    prompts, traces = (
        tokenizer([pair[side] for pair in pairs], add_special_tokens=False)["input_ids"] for side in (0, 1)
    )
    return list(zip(prompts, traces, strict=True))
