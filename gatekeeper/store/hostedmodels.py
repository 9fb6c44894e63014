"""The tables of the service: what arrived, what was asked for, what is shown on GitHub, who works."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.store.models import OfReview, Table


class Delivery(Table):
    """One webhook as received; its presence keeps a redelivery from being done again."""

    __tablename__ = "deliveries"

    id: Mapped[str] = mapped_column(primary_key=True, comment="X-GitHub-Delivery, which all attempts share")
    event: Mapped[str] = mapped_column(comment="X-GitHub-Event")
    action: Mapped[str | None] = mapped_column(comment="the payload's action")
    installation: Mapped[int | None] = mapped_column(BigInteger, comment="GitHub's number of the installation")
    repository: Mapped[int | None] = mapped_column(BigInteger, comment="GitHub's number of the repository")
    received: Mapped[datetime] = mapped_column(index=True, comment="when it was accepted, UTC: for retention")
    workflow: Mapped[str | None] = mapped_column(comment="id of the work it began; none where there was nothing to do")
    body: Mapped[bytes | None] = mapped_column(deferred=True, comment="zlib-compressed payload; removed by retention")


class Evaluation(Table):
    """A review that the service was asked for, from the request to what is shown."""

    __tablename__ = "evaluations"
    __table_args__ = (
        Index("ix_evaluations_repository_head", "repository", "head"),
        Index("ix_evaluations_pull_repository", "pull", "repository"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, comment="id of the workflow, made of what is reviewed")
    installation: Mapped[int] = mapped_column(BigInteger, comment="GitHub's number of the installation")
    repository: Mapped[int] = mapped_column(BigInteger, comment="GitHub's number of the repository")
    name: Mapped[str] = mapped_column(comment="owner/name when it was asked for")
    pull: Mapped[int | None] = mapped_column(Integer, comment="number of the pull request; none for a merge group")
    head: Mapped[str] = mapped_column(comment="SHA that is reviewed")
    head_ref: Mapped[str] = mapped_column(comment="what head is fetched by")
    base: Mapped[str] = mapped_column(comment="SHA of base when it was asked for")
    base_ref: Mapped[str] = mapped_column(comment="the branch to merge into")
    asked: Mapped[datetime] = mapped_column(index=True, comment="when it was asked for, UTC")
    state: Mapped[str] = mapped_column(
        index=True, comment="queued, running, done, skipped, superseded, abandoned or failed"
    )
    reason: Mapped[str] = mapped_column(comment="why it is in this state; empty where there is nothing to say")
    progress: Mapped[str] = mapped_column(comment="what it is doing, while it runs")
    open: Mapped[bool] = mapped_column(comment="whether the pull request is open, as far as is known")
    superseded_by: Mapped[str | None] = mapped_column(comment="SHA of the newer head")
    finished: Mapped[datetime | None] = mapped_column(comment="when it came to an end, UTC")
    review_id: Mapped[str | None] = mapped_column(
        ForeignKey("reviews.id", ondelete="SET NULL"), index=True, comment="the recorded review"
    )
    held_until: Mapped[datetime | None] = mapped_column(
        comment="until when a finished review waits for CI to end before it is published, UTC; none where it does not"
    )
    sought: Mapped[datetime | None] = mapped_column(
        comment="when GitHub was last asked for what CI did on its head, UTC; none before the first time"
    )
    ci_ended: Mapped[bool | None] = mapped_column(
        comment="whether all of CI on its head had ended then; none before the first time"
    )
    held_to: Mapped[dict[str, Any] | None] = mapped_column(
        comment="of base's configuration what holds after the review: ceiling, earn, earning, checks; none before it"
    )
    traits: Mapped[str | None] = mapped_column(comment="JSON of what kept the pull request out: draft, labels")
    conclusion: Mapped[str | None] = mapped_column(comment="what the check concludes where it was not reviewed")
    authority: Mapped[str | None] = mapped_column(comment="shadow, advise or block: what was in force")
    why_authority: Mapped[str] = mapped_column(comment="why that authority, one sentence")
    fail_not_analysed: Mapped[bool] = mapped_column(comment="whether not_analysed is configured to fail the check")
    draft: Mapped[dict[str, Any] | None] = mapped_column(deferred=True, comment="the comments to publish")


class Head(Table):
    """A commit with a check run, which all pull requests with that head share."""

    __tablename__ = "heads"

    repository: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, comment="GitHub's number of the repository"
    )
    head: Mapped[str] = mapped_column(primary_key=True, comment="SHA of the commit")
    revision: Mapped[int] = mapped_column(Integer, comment="raised by every change of what is to be shown")
    shown: Mapped[int] = mapped_column(Integer, comment="revision that GitHub shows")


class Override(Table):
    """A maintainer's word against a verdict; holds for one head."""

    __tablename__ = "overrides"
    __table_args__ = (Index("ix_overrides_repository_head", "repository", "head"),)

    id: Mapped[str] = mapped_column(primary_key=True, comment="the delivery that asked for it")
    repository: Mapped[int] = mapped_column(BigInteger, comment="GitHub's number of the repository")
    pull: Mapped[int] = mapped_column(Integer, comment="number of the pull request")
    head: Mapped[str] = mapped_column(comment="SHA that it holds for")
    by: Mapped[str] = mapped_column(comment="login of who asked for it")
    reason: Mapped[str] = mapped_column(comment="their reason")
    made: Mapped[datetime] = mapped_column(comment="when, UTC")
    cancelled: Mapped[datetime | None] = mapped_column(comment="when it was taken back, UTC")


