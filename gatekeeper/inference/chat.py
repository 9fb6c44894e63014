"""CWM's chat format, by token ids: text between its control tokens never becomes one of them.

Format: the model's own guide to prompts (facebookresearch/cwm, PROMPTING_GUIDE.md).
"""

from collections.abc import Sequence

from gatekeeper.inference import generation, grammar

_SYSTEM = """\
You are a helpful AI assistant. You always reason before responding, using the following format:

<think>
your internal reasoning
</think>
your external response"""
_END_OF_THOUGHT = "</think>"


async def prompt(model: generation.Model, messages: Sequence[tuple[str, str]]) -> generation.Ids:
    """Return the prompt of (role, content) for the assistant's turn, its system prompt put before. Raises ModelError.

    A system message of one's own follows the model's, in the same turn.
    """
    own = [content for role, content in messages if role == "system"]
    system = "\n\n".join([_SYSTEM, *own])
    turns = [("system", system), *((role, content) for role, content in messages if role != "system")]
    texts = [text for role, content in turns for text in (role, f"\n\n{content}")]
    *encoded, assistant, opening = await model.encode([*texts, "assistant", "\n\n<think>\n"])
    controls = model.served.controls
    start, end = (controls[grammar.Control.START_HEADER],), (controls[grammar.Control.END_HEADER],)
    ids = [controls[grammar.Control.BEGIN_OF_TEXT]]
    for role, content in zip(encoded[::2], encoded[1::2], strict=True):
        ids += [*start, *role, *end, *content, controls[grammar.Control.EOT]]
    return (*ids, *start, *assistant, *end, *opening)


def answer(text: str) -> str | None:
    """Return the answer in what the model wrote, its last control token left out; None: its thought did not end."""
    _, ended, rest = text.partition(_END_OF_THOUGHT)
    return rest.strip() if ended else None
