"""Files with test reports -> what a job reported."""

from collections.abc import Iterable
from typing import BinaryIO

from gatekeeper import errors
from gatekeeper.outcomes import archives, elements, job, junit

# of what was left out: as many as one line shows
_TOLD = 3
# bytes within which a report's first suite opens
_HEAD = 16 * 1024


def of_files(contents: Iterable[bytes]) -> job.Report:
    """Return the tests of several reports together. Raises errors.ReportError where one of them is none.

    A test that several have is there several times: they may be those of several Pythons, or of shards.
    """
    tests: list[job.Reported] = []
    for content in contents:
        tests += junit.read(content)
        if len(tests) > elements.TESTS:
            raise errors.ReportError(
                f"The reports have more than {elements.TESTS:,} tests together, which is as many as are read."
            )
    return job.Report(source=job.Source.REPORT, tests=tuple(tests))


def of_archive(archive: bytes | BinaryIO) -> job.Report:
    """Return the tests of the reports in an artifact's zip; `why` tells what was left out; raises nothing.

    The source is NONE where no report was found: XML of another kind, such as of coverage, is none.
    """
    tests: list[job.Reported] = []
    left_out: list[str] = []
    found = False
    for member in archives.reports(archive):
        match member:
            case archives.LeftOut():
                left_out.append(f"{member.name}: {member.why}" if member.name else member.why)
            case archives.Member():
                try:
                    read = junit.read(member.content)
                except errors.ReportError as refused:
                    if _claims_tests(member.content):
                        left_out.append(f"{member.name}: {refused}")
                    continue
                found = True
                if len(tests) + len(read) > elements.TESTS:
                    left_out.append(f"{member.name}: with it there would be more than {elements.TESTS:,} tests.")
                    continue
                tests += read
    source = job.Source.REPORT if found else job.Source.NONE
    return job.Report(source=source, tests=tuple(tests), why=_why(left_out))


def _claims_tests(content: bytes) -> bool:
    """Whether a file that is no report was to be one; UTF-16 has zeros between the letters."""
    return b"<testsuite" in content[:_HEAD].replace(b"\x00", b"")


def _why(left_out: list[str]) -> str:
    told = " ".join(left_out[:_TOLD])
    return f"{told} {len(left_out) - _TOLD} more were left out." if len(left_out) > _TOLD else told
