"""The tables of outcomes and accuracy: what real CI did, how predictions compare, what follows from it."""

from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.store.columns import Words
from gatekeeper.store.models import OfReview, Table

# a column of the primary key that says which repository a row belongs to
OfRepository = Annotated[
    int,
    mapped_column(
        Integer, ForeignKey("repositories.id"), primary_key=True, autoincrement=False, comment="the repository"
    ),
]


class Job(Table):
    """A job of real CI that has ended, with what its tests did."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_repository_id_sha", "repository_id", "sha"),)

    id: Mapped[str] = mapped_column(primary_key=True, comment="where it is from, and its number there")
    repository_id: Mapped[int] = mapped_column(Integer, ForeignKey("repositories.id"), comment="the repository")
    sha: Mapped[str] = mapped_column(comment="SHA of the commit that CI names")
    tested: Mapped[str] = mapped_column(comment="which tree was tested: merge, head or group")
    name: Mapped[str] = mapped_column(comment="name of the job with its matrix, of the check run or of the status")
    workflow: Mapped[str] = mapped_column(comment="name of its workflow; empty where there is none")
    attempt: Mapped[int] = mapped_column(Integer, comment="counted from 1: a re-run is a new attempt")
    conclusion: Mapped[str] = mapped_column(comment="how it ended")
    started: Mapped[datetime | None] = mapped_column(comment="when it began, UTC; none where it never ran")
    completed: Mapped[datetime | None] = mapped_column(comment="when it ended, UTC")
    remarks: Mapped[list[Any]] = mapped_column(comment="what the runner said of how it ended")
    failed_steps: Mapped[list[Any]] = mapped_column(comment="names of the steps that failed")
    known: Mapped[datetime] = mapped_column(index=True, comment="when it became known here, UTC: for retention")
    source: Mapped[str] = mapped_column(comment="where its tests' outcomes are known from: report, summary or none")
    why: Mapped[str] = mapped_column(comment="why there are none, or not all; empty where all is well")
    reported: Mapped[int] = mapped_column(Integer, comment="tests that it reported by name")
    passed: Mapped[int | None] = mapped_column(Integer, comment="tests that passed, where a summary names them not")
    tests: Mapped[bytes | None] = mapped_column(
        deferred=True, comment="zlib-compressed JSON of the tests reported; removed by retention"
    )


class Settlement(Table):
    """A review compared with what real CI did."""

    __tablename__ = "settlements"
    __table_args__ = (Index("ix_settlements_repository_id_known", "repository_id", "known"),)

    review_id: Mapped[OfReview]
    repository_id: Mapped[int] = mapped_column(Integer, ForeignKey("repositories.id"), comment="the repository")
    known: Mapped[datetime] = mapped_column(index=True, comment="when the last of its jobs became known, UTC")
    label: Mapped[str] = mapped_column(comment="broken, sound, or none where it does not count")
    why: Mapped[str] = mapped_column(comment="why it is labelled so, one sentence")
    engine: Mapped[str] = mapped_column(comment="name of the engine that was asked, as in reviews")
    conclusion: Mapped[str] = mapped_column(comment="the verdict's, as in reviews")
    p_fail: Mapped[float | None] = mapped_column(
        comment="probability that the change breaks a test: the greatest of its tests; none where not analysed"
    )
    basis: Mapped[str | None] = mapped_column(
        comment="what would have blocked: executed, or the engine that imagined it; none where nothing would have"
    )
    tests: Mapped[dict[str, Any]] = mapped_column(comment="counts of its tests, predicted and real")
    uncounted: Mapped[list[Any]] = mapped_column(comment="[kind, what, why] of outcomes that do not count")
    # seconds from the request to the verdict, to the end of CI, and what a correct early failure would have saved
    verdict_seconds: Mapped[float | None] = mapped_column(comment="from the request to the verdict")
    ci_seconds: Mapped[float | None] = mapped_column(comment="from the request to the end of CI")
    job_seconds: Mapped[float] = mapped_column(comment="that all its jobs ran")
    saved_seconds: Mapped[float] = mapped_column(comment="of these, those after a verdict that was right to fail")
    cpu_seconds: Mapped[float] = mapped_column(comment="cost of the review: seconds of the sandbox")
    gpu_seconds: Mapped[float] = mapped_column(comment="cost of the review: seconds of model servers")
    tokens: Mapped[int] = mapped_column(BigInteger, comment="cost of the review: tokens of models")


class Score(Table):
    """One pull request's part of an engine's accuracy: scores of tests by what really happened. Adds up."""

    __tablename__ = "scores"
    __table_args__ = (Index("ix_scores_repository_id_day", "repository_id", "day"),)

    review_id: Mapped[OfReview]
    engine: Mapped[str] = mapped_column(Words, primary_key=True, comment="an engine, gate, parrot or historical")
    model: Mapped[str] = mapped_column(Words, primary_key=True, comment="the model; empty for what has none")
    version: Mapped[str] = mapped_column(Words, primary_key=True, comment="version of engine and model, or empty")
    unit: Mapped[str] = mapped_column(Words, primary_key=True, comment="test or pull_request")
    repository_id: Mapped[int] = mapped_column(Integer, ForeignKey("repositories.id"), comment="the repository")
    day: Mapped[date] = mapped_column(Date, comment="UTC day on which the outcome was known")
    counts: Mapped[dict[str, Any]] = mapped_column(comment="histogram of scores by label, and counts beside it")


class Rollup(Table):
    """The scores of one day added up."""

    __tablename__ = "rollups"

    repository_id: Mapped[OfRepository]
    day: Mapped[date] = mapped_column(Date, primary_key=True, comment="UTC day on which the outcomes were known")
    engine: Mapped[str] = mapped_column(Words, primary_key=True, comment="as in scores")
    model: Mapped[str] = mapped_column(Words, primary_key=True, comment="as in scores")
    version: Mapped[str] = mapped_column(Words, primary_key=True, comment="as in scores")
    unit: Mapped[str] = mapped_column(Words, primary_key=True, comment="as in scores")
    pulls: Mapped[int] = mapped_column(Integer, comment="pull requests that have a part in it")
    counts: Mapped[dict[str, Any]] = mapped_column(comment="as in scores")


class Day(Table):
    """What a repository's reviews of one day came to: counts, times, cost. Adds up."""

    __tablename__ = "days"

    repository_id: Mapped[OfRepository]
    day: Mapped[date] = mapped_column(Date, primary_key=True, comment="UTC day on which the reviews began")
    reviews: Mapped[int] = mapped_column(Integer, comment="reviews recorded")
    settled: Mapped[int] = mapped_column(Integer, comment="of these, those with a label")
    totals: Mapped[dict[str, Any]] = mapped_column(comment="sums over the reviews: verdicts, seconds, tokens")


