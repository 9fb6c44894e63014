"""Measure how much of its prompts a model server reuses in a review of 20 tests over one module.

    infra/cwm/serve --cpu infra/cwm/small/checkpoint
    infra/bench/reuse.py --url http://127.0.0.1:30000 [--samples 1] [--answer 8]

The module and its tests are in tests/samples/priced; a change of one function is reviewed by the engine as it stands,
with nothing in the server's cache. Printed are tokens of prompts, those that the server had in its cache, and their
share: overall, as the predictions record it; from base to head, of the first prompt that head asks with; from test to
test, of head's prompts behind the first; and of what goes on with answers that were begun, which flatters, and of what
is asked in the chat format where traces came to no end. A prompt counts once, however many samples are drawn of it.

Answers are cut off: what a prompt costs does not depend on them. Ends with 1 where the share is below 80 %
without what goes on.
"""

import argparse
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from gatekeeper import errors  # noqa: E402 - the working copy's own tests are used
from gatekeeper.impact import selection  # noqa: E402
from gatekeeper.inference import engine, generation, grammar, serving, transport  # noqa: E402
from gatekeeper.inference.profiles import catalogue  # noqa: E402
from gatekeeper.inference.profiles import profile as profiles  # noqa: E402
from gatekeeper.simulation import engine as protocol  # noqa: E402
from gatekeeper.simulation import prediction  # noqa: E402
from tests.fakes import memory_tree  # noqa: E402

