"""Reviewing what is on a commit again, as GitHub's own re-run buttons ask."""

from functools import partial

from gatekeeper import hosted
from gatekeeper.store import evaluations
from gatekeeper.workflows import asking, ordering, ports, steps


def rerun(using: ports.Ports, place: hosted.Place, head: str, attempt: str) -> int:
    """Ask for a new review of every open pull request and merge group on the commit; return how many.

    A check run of a fork's head names no pull request: the records know which there are.
    """
    numbers = steps.step("subjects", lambda: _subjects(using, place, head, attempt))
    for number in numbers:
        steps.asking("ask", partial(ordering.review_again, using, place, number, attempt))
    return len(numbers)


def _subjects(using: ports.Ports, place: hosted.Place, head: str, attempt: str) -> list[int]:
    """Return the numbers of the pull requests on the commit; merge groups on it are asked for at once."""
    asked = [one.asked for one in evaluations.on_head(using.database, place.repository, head)]
    for group in [one for one in asked if one.pull is None]:
        ordering.begin(using, asking.again(group, attempt))
    return [one.pull for one in asked if one.pull is not None]
