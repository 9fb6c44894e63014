"""Routes of reviews and of comments of both kinds."""

from typing import TypeVar

import flask
from flask.typing import ResponseReturnValue

from tests.fakes.github import access, paging, payloads, problems, pull_payloads, state

Comment = TypeVar("Comment", state.IssueComment, state.ReviewComment)

blueprint = flask.Blueprint("comments", __name__)


@blueprint.post("/repos/<owner>/<repo>/pulls/<int:pull_number>/reviews")
def create_review(owner: str, repo: str, pull_number: int) -> ResponseReturnValue:
    pull = _pull(owner, repo, pull_number, "write")
    review = access.world().reviews.submit(pull, access.bot(), flask.request.get_json())
    return pull_payloads.review(access.world(), pull, review)


@blueprint.get("/repos/<owner>/<repo>/pulls/<int:pull_number>/reviews")
def list_reviews(owner: str, repo: str, pull_number: int) -> ResponseReturnValue:
    pull = _pull(owner, repo, pull_number, "read")
    found = [one for one in pull.reviews if access.world().listed(one.shows)]
    return paging.answer(found, lambda one: pull_payloads.review(access.world(), pull, one))


@blueprint.get("/repos/<owner>/<repo>/pulls/<int:pull_number>/reviews/<int:review_id>/comments")
def list_comments_of_review(owner: str, repo: str, pull_number: int, review_id: int) -> ResponseReturnValue:
    pull = _pull(owner, repo, pull_number, "read")
    if all(one.id != review_id for one in pull.reviews):
        raise problems.not_found()
    found = [one for one in pull.review_comments.values() if one.review is not None and one.review.id == review_id]
    return paging.answer(found, _legacy)


@blueprint.get("/repos/<owner>/<repo>/pulls/<int:pull_number>/comments")
def list_review_comments(owner: str, repo: str, pull_number: int) -> ResponseReturnValue:
    pull = _pull(owner, repo, pull_number, "read")
    found = [one for one in pull.review_comments.values() if access.world().listed(one.shows)]
    return paging.answer(found, lambda one: pull_payloads.review_comment(access.world(), one))


@blueprint.post("/repos/<owner>/<repo>/pulls/<int:pull_number>/comments")
def create_review_comment(owner: str, repo: str, pull_number: int) -> ResponseReturnValue:
    pull = _pull(owner, repo, pull_number, "write")
    comment = access.world().reviews.comment(pull, access.bot(), flask.request.get_json())
    return pull_payloads.review_comment(access.world(), comment), 201


@blueprint.post("/repos/<owner>/<repo>/pulls/<int:pull_number>/comments/<int:comment_id>/replies")
def create_reply(owner: str, repo: str, pull_number: int, comment_id: int) -> ResponseReturnValue:
    pull = _pull(owner, repo, pull_number, "write")
    given = flask.request.get_json()
    comment = access.world().reviews.reply(pull, access.bot(), comment_id, given.get("body"))
    return pull_payloads.review_comment(access.world(), comment), 201


@blueprint.get("/repos/<owner>/<repo>/pulls/comments/<int:comment_id>")
def show_review_comment(owner: str, repo: str, comment_id: int) -> ResponseReturnValue:
    found = access.repository(owner, repo, pull_requests="read")
    return pull_payloads.review_comment(access.world(), _review_comment(found, comment_id))


@blueprint.patch("/repos/<owner>/<repo>/pulls/comments/<int:comment_id>")
def edit_review_comment(owner: str, repo: str, comment_id: int) -> ResponseReturnValue:
    comment = _own(_review_comment(access.repository(owner, repo, pull_requests="write"), comment_id))
    access.world().reviews.edit(comment, access.bot(), flask.request.get_json().get("body"))
    return pull_payloads.review_comment(access.world(), comment)


@blueprint.delete("/repos/<owner>/<repo>/pulls/comments/<int:comment_id>")
def delete_review_comment(owner: str, repo: str, comment_id: int) -> ResponseReturnValue:
    comment = _own(_review_comment(access.repository(owner, repo, pull_requests="write"), comment_id))
    access.world().reviews.delete(comment, access.bot())
    return "", 204


