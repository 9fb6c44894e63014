"""The engine against a real SGLang server: what its prompts share is computed once."""

import importlib.util
import sys
from types import ModuleType

import pytest

from gatekeeper.inference.profiles import catalogue
from gatekeeper.simulation import prediction
from tests.model import servers
from tests.model.conftest import Measured
from tests.model.servers import Server

_TESTS = 4
# one of the nine prompts in the chat format is read as a whole
_LEAST = {
    "base to head, what its tests share": 0.9,
    "test to test, at head": 0.9,
    "in the chat format": 0.75,
}


@pytest.fixture(name="reuse", scope="module")
def _reuse() -> ModuleType:
    """Return the script that measures the same with more tests."""
    spec = importlib.util.spec_from_file_location("reuse", servers.SCRIPTS.parent / "bench/reuse.py")
    assert spec is not None
    assert spec.loader is not None
    sys.modules["reuse"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["reuse"])
    return sys.modules["reuse"]


def test_what_programs_share_is_read_once_from_base_to_head_and_from_test_to_test(
    reuse: ModuleType, small_server: Server, measured: Measured
) -> None:
    watched, said = reuse.reviewed(small_server.url, catalogue.named("cwm"), answer=4, tests=_TESTS)

    parts = reuse.parts(watched)
    for name, least in _LEAST.items():
        share = parts[name].cached_tokens / parts[name].prompt_tokens
        measured(f"prompts that were in the cache, {name}", f"{share:.1%}")
        assert share >= least
    # cut off as they are, the answers say nothing
    assert [one.outcome for one in said] == [prediction.Outcome.UNKNOWN] * _TESTS
    # what was asked is what is recorded
    spent = sum((one.cost for one in said), prediction.Cost())
    asked = [one.usage for one in watched.seen]
    assert spent.tokens == sum(usage.prompt_tokens + usage.completion_tokens for usage in asked)
    assert spent.cached_tokens == sum(usage.cached_tokens for usage in asked)
