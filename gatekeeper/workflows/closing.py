"""What a closed pull request or a dissolved merge group leaves behind."""

from functools import partial

from gatekeeper import hosted
from gatekeeper.store import evaluations
from gatekeeper.workflows import ports, showing, steps


def close(using: ports.Ports, place: hosted.Place, *, pull: int | None, head: str | None) -> None:
    """Stop what is under way for it, and show each commit's check run as what is still open makes it.

    A pull request that is open again by now is left alone: deliveries may come late, or in another order.
    """
    if pull is not None and steps.step("look", lambda: using.pulls.get(place, pull).open):
        return
    heads = steps.step(
        "close", lambda: evaluations.close(using.database, place.repository, pull=pull, head=head, now=using.now())
    )
    for one in heads:
        steps.step("show", partial(showing.show, using, place, one))
