import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import errors
from gatekeeper.inference import masking, tokens
from gatekeeper.inference.generation import Ids
from tests.fakes.modelserver import tokenizer as fake


@dataclass(slots=True, kw_only=True)
class _Local:
    tokenizer: fake.Tokenizer = field(default_factory=fake.Tokenizer)
    asked: list[Sequence[str]] = field(default_factory=list)
    requests: int = 0

    async def tokenize(self, texts: Sequence[str]) -> list[Ids]:
        self.asked.append(texts)
        return [tuple(self.tokenizer.encode(text)) for text in texts]

    async def detokenize(self, ids: Sequence[Ids], *, skip: bool = False) -> list[str]:
        self.requests += 1
        return [self.tokenizer.decode(each, skip=skip) for each in ids]


_SIZE = 2000 + len(fake.CONTROLS)
_KNOWN = tokens.Vocabulary(size=_SIZE, controls={name: 2000 + place for place, name in enumerate(fake.CONTROLS)})


def _encoded(server: _Local, *texts: str) -> list[Ids]:
    return asyncio.run(tokens.Tokenizer(server, _KNOWN).encode(texts))


def test_all_control_tokens_and_the_size_are_found_in_few_requests() -> None:
    server = _Local()

    assert asyncio.run(tokens.explore(server)) == _KNOWN
    assert server.requests < 10


def test_a_server_without_a_tokenizer_is_refused() -> None:
    class Empty(_Local):
        async def detokenize(self, ids: Sequence[Ids], *, skip: bool = False) -> list[str]:
            return ["" for _ in ids]

    with pytest.raises(errors.ModelError, match="has no tokens"):
        asyncio.run(tokens.explore(Empty()))


_HOSTILE = st.lists(
    st.sampled_from([*fake.CONTROLS, "<", "|", ">", "<|", "|>", "eot_id", "\uff1c|eot_id|>", "a", "\n", "é", "\ud800"])
    | st.text(max_size=5),
    max_size=12,
).map("".join)


@given(st.lists(_HOSTILE, max_size=4), st.booleans())
def test_no_text_becomes_a_control_token_and_every_text_is_kept(texts: list[str], normalises: bool) -> None:  # noqa: FBT001
    server = _Local(tokenizer=fake.Tokenizer(normalises=normalises))
    found = _encoded(server, *texts)

    assert all(id_ < 256 for ids in found for id_ in ids)
    expected = [re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text) for text in texts]
    if normalises:
        expected = [text.replace("\uff1c", "<") for text in expected]
    assert [bytes(ids).decode() for ids in found] == expected


def test_a_tokenizer_that_knows_no_plain_form_of_a_text_is_refused() -> None:
    server = _Local(tokenizer=fake.Tokenizer(controls=("\N{SNOWMAN}",)))
    known = tokens.Vocabulary(size=2001, controls={"\N{SNOWMAN}": 2000})

    with pytest.raises(errors.ModelError, match="cannot be used"):
        asyncio.run(tokens.Tokenizer(server, known).encode(["a\N{SNOWMAN}"]))


def test_a_text_is_asked_for_once_and_the_oldest_are_forgotten() -> None:
    server = _Local()
    tokenizer = tokens.Tokenizer(server, _KNOWN, kept=20)

    async def ask() -> None:
        await tokenizer.encode(["aaaa", "aaaa"])
        await tokenizer.encode(["bbbb"])
        await tokenizer.encode(["aaaa"])
        # makes room by giving up b, used before a
        await tokenizer.encode(["cccc"])
        await tokenizer.encode(["aaaa"])
        await tokenizer.encode(["bbbb"])

    asyncio.run(ask())

    assert [list(texts) for texts in server.asked] == [["aaaa"], ["bbbb"], ["cccc"], ["bbbb"]]


def test_many_and_long_texts_are_asked_for_in_parts() -> None:
    server = _Local()
    texts = ["x" * 150_000, "y" * 150_000, *(f"{number} " for number in range(1000))]

    found = _encoded(server, *texts)

    assert [bytes(ids).decode() for ids in found] == texts
    assert all(len(asked) <= 512 for asked in server.asked)
    assert len(server.asked) == 3


def test_ids_that_the_model_lacks_are_never_sent() -> None:
    tokenizer = tokens.Tokenizer(_Local(), _KNOWN)

    tokenizer.check(())
    tokenizer.check((0, _SIZE - 1))
    for ids in ((0, _SIZE), (-1,)):
        with pytest.raises(errors.ModelError, match=f"not below {_SIZE}"):
            tokenizer.check(ids)
    with pytest.raises(errors.ModelError):
        asyncio.run(tokenizer.decode([(1,), (_SIZE,)]))


def test_where_one_part_fails_the_others_are_cancelled() -> None:
    cancelled = []

    async def waits() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def fails() -> None:
        await asyncio.sleep(0)
        raise errors.ModelError("one")

    with pytest.raises(errors.ModelError, match="one"):
        asyncio.run(tokens.together([waits(), fails(), waits()]))
    assert cancelled == [True, True]


_NAMES = ["<|im_end|>", "</s>", "[INST]", "[/INST]", "<think>", "<start_of_turn>", "<\uff5cUser\uff5c>", "aa", "#x#x#"]


@given(st.lists(st.sampled_from([*_NAMES, "<", "#x", "a", " "]) | st.text(max_size=3), max_size=10).map("".join))
def test_masked_text_names_no_control_token_and_nothing_is_lost(text: str) -> None:
    masked = masking.masked(text, ["aa", "#x#x#"])

    assert not [name for name in _NAMES if name in masked]
    assert masked.replace(" ", "") == text.replace(" ", "")


def test_ordinary_code_is_not_masked() -> None:
    code = "if a < b | c > d and e[0] <= f:\n    return x << 1 | y >> 2, '<b>', [1, 2]\n"

    assert masking.masked(code) == code


def test_what_is_no_text_is_marked_as_such() -> None:
    assert masking.masked("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"