class Summary(Table):
    """Figures of a repository, or of all, over a window, made from time to time so that pages need not."""

    __tablename__ = "summaries"

    scope: Mapped[str] = mapped_column(primary_key=True, comment="number of the repository in these records, or all")
    window: Mapped[str] = mapped_column(primary_key=True, comment="how far back: 7, 30, 90 or 365 days")
    made: Mapped[datetime] = mapped_column(comment="when, UTC")
    figures: Mapped[dict[str, Any]] = mapped_column(comment="the figures with their intervals")


class TestRecord(Table):
    """A test's history in real CI."""

    __tablename__ = "test_records"
    __table_args__ = (
        Index("ix_test_records_repository_id_seconds", "repository_id", "seconds"),
        Index("ix_test_records_repository_id_flaky", "repository_id", "flaky"),
        Index("ix_test_records_repository_id_wrong", "repository_id", "wrong"),
    )

    repository_id: Mapped[OfRepository]
    key: Mapped[str] = mapped_column(
        Words, primary_key=True, comment="dotted module and classes, ::, name with parameters"
    )
    runs: Mapped[int] = mapped_column(Integer, comment="outcomes counted")
    failures: Mapped[int] = mapped_column(Integer, comment="of these, those that did not pass")
    flaky: Mapped[int] = mapped_column(Integer, comment="commits on which it had both results")
    last_outcome: Mapped[str] = mapped_column(comment="the outcome known last")
    known: Mapped[datetime] = mapped_column(comment="when that became known, UTC")
    seconds: Mapped[float] = mapped_column(comment="its mean time in CI; 0 where that is not known")
    predicted: Mapped[int] = mapped_column(Integer, comment="predictions of it that were scored")
    wrong: Mapped[int] = mapped_column(Integer, comment="of these, those that were wrong")


