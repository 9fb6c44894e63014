"""Comments on a bad way to GitHub: whatever fails, each finding has one comment in the end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.forge import forge as forges
from gatekeeper.verdicts import publication
from tests.fakes.github import faults, state
from tests.integration import forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_WRITING = {**forge_setting.PERMISSIONS, "contents": "write"}
_FAULTS = {
    "500": faults.server_error(),
    "502 once done": faults.server_error(502, handled=True),
    "reset": faults.reset(),
    "reset once done": faults.reset(handled=True),
    "secondary limit": faults.secondary_limit(7),
    "time-out": faults.slow(0.6),
    "time-out once done": faults.slow(0.6, handled=True),
}


def _comment(number: int, line: int | None, words: str = "finding") -> publication.Comment:
    return publication.Comment(fingerprint=f"{number:08x}", path="calc.py", line=line, body=f"{words} {number}")


def _life(here: forge_setting.Setting, pull: state.Pull, forge: Callable[[], forges.Forge]) -> None:
    """Publish a review, one that mends two findings, changes one and has a new one, and answer a command twice."""
    first = (_comment(1, 1), _comment(2, 2), _comment(3, None))
    second = (_comment(2, 2, "still"), _comment(4, 3))
    for comments in (first, second):
        review = publication.PullReview(head=pull.head_sha, body="body", comments=comments)
        here.insist(lambda review=review: forge().comments.publish(here.place, pull.number, review))  # type: ignore[misc]
    for words in ("help", "more help"):
        here.insist(lambda words=words: forge().comments.reply(here.place, pull.number, "delivery/1", words))  # type: ignore[misc]


def _end(pull: state.Pull) -> tuple[object, ...]:
    comments = sorted((one.body.partition("\n")[0], one.id in pull.resolved) for one in pull.review_comments.values())
    return comments, [one.body.partition("\n")[0] for one in pull.comments.values()]


_EXPECTED = ([("finding 1", True), ("finding 3", True), ("finding 4", False), ("still 2", False)], ["more help"])


@pytest.mark.parametrize("fault", _FAULTS.values(), ids=_FAULTS.keys())
def test_every_call_may_fail_once(tmp_path: Path, fault: faults.Fault) -> None:
    with forge_setting.stand(tmp_path, _WRITING, patience=forge_setting.HURRY) as here:
        pull = here.pull()
        here.world.faults = faults.each_once(fault)

        _life(here, pull, lambda: here.forge)

        assert _end(pull) == _EXPECTED


def test_an_answer_may_be_lost_anywhere(tmp_path: Path) -> None:
    with forge_setting.stand(tmp_path, _WRITING) as here:
        pull = here.pull("first")
        before = here.world.requests
        _life(here, pull, lambda: here.forge)
        taken = here.world.requests - before
        assert _end(pull) == _EXPECTED

        for number in range(taken):
            pull = here.pull(f"topic{number}", lines=number + 5)
            here.world.faults = faults.at(here.world.requests + 1 + number, faults.reset(handled=True))
            _life(here, pull, lambda: here.forge)
            assert (number, _end(pull)) == (number, _EXPECTED)


@pytest.mark.parametrize("lag", [1, 2, 4])
def test_what_lists_did_not_show_is_not_there_twice_in_the_end(tmp_path: Path, lag: int) -> None:
    with forge_setting.stand(tmp_path, _WRITING) as here:
        pull = here.pull()
        here.world.lag.lists = lag
        here.world.faults = faults.each_once(faults.reset(handled=True))
        review = publication.PullReview(head=pull.head_sha, body="body", comments=(_comment(1, 1), _comment(2, 2)))

        here.insist(lambda: here.forge.comments.publish(here.place, pull.number, review))
        here.world.settle()
        here.insist(lambda: here.forge.comments.publish(here.place, pull.number, review))

        assert sorted(one.body.partition("\n")[0] for one in pull.review_comments.values()) == [
            "finding 1",
            "finding 2",
        ]


def test_a_limit_on_writing_is_waited_for_and_all_is_said(tmp_path: Path) -> None:
    with forge_setting.stand(tmp_path, _WRITING) as here:
        pull = here.pull()
        here.world.limits.creations_a_minute = 3
        # none of them lies in the diff: each becomes a comment of its own
        comments = tuple(_comment(number, 39) for number in range(1, 9))
        review = publication.PullReview(head=pull.head_sha, body="body", comments=comments)

        with pytest.raises(errors.RateLimitError) as caught:
            here.forge.comments.publish(here.place, pull.number, review)
        assert 0 < caught.value.seconds <= 61
        here.insist(lambda: here.forge.comments.publish(here.place, pull.number, review))

        assert len(pull.review_comments) == 8


def test_an_exhausted_hour_says_when_it_ends(tmp_path: Path) -> None:
    with forge_setting.stand(tmp_path) as here:
        pull = here.pull()
        here.world.limits.exhaust(here.installation, here.world.now())

        with pytest.raises(errors.RateLimitError) as caught:
            here.forge.pulls.get(here.place, pull.number)

        assert 3000 < caught.value.seconds <= 3602
        here.world.clock.advance(seconds=caught.value.seconds)
        assert here.forge.pulls.get(here.place, pull.number).number == pull.number