PRICED = ROOT / "tests/samples/priced"
# every test adds up or rounds, or calls what does
OLD, NEW = "2 * rest > denominator or (", "2 * rest >= denominator or ("
LEAST = 0.8
BASE_TO_HEAD, TEST_TO_TEST = "base to head, what its tests share", "test to test, at head"
GOING_ON = "going on with answers"
# seconds of the whole review, and of one request: servers on a busy CPU are slow
REVIEW, REQUEST = 3600.0, 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request."""

    asked: generation.Asked
    usage: generation.Usage


@dataclass(slots=True, kw_only=True)
class Watched:
    """A model that is listened to, and whose answers are cut off; implements `generation.Model`."""

    model: generation.Model
    served: generation.Served
    # tokens of an answer
    answer: int
    seen: list[Seen] = field(default_factory=list)

    async def generate(self, asked: generation.Asked) -> generation.Answer:
        """Continue a prompt; what goes on with an answer is its last part."""
        goes_on = any(other.asked.most and _begins(asked.prompt, other.asked.prompt) for other in self.seen)
        answer = await self.model.generate(replace(asked, most=min(asked.most, self.answer)))
        self.seen.append(Seen(asked=asked, usage=answer.usage))
        if not goes_on:
            return answer
        return replace(answer, samples=tuple(map(_last, answer.samples)))

    async def converse(self, asked: generation.Conversation) -> generation.Answer:
        """Answer messages."""
        return await self.model.converse(asked)

    async def encode(self, texts: Sequence[str]) -> list[generation.Ids]:
        """Return the ids of each text."""
        return await self.model.encode(texts)

    async def decode(self, ids: Sequence[generation.Ids]) -> list[str]:
        """Return the text of each."""
        return await self.model.decode(ids)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="the model server")
    parser.add_argument("--samples", type=int, default=1, help="of each program (default: 1)")
    parser.add_argument("--answer", type=int, default=8, help="tokens of an answer (default: 8)")
    words = parser.parse_args()
    url = words.url.rstrip("/")
    try:
        _forgotten(url)
        begun = time.monotonic()
        watched, said = reviewed(url, catalogue.named("cwm"), samples=words.samples, answer=words.answer)
    except (errors.GatekeeperError, httpx.HTTPError) as error:
        print(f"reuse: {url}: {error}", file=sys.stderr)
        return 2
    recorded = sum((one.cost for one in said), prediction.Cost())
    prompts, cached = recorded.tokens - recorded.completion_tokens, recorded.cached_tokens
    asked = sum(one.cost.tokens > 0 for one in said)
    print(f"{asked} of {len(said)} tests: {len(watched.seen)} requests in {time.monotonic() - begun:.0f} s")
    _print("overall, as recorded", prompts, cached)
    found = parts(watched)
    prompts, cached = prompts - found[GOING_ON].prompt_tokens, cached - found[GOING_ON].cached_tokens
    _print("overall, without what goes on", prompts, cached)
    for name, usage in found.items():
        _print(name, usage.prompt_tokens, usage.cached_tokens)
    return 0 if prompts and cached / prompts >= LEAST else 1


def _forgotten(url: str) -> None:
    """Let the server forget what it has in its cache. Raises ModelError while it answers others."""
    answer = httpx.post(f"{url}/flush_cache", timeout=60)
    if answer.is_error:
        raise errors.ModelError(f"its cache is not emptied ({answer.status_code}): wait until it has nothing to do")


def reviewed(
    url: str, profile: profiles.Profile, *, samples: int = 1, answer: int = 8, tests: int = 20
) -> tuple[Watched, list[prediction.Prediction]]:
    """Review the change as far as its first tests; return what was asked and what is predicted. Raises ModelError."""
    watching: list[Watched] = []

    @contextlib.asynccontextmanager
    async def connect() -> AsyncIterator[generation.Model]:
        wanted = serving.Wanted(urls=(url,), profile=profile, limits=transport.Limits(seconds=REQUEST))
        async with serving.connect(wanted) as model:
            watching.append(Watched(model=model, served=model.served, answer=answer))
            yield watching[0]

    asked = engine.NeuralEngine(connect=connect, profile=profile, samples=samples)
    texts = {path.name: path.read_text(encoding="utf-8") for path in PRICED.glob("*.py")}
    changed = {**texts, "money.py": texts["money.py"].replace(OLD, NEW)}
    before, after = memory_tree.MemoryTree(texts), memory_tree.MemoryTree(changed)
    names = [line[4:-3] for line in texts["test_money.py"].splitlines() if line.startswith("def test_")][:tests]
    chosen = tuple(selection.AffectedTest(path="test_money.py", name=name, reason="calls rounded") for name in names)
    selected = selection.Selection(affected=chosen, unaffected={}, total=len(chosen), unparsable={})
    said = list(asked.predict(selected, before, after, protocol.Budget(seconds=REVIEW), lambda: False))
    if not watching:
        raise errors.ModelError(said[0].reason)
    return watching[0], said


def parts(watched: Watched) -> dict[str, generation.Usage]:
    """Return what each part of a review's requests cost, by its name."""
    tracing, reasoning = _by(watched.seen, lambda one: _traces(one, watched.served))
    warming, asked = _by(tracing, lambda one: one.asked.most == 0)
    # the engine lets the server read what base's tests share, then what head's do
    base, head = warming
    going_on, first = _by(asked, lambda one: any(_begins(one.asked.prompt, other.asked.prompt) for other in asked))
    of_head, of_base = _by(first, lambda one: _begins(one.asked.prompt, head.asked.prompt))
    found = {
        "base, what its tests share": [base],
        BASE_TO_HEAD: [head],
        "test to test, at base": of_base,
        TEST_TO_TEST: of_head[1:],
        GOING_ON: going_on,
        "in the chat format": reasoning,
    }
    return {name: sum((one.usage for one in seen), generation.Usage()) for name, seen in found.items()}


def _print(name: str, prompts: int, cached: int) -> None:
    share = f"{cached / prompts:6.1%}" if prompts else "     -"
    print(f"{name:40} {prompts:10,} tokens of prompts {cached:10,} cached {share}")


def _by(seen: Iterable[Seen], holds: Callable[[Seen], bool]) -> tuple[list[Seen], list[Seen]]:
    """Return those that it holds for, and the others."""
    found: dict[bool, list[Seen]] = {True: [], False: []}
    for one in seen:
        found[holds(one)].append(one)
    return found[True], found[False]


def _traces(one: Seen, served: generation.Served) -> bool:
    return one.asked.prompt[1] == served.controls[grammar.Control.TRACE_CONTEXT_START]


def _begins(prompt: generation.Ids, other: generation.Ids) -> bool:
    """Whether a prompt goes on behind another."""
    return len(prompt) > len(other) and prompt[: len(other)] == other


def _last(sample: generation.Sample) -> generation.Sample:
    return replace(sample, finish=generation.Finish.ABORTED)


if __name__ == "__main__":
    sys.exit(main())
