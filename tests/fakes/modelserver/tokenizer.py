"""A tokenizer of bytes that reads the names of its control tokens in any text, as SGLang's does."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

CONTROLS = (
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|frame_sep|>",
    "<|action_sep|>",
    "<|return_sep|>",
    "<|call_sep|>",
    "<|line_sep|>",
    "<|exception_sep|>",
    "<|arg_sep|>",
    "<|trace_context_start|>",
    # reserved, one within another
    "<|reserved_special_token_1|>",
    "<|reserved_special_token_1|><|",
)
# control tokens are not the first, as CWM's are not
_FIRST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenizer:
    """A byte is an id from 0 to 255, a control token one from 2000; there is nothing between."""

    controls: tuple[str, ...] = CONTROLS
    # reads a fullwidth `<` as the other, as tokenizers do that normalise
    normalises: bool = False
    # leaves blanks before punctuation out, as decoders do that tidy up
    tidies: bool = False

    def encode(self, text: str) -> list[int]:
        if self.normalises:
            text = text.replace("\N{FULLWIDTH LESS-THAN SIGN}", "<")
        longest = sorted(map(re.escape, self.controls), key=len, reverse=True)
        ids: list[int] = []
        for part in re.split(f"({'|'.join(longest)})", text):
            ids += [_FIRST + self.controls.index(part)] if part in self.controls else part.encode()
        return ids

    def decode(self, ids: Iterable[int], *, skip: bool) -> str:
        text = b"".join(self._bytes(id_, skip=skip) for id_ in ids).decode(errors="replace")
        return text.replace(" ,", ",") if self.tidies else text

    def _bytes(self, id_: int, *, skip: bool) -> bytes:
        if id_ < 256:
            return bytes([id_])
        place = id_ - _FIRST
        if 0 <= place < len(self.controls):
            return b"" if skip else self.controls[place].encode()
        return f" filler{id_}".encode() if id_ < _FIRST else b""
