"""Files with test reports -> what a job reported."""

from collections.abc import Iterable
from typing import BinaryIO

from gatekeeper.outcomes import job


def of_files(contents: Iterable[bytes]) -> job.Report:
    """Return the tests of several reports together. Raises errors.ReportError where one of them is none."""
    raise NotImplementedError


def of_archive(archive: bytes | BinaryIO) -> job.Report:
    """Return the tests of the reports in an artifact's zip; `why` tells what was left out; raises nothing.

    The source is NONE where no report was found.
    """
    raise NotImplementedError
