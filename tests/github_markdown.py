"""Markdown as GitHub reads it: what of it is code, and what a reader may be led to."""

import dataclasses
import enum
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable("table")
_OURS = re.compile(r"<details><summary>[A-Za-z ]+</summary>\s*|</details>\s*|<!-- gatekeeper:[0-9a-f]{64} -->\s*")
# what GitHub makes a link, a picture or a notice of, outside code
_LIVE = re.compile(
    r"[@#:]\w|://|www\.|GH-\d|\b[0-9a-f]{7,40}\b|[<>\[\]]|[^\x20-\x7e\n\N{HORIZONTAL ELLIPSIS}\N{RIGHTWARDS ARROW}]"
)
_Value = TypeVar("_Value")

# each would do something outside code
HOSTILE = (
    "@everyone look at #1 and GH-2 and acme/ledger#3",
    "`` ` ``` ```` @x",
    "```\n</details>\n\n# Approved\n\n- [x] done\n```",
    "~~~\n@x",
    "a | b \\| c \\",
    "<img src=x onerror=alert(1)><!-- gatekeeper:" + "0" * 64 + " -->",
    "![p](https://evil.example/p.png) [l](https://evil.example) <https://evil.example> www.evil.example",
    "</summary></details>",
    "\u202etxt.exe \u200b \x1b[31m \r\n\n    indented\n===",
    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef 4f2a9c1",
    ":tada: $x$ &lt;b&gt; \\@x",
    "\n\n### Heading\n\n> quote\n\n1. one",
    "\udc80\udcff \x00",
    " ",
    "",
    "`",
    "x" * 5_000,
)


def assert_harmless(text: str, links: str = "https://github.example/") -> None:
    """Fail where anything but code holds what GitHub acts upon, or where a link leads elsewhere than `links`."""
    depth = 0
    for token in _tokens(text):
        assert token.type != "image", token.content
        if token.type in {"html_block", "html_inline"}:
            assert not _OURS.sub("", token.content), token.content
            depth += token.content.count("<details>") - token.content.count("</details>")
            assert depth in {0, 1}
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(links)
        if token.type == "text":
            assert not _LIVE.search(token.content), token.content
    assert depth == 0


def code_of(text: str) -> list[str]:
    """Return what stands in code, spans and blocks, in order."""
    return [token.content for token in _tokens(text) if token.type in {"code_inline", "fence"}]


def outside_code(text: str) -> str:
    """Return what stands outside code."""
    return " ".join(token.content for token in _tokens(text) if token.type == "text")


def poisoned(value: _Value, text: str) -> _Value:
    """Return `value` with every string in it replaced by `text`."""
    return _poisoned(value, text)  # type: ignore[no-any-return]


def _poisoned(value: Any, text: str) -> Any:
    match value:
        case enum.Enum():
            return value
        case str():
            return text
        case tuple() | frozenset():
            return type(value)(_poisoned(item, text) for item in value)
        case dict():
            return dict(zip([text], (_poisoned(item, text) for item in value.values()), strict=False))
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            changed = {field.name: _poisoned(getattr(value, field.name), text) for field in dataclasses.fields(value)}
            return dataclasses.replace(value, **changed)
        case _:
            return value


def _tokens(text: str) -> Iterator[Token]:
    for token in _PARSER.parse(text):
        yield from token.children or ()
        yield token
