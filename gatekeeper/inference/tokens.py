"""Texts to tokens and back, through the server's own tokenizer. No text ever becomes a control token.

SGLang's `/v1/tokenize` reads the name of a control token, wherever it stands in a text, as that token. So names are cut
in two before they are sent, and every answer is looked through for control tokens all the same.
"""

import asyncio
import itertools
import re
from collections import OrderedDict
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from gatekeeper import errors
from gatekeeper.inference import masking
from gatekeeper.inference.generation import Ids

# ids that are looked at together; blocks in one request
_BLOCK, _BLOCKS = 1024, 32
# larger vocabularies are not known
_LARGEST = 1 << 21
# characters and texts, or tokens and lists, in one request
_MOST, _TOGETHER = 200_000, 512
# tokens and characters that are kept
_KEPT = 2_000_000

_T = TypeVar("_T")
_Sized = TypeVar("_Sized", str, Ids)


class Tokenizing(Protocol):
    """The server's tokenizer."""

    async def tokenize(self, texts: Sequence[str]) -> list[Ids]:
        """Return the ids of each text, in which names of control tokens become those."""

    async def detokenize(self, ids: Sequence[Ids], *, skip: bool = False) -> list[str]:
        """Return the text of each, `skip` without control tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a tokenizer knows."""

    # ids are below; a larger one in a prompt ends SGLang 0.5.23 (an index beyond its embedding)
    size: int
    # name -> id of every control token
    controls: Mapping[str, int]


async def explore(server: Tokenizing) -> Vocabulary:
    """Find the size and all control tokens of a tokenizer, which no server tells. Raises ModelError.

    Control tokens are those that are missing from a text which is asked for without them: compared block by block, so
    a vocabulary of 128,256 takes about ten requests.
    """
    size, suspects = 0, []
    for start in range(0, _LARGEST, _BLOCK * _BLOCKS):
        blocks = [tuple(range(first, first + _BLOCK)) for first in range(start, start + _BLOCK * _BLOCKS, _BLOCK)]
        plain, skipped = await server.detokenize(blocks), await server.detokenize(blocks, skip=True)
        suspects += [block for block, one, other in zip(blocks, plain, skipped, strict=True) if one != other]
        filled = [block for block, text in zip(blocks, plain, strict=True) if text]
        size = max([size, *(block[-1] + 1 for block in filled)])
        if len(filled) < len(blocks):
            break
    if not size:
        raise errors.ModelError("the model server's tokenizer has no tokens: see whether it was loaded")
    last = await _texts(server, range(size - _BLOCK, size))
    controls = await _controls(server, itertools.chain.from_iterable(suspects))
    return Vocabulary(size=max(id_ for id_, text in last.items() if text) + 1, controls=controls)


async def _controls(server: Tokenizing, ids: Iterable[int]) -> dict[str, int]:
    wanted = tuple(ids)
    plain, skipped = await _texts(server, wanted), await _texts(server, wanted, skip=True)
    return {name: id_ for id_, name in plain.items() if name and not skipped[id_]}


async def _texts(server: Tokenizing, ids: Iterable[int], *, skip: bool = False) -> dict[int, str]:
    found: dict[int, str] = {}
    for together in _chunks(ids, _BLOCK):
        texts = await server.detokenize([(id_,) for id_ in together], skip=skip)
        found |= zip(together, texts, strict=True)
    return found


