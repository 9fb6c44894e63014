"""What those who ask for durable work and those who do it agree on."""

from enum import StrEnum

# DBOS's application version. Raised where the steps of a workflow change in number or order, and only then: a worker
# goes on with work of its own number, and begins that of older ones anew.
PROTOCOL = "2"
# DBOS's application name
APPLICATION = "gatekeeper"


class Queue(StrEnum):
    """Where work waits."""

    # everything that takes a second or two; limited for each installation
    INTAKE = "intake"
    # what CI did: reports are downloaded and read, which nobody who pushes or comments should wait for
    OUTCOMES = "outcomes"
    # ticks; one of each task at a time
    UPKEEP = "upkeep"
    # carrying out reviews: limited overall, and for each repository
    REVIEWS = "reviews"
    # looking for what can be offered beyond a verdict that was published: one at a time, so that verdicts come first
    OFFERS = "offers"


class Workflow(StrEnum):
    """What is done, one function each."""

    # a review was asked for: check that it still stands, show it as queued
    REQUEST = "request"
    # carry it out and publish it
    PERFORM = "perform"
    # look for what can be offered beyond the verdict, and publish it
    MEND = "mend"
    # pull requests were closed, merge groups dissolved
    CLOSE = "close"
    # a comment command
    COMMAND = "command"
    # a button of a check run
    ACTION = "action"
    # review what is on a commit again
    RERUN = "rerun"
    # show a commit's check run as it should be
    SHOW = "show"
    # the App was installed, removed, or given other repositories
    INSTALL = "install"
    # CI did something on a commit: compare it with what was predicted
    SETTLE = "settle"
    # one tick of the upkeep
    UPKEEP = "upkeep"


# what comes first: one review for each of these
PUSHED = "0"


def review(repository: int, subject: int | str, head: str, base: str, attempt: str = PUSHED) -> str:
    """Return the id of the review of a pull request's number or a merge group's branch."""
    return f"review/{repository}/{subject}/{head}/{base}/{attempt}"


def settle(repository: int, sha: str, slot: str, *, history: bool) -> str:
    """Return the id of the work that settles a commit, once for all that is heard of it in the time `slot`."""
    return f"settle/{repository}/{sha}/{slot}" + ("/history" if history else "")


def perform(review_id: str, turn: int = 0) -> str:
    """Return the id of the work that carries out the review: in its first turn, or in a later one."""
    return f"perform/{review_id}" + (f"/{turn}" if turn else "")


def mend(review_id: str) -> str:
    """Return the id of the work that looks for what can be offered beyond the verdict of the recorded review."""
    return f"mend/{review_id}"


def tick(task: str, slot: str) -> str:
    """Return the id of what a task of the upkeep does in the time `slot`."""
    return f"upkeep/{task}/{slot}"
