import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gatekeeper import cli
from gatekeeper.diffs import diff
from gatekeeper.halting import asking, assessment, loops, risk
from gatekeeper.inference import halting, serving, transport
from gatekeeper.inference.profiles import catalogue
from tests.fakes.memory_tree import MemoryTree
from tests.model.conftest import StartServer
from tests.model.servers import Server

_BEFORE = "def f(n: int) -> int:\n    while n > 0:\n        n -= 1\n    return n\n"
_AFTER = _BEFORE.replace("n > 0", "n != 0")
_CHANGE = diff.Diff(
    files=(diff.FileChange(kind=diff.Kind.MODIFIED, before="a.py", after="a.py", binary=False, hunks=()),), text=""
)


@pytest.fixture(scope="module")
def chat_server(random_checkpoint: Path, start_server: StartServer) -> Server:
    """Return a server of random weights that takes messages too, in any format: the checkpoint names none."""
    return start_server(random_checkpoint, "--chat-template", "chatml", "--constrained-json-disable-any-whitespace")


def assessed(server: Server, engine: str, budget: asking.Budget) -> tuple[risk.HaltingRisk, list[int]]:
    """Return what is said of the change, and the tokens of all prompts and of all answers."""
    limits = transport.Limits(seconds=budget.seconds, patience=budget.seconds)
    wanted = serving.Wanted(urls=(server.url,), profile=catalogue.named(engine), limits=limits)
    suspects = tuple(loops.find(_CHANGE, MemoryTree({"a.py": _BEFORE}), MemoryTree({"a.py": _AFTER})))
    with halting.connected(lambda: serving.connect(wanted), wanted.profile) as reasoner:
        (said,) = assessment.of_suspects(suspects, reasoner, budget, lambda: False)
        return said, [reasoner.usage.prompt_tokens, reasoner.usage.completion_tokens]


def test_a_model_held_to_the_schema_answers_every_sample_and_is_controlled_on_base(chat_server: Server) -> None:
    said, (prompt, completion) = assessed(chat_server, "reasoning", asking.Budget(seconds=240, samples=2, tokens=400))

    (votes,) = said.evidence
    assert isinstance(votes, risk.Votes)
    # the weights are random: any of the words is right, and a text may be written to its end
    assert votes.samples == 2
    assert {why for why, _ in votes.uncounted} <= {"says that it does not know", "cut short"}
    assert votes.valid + sum(number for _, number in votes.uncounted) == 2
    assert votes.control is not risk.Control.NONE
    assert said.kind is not risk.Kind.DOES_NOT_TERMINATE
    assert said.cost.tokens == prompt + completion > 0


def test_random_thoughts_say_nothing_of_halting(chat_server: Server) -> None:
    said, (prompt, completion) = assessed(chat_server, "cwm", asking.Budget(seconds=240, samples=3, tokens=64))

    (votes,) = said.evidence
    assert isinstance(votes, risk.Votes)
    assert (said.kind, said.probability, votes.valid) == (risk.Kind.UNKNOWN, None, 0)
    assert sum(number for _, number in votes.uncounted) == votes.samples == 3
    assert "only 0 of 3 answers count" in said.reason
    assert 0 < completion <= 2 * 3 * 64
    assert prompt > completion


def test_the_bench_tells_of_a_server_that_is_too_slow_and_says_nothing_of_the_functions(
    chat_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").write_text(_BEFORE)
    (tmp_path / "labels.toml").write_text(
        '[[function]]\nfile = "a.py"\nname = "f"\nhalts = true\nwhy = "n falls to 0."\n'
    )
    monkeypatch.setenv("GATEKEEPER_MODEL_URL", chat_server.url)
    # random weights seldom come to an end within the thousands of tokens that an answer may have
    monkeypatch.setenv("GATEKEEPER_MODEL_SECONDS", "20")

    ended = CliRunner().invoke(cli.main, ["bench", "--halting", str(tmp_path), "--engine", "cwm", "--json"])

    assert ended.exit_code == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["functions"], told["abstention"], told["brier"]) == (1, 1.0, None)
    (said,) = told["said"]
    assert said["said"] == "unknown"
    assert "did not answer within" in said["reason"] or "answers count" in said["reason"]
