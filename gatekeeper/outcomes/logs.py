"""pytest's short test summary in a job's log -> what did not pass.

A log is whatever the change's own tests printed, so only its structure decides: names count that stand in a section
`short test summary info` which a line with counts ends, where as many are named as the line counts. Runs that are
printed within another's output, as those of pytest's own plugins are, belong to that output.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatekeeper.outcomes import elements, job, junit, loglines, names, nodeids
from gatekeeper.simulation import prediction

# off CI pytest cuts messages to the terminal's width
_CUT_TIMEOUT = re.compile(r"Failed: Timeout \(>[0-9.]{1,20}s\)[a-z -]{0,20}\.\.\.")
# runs within runs: pytester's tests print one level
_DEPTH = 50
_OUTCOMES = {
    "FAILED": prediction.Outcome.FAIL,
    "ERROR": prediction.Outcome.ERROR,
    "XFAIL": prediction.Outcome.SKIP,
    "SKIPPED": prediction.Outcome.SKIP,
    "PASSED": prediction.Outcome.PASS,
    "XPASS": prediction.Outcome.PASS,
    "RERUN": prediction.Outcome.PASS,
}


def read(log: bytes) -> job.Report:
    """Return what the pytest runs in a job's log say; its source is NONE where no run is seen to end; raises nothing.

    `tests` has what the summaries name: what did not pass, and with `-rA` all. `passed` is how many passed without
    being named; it is None where that tells nothing of a test that is not named: where a run was stopped early,
    deselected tests, re-ran some without naming them, or did not end, or where names and counts do not fit.
    """
    reader = _Reader()
    for line in loglines.read(log):
        reader.take(line)
    return reader.report()


@dataclass(slots=True)
class _Run:
    """One run of pytest."""

    # begun with its heading, as all but those with -q are
    headed: bool
    summary: bool = False
    stopped: bool = False
    named: list[loglines.Named] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)

    def fits(self) -> bool:
        """Whether all that did not pass is named."""
        words = [line.word for line in self.named]
        passed = words.count("PASSED")
        return (
            words.count("FAILED") == self.counts.get("failed", 0)
            and words.count("ERROR") == self.counts.get("error", 0)
            and passed <= self.counts.get("passed", 0)
        )

    def tells_of_others(self) -> bool:
        """Whether a test that is not named can be said to have not failed, if it was among those that ran."""
        reruns = sum(line.word == "RERUN" for line in self.named)
        return not self.stopped and not self.counts.get("deselected") and reruns >= self.counts.get("rerun", 0)

    def unnamed_passes(self) -> int:
        """How many passed without being named."""
        return self.counts.get("passed", 0) - sum(line.word == "PASSED" for line in self.named)

    def tests(self) -> tuple[job.Reported, ...]:
        """Return what is named, each once: the first that broke of several lines, as of a test and its teardown."""
        found: dict[str, job.Reported] = {}
        for line in self.named:
            # skips are folded by place, unless told otherwise, and name no test
            if line.name.startswith("["):
                continue
            before = found.get(line.name)
            if before is None or (_OUTCOMES[line.word].broken and not before.outcome.broken):
                found[line.name] = _reported(line)
        reran = {line.name for line in self.named if line.word == "RERUN"}
        return tuple(
            _flaky(test) if name in reran and not test.outcome.broken else test for name, test in found.items()
        )


class _Reader:
    """Runs as their lines come."""

    def __init__(self) -> None:
        """Start outside of any run."""
        # the runs that are open, each within the output of the one before
        self._open: list[_Run] = []
        self._ended: list[_Run] = []
        self._named = 0
        self._timeout = self._excess = False

    def take(self, line: loglines.Line) -> None:
        """Take the next line in."""
        match line:
            case loglines.Kind():
                self._mark(line)
            case loglines.Named():
                if self._open and self._open[-1].summary:
                    self._name(line)
            case loglines.Counts():
                self._close(line)

    def report(self) -> job.Report:
        """Return what all runs say together."""
        if not self._ended and not self._timeout:
            why = "A run of pytest began and did not end." if self._open else ""
            return job.Report(source=job.Source.NONE, why=why)
        fitting = [run for run in self._ended if run.fits()]
        why = self._why(len(fitting))
        told = not why and all(run.tells_of_others() for run in fitting)
        return job.Report(
            source=job.Source.SUMMARY,
            tests=tuple(test for run in fitting for test in run.tests()),
            passed=sum(run.unnamed_passes() for run in fitting) if told else None,
            why=why,
        )

    def _why(self, fitting: int) -> str:
        if self._excess:
            return "The log has more runs within runs, or more names, than are read."
        if self._timeout and self._open:
            return "pytest-timeout ended a run of pytest before its summary."
        if self._open:
            return "A run of pytest began and did not end."
        if fitting < len(self._ended):
            return (
                f"In {len(self._ended) - fitting} of {len(self._ended)} runs of pytest the names do not fit the counts."
            )
        return ""

    def _mark(self, kind: loglines.Kind) -> None:
        match kind:
            case loglines.Kind.START:
                self._begin(headed=True)
            case loglines.Kind.OUTPUT:
                if not self._open:
                    self._begin(headed=False)
                self._open[-1].summary = False
            case loglines.Kind.SUMMARY:
                if not self._open:
                    self._begin(headed=False)
                self._open[-1].summary = True
                # those of before stood in the output
                self._open[-1].named = []
            case loglines.Kind.STOPPED:
                if self._open:
                    self._open[-1].stopped = True
            case loglines.Kind.TIMEOUT:
                self._timeout = bool(self._open) or self._timeout

    def _begin(self, *, headed: bool) -> None:
        self._open.append(_Run(headed=headed))
        if len(self._open) > _DEPTH:
            self._excess = True
            del self._open[0]

    def _name(self, line: loglines.Named) -> None:
        self._named += 1
        if self._named > elements.TESTS:
            self._excess = True
        else:
            self._open[-1].named.append(line)

    def _close(self, line: loglines.Counts) -> None:
        if not self._open:
            self._ended.append(_Run(headed=False, counts=line.counts))
        elif line.ruled or not self._open[-1].headed:
            run = self._open.pop()
            run.counts = line.counts
            if not self._open:
                self._ended.append(run)


def _reported(line: loglines.Named) -> job.Reported:
    parts = nodeids.split(names.name(line.name))
    message = names.message(line.message)
    timeout = junit.TIMEOUT.fullmatch(message) or _CUT_TIMEOUT.fullmatch(message)
    hang = line.word in {"FAILED", "ERROR"} and timeout
    return job.Reported(
        classname=parts.classname,
        name=parts.name,
        file=parts.path,
        outcome=prediction.Outcome.HANG if hang else _OUTCOMES[line.word],
        message=message,
    )


def _flaky(test: job.Reported) -> job.Reported:
    return job.Reported(
        classname=test.classname, name=test.name, file=test.file, outcome=test.outcome, message=test.message, flaky=True
    )