class Calibrator(Table):
    """What turns an engine's raw scores into probabilities."""

    __tablename__ = "calibrators"
    __table_args__ = (
        Index("ix_calibrators_engine_repository_id", "engine", "repository_id"),
        Index("ix_calibrators_repository_id_fitted", "repository_id", "fitted"),
    )

    version: Mapped[str] = mapped_column(primary_key=True, comment="names it; predictions carry it")
    engine: Mapped[str] = mapped_column(comment="the engine whose scores it takes")
    model: Mapped[str] = mapped_column(comment="its model")
    repository_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("repositories.id"), comment="the repository; none where several are pooled"
    )
    fitted: Mapped[datetime] = mapped_column(comment="when, UTC")
    until: Mapped[datetime] = mapped_column(comment="outcomes known before this were fitted, later ones judged it")
    method: Mapped[str] = mapped_column(comment="isotonic or sigmoid")
    points: Mapped[list[Any]] = mapped_column(comment="[score, probability], ascending; lines between")
    pulls: Mapped[int] = mapped_column(Integer, comment="pull requests fitted on")
    judged_pulls: Mapped[int] = mapped_column(Integer, comment="pull requests that judged it")
    brier: Mapped[float] = mapped_column(comment="its Brier score on the later outcomes")
    brier_before: Mapped[float] = mapped_column(comment="that of what was in use before, on the same")
    kept: Mapped[bool] = mapped_column(comment="whether it was better, and so came into use")


class Standing(Table):
    """The authority that a repository's gate has earned, by what a verdict rests on."""

    __tablename__ = "standings"

    repository_id: Mapped[OfRepository]
    basis: Mapped[str] = mapped_column(Words, primary_key=True, comment="executed, or the engine that imagined")
    level: Mapped[str] = mapped_column(comment="shadow, advise or block: what is earned, whatever the ceiling")
    since: Mapped[datetime] = mapped_column(comment="when it came to that, UTC")
    checked: Mapped[datetime] = mapped_column(comment="when it was looked at last, UTC")
    terms: Mapped[dict[str, Any]] = mapped_column(comment="what it was held to")
    figures: Mapped[dict[str, Any]] = mapped_column(comment="what was measured then")


class AuthorityChange(Table):
    """One change of a gate's authority: the audit log."""

    __tablename__ = "authority_changes"
    __table_args__ = (Index("ix_authority_changes_repository_id_at", "repository_id", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True, comment="made of what changed and when: noted once")
    repository_id: Mapped[int] = mapped_column(Integer, ForeignKey("repositories.id"), comment="the repository")
    basis: Mapped[str] = mapped_column(comment="executed, or the engine that imagined; configuration for a ceiling")
    at: Mapped[datetime] = mapped_column(comment="when, UTC")
    before: Mapped[str] = mapped_column(comment="shadow, advise or block")
    after: Mapped[str] = mapped_column(comment="shadow, advise or block")
    why: Mapped[str] = mapped_column(comment="one sentence")
    figures: Mapped[dict[str, Any]] = mapped_column(comment="what was measured then, and what it was held to")


class Person(Table):
    """Somebody who signed in, and what GitHub lets them read."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, comment="GitHub's number")
    login: Mapped[str] = mapped_column(comment="name on GitHub when they last signed in")
    token: Mapped[bytes] = mapped_column(deferred=True, comment="their token, encrypted")
    refresh: Mapped[bytes | None] = mapped_column(
        deferred=True, comment="what renews it, encrypted; none where it lasts"
    )
    expires: Mapped[datetime | None] = mapped_column(comment="when the token ends, UTC; none where it lasts")
    repositories: Mapped[dict[str, Any]] = mapped_column(comment="GitHub's number -> read, write or admin")
    checked: Mapped[datetime] = mapped_column(comment="when GitHub was asked for these, UTC")


class SignIn(Table):
    """A browser in which somebody is signed in."""

    __tablename__ = "sign_ins"

    digest: Mapped[str] = mapped_column(primary_key=True, comment="SHA-256 of the cookie's secret, hex")
    person_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("people.id", ondelete="CASCADE"), index=True, comment="who"
    )
    made: Mapped[datetime] = mapped_column(comment="when, UTC")
    expires: Mapped[datetime] = mapped_column(index=True, comment="when it ends, UTC")


class ApiToken(Table):
    """A token for programs."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(primary_key=True, comment="random, not secret: names it on pages and in logs")
    digest: Mapped[str] = mapped_column(unique=True, comment="SHA-256 of the token, hex")
    person_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("people.id", ondelete="CASCADE"),
        index=True,
        comment="whose it is; none for one made by the operator",
    )
    name: Mapped[str] = mapped_column(comment="what its owner calls it")
    scopes: Mapped[list[Any]] = mapped_column(comment="read, outcomes:write")
    repository_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("repositories.id"), comment="the only repository that it is good for; none: all its owner's"
    )
    made: Mapped[datetime] = mapped_column(comment="when, UTC")
    expires: Mapped[datetime | None] = mapped_column(comment="when it ends, UTC; none: when it is revoked")
    used: Mapped[datetime | None] = mapped_column(comment="when it was used last, UTC, to the hour")
