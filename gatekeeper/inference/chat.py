"""CWM's chat format, by token ids: text between its control tokens never becomes one of them.

Format: the model's own guide to prompts (facebookresearch/cwm, PROMPTING_GUIDE.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.inference import generation, grammar

THINKING = """\
You are a helpful AI assistant. You always reason before responding, using the following format:

<think>
your internal reasoning
</think>
your external response"""
ANSWERING = "You are a helpful AI assistant."

_END_OF_THOUGHT = "</think>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer, told apart from the thought before it."""

    thought: str
    # None: the thought did not end, so that there is no answer
    answer: str | None


async def prompt(
    model: generation.Model, messages: Sequence[tuple[str, str]], *, thinking: bool = True
) -> generation.Ids:
    """Return the prompt of (role, content) for the assistant's turn, its system prompt put before. Raises ModelError.

    A system message of one's own follows the model's, in the same turn.
    """
    own = [content for role, content in messages if role == "system"]
    system = "\n\n".join([THINKING if thinking else ANSWERING, *own])
    turns = [("system", system), *((role, content) for role, content in messages if role != "system")]
    texts = [text for role, content in turns for text in (role, f"\n\n{content}")]
    *encoded, assistant, opening = await model.encode([*texts, "assistant", "\n\n<think>\n" if thinking else "\n\n"])
    controls = model.served.controls
    start, end = (controls[grammar.Control.START_HEADER],), (controls[grammar.Control.END_HEADER],)
    ids = [controls[grammar.Control.BEGIN_OF_TEXT]]
    for role, content in zip(encoded[::2], encoded[1::2], strict=True):
        ids += [*start, *role, *end, *content, controls[grammar.Control.EOT]]
    return (*ids, *start, *assistant, *end, *opening)


def said(text: str, *, thinking: bool = True) -> Said:
    """Tell thought and answer apart in what the model wrote, its last control token left out."""
    if not thinking:
        return Said(thought="", answer=text.strip())
    thought, ended, answer = text.partition(_END_OF_THOUGHT)
    return Said(thought=thought.strip(), answer=answer.strip() if ended else None)
