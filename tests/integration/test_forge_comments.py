from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper import errors, hosted
from gatekeeper.verdicts import publication
from tests.fakes.github import state
from tests.integration import forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_WRITING = {**forge_setting.PERMISSIONS, "contents": "write"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[forge_setting.Setting]:
    with forge_setting.stand(tmp_path) as setting:
        yield setting


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[forge_setting.Setting]:
    with forge_setting.stand(tmp_path, _WRITING) as setting:
        yield setting


def _comment(number: int, line: int | None = None, **changed: object) -> publication.Comment:
    comment = publication.Comment(
        fingerprint=f"{number:08x}",
        path="calc.py",
        line=number if line is None else line,
        body=f"finding {number}\n\n<!-- gatekeeper:{number:08x} -->",
    )
    return replace(comment, **changed)  # type: ignore[arg-type]


def _review(
    pull: state.Pull, *comments: publication.Comment, body: str = "2 tests would fail"
) -> publication.PullReview:
    return publication.PullReview(head=pull.head_sha, body=body, comments=comments)


def _said(pull: state.Pull) -> list[tuple[str, int | None]]:
    return [(one.body.partition("\n")[0], one.line) for one in pull.review_comments.values()]


def _publish(
    here: forge_setting.Setting, pull: state.Pull, *comments: publication.Comment, body: str = "2 tests would fail"
) -> hosted.Published:
    return here.forge.comments.publish(here.place, pull.number, _review(pull, *comments, body=body))


def test_new_comments_come_in_one_review_under_its_body(here: forge_setting.Setting) -> None:
    pull = here.pull()

    published = _publish(here, pull, _comment(1), _comment(3, start_line=2))

    (review,) = pull.reviews
    assert (review.state, review.body, review.commit_id) == ("COMMENTED", "2 tests would fail", pull.head_sha)
    assert _said(pull) == [("finding 1", 1), ("finding 3", 3)]
    assert [one.start_line for one in pull.review_comments.values()] == [None, 2]
    assert published == hosted.Published(made=2, updated=0, resolved=0, refused=())


def test_publishing_again_changes_nothing(here: forge_setting.Setting) -> None:
    pull = here.pull()
    _publish(here, pull, _comment(1), _comment(2))

    published = here.again().comments.publish(here.place, pull.number, _review(pull, _comment(1), _comment(2)))

    assert published == hosted.Published(made=0, updated=0, resolved=0, refused=())
    assert len(pull.reviews) == 1
    assert len(pull.review_comments) == 2


def test_nothing_to_say_says_nothing(here: forge_setting.Setting) -> None:
    pull = here.pull()

    assert _publish(here, pull) == hosted.Published(made=0, updated=0, resolved=0, refused=())
    assert pull.reviews == []


def test_a_comment_on_the_file_stands_where_there_is_no_line(here: forge_setting.Setting) -> None:
    pull = here.pull()

    published = _publish(here, pull, _comment(1), replace(_comment(2), line=None))

    assert published.made == 2
    assert _said(pull) == [("finding 1", 1), ("finding 2", None)]
    assert [one.subject for one in pull.review_comments.values()] == ["line", "file"]


def test_a_line_outside_the_diff_falls_back_to_its_file_and_the_others_are_kept(here: forge_setting.Setting) -> None:
    pull = here.pull()

    published = _publish(here, pull, _comment(1), _comment(2, line=39), _comment(3, path="other.py"))

    assert published == hosted.Published(made=2, updated=0, resolved=0, refused=("00000003",))
    assert _said(pull) == [("finding 1", 1), ("finding 2", None)]
    # the one that is refused is tried again, the others are known
    assert _publish(here, pull, _comment(1), _comment(2, line=39)).made == 0


def test_a_comment_is_updated_in_its_place(here: forge_setting.Setting) -> None:
    pull = here.pull()
    _publish(here, pull, _comment(1))
    (comment,) = pull.review_comments.values()

    published = _publish(here, pull, _comment(1, body="now 3 tests\n\n<!-- gatekeeper:00000001 -->"))

    assert published == hosted.Published(made=0, updated=1, resolved=0, refused=())
    assert pull.review_comments == {comment.id: comment}
    assert comment.body.startswith("now 3 tests")


def _suggesting(number: int, **changed: object) -> publication.Comment:
    body = f"finding {number}\n\n```suggestion\nx = 1\n```\n\n<!-- gatekeeper:{number:08x} -->"
    return replace(_comment(number, body=body), **changed)  # type: ignore[arg-type]


def test_a_suggestion_for_the_lines_of_the_comment_is_added_to_it(here: forge_setting.Setting) -> None:
    pull = here.pull()
    _publish(here, pull, _comment(1), _comment(3, start_line=2))
    before = list(pull.review_comments)

    published = _publish(here, pull, _suggesting(1), _suggesting(3, start_line=2))

    assert published == hosted.Published(made=0, updated=2, resolved=0, refused=())
    assert list(pull.review_comments) == before


@pytest.mark.parametrize(
    "changed",
    [{"line": 2}, {"line": 3, "start_line": 1}, {"line": 1, "start_line": None}],
    ids=["line", "lines", "one"],
)
def test_a_suggestion_for_other_lines_takes_a_comment_of_its_own_there(
    here: forge_setting.Setting, changed: dict[str, int | None]
) -> None:
    pull = here.pull()
    _publish(here, pull, _comment(1, line=3, start_line=2))

    published = _publish(here, pull, _suggesting(1, **changed))
    _publish(here, pull, _suggesting(1, **changed))

    assert published == hosted.Published(made=1, updated=0, resolved=0, refused=())
    (comment,) = pull.review_comments.values()
    assert (comment.line, comment.start_line) == (changed["line"], changed.get("start_line"))
    assert "suggestion" in comment.body


def test_a_suggestion_goes_from_a_comment_on_the_file_to_its_lines(writing: forge_setting.Setting) -> None:
    pull = writing.pull()
    _publish(writing, pull, replace(_comment(1), line=None))
    (first,) = pull.review_comments

    _publish(writing, pull, _suggesting(1, line=2))

    assert [line for _, line in _said(pull)] == [None, 2]
    assert pull.resolved == {first}


def test_a_comment_that_was_answered_stays_and_is_resolved_where_its_suggestion_goes_elsewhere(
    writing: forge_setting.Setting,
) -> None:
    pull = writing.pull()
    _publish(writing, pull, _comment(1))
    (first,) = pull.review_comments.values()
    writing.world.reply(first, "ada", "why?")

    published = _publish(writing, pull, _suggesting(1, line=3))
    again = _publish(writing, pull, _suggesting(1, line=3))

    assert published == hosted.Published(made=1, updated=0, resolved=1, refused=())
    assert again == hosted.Published(made=0, updated=0, resolved=0, refused=())
    assert pull.resolved == {first.id}
    old, answer, new = pull.review_comments.values()
    assert (old.body.startswith("*Goes on"), "gatekeeper:" in old.body, answer.body) == (True, False, "why?")
    assert (new.line, "suggestion" in new.body) == (3, True)


def test_an_outdated_comment_takes_its_suggestion_where_it_is(here: forge_setting.Setting) -> None:
    pull = here.pull()
    _publish(here, pull, _comment(1))
    (comment,) = pull.review_comments.values()
    comment.line = None

    published = _publish(here, pull, _suggesting(1, line=3))

    assert (published.made, published.updated, len(pull.review_comments)) == (0, 1, 1)


def test_a_body_without_its_mark_is_marked(here: forge_setting.Setting) -> None:
    pull = here.pull()

    for _ in range(2):
        _publish(here, pull, _comment(1, body="plain"))

    assert [one.body for one in pull.review_comments.values()] == ["plain\n\n<!-- gatekeeper:00000001 -->"]


def test_what_is_mended_has_its_thread_resolved_and_what_comes_back_opened(writing: forge_setting.Setting) -> None:
    pull = writing.pull()
    _publish(writing, pull, _comment(1), _comment(2))
    first, second = pull.review_comments.values()

    published = _publish(writing, pull, _comment(2))

    assert published == hosted.Published(made=0, updated=0, resolved=1, refused=())
    assert pull.resolved == {first.id}
    assert _publish(writing, pull, _comment(2)).resolved == 0
    _publish(writing, pull, _comment(1))
    assert pull.resolved == {second.id}
    assert len(pull.review_comments) == 2


def test_an_outdated_comment_keeps_its_thread(writing: forge_setting.Setting) -> None:
    pull = writing.pull()
    _publish(writing, pull, _comment(1))
    (comment,) = pull.review_comments.values()
    changed = "".join(f"line{number} = {number}{number}\n" for number in range(1, 41))
    writing.world.push(writing.hello, "topic", {"calc.py": changed})
    assert comment.line is None

    published = _publish(writing, pull, _comment(1, line=9))

    assert published == hosted.Published(made=0, updated=0, resolved=0, refused=())
    assert list(pull.review_comments.values()) == [comment]


def test_without_the_permission_to_resolve_the_comment_says_that_it_is_mended(here: forge_setting.Setting) -> None:
    pull = here.pull()
    _publish(here, pull, _comment(1))
    (comment,) = pull.review_comments.values()

    first, second = _publish(here, pull), _publish(here, pull)

    assert (first.resolved, second.resolved) == (1, 0)
    assert comment.body.startswith("*No longer found")
    assert comment.body.count("No longer found") == 1
    assert _publish(here, pull, _comment(1)).updated == 1
    assert comment.body.startswith("finding 1")


def test_what_may_not_be_resolved_is_asked_for_once(here: forge_setting.Setting) -> None:
    pull = here.pull()
    _publish(here, pull, *(_comment(number) for number in (1, 2, 3)))
    before = len(here.world.log)

    assert _publish(here, pull).resolved == 3
    assert _publish(here, pull).resolved == 0

    asked = [entry.status for entry in here.world.log[before:] if entry.call.path.endswith("/access_tokens")]
    assert asked == [422]


def test_marks_in_others_comments_are_not_believed(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.review(pull, "mallory", "calc.py", 1, "mine\n\n<!-- gatekeeper:00000001 -->")
    here.world.review(pull, "gatekeeper", "calc.py", 1, "mine\n\n<!-- gatekeeper:00000001 -->")

    published = _publish(here, pull, _comment(1))

    assert published.made == 1
    assert len(pull.review_comments) == 3
    assert [one.body.partition("\n")[0] for one in pull.review_comments.values()] == ["mine", "mine", "finding 1"]


def test_an_answer_to_a_comment_is_not_taken_for_it(here: forge_setting.Setting) -> None:
    pull = here.pull()
    _publish(here, pull, _comment(1))
    (comment,) = pull.review_comments.values()
    here.world.reply(comment, "ada", "quoting\n\n<!-- gatekeeper:00000001 -->")

    assert _publish(here, pull, _comment(1)) == hosted.Published(made=0, updated=0, resolved=0, refused=())
    assert len(pull.review_comments) == 2


def test_more_comments_than_a_page_are_all_found_again(here: forge_setting.Setting) -> None:
    pull = here.pull(lines=40)
    comments = [_comment(number, line=1 + number % 40) for number in range(1, 131)]
    _publish(here, pull, *comments)

    assert _publish(here, pull, *comments).made == 0
    assert len(pull.review_comments) == 130


def test_an_answer_in_the_conversation_is_made_once_for_its_key(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.comment(pull, "mallory", "mine\n\n<!-- gatekeeper:reply:delivery/1 -->")
    for forge, key, body in (
        (here.forge, "delivery/1", "help"),
        (here.again(), "delivery/1", "help"),
        (here.again(), "delivery/1", "more help"),
        (here.forge, "delivery/2", "other"),
    ):
        forge.comments.reply(here.place, pull.number, key, body)

    ours = [one.body.partition("\n")[0] for one in pull.comments.values() if one.app is here.app]
    assert ours == ["more help", "other"]
    assert len(pull.comments) == 3


def test_a_reaction_is_given_once(here: forge_setting.Setting) -> None:
    pull = here.pull()
    asked = here.world.comment(pull, "ada", "/gatekeeper review")
    inline = here.world.review(pull, "ada", "calc.py", 1, "why?")

    for _ in range(2):
        here.forge.comments.react(here.place, asked.id, review_comment=False, content="eyes")
        here.forge.comments.react(here.place, inline.id, review_comment=True, content="confused")

    assert [content for _, _, content in asked.reactions] == ["eyes"]
    assert [content for _, _, content in inline.reactions] == ["confused"]


def test_without_the_permission_to_comment_it_is_named(tmp_path: Path) -> None:
    granted = {**forge_setting.PERMISSIONS, "pull_requests": "read"}
    with forge_setting.stand(tmp_path, granted) as here:
        pull = here.pull()

        with pytest.raises(errors.ForbiddenError, match="pull_requests: write"):
            _publish(here, pull, _comment(1))
