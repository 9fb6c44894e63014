"""Colours and signs of the terminal; those of the sixteen that every terminal's theme chooses itself."""

from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

FAINT = "bright_black"
BROKEN = "red"
SOUND = "green"
UNSURE = "yellow"
ADDED = "green"
CHANGED = "bold cyan"
HERE = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"

CONCLUSIONS = {
    verdict.Conclusion.WOULD_PASS: ("\N{CHECK MARK}", SOUND),
    verdict.Conclusion.WOULD_FAIL: ("\N{BALLOT X}", BROKEN),
    verdict.Conclusion.NOT_ANALYSED: ("?", UNSURE),
}


def of(said: prediction.Prediction, policy: verdict.Policy) -> str:
    """Return the style of a prediction: only what is held against the change is loud."""
    if verdict.fails(said, policy):
        return BROKEN
    if said.outcome is prediction.Outcome.PASS:
        return SOUND
    return UNSURE if said.outcome is prediction.Outcome.UNKNOWN else FAINT
