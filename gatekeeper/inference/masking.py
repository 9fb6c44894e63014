"""Names of control tokens in text for servers that are asked in text: such a server would read them as tokens."""

import re
from collections.abc import Iterable

# what chat templates mark turns, thought and tools with: Llama, Qwen, GPT, Gemma, Mistral, Phi, DeepSeek and others
_TAGS = "s|think|tool_call|tool_response|start_of_turn|end_of_turn|bos|eos|pad|unk|sop|eop"
_BRACKETED = "INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|THINK|IMG|gMASK|sMASK"
_SURROGATES = re.compile("[\ud800-\udfff]")
_USUAL = rf"<[|\N{{FULLWIDTH VERTICAL LINE}}]|</?(?:{_TAGS})>|\[/?(?:{_BRACKETED})\]"


def masked(text: str, names: Iterable[str] = ()) -> str:
    """Return `text` in which no name of a control token is left: a blank stands after the first character of each.

    `names` are those that the server is known to have, besides the usual ones. Lone surrogates, which no request can
    hold, become U+FFFD.
    """
    known = "".join(f"|{re.escape(name)}" for name in names)
    # looks ahead, so that names which overlap are all found
    return re.sub(rf"(?=(?:{_USUAL}{known}))(.)", r"\1 ", sound(text), flags=re.DOTALL)


def sound(text: str) -> str:
    """Return `text` with U+FFFD for each lone surrogate: what is read from files may have them, JSON may not."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
