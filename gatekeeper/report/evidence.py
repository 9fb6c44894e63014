"""What is known of a function that can loop, in words."""

import re
from collections.abc import Iterator

from gatekeeper.halting import risk
from gatekeeper.report import growth


def beyond_reason(found: risk.HaltingRisk) -> Iterator[str]:
    """Yield as a clause each piece of evidence that tells more than the reason does, the strongest first."""
    yield from (said(item) for item in found.evidence if _tells_more(item, found.reason))


def said(item: risk.Evidence) -> str:  # noqa: PLR0911 - one for each form
    """Return one piece of evidence as a clause; calls and expressions in it are the change's own."""
    match item:
        case risk.Repetition(call=call, line=line):
            return f"proven: in {call} the loop on line {line} comes back to a state that it was in"
        case risk.Recursion(call=call):
            return f"{call} goes deeper than the stack allows"
        case risk.Unended(call=call, fuel=fuel, other=other, other_fuel=least):
            beside = f"; {other} ended after {growth.shortly(least)}" if other is not None else ""
            return f"{call} did not end within {growth.shortly(fuel)} instructions{beside}"
        case risk.Ranking(course=course, line=line, what=what, sound=sound):
            sure = "" if sound else ", as far as its text tells"
            return f"by the text of line {line}: {what} {course.value}{sure}"
        case risk.Backtracking():
            return _backtracking(item)
        case risk.Growth(law=risk.Law.CONSTANT):
            return "its effort does not grow with the size of its arguments"
        case risk.Growth(law=law, points=points):
            sizes = f"{points[0][0]:g} to {points[-1][0]:g}"
            drawn = growth.sparkline([fuel for _, fuel in points])
            return f"effort {law.value} in the size {drawn} ({sizes})"
        case risk.Ended(calls=calls, fuel=fuel):
            number = "1 call" if calls == 1 else f"{calls} calls"
            return f"{number} ended, the longest after {growth.shortly(fuel)} instructions"
        case risk.Votes(samples=samples, halting=halting, diverging=diverging):
            return (
                f"a model, asked {samples} times: {halting} that every call ends, {diverging} that some call does not"
            )


def _tells_more(item: risk.Evidence, reason: str) -> bool:
    match item:
        case risk.Repetition(call=call) | risk.Recursion(call=call):
            return call not in reason
        case risk.Ranking(line=line):
            return re.search(rf"\bline {line}\b", reason) is None
        case risk.Backtracking(law=law):
            return law is not risk.Law.LINEAR
        case risk.Growth(law=law):
            return law is not risk.Law.CONSTANT
        case risk.Unended() | risk.Ended() | risk.Votes():
            return True


def _backtracking(item: risk.Backtracking) -> str:
    step = "a further character" if item.law is risk.Law.EXPONENTIAL else "a text twice as long"
    most = growth.shortly(item.points[-1][1]) if item.points else "not measured"
    return (
        f"matching {item.pattern} on line {item.line} takes {item.factor:.3g} times as much for {step}; "
        f"for {item.text}: {most} instructions"
    )