class Tokenizer:
    """Encodes and decodes; keeps what it has encoded, the least recently used first to go."""

    def __init__(self, server: Tokenizing, vocabulary: Vocabulary, *, kept: int = _KEPT) -> None:
        self.vocabulary = vocabulary
        self._server = server
        self._controls = frozenset(vocabulary.controls.values())
        names = sorted(map(re.escape, vocabulary.controls), key=len, reverse=True)
        # also those that begin within another
        self._names = re.compile(f"(?=(?:{'|'.join(names)}))") if names else None
        self._known: OrderedDict[str, Ids] = OrderedDict()
        self._room = kept

    async def encode(self, texts: Sequence[str]) -> list[Ids]:
        """Return the ids of each text, none of which is a control token. Raises ModelError."""
        sound = [masking.sound(text) for text in texts]
        missing = [text for text in dict.fromkeys(sound) if text not in self._known]
        fresh = dict(zip(missing, await self._encoded(missing), strict=True))
        found = [fresh[text] if text in fresh else self._used(text) for text in sound]
        for text, ids in fresh.items():
            self._keep(text, ids)
        return found

    async def decode(self, ids: Sequence[Ids]) -> list[str]:
        """Return the text of each, control tokens by their names. Raises ModelError."""
        for each in ids:
            self.check(each)
        answers = await together(self._server.detokenize(chunk) for chunk in _weighed(ids))
        return list(itertools.chain.from_iterable(answers))

    def check(self, ids: Ids) -> None:
        """Raise ModelError for what is no id of the vocabulary."""
        if ids and not 0 <= min(ids) <= max(ids) < self.vocabulary.size:
            raise errors.ModelError(
                f"ids of a prompt are not below {self.vocabulary.size}, the size of the model's vocabulary: "
                "this is a fault of this program"
            )

    async def _encoded(self, texts: Sequence[str]) -> list[Ids]:
        pieces = [list(self._pieces(text)) for text in texts]
        flat = list(itertools.chain.from_iterable(pieces))
        answers = await together(self._server.tokenize(chunk) for chunk in _weighed(flat))
        encoded = itertools.chain.from_iterable(answers)
        sound = iter([await self._cleared(piece, ids) for piece, ids in zip(flat, encoded, strict=True)])
        return [tuple(itertools.chain.from_iterable(itertools.islice(sound, len(each)))) for each in pieces]

    def _pieces(self, text: str) -> Iterator[str]:
        """Cut every name of a control token after its first character."""
        cuts = [found.start() + 1 for found in self._names.finditer(text)] if self._names else []
        for start, end in itertools.pairwise([0, *cuts, len(text)]):
            yield text[start:end]

    async def _cleared(self, piece: str, ids: Ids) -> Ids:
        """Encode again, in halves, what has become a control token: a tokenizer may read other texts so too."""
        if self._controls.isdisjoint(ids):
            return ids
        middle = len(piece) // 2
        if not middle:
            raise errors.ModelError(
                f"the model's tokenizer makes a control token of the plain text {piece!r}: this model cannot be used"
            )
        halves = [piece[:middle], piece[middle:]]
        encoded = await self._server.tokenize(halves)
        cleared = [await self._cleared(half, ids) for half, ids in zip(halves, encoded, strict=True)]
        return tuple(itertools.chain.from_iterable(cleared))

    def _used(self, text: str) -> Ids:
        self._known.move_to_end(text)
        return self._known[text]

    def _keep(self, text: str, ids: Ids) -> None:
        if text in self._known:
            return
        self._known[text] = ids
        self._room -= len(text) + len(ids)
        while self._room < 0 and self._known:
            gone, its = self._known.popitem(last=False)
            self._room += len(gone) + len(its)


async def together(asked: Iterable[Coroutine[Any, Any, _T]]) -> list[_T]:
    """Return all results in order; where one fails, or nobody waits any more, the others are cancelled first."""
    tasks = [asyncio.ensure_future(each) for each in asked]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _weighed(items: Sequence[_Sized]) -> Iterator[Sequence[_Sized]]:
    """Cut into runs that are small enough for a request; what is larger by itself goes alone."""
    run: list[_Sized] = []
    weight = 0
    for item in items:
        if run and (weight + len(item) > _MOST or len(run) == _TOGETHER):
            yield run
            run, weight = [], 0
        run.append(item)
        weight += len(item)
    if run:
        yield run


def _chunks(ids: Iterable[int], size: int) -> Iterator[tuple[int, ...]]:
    rest = iter(ids)
    while chunk := tuple(itertools.islice(rest, size)):
        yield chunk
