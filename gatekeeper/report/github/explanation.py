"""All that is known of one test, in answer to somebody who asks."""

import difflib
from collections.abc import Iterator, Sequence

from gatekeeper import review
from gatekeeper.report import words
from gatekeeper.report.github import fitting, markdown, places, steptable
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

# bytes of one explanation, of which an answer may hold several
_LARGEST = 16_000
# tests that are offered in the place of one that is not known, and looked through for it
_NEAR = 5
_LOOKED_THROUGH = 2_000
# how alike a test's name must be to be offered, in 0..1
_ALIKE = 0.8
# steps of the trace, and frames of the traceback
_STEPS = 60
# parts that a model was not shown
_LEFT_OUT = 5
_FRAMES = 20


def explain(done: review.Review, test: str, *, repository_url: str | None = None) -> str:
    """Return what a review knows of `test`: a node id, or the end of one that leaves no doubt.

    Where there is doubt, the tests that may be meant are named. At most 16,000 bytes.
    """
    meant = _meant(done.predictions, test)
    parts = _known(done, meant[0], repository_url) if len(meant) == 1 else _unknown(done, test, meant)
    return fitting.fit(parts, "", _LARGEST)


def _meant(predictions: Sequence[prediction.Prediction], test: str) -> list[prediction.Prediction]:
    """Return the one test of this id, or those whose id without parameters or folders it is."""
    exact = [said for said in predictions if said.test == test]
    return exact or [said for said in predictions if _ends(said.test, test) or _ends(_bare(said.test), test)]


def _ends(test: str, end: str) -> bool:
    return test == end or test.endswith((f"::{end}", f"/{end}"))


def _bare(test: str) -> str:
    return test.partition("[")[0]


def _unknown(done: review.Review, test: str, meant: Sequence[prediction.Prediction]) -> Iterator[fitting.Part]:
    yield fitting.whole(f"### {markdown.code(test)}")
    names = [said.test for said in meant]
    if not names:
        known = [said.test for said in done.predictions[:_LOOKED_THROUGH]]
        names = difflib.get_close_matches(test, known, _NEAR, _ALIKE)
        number = markdown.counted(len(done.predictions), "test")
        yield fitting.whole(f"It is not among the {number} that the change can affect, and so was not pre-executed.")
    if names:
        listed = markdown.named([markdown.code(name) for name in names], _NEAR, "test")
        yield fitting.whole("Perhaps one of these is meant:", listed)


def _known(done: review.Review, said: prediction.Prediction, repository_url: str | None) -> Iterator[fitting.Part]:
    where = places.Places(repository_url=repository_url, done=done)
    yield fitting.whole(f"### {markdown.code(said.test)}", _outcome(said, done.policy))
    yield fitting.whole("\n".join(f"- {fact}" for fact in _facts(done, said, where)))
    if said.traceback:
        frames = " \N{RIGHTWARDS ARROW} ".join(where.shown(at) for at in said.traceback[-_FRAMES:])
        yield fitting.whole(f"Traceback, innermost last: {frames}")
    if said.trace:
        table = steptable.render(said.trace, last=_STEPS)
        yield fitting.Part(items=(markdown.details("Step by step", table),), what="trace")
    yield fitting.whole(_rest(done))


def _outcome(said: prediction.Prediction, policy: verdict.Policy) -> str:
    if said.already_failing:
        return "It does not pass before the change either, so it is not held against the change."
    if verdict.fails(said, policy):
        return "**It would fail**, and is held against the change."
    match said.outcome:
        case prediction.Outcome.UNKNOWN:
            return "Nothing can be said of it."
        case prediction.Outcome.SKIP:
            return "It would be skipped."
        case prediction.Outcome.PASS:
            return "It would pass."
        case prediction.Outcome.FAIL | prediction.Outcome.ERROR | prediction.Outcome.HANG:
            return f"It may fail, yet less surely than the bar of {policy.bar:.0%}: not held against the change."


def _facts(done: review.Review, said: prediction.Prediction, where: places.Places) -> Iterator[str]:
    yield f"Outcome: {said.outcome.value}"
    if said.p_fail is not None:
        yield f"Probability of failing: {said.p_fail:.0%}"
    if said.exception:
        yield f"What ends it: {markdown.code(said.exception)}"
    if said.at:
        yield f"Line at fault: {where.shown(said.at)}"
    yield f"Reason: {markdown.prose(said.reason)}"
    yield from (f"Selected because it {markdown.prose(why)}" for why in _selected(done, said) if why != said.reason)
    yield f"Said by {markdown.code(f'{said.engine} {said.version}')}, with {markdown.code(said.model)}"
    yield from _imagined(said)
    yield f"Took {words.seconds(said.cost.seconds)}"


def _imagined(said: prediction.Prediction) -> Iterator[str]:
    """Yield how an imagined outcome was controlled, and what other engines say."""
    # of an outcome that is not known, the reason says what became of its control
    match said.control if said.p_fail is not None else None:
        case prediction.Control.EXECUTED:
            yield "Imagined, not run; the model gets it right on base, where it was run"
        case prediction.Control.ASSUMED:
            yield "Imagined, not run; the model says that it passes on base, as is assumed"
        case prediction.Control.NONE:
            yield "Imagined, not run; it is new, so nothing controls it"
        case None:
            pass
    if said.left_out:
        named = [markdown.prose(what) for what in said.left_out[:_LEFT_OUT]]
        yield f"Not shown to the model: {', '.join([*named, *markdown.more(len(said.left_out) - _LEFT_OUT, 'part')])}"
    for other in said.attempts:
        ended = other.exception or other.reason
        yield f"{markdown.code(f'{other.engine} {other.version}')} says {other.outcome.value}: {markdown.prose(ended)}"


def _selected(done: review.Review, said: prediction.Prediction) -> Iterator[str]:
    """Yield why the test was selected: alone, or with all of its module."""
    path, _, name = _bare(said.test).partition("::")
    for test in done.selection.affected:
        if test.path == path and test.name in {"", name}:
            yield test.reason
            return


def _rest(done: review.Review) -> str:
    number = len(done.verdict.not_analysed)
    if not number:
        return "Everything that the change can affect was analysed."
    return f"Not analysed in this review: {markdown.counted(number, 'part')}, which its check run lists by reason."
