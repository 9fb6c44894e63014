"""What the demo says: a line for each pull request, and what all of them came to."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gatekeeper.outcomes import job, settlement
from gatekeeper.verdicts import verdict
from gatekeeper.views import reviews
from gatekeeper.wiring.demo import ci, playing
from gatekeeper.workflows import uploading

BEGINNING = """\
Makes pull requests to larder, a small library that comes with Gatekeeper, reviews each in the sandbox, and then lets
CI test it: all of larder's tests under native pytest on this machine. Nothing is sent anywhere. One of the tests is red
without any change, which is held against none.
"""
_CAVEAT = """\
Every figure was measured now, on changes that a program generated for one small sample: they tell nothing of other
projects. CI begins here when the review has ended, so that it looks slower than it may be elsewhere.
"""
_VERDICTS = {
    verdict.Conclusion.WOULD_PASS: "would pass",
    verdict.Conclusion.WOULD_FAIL: "would fail",
    verdict.Conclusion.NOT_ANALYSED: "not analysed",
}
_RESULTS = {
    reviews.Result.RIGHT: "right",
    reviews.Result.FALSE_ALARM: "false alarm",
    reviews.Result.MISS: "missed",
    reviews.Result.ABSTAINED: "no verdict",
    reviews.Result.UNSETTLED: "does not count",
}


def line(played: playing.Played, of: int) -> str:
    """Return what one pull request came to."""
    change, listed = played.change, played.line.listed
    number = f"{change.number:>{len(str(of))}}/{of}"
    said = _VERDICTS[listed.conclusion]
    if listed.conclusion is verdict.Conclusion.WOULD_FAIL:
        said += f" ({listed.would_fail} of {listed.selected})"
    known = ", as before" if played.known else ""
    found = "; then ".join(_attempt(*one) for one in zip(played.ran, played.taken, strict=True))
    return f"{number}  {change.title} ({change.kind}): {said}; CI: {found}: {_RESULTS[played.line.result]}{known}\n"


def _attempt(ran: ci.Ran, taken: uploading.Taken) -> str:
    match ran.conclusion:
        case job.Conclusion.TIMED_OUT:
            return "ended by its time limit"
        case job.Conclusion.CANCELLED:
            return "cancelled"
        case _ if ran.report is None:
            return f"no report ({ran.conclusion.replace('_', ' ')})"
        case _:
            return f"{taken.broken} of {taken.tests} red"


def ending(played: Sequence[playing.Played], folder: Path) -> str:
    """Return what all of them came to."""
    labels = Counter(one.line.label for one in played)
    results = Counter(one.line.result for one in played)
    broken, sound = labels[settlement.Label.BROKEN], labels[settlement.Label.SOUND]
    missed, alarms = results[reviews.Result.MISS], results[reviews.Result.FALSE_ALARM]
    quiet = Counter(one.line.label for one in played if one.line.result is reviews.Result.ABSTAINED)
    found = broken - missed - quiet[settlement.Label.BROKEN]
    seen = sound - alarms - quiet[settlement.Label.SOUND]
    lines = [
        "",
        f"CI found {broken} of {len(played)} broken: {found} of them were foreseen, {missed} missed.",
        f"It found {sound} sound: {seen} of them were let pass, {alarms} called broken.",
    ]
    if without := results[reviews.Result.ABSTAINED]:
        lines.append(f"{without} got no verdict.")
    if results[reviews.Result.UNSETTLED]:
        lines.append(f"{results[reviews.Result.UNSETTLED]} do not count: CI said nothing of the change.")
    return "\n".join([*lines, "", _CAVEAT, f"It is all in {folder}; remove that folder to be rid of it.", ""])


def to_look(url: str) -> str:
    """Return how to open the report later."""
    return f"To look at it: gatekeeper serve --open --database {url}\n"


def interrupted(folder: Path) -> str:
    """Return what holds after an interrupt."""
    return (
        f"interrupted: what was finished stays in {folder}, and can be looked at; `gatekeeper demo` goes on where it "
        "ended"
    )
