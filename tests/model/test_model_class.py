"""CWM as one of SGLang's models computes what Transformers computes, with a smaller cache."""

import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.model.conftest import Measured, Reference, StartServer
from tests.model.servers import Server

WINDOW = 64
SAME = 1e-4
GREEDY = 48
# float32, two heads of 32 numbers, a key and a value
LAYER_BYTES = 2 * 32 * 2 * 4
FULL_LAYERS, WINDOW_LAYERS = 1, 3


@pytest.fixture(scope="module")
def prompts() -> list[list[int]]:
    return [_prompt(seed, 4 * WINDOW) for seed in range(4)]


@pytest.fixture(scope="module")
def expected(reference: Reference, prompts: list[list[int]]) -> list[dict[str, Any]]:
    return reference(prompts, GREEDY)


@pytest.fixture(scope="module")
def plain_server(random_checkpoint: Path, start_server: StartServer) -> Iterator[Server]:
    """Without the prefix cache, and with one pool for all layers."""
    server = start_server(random_checkpoint, "--disable-radix-cache", "--disable-hybrid-swa-memory")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def fallback_server(random_checkpoint: Path, start_server: StartServer) -> Iterator[Server]:
    """Without the model of this project, so with what SGLang falls back to."""
    server = start_server(random_checkpoint, "--disable-hybrid-swa-memory", "--model-impl", "transformers")
    yield server
    server.stop()


def test_log_probabilities_equal_transformers_over_four_windows(
    random_server: Server, prompts: list[list[int]], expected: list[dict[str, Any]], measured: Measured
) -> None:
    errors = [
        _largest_error(random_server.logprobs(prompt), answer["logprobs"])
        for prompt, answer in zip(prompts, expected, strict=True)
    ]
    measured("largest error of a log-probability", f"{max(errors):.1e}")
    assert max(errors) < SAME


def test_greedy_answers_equal_transformers(
    random_server: Server, prompts: list[list[int]], expected: list[dict[str, Any]]
) -> None:
    answers = [random_server.generate(prompt, new_tokens=GREEDY)["output_ids"] for prompt in prompts]
    assert answers == [answer["greedy"] for answer in expected]


def test_the_window_pool_may_be_used_many_times_over(
    random_server: Server, prompts: list[list[int]], expected: list[dict[str, Any]]
) -> None:
    places = random_server.memory()["token_capacity_swa"]
    for seed in range(3 * places // (4 * WINDOW)):
        random_server.generate(_prompt(1000 + seed, 4 * WINDOW))
    answers = [random_server.generate(prompt, new_tokens=GREEDY)["output_ids"] for prompt in prompts]
    assert answers == [answer["greedy"] for answer in expected]


def test_the_prefix_cache_and_the_pools_change_no_answer(random_server: Server, plain_server: Server) -> None:
    shared = _prompt(5000, 5 * WINDOW)
    random_server.generate(shared)
    for seed in range(3):
        prompt = [*shared, *_prompt(6000 + seed, WINDOW // 2)]
        cached, plain = (
            server.generate(prompt, new_tokens=GREEDY, return_logprob=True) for server in (random_server, plain_server)
        )
        assert cached["meta_info"]["cached_tokens"] == len(shared)
        assert plain["meta_info"]["cached_tokens"] == 0
        assert cached["output_ids"] == plain["output_ids"]
        assert _largest_error(_of_answer(cached), _of_answer(plain)) < SAME


def test_window_layers_have_a_pool_of_their_own(
    random_server: Server, plain_server: Server, measured: Measured
) -> None:
    pools, one_pool = random_server.memory(), plain_server.memory()
    places, window_places = pools["token_capacity"], pools["token_capacity_swa"]
    assert window_places == places // 20
    assert one_pool["token_capacity"] == places
    two_pools_bytes = LAYER_BYTES * (FULL_LAYERS * places + WINDOW_LAYERS * window_places)
    one_pool_bytes = LAYER_BYTES * (FULL_LAYERS + WINDOW_LAYERS) * places
    # as far as its three decimals go
    assert pools["kvcache"] * 2**30 == pytest.approx(two_pools_bytes, abs=2**20)
    assert one_pool["kvcache"] * 2**30 == pytest.approx(one_pool_bytes, abs=2**20)
    measured("bytes a token, two pools", f"{pools['kvcache'] * 2**30 / places:.0f}")
    measured("bytes a token, one pool", f"{one_pool['kvcache'] * 2**30 / places:.0f}")


def test_what_sglang_falls_back_to_is_wrong_beyond_the_window(
    fallback_server: Server, prompts: list[list[int]], expected: list[dict[str, Any]], measured: Measured
) -> None:
    computed, right = fallback_server.logprobs(prompts[0]), expected[0]["logprobs"]
    assert _largest_error(computed[: WINDOW - 1], right[: WINDOW - 1]) < SAME
    wrong = _largest_error(computed[WINDOW:], right[WINDOW:])
    measured("largest error of a log-probability, by the fallback", f"{wrong:.1e}")
    assert wrong > 10 * SAME


def _prompt(seed: int, length: int) -> list[int]:
    """Return token ids above those of the special tokens."""
    chosen = random.Random(seed)
    return [chosen.randrange(13, 512) for _ in range(length)]


def _of_answer(said: dict[str, Any]) -> list[float]:
    return [logprob for logprob, *_ in said["meta_info"]["output_token_logprobs"]]


def _largest_error(computed: Sequence[float], right: Sequence[float]) -> float:
    return max(abs(a - b) for a, b in itertools.zip_longest(computed, right, fillvalue=float("inf")))
