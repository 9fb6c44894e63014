"""`gatekeeper trace` and `gatekeeper bench --cruxeval` with the small CWM on a real SGLang server."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gatekeeper import cli
from tests.model.conftest import Measured
from tests.model.servers import Server

# of the kind that the small CWM was trained on; of others it often writes until it is cut short
_STEPS = """\
def add(n, m):
    if n > 5:
        return n
    return n + m


def collect(items):
    total = 0
    for v in items:
        total += v
    return total
"""
_TESTS = """\
from steps import add


def test_add():
    assert add(4, 2) == 6
"""


_SAMPLES = (
    ("def f(n, m):\n    if n > 5:\n        return n\n    return n + m", "4, 2", "6"),
    ("def f(items):\n    total = 0\n    for v in items:\n        total += v\n    return total", "[1, 2]", "3"),
    ("def f(n):\n    if n < 3:\n        return n\n    return n - 1", "7", "6"),
)


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    (tmp_path / "steps.py").write_text(_STEPS)
    (tmp_path / "test_steps.py").write_text(_TESTS)
    return tmp_path


def ran(server: Server, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("GATEKEEPER_MODEL_URL", server.url)
    monkeypatch.setenv("GATEKEEPER_MODEL_PROFILE", "cwm")
    monkeypatch.setenv("GATEKEEPER_OFFLINE", "1")
    ended = CliRunner().invoke(cli.main, words)
    assert ended.exit_code == 0, ended.stderr
    return ended


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (["steps.py::add", "--args", "4, 2"], "returned 6"),
        (["steps.py::collect", "--args", "[1, 2]"], "returned 3"),
        (["test_steps.py::test_add"], "returned None"),
    ],
)
def test_a_prediction_stands_beside_the_run(
    small_server: Server, steps: Path, monkeypatch: pytest.MonkeyPatch, measured: Measured, words: list[str], end: str
) -> None:
    told = json.loads(ran(small_server, monkeypatch, "trace", *words, "--repo", str(steps), "--json").stdout)

    assert told["executed"]["end"] == end
    assert told["compared"]
    predicted = told["predicted"]
    assert predicted["usage"]["completion_tokens"] > 0
    # the model is small, and draws: what it says may be wrong, but what is shown of it is of the program
    lines = {line.removesuffix("  # << START_OF_TRACE") for line in told["program"].split("\n")}
    assert predicted["steps"]
    assert {step["source"] for step in predicted["steps"]} <= lines
    departure = told["departure"]
    if departure is None:
        assert predicted["end"] == end or not predicted["complete"]
    measured(f"gatekeeper trace {words[0]}", f"{predicted['end']}; departs at {departure or 'no'} step")


def test_both_columns_are_printed(small_server: Server, steps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ran(small_server, monkeypatch, "trace", "steps.py::add", "--args", "4, 2", "--repo", str(steps)).stdout

    assert "executed: returned 6" in shown
    assert "predicted: " in shown
    (head,) = (line for line in shown.splitlines() if line.split()[:2] == ["step", "line"])
    assert head.split() == ["step", "line", "source", "executed", "predicted"]


def test_samples_of_cruxeval_are_asked_about_and_scored(
    small_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    file = tmp_path / "samples.jsonl"
    named = (
        {"id": f"own_{number}", "code": code, "input": given, "output": output}
        for number, (code, given, output) in enumerate(_SAMPLES)
    )
    file.write_text("".join(f"{json.dumps(sample)}\n" for sample in named))
    words = ["bench", "--cruxeval", str(file), "--mode", "trace", "--samples", "2", "--json"]
    told: dict[str, Any] = json.loads(ran(small_server, monkeypatch, *words).stdout)

    assert (told["samples"], told["of"], told["mode"], told["profile"]) == (3, 3, "trace", "cwm")
    assert told["server"].startswith("sglang")
    assert 0 <= told["interval"][0] <= told["pass@1"] <= told["interval"][1] <= 1
    assert told["tokens"]["prompt"] > told["tokens"]["cached"] >= 0
    assert told["tokens"]["completion"] > 0
    said = [(value, right) for one in told["said"] for value, right in zip(one["said"], one["right"], strict=True)]
    assert len(said) == 6
    assert sum(told["unread"].values()) == sum(value is None for value, _ in said)
    assert told["pass@1"] == pytest.approx(sum(right for _, right in said) / len(said))
    measured("gatekeeper bench --cruxeval, own samples", f"pass@1 {told['pass@1']:.2f} in {told['seconds']:.0f} s")
