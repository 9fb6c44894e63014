"""The tables of what is offered beyond a verdict; fixes have one of their own among those of the service."""

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.store.models import OfReview, Table


class Cause(Table):
    """What a finding is due to."""

    __tablename__ = "causes"

    review_id: Mapped[OfReview]
    position: Mapped[int] = mapped_column(Integer, primary_key=True, comment="order in the review, from 0")
    fingerprint: Mapped[str] = mapped_column(comment="of the finding")
    test: Mapped[str] = mapped_column(comment="the test that was run")
    lines: Mapped[list[Any]] = mapped_column(
        comment="[path, first, last, lines before] of the smallest part of the change that causes the failure"
    )
    exact: Mapped[bool] = mapped_column(comment="whether that was seen by running without them")
    why: Mapped[str] = mapped_column(comment="one sentence")
    departure: Mapped[list[Any]] = mapped_column(
        comment="[test, path, line, name, before, after] where the run departs from the one before; empty: not known"
    )


class ProposedTest(Table):
    """A test of a changed function that no test reaches, run on both trees."""

    __tablename__ = "proposed_tests"

    review_id: Mapped[OfReview]
    position: Mapped[int] = mapped_column(Integer, primary_key=True, comment="order in the review, from 0")
    symbol: Mapped[str] = mapped_column(comment="the function")
    path: Mapped[str] = mapped_column(comment="file that it would be")
    text: Mapped[str] = mapped_column(comment="content of that file")
    source: Mapped[str] = mapped_column(comment="who wrote it: model, ghostwriter or observed")
    before: Mapped[str | None] = mapped_column(comment="how it ended before the change; none: no such function")
    before_exception: Mapped[str] = mapped_column(comment="Type: message, first line; empty where it passed")
    after: Mapped[str] = mapped_column(comment="how it ended after the change")
    after_exception: Mapped[str] = mapped_column(comment="Type: message, first line; empty where it passed")
    found: Mapped[str] = mapped_column(comment="what that found, one sentence")
    tried_by: Mapped[str] = mapped_column(comment="the engine that ran it")
