"""What a closed pull request or a dissolved merge group leaves behind."""

from functools import partial

from gatekeeper import hosted
from gatekeeper.store import evaluations
from gatekeeper.workflows import ports, showing, steps


def close(using: ports.Ports, place: hosted.Place, *, pull: int | None, head: str | None) -> None:
    """Stop what is under way for it, and show each commit's check run as what is still open makes it."""
    heads = steps.step(
        "close", lambda: evaluations.close(using.database, place.repository, pull=pull, head=head, now=using.now())
    )
    for one in heads:
        steps.asking("show", partial(showing.show, using, place, one))
