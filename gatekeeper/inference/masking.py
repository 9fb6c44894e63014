"""Names of control tokens in text for servers that are asked in text: such a server would read them as tokens."""

import re
from collections.abc import Iterable

# what chat templates mark turns, thought and tools with: Llama, Qwen, GPT, Gemma, Mistral, Phi, DeepSeek and others
_TAGS = "s|think|tool_call|tool_response|start_of_turn|end_of_turn|bos|eos|pad|unk|sop|eop"
_BRACKETED = "INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|THINK|IMG|gMASK|sMASK"
_USUAL = rf"<[|\N{{FULLWIDTH VERTICAL LINE}}]|</?(?:{_TAGS})>|\[/?(?:{_BRACKETED})\]"


def masked(text: str, names: Iterable[str] = ()) -> str:
    """Return `text` in which no name of a control token is left: a blank stands after the first character of each.

    `names` are those that the server is known to have, besides the usual ones.
    """
    known = "".join(f"|{re.escape(name)}" for name in names)
    # looks ahead, so that names which overlap are all found
    return re.sub(rf"(?=(?:{_USUAL}{known}))(.)", r"\1 ", text, flags=re.DOTALL)
