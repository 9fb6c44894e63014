import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import errors
from gatekeeper.inference import generation, profiles
from gatekeeper.inference.profiles import catalogue, profile, reasoning

_ANSWER = {
    "outcome": "fail",
    "exception": "AssertionError: assert 1 == 2",
    "line": "    assert f() == 2",
    "why": "it is 1",
}


def test_a_profile_is_added_by_adding_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path(reasoning.__file__).read_text().replace('name="reasoning"', 'name="another"')
    (tmp_path / "another.py").write_text(file)
    monkeypatch.setattr(profiles, "__path__", [*profiles.__path__, str(tmp_path)])

    try:
        assert set(catalogue.every()) == {"cwm", "reasoning", "another"}
        assert catalogue.named("another").name == "another"
    finally:
        sys.modules.pop("gatekeeper.inference.profiles.another", None)
        if hasattr(profiles, "another"):
            delattr(profiles, "another")


def test_every_profile_has_the_name_of_its_file_and_room_for_its_answers() -> None:
    for name, found in catalogue.every().items():
        assert found.name == name
        assert found.most < found.context
        assert found.least_context <= found.context
        assert found.licence
        assert "\n" not in found.about


def test_an_unknown_profile_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(errors.UsageError, match="no model profile 'gpt': choose one of cwm, reasoning"):
        catalogue.named("gpt")


def test_answers_end_at_those_stop_tokens_that_the_tokenizer_has() -> None:
    cwm = catalogue.named("cwm")

    assert profile.stops(cwm, {"<|end_of_text|>": 128001, "<|eot_id|>": 128009, "<|frame_sep|>": 128100}) == (
        128001,
        128009,
    )
    assert profile.stops(cwm, {"<|eom_id|>": 128008}) == (128008,)


def test_cached_tokens_have_their_own_price() -> None:
    usage = generation.Usage(prompt_tokens=3_000_000, cached_tokens=2_000_000, completion_tokens=500_000)

    assert profile.dollars(profile.Prices(input=2.0, cached=0.5, output=8.0), usage) == 2.0 + 1.0 + 4.0
    assert profile.dollars(profile.Prices(), usage) == 0.0


def test_an_answer_is_found_after_thought_and_in_fences() -> None:
    text = f'<think>maybe {{"outcome": "pass"}}</think>\nThe answer is\n```json\n{json.dumps(_ANSWER)}\n```'

    assert reasoning.parse(text) == reasoning.Answer(**_ANSWER)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("<think>it never", "no JSON object"),
        ("pass", "no JSON object"),
        ('{"outcome": "pass"}', "exception: Field required"),
        (json.dumps({**_ANSWER, "outcome": "unknown"}), "outcome: "),
        (json.dumps({**_ANSWER, "probability": 0.9}), "probability: "),
        (json.dumps({**_ANSWER, "line": 3}), "line: "),
        ('{"a":' * 100_000, "no JSON object"),
    ],
)
def test_what_is_no_answer_has_a_reason(text: str, reason: str) -> None:
    found = reasoning.parse(text)

    assert isinstance(found, reasoning.Unreadable)
    assert reason in found.reason
    assert len(found.reason) < 600


def test_long_texts_of_an_answer_are_shortened() -> None:
    found = reasoning.parse(json.dumps({**_ANSWER, "why": "x" * 10_000}))

    assert isinstance(found, reasoning.Answer)
    assert len(found.why) == 1_000


@given(st.text() | st.text(alphabet='{}[]":, \\ntruefalsepasswhyoutcome'))
def test_any_text_is_an_answer_or_a_reason(text: str) -> None:
    assert isinstance(reasoning.parse(text), reasoning.Answer | reasoning.Unreadable)


@given(st.text(alphabet="`a\n"))
def test_a_program_cannot_end_the_block_it_stands_in(program: str) -> None:
    content = reasoning.messages(program, "tests/test_a.py::test_b")[1][1]
    fence = re.match("`+", content)

    assert fence is not None
    assert content.count(fence[0]) == 2
    assert content.startswith(f"{fence[0]}python\n{program}\n{fence[0]}\n")


def test_questions_about_one_program_share_it_and_every_property_is_required() -> None:
    one, other = (reasoning.messages("x = 1\n", f"test_{name}\n`")[1][1] for name in "ab")
    schema = reasoning.schema()

    assert one.partition("test_a")[0] == other.partition("test_b")[0]
    # an id is no line of its own
    assert one.count("\n") == other.count("\n") == 6
    assert set(schema["required"]) == set(schema["properties"]) == set(_ANSWER)
    assert schema["additionalProperties"] is False
