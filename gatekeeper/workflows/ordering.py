"""What people ask for by a comment or a button: checked against their permission, done, answered, logged."""

from dataclasses import dataclass, replace
from functools import partial

from gatekeeper import commands, errors, evaluation, hosted
from gatekeeper.repair import candidate
from gatekeeper.report.github import explanation, replies
from gatekeeper.report.visible import visible
from gatekeeper.simulation import prediction
from gatekeeper.store import commands as log
from gatekeeper.store import database, deliveries, evaluations, fates, offers, overrides, records
from gatekeeper.verdicts import verdict
from gatekeeper.workflows import asking, ports, showing, steps

# failing tests that the button explains at once; the command explains any other
_EXPLAINED = 3
# of a fix's commit: characters of a name, and tests that are named
_LONG, _LISTED = 150, 10
_HOW = {
    candidate.Source.EDIT: "by an edit of",
    candidate.Source.MODEL: "by what a model wrote in",
    candidate.Source.UNDO: "by undoing lines of",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Somebody's wish."""

    # the delivery that it came by, which names what it causes
    delivery: str
    place: hosted.Place
    # login
    sender: str
    pull: int
    wish: commands.Command
    # the commit whose button was pressed; None for a comment
    head: str | None = None


def carry_out(using: ports.Ports, order: Order) -> str:
    """Do what the order says if its sender may; return what became of it, one sentence."""
    try:
        permission = steps.step("permission", lambda: using.pulls.permission(order.place, order.sender))
    except errors.ForgeError as problem:
        unknown = f"their permission could not be read: {problem}"
        steps.step("log", lambda: _log(using, order, "unknown", unknown))
        return unknown
    if commands.allowed(order.wish, permission):
        answer = _answered(using, order)
    else:
        answer = {"short": "refused", "words": replies.refused(order.wish, order.sender, permission)}
    steps.step("log", lambda: _log(using, order, permission, answer["short"]))
    steps.step("reply", lambda: using.comments.reply(order.place, order.pull, order.delivery, answer["words"]))
    return str(answer["short"])


def _answered(using: ports.Ports, order: Order) -> steps.Json:
    try:
        return _done(using, order)
    except errors.ForgeError as problem:
        return {"short": f"failed: {problem}", "words": replies.failed(order.wish, str(problem))}


def _done(using: ports.Ports, order: Order) -> steps.Json:  # noqa: PLR0911 - one arm for each command
    match order.wish:
        case commands.Help():
            return {"short": "helped", "words": replies.help_text()}
        case commands.Unknown():
            return {"short": "not understood", "words": replies.unknown(order.wish)}
        case commands.Review():
            return _review(using, order)
        case commands.Explain(test=test):
            return steps.step("explain", lambda: _explain(using, order, test))
        case commands.Override(reason=reason):
            return _override(using, order, reason)
        case commands.CancelOverride():
            return _cancel_override(using, order)
        case commands.ApplyFix():
            return steps.step("apply", lambda: _apply(using, order))


def _review(using: ports.Ports, order: Order) -> steps.Json:
    head = steps.step("ask", lambda: review_again(using, order.place, order.pull, order.delivery))
    return {"short": "a new review was asked for", "words": replies.reviewing(head)}


def review_again(using: ports.Ports, place: hosted.Place, number: int, attempt: str) -> str:
    """Ask for another review of the pull request as it is now, once for each `attempt`; return its head.

    Raises RefusedError where it is closed.
    """
    pull = using.pulls.get(place, number)
    if not pull.open:
        raise errors.RefusedError(f"pull request {number} is closed: reopen it first")
    begin(
        using,
        asking.of_pull(place, number=number, head=pull.head, base=pull.base, base_ref=pull.base_ref, attempt=attempt),
    )
    return pull.head


def begin(using: ports.Ports, asked: evaluation.Asked) -> str:
    """Ask for the review, once for each id."""
    with database.writing(using.database) as session:
        return asking.begin(session, using.client, asked, using.now())


def _explain(using: ports.Ports, order: Order, test: str) -> steps.Json:
    found = evaluations.current_of_pull(using.database, order.place.repository, order.pull)
    if found is None or found.reviewed is None:
        return {"short": "nothing to explain", "words": replies.nothing_to_explain()}
    done = records.find(using.database, found.reviewed.review)
    failing = [said.test for said in done.predictions if verdict.fails(said, done.policy)]
    tests = [test] if test else _worth_explaining(done.predictions, failing)
    if not tests:
        return {"short": "nothing to explain", "words": replies.nothing_to_explain()}
    url = f"{using.github}/{order.place.name}"
    words = "\n\n".join(explanation.explain(done, one, repository_url=url) for one in tests)
    return {"short": f"explained {len(tests)} tests", "words": replies.cut(words)}


def _worth_explaining(said: tuple[prediction.Prediction, ...], failing: list[str]) -> list[str]:
    """Return failing tests, those with a trace first: there is one for each group of failures."""
    traced = {one.test for one in said if one.trace is not None}
    return sorted(failing, key=lambda test: test not in traced)[:_EXPLAINED]


def _override(using: ports.Ports, order: Order, reason: str) -> steps.Json:
    given = evaluation.Override(by=order.sender, reason=reason)
    head = steps.step("override", lambda: _note_override(using, order, given))
    if head is None:
        return {"short": "nothing to override", "words": replies.nothing_to_override()}
    _show(using, order.place, (head,))
    return {"short": f"overridden: {reason}", "words": replies.overridden(given, head)}


def _note_override(using: ports.Ports, order: Order, given: evaluation.Override) -> str | None:
    """Let the override hold for the pull request's head and return it; None where it is not the one on record."""
    head = using.pulls.get(order.place, order.pull).head
    found = evaluations.current_of_pull(using.database, order.place.repository, order.pull)
    if found is None or found.asked.head != head:
        return None
    overrides.override(using.database, order.delivery, found.asked, given, now=using.now())
    return head


def _cancel_override(using: ports.Ports, order: Order) -> steps.Json:
    heads = steps.step("cancel override", lambda: _note_cancelled(using, order))
    _show(using, order.place, heads)
    return {"short": "override cancelled" if heads else "no override", "words": replies.cancelled(bool(heads))}


def _note_cancelled(using: ports.Ports, order: Order) -> tuple[str, ...]:
    now = using.now()
    asked = deliveries.received(using.database, order.delivery) or now
    return overrides.cancel_override(using.database, order.place.repository, order.pull, asked=asked, now=now)


def _show(using: ports.Ports, place: hosted.Place, heads: tuple[str, ...] | list[str]) -> None:
    for one in heads:
        steps.step("show", partial(showing.show, using, place, one))


def _apply(using: ports.Ports, order: Order) -> steps.Json:
    found = _found(using, order)
    tried = offers.of_review(using.database, found.reviewed.review).fixes if found and found.reviewed else ()
    if not tried or found is None:
        return {"short": "no fix", "words": replies.no_fix()}
    pull = using.pulls.get(order.place, order.pull)
    assert found.reviewed is not None
    best, review = tried[0], found.reviewed.review
    message = _message(best)
    try:
        # where this was done before, the fix is the branch's head by now, and is found there
        sha = using.branches.apply(order.place, replace(pull, head=found.asked.head), best.replacement, message)
    except errors.RefusedError:
        if pull.head == found.asked.head:
            raise
        return {"short": "head has moved", "words": replies.moved_on(pull.head)}
    fates.apply(using.database, [(review, 0)], sha, by=order.sender, now=using.now())
    return {"short": f"applied as {sha}", "words": replies.applied(best, sha)}


def _message(fix: candidate.FixCandidate) -> str:
    """Return the message of the fix's commit: what it mends, how, and who tried it."""
    # without parameters, which may hold anything; what CI obeys is written in brackets
    tests = [visible(test.partition("[")[0])[:_LONG] for test in fix.mended]
    what = tests[0].rpartition("::")[2] if len(tests) == 1 else f"{len(tests)} tests"
    more = [f"and {len(tests) - _LISTED} more"] if len(tests) > _LISTED else []
    listed = "\n".join(f"- {test}" for test in [*tests[:_LISTED], *more])
    tried = f"Tried by {fix.tried_by} with {fix.kept} other affected tests, none of which it breaks."
    return f"Mend {what} {_HOW[fix.source]} {visible(fix.replacement.path)[:_LONG]}\n\nIt mends:\n{listed}\n\n{tried}"


def _found(using: ports.Ports, order: Order) -> evaluation.Evaluation | None:
    """Return the pull request's evaluation that the order is about."""
    if order.head is None:
        return evaluations.current_of_pull(using.database, order.place.repository, order.pull)
    on_head = evaluations.on_head(using.database, order.place.repository, order.head)
    return next((one for one in on_head if one.asked.pull == order.pull), None)


def _log(using: ports.Ports, order: Order, permission: str, answer: str) -> None:
    entry = log.Entry(
        id=order.delivery,
        repository=order.place.repository,
        pull=order.pull,
        sender=order.sender,
        permission=permission,
        command=repr(order.wish),
        answer=answer,
        at=using.now(),
    )
    log.log(using.database, entry)
