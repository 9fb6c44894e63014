import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from gatekeeper import cli, errors
from gatekeeper.halting import asking, risk
from gatekeeper.halting.asking import Answered, Reading, Unread, Word
from gatekeeper.inference import generation
from gatekeeper.wiring.bench.halting import command, jsonform, labels, scores, tables
from tests.fakes.reasoner import TableReasoner

_ASSETS = Path(__file__).resolve().parent.parent / "assets/halting"
_CODE = """\
class A:
    def ends(self, n): return n
def stands(n):
    while n: pass
def seems(n):
    while n > 0: n -= 1
def hides(n):
    while n: n = n
"""
_LABELS = """\
[[function]]
file = "a.py"
name = "A.ends"
halts = true
why = "It has no loop."

[[function]]
file = "a.py"
name = "stands"
halts = false
why = "n stays."
kind = "no progress"

[[function]]
file = "a.py"
name = "seems"
halts = true
why = "n falls to 0."
kind = "no progress"

[[function]]
file = "a.py"
name = "hides"
halts = false
why = "n stays."
kind = "no progress"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(_CODE)
    (tmp_path / "labels.toml").write_text(_LABELS)
    return tmp_path


def answers(text: str) -> asking.Answer:
    said = {"ends": Word.HALTS, "stands": Word.DOES_NOT_HALT, "seems": Word.DOES_NOT_HALT}
    word = next((word for name, word in said.items() if name in text), None)
    return Answered(replies=(Reading(word=word) if word else Unread(why="cut \x1b[31mshort"),) * 3)


@pytest.fixture
def bench(folder: Path) -> scores.Bench:
    listed = labels.read(folder)
    risks = command.risks(listed, TableReasoner(answers), asking.Budget(), lambda: False)
    return scores.Bench(
        said=tuple(scores.Said(label=one.label, risk=said) for one, said in zip(listed, risks, strict=True)),
        usage=generation.Usage(prompt_tokens=1000, cached_tokens=500, completion_tokens=20),
        seconds=3.0,
        dollars=0.25,
    )


def test_labels_name_functions_with_their_loops_and_every_asset_can_be_read(folder: Path) -> None:
    ends, stands, *_ = labels.read(folder)

    assert (ends.suspect.name, ends.suspect.spots, ends.suspect.at) == ("A.ends", (), 2)
    assert (stands.suspect.at, stands.suspect.before, stands.label.kind) == (4, None, "no progress")
    assert all(one.suspect.spots or one.label.name == "growth" for one in labels.read(_ASSETS) if not one.label.halts)


def test_what_was_said_is_scored_against_the_labels(bench: scores.Bench) -> None:
    told = jsonform.as_json(bench)

    assert (told["precision"], told["recall"], told["abstention"]) == (0.5, 0.5, 0.25)
    assert told["brier"] == pytest.approx((0.125**2 + 0.125**2 + 0.875**2) / 3)
    assert told["confusion"]["halts"]["may not terminate"] == 1
    assert told["confusion"]["does not halt"] == {
        "terminates": 0,
        "may not terminate": 1,
        "does not terminate": 0,
        "unknown": 1,
    }
    assert told["kinds"]["other"]["precision"] is None
    assert told["kinds"]["no progress"]["functions"] == 3
    assert told["tokens"] == {"prompt": 1000, "cached": 500, "completion": 20}
    assert [one["said"] for one in told["said"]] == [
        risk.Kind.TERMINATES,
        risk.Kind.MAY_NOT_TERMINATE,
        risk.Kind.MAY_NOT_TERMINATE,
        risk.Kind.UNKNOWN,
    ]
    (votes,) = json.loads(json.dumps(told))["said"][3]["evidence"]
    assert votes["uncounted"] == [["cut \x1b[31mshort", 3]]


def test_every_function_and_figure_is_printed_and_nothing_moves_the_cursor(bench: scores.Bench) -> None:
    console = Console(width=120, force_terminal=False)
    with console.capture() as printed:
        console.print(tables.render(bench))
    text = printed.get()

    assert "✗ a.py::seems: labelled halts, said: may not terminate (0.88)" in text
    assert "label: n falls to 0." in text
    assert "? a.py::hides: labelled does not halt, said: unknown" in text
    assert "1,000 in prompts, of which 500 were cached, and 20 in answers; $0.2500" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[function]]", "[[function", "is not TOML"),
        (_LABELS, "", "does not list labelled functions: function: Field required"),
        ('name = "stands"', 'name = "sits"', "a.py has no function sits"),
        ("halts = false", 'halts = "perhaps"', "function.1.halts"),
        ("halts = false", "stops = false", "function.1.halts: Field required"),
        ('"a.py"', '"../a.py"', "give a file of that folder itself"),
        ('"a.py"', '"b.py"', "b.py cannot be read"),
    ],
)
def test_labels_that_do_not_fit_are_refused_with_what_to_mend(folder: Path, old: str, new: str, said: str) -> None:
    (folder / "labels.toml").write_text(_LABELS.replace(old, new))

    with pytest.raises(errors.UsageError) as refused:
        labels.read(folder)

    assert said in str(refused.value)


def test_a_file_that_does_not_parse_is_refused(folder: Path) -> None:
    (folder / "a.py").write_text("def f(:")

    with pytest.raises(errors.UsageError, match="is not Python that can be parsed"):
        labels.read(folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a file with labelled pull requests, or a folder with --halting"),
        (["--engine", "cwm", __file__], "does not list labelled pull requests"),
        (["--halting", str(_ASSETS), "--native"], "leave the other options out"),
        (["--halting", str(_ASSETS), "--engine", "cwm"], "GATEKEEPER_MODEL_URL"),
        (["--halting", str(_ASSETS), "--engine", "oracle"], "there is no model profile 'oracle'"),
    ],
)
def test_the_command_says_what_to_name(words: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEKEEPER_MODEL_URL", raising=False)
    if "oracle" in words:
        monkeypatch.setenv("GATEKEEPER_MODEL_URL", "http://127.0.0.1:1")

    ended = CliRunner().invoke(cli.main, ["bench", *words])

    assert ended.exit_code == 2
    assert said in ended.stderr