@blueprint.post("/repos/<owner>/<repo>/pulls/comments/<int:comment_id>/reactions")
def react_to_review_comment(owner: str, repo: str, comment_id: int) -> ResponseReturnValue:
    return _react(_review_comment(access.repository(owner, repo, pull_requests="write"), comment_id))


@blueprint.get("/repos/<owner>/<repo>/issues/<int:issue_number>/comments")
def list_issue_comments(owner: str, repo: str, issue_number: int) -> ResponseReturnValue:
    pull = access.pull(_conversation(owner, repo, "read"), issue_number)
    found = [one for one in pull.comments.values() if access.world().listed(one.shows)]
    return paging.answer(found, lambda one: pull_payloads.issue_comment(access.world(), one))


@blueprint.post("/repos/<owner>/<repo>/issues/<int:issue_number>/comments")
def create_issue_comment(owner: str, repo: str, issue_number: int) -> ResponseReturnValue:
    pull = access.pull(_conversation(owner, repo, "write"), issue_number)
    body = flask.request.get_json().get("body")
    comment = access.world().comments.create(pull, access.bot(), body, access.token().installation.app)
    return pull_payloads.issue_comment(access.world(), comment), 201


@blueprint.get("/repos/<owner>/<repo>/issues/comments/<int:comment_id>")
def show_issue_comment(owner: str, repo: str, comment_id: int) -> ResponseReturnValue:
    comment = _issue_comment(_conversation(owner, repo, "read"), comment_id)
    return pull_payloads.issue_comment(access.world(), comment)


@blueprint.patch("/repos/<owner>/<repo>/issues/comments/<int:comment_id>")
def edit_issue_comment(owner: str, repo: str, comment_id: int) -> ResponseReturnValue:
    comment = _own(_issue_comment(_conversation(owner, repo, "write"), comment_id))
    access.world().comments.edit(comment, access.bot(), flask.request.get_json().get("body"))
    return pull_payloads.issue_comment(access.world(), comment)


@blueprint.delete("/repos/<owner>/<repo>/issues/comments/<int:comment_id>")
def delete_issue_comment(owner: str, repo: str, comment_id: int) -> ResponseReturnValue:
    comment = _own(_issue_comment(_conversation(owner, repo, "write"), comment_id))
    access.world().comments.delete(comment, access.bot())
    return "", 204


@blueprint.post("/repos/<owner>/<repo>/issues/comments/<int:comment_id>/reactions")
def react_to_issue_comment(owner: str, repo: str, comment_id: int) -> ResponseReturnValue:
    return _react(_issue_comment(_conversation(owner, repo, "write"), comment_id))


def _pull(owner: str, repo: str, number: int, level: str) -> state.Pull:
    return access.pull(access.repository(owner, repo, pull_requests=level), number)


def _conversation(owner: str, repo: str, level: str) -> state.Repository:
    """Return the repository: of a pull request's conversation either permission will do."""
    found = access.named(access.world(), f"{owner}/{repo}")
    access.check_either(found, "issues", "pull_requests", level=level)
    return found


def _review_comment(found: state.Repository, number: int) -> state.ReviewComment:
    comment = access.world().review_comment(found, number)
    if comment is None:
        raise problems.not_found()
    return comment


def _issue_comment(found: state.Repository, number: int) -> state.IssueComment:
    comment = access.world().issue_comment(found, number)
    if comment is None:
        raise problems.not_found()
    return comment


def _own(comment: Comment) -> Comment:
    """Return the comment if it is the App's own."""
    if comment.author is not access.bot():
        raise problems.not_accessible()
    return comment


def _react(comment: state.IssueComment | state.ReviewComment) -> ResponseReturnValue:
    content = flask.request.get_json().get("content")
    given, new = access.world().comments.react(comment, access.bot(), content)
    return payloads.reaction(access.world(), given), 201 if new else 200


def _legacy(one: state.ReviewComment) -> state.Json:
    """Return a `review-comment`, the older form, which does without some fields."""
    return pull_payloads.review_comment(access.world(), one)