class Command(Table):
    """What somebody asked for by a comment or a button, and what became of it."""

    __tablename__ = "commands"

    id: Mapped[str] = mapped_column(primary_key=True, comment="the delivery")
    repository: Mapped[int] = mapped_column(BigInteger, index=True, comment="GitHub's number of the repository")
    pull: Mapped[int | None] = mapped_column(Integer, comment="number of the pull request")
    sender: Mapped[str] = mapped_column(comment="login of who asked")
    permission: Mapped[str] = mapped_column(comment="their permission on the repository then")
    command: Mapped[str] = mapped_column(comment="what was asked for")
    answer: Mapped[str] = mapped_column(comment="what became of it, one sentence")
    at: Mapped[datetime] = mapped_column(comment="when, UTC")


class Worker(Table):
    """A process that does durable work."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True, comment="executor id: its slot")
    version: Mapped[str] = mapped_column(comment="protocol number of the workflows that it runs")
    host: Mapped[str] = mapped_column(comment="machine and process")
    seen: Mapped[datetime] = mapped_column(comment="its last heartbeat, UTC")
    since: Mapped[datetime] = mapped_column(comment="its first heartbeat without a gap since, UTC")


class Fix(Table):
    """A fix candidate that was tried."""

    __tablename__ = "fixes"
    # figures are counted in it alone
    __table_args__ = (Index("ix_fixes_figures", "counted", "repository_id", "offered", "source", "became", "in_ci"),)

    review_id: Mapped[OfReview]
    position: Mapped[int] = mapped_column(Integer, primary_key=True, comment="order in the review, the best first")
    source: Mapped[str] = mapped_column(comment="where it comes from")
    path: Mapped[str] = mapped_column(comment="the file it changes")
    start: Mapped[int] = mapped_column(Integer, comment="first line replaced, from 1, at head")
    end: Mapped[int] = mapped_column(Integer, comment="last line replaced; start - 1 where lines are only inserted")
    text: Mapped[str] = mapped_column(comment="the new lines")
    diff: Mapped[str] = mapped_column(comment="unified diff against head")
    mends: Mapped[list[Any]] = mapped_column(comment="fingerprints of the findings that it mends")
    mended: Mapped[list[Any]] = mapped_column(comment="tests that fail without it and pass with it")
    kept: Mapped[int] = mapped_column(Integer, comment="other tests that were run with it and pass")
    tried_by: Mapped[str] = mapped_column(comment="the engine that tried it")
    agreement: Mapped[int] = mapped_column(
        Integer, default=0, comment="samples of the model that say the same; 0 for what it did not write"
    )
    became: Mapped[str] = mapped_column(default="offered", comment="what was done with it: offered, applied or ignored")
    applied: Mapped[str | None] = mapped_column(
        index=True, comment="SHA of the commit that has it; none where it was not applied"
    )
    applied_by: Mapped[str | None] = mapped_column(comment="login of who asked for it, where the App applied it")
    became_at: Mapped[datetime | None] = mapped_column(comment="when that was known, UTC")
    in_ci: Mapped[str | None] = mapped_column(
        comment="what real CI then said of the tests that it mends: passed or failed; none as long as that is not known"
    )
    repository_id: Mapped[int] = mapped_column(Integer, ForeignKey("repositories.id"), comment="the repository")
    offered: Mapped[datetime] = mapped_column(comment="when the review began, UTC")
    counted: Mapped[bool] = mapped_column(
        default=False, comment="whether it is the one that counts for a finding of its pull request"
    )
