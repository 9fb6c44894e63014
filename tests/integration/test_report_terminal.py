import io
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from rich.console import Console, RenderableType

from gatekeeper import review
from gatekeeper.report import listing, palette, terminal, traces
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict
from tests.integration import report_samples

# clears the screen, renames the window, hides text, writes backwards, closes a tag of rich, breaks the line
_HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp.exe\u200b[/red][bold]:smile:\r\nverdict: would pass\0\udcff"
_HARMLESS = r"\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp.exe\u200b[/red][bold]:smile:\r\nverdict: would pass\x00\udcff"


def test_a_failing_review_shows_its_numbers_and_each_cause_with_its_line() -> None:
    shown = _shown(terminal.summary(report_samples.realistic()))

    assert "Would fail  7 of 23 affected tests would fail" in shown
    assert "23 of 214 tests selected: 13 pass, 4 fail, 2 error, 1 hang, 1 skip, 1 unknown, 1 already failing" in shown
    assert "  AssertionError: assert [34] == [34, 33, 33]\n  fail  tests/test_split.py::test_shares_add_up" in shown
    assert f"{palette.HERE} 20 +     return parts[:index]" in shown
    assert "hang  tests/test_split.py::test_negative_total" in shown
    assert "Already failing before the change (1)\n  fail  tests/test_split.py::test_locale" in shown
    assert "starts a thread, which the sandbox cannot\n    tests/test_split.py::test_parallel" in shown


def test_a_review_of_nothing_is_shown() -> None:
    done = report_samples.realistic()
    nothing = replace(
        done,
        diff=replace(done.diff, files=(), text=""),
        selection=replace(done.selection, affected=(), unparsable={}),
        predictions=(),
        notes=(),
        timings={},
        verdict=verdict.Verdict(conclusion=verdict.Conclusion.WOULD_PASS, reason="0 tests selected"),
    )

    shown = _shown(terminal.summary(nothing))

    assert shown.splitlines()[0] == "✓ Would pass  0 tests selected"
    assert "0 of 214 tests selected\n" in shown


def test_what_does_not_fit_is_counted() -> None:
    done = report_samples.realistic()
    unequal = next(said for said in done.predictions if said.trace)
    many = tuple(replace(unequal, test=f"tests/test_a.py::test[{number}]") for number in range(12))

    shown = _shown(terminal.summary(replace(done, predictions=many)))

    assert "test[4]\n  and 7 more tests\n" in shown
    assert "test[5]" not in shown


def test_tests_that_fail_at_one_line_show_it_once_and_what_ends_each() -> None:
    done = report_samples.realistic()
    one = next(said for said in done.predictions if said.trace)
    other = replace(one, test="tests/test_a.py::test_other", exception="AssertionError: assert 1 == 2")
    third = replace(one, test="tests/test_a.py::test_third", exception="KeyError: 'a'")

    shown = _shown(terminal.summary(replace(done, predictions=(one, other, third))))

    assert shown.count("return parts[:index]") == 1
    assert (
        "test_other\n        AssertionError: assert 1 == 2\n  KeyError: 'a'\n  fail  tests/test_a.py::test_third"
        in shown
    )


def test_hostile_text_is_shown_and_never_obeyed() -> None:
    done = _hostile(report_samples.realistic())

    for shown in (
        _shown(terminal.summary(done), width=1_000),
        _shown(terminal.tests(done), width=1_000),
        _shown(listing.render([review.listed(done)]), width=1_000),
        _shown(traces.render(report_samples.run_of(_HOSTILE)), width=2_000),
    ):
        assert _controls(shown) == set()
    assert _HARMLESS in _shown(terminal.summary(done), width=1_000)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(done=report_samples.REVIEWS)
def test_nothing_that_a_review_holds_reaches_the_terminal_as_a_control_character(done: review.Review) -> None:
    shown = (
        _shown(terminal.summary(done)) + _shown(terminal.tests(done)) + _shown(listing.render([review.listed(done)]))
    )
    for said in done.predictions:
        if said.trace:
            shown += _shown(traces.render(said.trace))

    assert _controls(shown) == set()
    assert shown.encode()


def test_the_list_fits_a_terminal_of_100_columns() -> None:
    row = review.listed(report_samples.realistic())
    wide = replace(row, repository="/a/long/path/" * 5, selected=12_345, of=45_000, seconds=3_599.0)

    lines = _shown(listing.render([row, wide]), width=100).splitlines()

    assert len(lines) == 3
    assert max(map(len, lines)) <= 100
    assert "12345/45000  59 min 59 s" in lines[2]


def test_a_trace_shows_what_changed_and_the_gap() -> None:
    shown = _shown(traces.render(report_samples.run_of_shares()))

    assert "2 steps left out" in shown
    assert "parts = [33, 33, 33]" in shown
    assert "raise" in shown


def _shown(what: RenderableType, *, width: int = 120) -> str:
    """Return what a colour terminal would get, without the colours that rich itself sets."""
    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None, legacy_windows=False)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))


def _controls(shown: str) -> set[str]:
    return {character for character in shown if not character.isprintable() and character != "\n"}


def _hostile(done: review.Review) -> review.Review:
    said = replace(
        done.predictions[-1],
        test=f"tests/test_a.py::test[{_HOSTILE}]",
        outcome=prediction.Outcome.FAIL,
        p_fail=1.0,
        reason=_HOSTILE,
        exception=_HOSTILE,
        at=prediction.Location(path=_HOSTILE, line=1),
    )
    failing = replace(said, already_failing=True)
    text = done.diff.text.replace("return parts[:index]", _HOSTILE.replace("\n", ""))
    return replace(
        done,
        id=_HOSTILE,
        engine=_HOSTILE,
        notes=(_HOSTILE,),
        subject=replace(done.subject, repository=_HOSTILE, base=_HOSTILE, head=_HOSTILE),
        diff=replace(done.diff, text=text),
        predictions=(*done.predictions, said, failing),
        verdict=replace(
            done.verdict,
            reason=_HOSTILE,
            not_analysed=(verdict.NotAnalysedPart(what=_HOSTILE, why=_HOSTILE),),
        ),
        timings={_HOSTILE: 1.0},
    )


def test_what_a_model_imagined_is_marked_and_contradictions_are_shown() -> None:
    shown = _shown(terminal.summary(report_samples.two_engines()))

    assert "1 pass, 1 fail, 1 imagined by a model, not run" in shown
    assert "Engines disagree (1)\n  tests/test_split.py::test_even" in shown
    assert "sandbox says pass; cwm says fail (70% failing)" in shown
    assert "May not halt (1)\n  ledger/split.py:41 settle\n    82%: 4 of 5 answers say" in shown
    assert "functions that can loop: 1 expected to end, 1 may not end" in shown
