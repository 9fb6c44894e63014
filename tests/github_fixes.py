"""A fix of the realistic review."""

from gatekeeper import review
from gatekeeper.repair import candidate
from gatekeeper.verdicts import findings

PATH = "src/ledger/split.py"


def fix(done: review.Review, **replacement: object) -> candidate.FixCandidate:
    """Return the loop at fault taken back, or another change of the file."""
    found = next(
        one for one in findings.find(done.predictions, done.selection, done.policy) if one.at and one.at.line == 20
    )
    change = {
        "start": 15,
        "end": 20,
        "text": "    for index in range(total - sum(parts)):\n        parts[index] += 1\n    return parts\n",
    }
    return candidate.FixCandidate(
        source=candidate.Source.UNDO,
        replacement=candidate.Replacement(path=PATH, **(change | replacement)),  # type: ignore[arg-type]
        diff=f"--- a/{PATH}\n+++ b/{PATH}\n@@ -15,1 +15,1 @@\n-    rest = 1\n+    rest = 2\n",
        mends=(found.fingerprint,),
        mended=found.tests,
        kept=17,
        tried_by="sandbox",
    )
