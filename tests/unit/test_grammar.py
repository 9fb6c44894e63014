import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.inference import grammar
from gatekeeper.inference.grammar import Control
from gatekeeper.simulation import imagined, trace
from gatekeeper.simulation.trace import Event

_EXAMPLE: list[grammar.Item] = [
    *(Control.CALL_SEP, '{"x": "1"}', Control.ACTION_SEP, "def f(x):\n", Control.FRAME_SEP),
    *(Control.LINE_SEP, '{"x": ".."}', Control.ACTION_SEP, "    y = x + 1\n", Control.FRAME_SEP),
    *(Control.LINE_SEP, '{"x": "..", "y": "2"}', Control.ACTION_SEP, "    return y\n", Control.FRAME_SEP),
    *(Control.RETURN_SEP, Control.ACTION_SEP, "    return y\n", Control.ARG_SEP, '"2"', Control.FRAME_SEP),
    Control.END_OF_TEXT,
]
_STEPS = (
    imagined.Step(event=Event.CALL, source="def f(x):", locals={"x": "1"}),
    imagined.Step(event=Event.LINE, source="    y = x + 1", locals={"x": trace.UNCHANGED}),
    imagined.Step(event=Event.LINE, source="    return y", locals={"x": trace.UNCHANGED, "y": "2"}),
    imagined.Step(event=Event.RETURN, source="    return y", value="2"),
)
_IDS: dict[str, int] = {control: 128_000 + number for number, control in enumerate(Control)}

# surrogates and control characters too
_TEXTS = st.text(st.characters(), max_size=30)
_LINES = st.text(st.characters(exclude_characters="\n\r"), max_size=30)
_TOLD = st.builds(
    imagined.Step,
    event=st.sampled_from([Event.CALL, Event.LINE]),
    source=_LINES,
    locals=st.dictionaries(_TEXTS, _TEXTS, max_size=3),
)
_LEFT = st.builds(imagined.Step, event=st.sampled_from([Event.RETURN, Event.EXCEPTION]), source=_LINES, value=_TEXTS)
_ITEMS = st.lists(
    st.sampled_from(list(Control)) | _TEXTS | st.sampled_from(["{}", '{"x": ".."}', "x = 1\n", '"1"']), max_size=40
)
_MIXED = st.lists(_TOLD | _LEFT, max_size=6).map(lambda steps: grammar.write(steps, ended=True))


def test_the_published_example_is_read_and_written() -> None:
    assert grammar.parse(_EXAMPLE) == imagined.Imagined(steps=_STEPS, ended=True)
    assert grammar.write(_STEPS, ended=True) == _EXAMPLE


def test_an_answer_goes_on_behind_the_entry_points_call() -> None:
    answer = _EXAMPLE[5:]

    read = grammar.parse([*grammar.ENTRY, *answer])

    assert read.steps[0] == imagined.Step(event=Event.CALL, source="def main():")
    assert read.steps[1:] == _STEPS[1:]
    assert grammar.parse(answer).steps == _STEPS[1:]


def test_ids_are_cut_at_control_tokens_alone() -> None:
    ids = (_IDS[Control.LINE_SEP], 5, 6, _IDS[Control.ACTION_SEP], _IDS[Control.FRAME_SEP], 7)

    pieces = grammar.cut(ids, _IDS)

    assert pieces == [Control.LINE_SEP, (5, 6), Control.ACTION_SEP, Control.FRAME_SEP, (7,)]
    assert grammar.texts(pieces) == [(5, 6), (7,)]
    assert grammar.items(pieces, ["{}", "x"]) == [Control.LINE_SEP, "{}", Control.ACTION_SEP, Control.FRAME_SEP, "x"]
    assert grammar.length(pieces) == len(ids)


def test_a_control_that_the_server_does_not_know_cuts_nothing() -> None:
    assert grammar.cut((1, 2), {Control.FRAME_SEP: 2}) == [(1,), Control.FRAME_SEP]


@pytest.mark.parametrize("kept", range(len(_EXAMPLE)))
def test_a_truncated_answer_keeps_its_whole_frames(kept: int) -> None:
    reading = grammar.read(_EXAMPLE[:kept])

    whole = sum(item is Control.FRAME_SEP for item in _EXAMPLE[:kept])
    assert reading.imagined.steps == _STEPS[:whole]
    assert not reading.imagined.ended
    assert reading.consumed == max(
        (place + 1 for place in range(kept) if _EXAMPLE[place] is Control.FRAME_SEP), default=0
    )
    if reading.consumed == kept:
        assert reading.imagined.broken is None
    else:
        assert reading.imagined.broken == f"frame {whole + 1} has no end: the answer stops within it"


def test_what_comes_behind_the_end_is_not_read() -> None:
    reading = grammar.read([*_EXAMPLE, "and now for something else", Control.CALL_SEP])

    assert reading.imagined == imagined.Imagined(steps=_STEPS, ended=True)
    assert reading.consumed == len(_EXAMPLE)


