"""Reviewing what is on a commit again, as GitHub's own re-run buttons ask."""

import contextlib
from functools import partial

from gatekeeper import errors, hosted
from gatekeeper.store import evaluations
from gatekeeper.workflows import asking, ordering, ports, steps


def rerun(using: ports.Ports, place: hosted.Place, head: str, attempt: str) -> int:
    """Ask for a new review of every open pull request and merge group on the commit; return how many.

    A check run of a fork's head names no pull request: the records know which there are.
    """
    numbers = steps.step("subjects", lambda: _subjects(using, place, head, attempt))
    for number in numbers:
        steps.step("ask", partial(_again, using, place, number, attempt))
    return len(numbers)


def _again(using: ports.Ports, place: hosted.Place, number: int, attempt: str) -> None:
    # one that was closed meanwhile keeps nobody else from it
    with contextlib.suppress(errors.RefusedError, errors.MissingError):
        ordering.review_again(using, place, number, attempt)


def _subjects(using: ports.Ports, place: hosted.Place, head: str, attempt: str) -> list[int]:
    """Return the numbers of the pull requests on the commit; merge groups on it are asked for at once."""
    asked = [one.asked for one in evaluations.on_head(using.database, place.repository, head) if one.open]
    for group in [one for one in asked if one.pull is None]:
        ordering.begin(using, asking.again(group, attempt))
    return [one.pull for one in asked if one.pull is not None]
