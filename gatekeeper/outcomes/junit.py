"""JUnit's XML -> reported tests.

The vocabulary is junitparser's: that of Ant's JUnit task, with what Maven's surefire (`flakyFailure`, `rerunError` and
the like) and pytest add. Reports of jest-junit and unittest-xml-reporting keep to it.
"""

import math
import re
from typing import Any

import junitparser
from junitparser import xunit2

from gatekeeper.outcomes import elements, job, names
from gatekeeper.simulation import prediction

# pytest-timeout's failure by signal: `PYTEST_FAILURE_MESSAGE` of its 2.x, its words up to 2.2, what pytest puts before
# either, and around it where a fixture took too long. Its thread method ends the process, so that no report is written.
TIMEOUT = re.compile(
    r'(?:failed on (?:setup|teardown) with ")?(?:Failed: )?'
    r'Timeout (?:>[0-9.]{1,20}s|\(>[0-9.]{1,20}s\) from pytest-timeout\.)"?'
)


def read(content: bytes) -> tuple[job.Reported, ...]:
    """Return the tests of one report, each once, in its order. Raises errors.ReportError for anything else.

    What the report has twice keeps the last result, and is flaky where these differ between broken and passed.
    """
    # junitparser's own reading of files would take lxml where that is installed, with entities; it walks any elements
    vocabulary: Any = xunit2.TestSuite
    report = vocabulary.fromelem(elements.parse(content))
    read: dict[tuple[str, str, str | None], job.Reported] = {}
    for case in report:
        test = _reported(case)
        named = (test.classname, test.name, test.file)
        read[named] = _merged(read[named], test) if named in read else test
    return tuple(read.values())


def _merged(before: job.Reported, after: job.Reported) -> job.Reported:
    """Return the later of two results of one test, flaky where one passed and the other broke."""
    passes = prediction.Outcome.PASS
    both = {before.outcome, after.outcome}
    differs = passes in both and any(outcome.broken for outcome in both)
    return job.Reported(
        classname=after.classname,
        name=after.name,
        file=after.file,
        outcome=after.outcome,
        seconds=after.seconds,
        message=after.message,
        flaky=before.flaky or after.flaky or differs,
    )


def _reported(case: Any) -> job.Reported:  # noqa: ANN401 - as above
    outcome, message = _outcome(case)
    passed = outcome is prediction.Outcome.PASS
    return job.Reported(
        classname=names.name(case.classname or ""),
        name=names.name(case.name or ""),
        file=names.name(file) if (file := case._elem.get("file")) else None,  # noqa: SLF001 - it reads no such attribute
        outcome=outcome,
        seconds=_seconds(case._elem.get("time")),  # noqa: SLF001 - its own raises where that is no number
        message=message,
        flaky=passed and bool(case.interim_result),
    )


def _outcome(case: Any) -> tuple[prediction.Outcome, str]:  # noqa: ANN401 - as above
    """Return the worst of a test's final results: broken before skipped."""
    results = case.result
    broken = [one for one in results if not isinstance(one, junitparser.Skipped)]
    for one in broken:
        message = names.message(one.message or "") or names.message(elements.text_of(one))
        if TIMEOUT.fullmatch(message):
            return prediction.Outcome.HANG, message
        if isinstance(one, junitparser.Failure):
            return prediction.Outcome.FAIL, message
        return prediction.Outcome.ERROR, message
    if results:
        return prediction.Outcome.SKIP, names.message(results[0].message or "")
    return prediction.Outcome.PASS, ""


def _seconds(text: str | None) -> float | None:
    """Return the time of a test; None where it is not told or is none. Some reporters write thousands with commas."""
    try:
        seconds = float((text or "").replace(",", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
