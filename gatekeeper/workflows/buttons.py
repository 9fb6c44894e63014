"""Comments and buttons, as intake enqueues them -> orders, carried out."""

import contextlib
from typing import Any

from gatekeeper import commands, errors, hosted
from gatekeeper.report.github import checkrun
from gatekeeper.store import commands as log
from gatekeeper.store import evaluations
from gatekeeper.workflows import ordering, ports, rerunning, steps

_WISHES: dict[str, commands.Command] = {
    checkrun.RERUN: commands.Review(),
    checkrun.APPLY_FIX: commands.ApplyFix(),
    # of the tests that would fail, those that tell most
    checkrun.EXPLAIN: commands.Explain(test=""),
}


def command(using: ports.Ports, given: dict[str, Any]) -> str:
    """Carry out the command in a comment; return what became of it."""
    wish = commands.parse(given["body"])
    # intake enqueues only comments with a command
    assert wish is not None
    place = hosted.Place(**given["place"])
    steps.step("react", lambda: _react(using, place, given))
    order = ordering.Order(
        delivery=given["delivery"], place=place, sender=given["sender"], pull=given["pull"], wish=wish
    )
    return ordering.carry_out(using, order)


def _react(using: ports.Ports, place: hosted.Place, given: dict[str, Any]) -> None:
    # a comment that was deleted, or a conversation that is locked, keeps nobody from giving a command
    with contextlib.suppress(errors.MissingError, errors.ForbiddenError, errors.RefusedError):
        using.comments.react(place, given["comment"], review_comment=given["review_comment"], content="eyes")


def action(using: ports.Ports, given: dict[str, Any]) -> str:
    """Carry out what a button of the check run on a commit asks for, for each pull request that it is about."""
    wish = _WISHES.get(given["identifier"])
    if wish is None:
        return f"there is no button {given['identifier']!r}"
    place = hosted.Place(**given["place"])
    if isinstance(wish, commands.Review):
        return _rerun(using, place, given)
    pulls = steps.step("pulls", lambda: _pulls(using, place, given["head"]))
    done = [
        ordering.carry_out(
            using,
            ordering.Order(
                delivery=f"{given['delivery']}/{pull}",
                place=place,
                sender=given["sender"],
                pull=pull,
                wish=wish,
                head=given["head"],
            ),
        )
        for pull in pulls
    ]
    return "; ".join(done)


def _rerun(using: ports.Ports, place: hosted.Place, given: dict[str, Any]) -> str:
    """Review all that is on the commit again, merge groups too, which nobody can answer a comment on."""
    permission = steps.step("permission", lambda: using.pulls.permission(place, given["sender"]))
    answer = "refused"
    if commands.allowed(commands.Review(), permission):
        answer = f"{rerunning.rerun(using, place, given['head'], given['delivery'])} new reviews were asked for"
    entry = log.Entry(
        id=given["delivery"],
        repository=place.repository,
        pull=None,
        sender=given["sender"],
        permission=permission,
        command=repr(commands.Review()),
        answer=answer,
        at=using.now(),
    )
    steps.step("log", lambda: log.log(using.database, entry))
    return answer


def _pulls(using: ports.Ports, place: hosted.Place, head: str) -> list[int]:
    on_head = evaluations.on_head(using.database, place.repository, head)
    return [one.asked.pull for one in on_head if one.asked.pull is not None]