def test_the_end_may_stand_for_the_last_frames_own() -> None:
    assert grammar.parse([*_EXAMPLE[:-2], Control.END_OF_TEXT]) == imagined.Imagined(steps=_STEPS, ended=True)


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (["x"], "frame 1 begins with text"),
        ([Control.EOT], "frame 1 begins with <|eot_id|>"),
        ([Control.LINE_SEP, "{}"], "frame 1 is not made of <|line_sep|> <|action_sep|>"),
        ([Control.LINE_SEP, "{}", Control.ARG_SEP, "x"], "frame 1 is not made of <|line_sep|> <|action_sep|>"),
        (
            [Control.RETURN_SEP, Control.ACTION_SEP, "x"],
            "frame 1 is not made of <|return_sep|> <|action_sep|> <|arg_sep|>",
        ),
        ([Control.LINE_SEP, "{", Control.ACTION_SEP, "x\n"], "frame 1 has locals that are no JSON object"),
        ([Control.LINE_SEP, "[" * 100_000, Control.ACTION_SEP, "x\n"], "frame 1 has locals that are no JSON object"),
        (
            [Control.LINE_SEP, '{"x": []}', Control.ACTION_SEP, "x\n"],
            "frame 1 has a local whose value is no JSON string",
        ),
        ([Control.LINE_SEP, "{}", Control.ACTION_SEP, "x\ny\n"], "frame 1 shows more than one line of source"),
        ([Control.LINE_SEP, "{}", "{}", Control.ACTION_SEP, "x\n"], "frame 1 holds two texts side by side"),
        (
            [Control.LINE_SEP, "{}", Control.ACTION_SEP, "x" * 100_001],
            "frame 1 holds a text of 100001 characters, more than 100000",
        ),
    ],
)
def test_what_is_not_the_grammar_is_said(frame: list[grammar.Item], why: str) -> None:
    found = grammar.parse([*frame, Control.FRAME_SEP, *_EXAMPLE])

    assert found == imagined.Imagined(steps=(), ended=False, broken=why)


def test_more_frames_than_any_context_holds_are_not_read() -> None:
    found = grammar.parse(grammar.write(_STEPS[1:2] * (grammar.MOST_FRAMES + 5), ended=True))

    assert len(found.steps) == grammar.MOST_FRAMES
    assert found.broken == "frame 32769 is beyond the 32768 frames that are read"


def test_values_that_are_no_json_strings_are_taken_as_they_stand() -> None:
    raised = [Control.EXCEPTION_SEP, Control.ACTION_SEP, "x\n", Control.ARG_SEP, "ValueError: no", Control.FRAME_SEP]
    numbers = [Control.LINE_SEP, '{"x": 1, "y": true}', Control.ACTION_SEP, "x", Control.FRAME_SEP]

    assert [step.value for step in grammar.parse(raised).steps] == ["ValueError: no"]
    assert [step.locals for step in grammar.parse(numbers).steps] == [{"x": "1", "y": "True"}]


def test_a_long_number_costs_nothing() -> None:
    long = "9" * 90_000

    found = grammar.parse(
        [Control.LINE_SEP, json.dumps({"x": 1})[:-2] + long + "}", Control.ACTION_SEP, "x\n", Control.FRAME_SEP]
    )

    assert [step.locals for step in found.steps] == [{"x": long}]


def test_kept_frames_of_an_executed_trace_become_steps() -> None:
    frames = tuple(
        trace.Frame(
            event=step.event, path="a.py", line=1, scope="f", source=step.source, locals=step.locals, value=step.value
        )
        for step in _STEPS
    )

    assert grammar.steps_of(trace.Trace(test="t", head=frames[:2], left_out=3, tail=frames[2:])) == _STEPS


@pytest.mark.parametrize("ended", [True, False])
@given(steps=st.lists(_TOLD | _LEFT, max_size=8))
def test_frames_survive_writing_and_reading(steps: list[imagined.Step], *, ended: bool) -> None:
    written = grammar.write(steps, ended=ended)

    found = grammar.parse(written)

    assert found == imagined.Imagined(steps=tuple(steps), ended=ended)
    assert grammar.write(found.steps, ended=found.ended) == written


@given(_ITEMS)
def test_any_items_give_frames_or_a_reason(items: list[grammar.Item]) -> None:
    reading = grammar.read(items)

    assert 0 <= reading.consumed <= len(items)
    assert reading.imagined.ended or reading.imagined.broken is not None or reading.consumed == len(items)
    # what was read is whole: it can be written and is then read alike
    assert grammar.parse(grammar.write(reading.imagined.steps, ended=False)).steps == reading.imagined.steps


@given(_MIXED, _ITEMS, st.integers(min_value=0), st.integers(min_value=0))
def test_reading_goes_on_where_it_was_cut(
    written: list[grammar.Item], noise: list[grammar.Item], at: int, cut: int
) -> None:
    at %= len(written) + 1
    items = [*written[:at], *noise, *written[at:]]
    first = grammar.read(items[: cut % (len(items) + 1)])

    rest = grammar.parse(items[first.consumed :])

    whole = grammar.parse(items)
    together = first.imagined.steps if first.imagined.ended else (*first.imagined.steps, *rest.steps)
    assert together == whole.steps
