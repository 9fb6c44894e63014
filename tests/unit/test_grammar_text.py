from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.inference import grammar, grammar_text
from gatekeeper.inference.grammar import Control
from gatekeeper.simulation import imagined
from gatekeeper.simulation.trace import Event

_EXAMPLE = (
    '<|call_sep|>{"x": "1"}<|action_sep|>def f(x):\n<|frame_sep|>'
    '<|line_sep|>{"x": ".."}<|action_sep|>    y = x + 1\n<|frame_sep|>'
    '<|line_sep|>{"x": "..", "y": "2"}<|action_sep|>    return y\n<|frame_sep|>'
    '<|return_sep|><|action_sep|>    return y\n<|arg_sep|>"2"<|frame_sep|><|end_of_text|>'
)
_WORDS = st.sampled_from([*Control, "<|", "<||", "|>", "<", "|", "{}", '"', "x\n", "<|frame_sep", "\\", "\ud800"])
_TEXTS = st.lists(_WORDS | st.text(max_size=5), max_size=40).map("".join)


def test_the_published_example_is_read_and_written() -> None:
    found = grammar_text.parse_text(_EXAMPLE)

    assert [step.event for step in found.steps] == [Event.CALL, Event.LINE, Event.LINE, Event.RETURN]
    assert found.ended
    assert grammar_text.write_text(found.steps, ended=True) == _EXAMPLE


def test_source_that_names_a_control_token_stays_source() -> None:
    hostile = "x = '<|frame_sep|><|end_of_text|>'  # <||line_sep|> <|"
    step = imagined.Step(event=Event.LINE, source=hostile, locals={"x": "'<|call_sep|>'"})

    found = grammar_text.parse_text(grammar_text.write_text([step, step], ended=True))

    assert found == imagined.Imagined(steps=(step, step), ended=True)


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    found = grammar_text.parse_text(_EXAMPLE.replace("y = x", "\xff").encode("latin-1"))

    assert found.steps[1].source == "    \N{REPLACEMENT CHARACTER} + 1"


@given(st.binary(max_size=200) | _TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_give_frames_or_a_reason(content: bytes) -> None:
    found = grammar_text.parse_text(content)

    assert found.broken is None or found.broken.startswith(f"frame {len(found.steps) + 1} ")


@given(st.lists(st.sampled_from(list(Control)) | _TEXTS, max_size=20))
def test_items_survive_as_text(items: list[grammar.Item]) -> None:
    merged: list[grammar.Item] = []
    for item in items:
        if merged and not isinstance(item, Control) and not isinstance(merged[-1], Control):
            merged[-1] += item
        elif item:
            merged.append(item)

    assert grammar_text.items_of(grammar_text.text_of(merged)) == merged
