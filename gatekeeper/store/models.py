"""The tables of the records, in SQLAlchemy's typed declarative form.

`migrations/` builds the same schema step by step; a test compares the two.
"""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Double, ForeignKey, ForeignKeyConstraint, Index, Integer, LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gatekeeper.store.columns import Instant, Words

# Alembic's revisions in order; the last is what this program reads and writes
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")

# a column that is part of the primary key and says which review a row belongs to
OfReview = Annotated[
    str, mapped_column(Words, ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True, comment="the review")
]


class Table(DeclarativeBase):
    """What every table shares."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # `str` is any Python string, `datetime` always has a zone
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it so
        str: Words,
        float: Double,
        datetime: Instant,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        bytes: LargeBinary,
    }


class Repository(Table):
    """A repository of which reviews were recorded."""

    __tablename__ = "repositories"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, comment="number of the repository in these records")
    name: Mapped[str] = mapped_column(unique=True, comment="owner/name, or the absolute path of its folder")
    number: Mapped[int | None] = mapped_column(
        BigInteger, unique=True, comment="GitHub's number, which survives a rename; none for what is not there"
    )


class Review(Table):
    """One evaluation of a pull request."""

    __tablename__ = "reviews"
    # lists show the newest, of all repositories and of one; what they are filtered by is read from the index alone
    __table_args__ = (
        Index("ix_reviews_listed", "started", "id", "repository_id", "engine", "conclusion", "result"),
        Index("ix_reviews_listed_of_repository", "repository_id", "started", "id", "engine", "conclusion", "result"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, comment="the review's own id: recording it twice changes nothing")
    repository_id: Mapped[int] = mapped_column(Integer, ForeignKey("repositories.id"), comment="the repository")
    base: Mapped[str] = mapped_column(comment="SHA of the tip of base")
    merge_base: Mapped[str] = mapped_column(comment="SHA of the merge base of base and head")
    head: Mapped[str] = mapped_column(index=True, comment="SHA of the head")
    judged: Mapped[str] = mapped_column(comment="which tree stands for the pull request: merge or head")
    before_tree: Mapped[str] = mapped_column(comment="id of the tree compared against")
    after_tree: Mapped[str] = mapped_column(comment="id of the tree that was judged")
    started: Mapped[datetime] = mapped_column(comment="when it began, UTC")
    seconds: Mapped[float] = mapped_column(comment="wall-clock seconds from start to verdict")
    engine: Mapped[str] = mapped_column(comment="name of the engine that was asked")
    conclusion: Mapped[str] = mapped_column(comment="would_pass, would_fail or not_analysed")
    result: Mapped[str] = mapped_column(
        default="unsettled",
        comment="how the verdict compares with real CI: right, false_alarm, miss, abstained or unsettled; "
        "written with the settlement",
    )
    reason: Mapped[str] = mapped_column(comment="the verdict's reason, one sentence")
    bar: Mapped[float] = mapped_column(comment="probability from which a test counted as failing")
    min_analysed: Mapped[float] = mapped_column(comment="share of tests that would_pass asked to be analysed")
    of: Mapped[int] = mapped_column(Integer, comment="tests in the repository")
    total: Mapped[int] = mapped_column(Integer, comment="test functions in the judged tree, parametrisations once")
    selected: Mapped[int] = mapped_column(Integer, comment="tests that were predicted, each once")
    would_fail: Mapped[int] = mapped_column(Integer, comment="of these, those held against the change")
    executable: Mapped[bool] = mapped_column(comment="whether the diff touches anything that runs")
    unaffected: Mapped[dict[str, Any]] = mapped_column(comment="selected module -> names of tests left out of it")
    unreached: Mapped[list[Any]] = mapped_column(comment="changed symbols that no test reaches")
    unparsable: Mapped[dict[str, Any]] = mapped_column(comment="module that does not parse -> the parser's message")
    notes: Mapped[list[Any]] = mapped_column(comment="what was neutralised, left out or assumed")
    timings: Mapped[dict[str, Any]] = mapped_column(comment="stage -> seconds")
    diff: Mapped[bytes] = mapped_column(deferred=True, comment="zlib-compressed JSON: the diff's text and its files")


class AffectedTest(Table):
    """A test that the diff can affect."""

    __tablename__ = "affected_tests"

    review_id: Mapped[OfReview]
    position: Mapped[int] = mapped_column(Integer, primary_key=True, comment="order in the review, from 0")
    path: Mapped[str] = mapped_column(comment="the test module")
    name: Mapped[str] = mapped_column(comment="test or Class::test; empty for the whole module")
    reason: Mapped[str] = mapped_column(comment="how the change reaches it, one sentence")


class Trace(Table):
    """The frames of a run, stored once for equal content; may be deleted before the predictions that point here."""

    __tablename__ = "traces"

    digest: Mapped[str] = mapped_column(primary_key=True, comment="SHA-256 of the uncompressed content, hex")
    recorded: Mapped[datetime] = mapped_column(index=True, comment="start of the first review with it: for retention")
    content: Mapped[bytes] = mapped_column(comment="zlib-compressed JSON of the frames, at most 64 KiB")


class Prediction(Table):
    """What one attempt of one engine says of one test."""

    __tablename__ = "predictions"

    review_id: Mapped[OfReview]
    position: Mapped[int] = mapped_column(Integer, primary_key=True, comment="order in the review, from 0")
    test: Mapped[str] = mapped_column(comment="pytest's node id, parametrisation included")
    attempt: Mapped[int] = mapped_column(
        Integer, comment="1 for the test's first prediction in the review, then 2, ..."
    )
    engine: Mapped[str] = mapped_column(comment="the engine that said it")
    model: Mapped[str] = mapped_column(comment="the model served, or the interpreter")
    version: Mapped[str] = mapped_column(comment="version of the engine and the model")
    outcome: Mapped[str] = mapped_column(comment="pass, fail, error, hang, skip or unknown")
    p_fail: Mapped[float | None] = mapped_column(comment="probability that the test does not pass; none if unknown")
    raw_score: Mapped[float | None] = mapped_column(comment="the engine's score before calibration")
    calibrator: Mapped[str | None] = mapped_column(comment="version of the calibrator")
    reason: Mapped[str] = mapped_column(comment="why it was selected or what went wrong, one sentence")
    already_failing: Mapped[bool] = mapped_column(comment="whether it does not pass before the change either")
    exception: Mapped[str | None] = mapped_column(comment="Type: message, first line")
    at_path: Mapped[str | None] = mapped_column(comment="file of the line at fault")
    at_line: Mapped[int | None] = mapped_column(Integer, comment="1-based line at fault")
    traceback: Mapped[list[Any]] = mapped_column(comment="[path, line] of each frame of the tree, outermost first")
    trace_digest: Mapped[str | None] = mapped_column(
        ForeignKey("traces.digest", ondelete="SET NULL"), index=True, comment="the trace behind it"
    )
    seconds: Mapped[float] = mapped_column(comment="cost: seconds")
    fuel: Mapped[int] = mapped_column(BigInteger, comment="cost: WebAssembly instructions in wasmtime's unit")
    tokens: Mapped[int] = mapped_column(BigInteger, comment="cost: tokens of a model")
    cached_tokens: Mapped[int] = mapped_column(BigInteger, comment="cost: of the tokens, those read before")
    completion_tokens: Mapped[int] = mapped_column(BigInteger, comment="cost: of the tokens, those written")
    imagined: Mapped[bool] = mapped_column(comment="whether a model simulated the test instead of running it")
    control: Mapped[str | None] = mapped_column(
        comment="how the outcome before the change was known, where it was imagined: executed, assumed or none"
    )
    left_out: Mapped[list[Any]] = mapped_column(
        comment="what a model was not shown of what the test may reach, and why"
    )


class Decision(Table):
    """What the review says of one test: points at the prediction that decided."""

    __tablename__ = "decisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["review_id", "prediction"], ["predictions.review_id", "predictions.position"], ondelete="CASCADE"
        ),
    )

    review_id: Mapped[OfReview]
    position: Mapped[int] = mapped_column(Integer, primary_key=True, comment="order in the review, from 0")
    prediction: Mapped[int] = mapped_column(Integer, comment="position of the deciding prediction in the review")
    would_fail: Mapped[bool] = mapped_column(comment="whether it is held against the change")
    last_outcome: Mapped[str | None] = mapped_column(
        comment="the test's last outcome in CI as known when it was predicted; none where none was"
    )
    failure_rate: Mapped[float | None] = mapped_column(
        comment="share of its runs in CI that did not pass, as known then; none where none was"
    )
    outcome: Mapped[str | None] = mapped_column(comment="what real CI made of it; none as long as that is not known")
    uncounted: Mapped[str | None] = mapped_column(comment="why its outcome is not scored; none where it is")


class HaltingRisk(Table):
    """Whether a changed function that can loop ends."""

    __tablename__ = "halting_risks"

    review_id: Mapped[OfReview]
    position: Mapped[int] = mapped_column(Integer, primary_key=True, comment="order in the review, from 0")
    path: Mapped[str] = mapped_column(comment="file of the function")
    function: Mapped[str] = mapped_column(comment="qualified name within the module")
    line: Mapped[int] = mapped_column(Integer, comment="1-based line of the loop")
    kind: Mapped[str] = mapped_column(comment="terminates, may not terminate, does not terminate or unknown")
    probability: Mapped[float | None] = mapped_column(comment="that some call does not end; none if unknown")
    raw_score: Mapped[float | None] = mapped_column(comment="the probability before calibration")
    calibrator: Mapped[str | None] = mapped_column(comment="version of the calibrator")
    reason: Mapped[str] = mapped_column(comment="one sentence")
    evidence: Mapped[list[Any]] = mapped_column(comment="what it rests on, the strongest first; each names its form")
    engine: Mapped[str] = mapped_column(comment="the engine that said it")
    model: Mapped[str] = mapped_column(comment="the model served")
    version: Mapped[str] = mapped_column(comment="version of the engine and the model")
    seconds: Mapped[float] = mapped_column(comment="cost: seconds")
    tokens: Mapped[int] = mapped_column(BigInteger, comment="cost: tokens of a model")
    cached_tokens: Mapped[int] = mapped_column(BigInteger, comment="cost: of the tokens, those read before")
    completion_tokens: Mapped[int] = mapped_column(BigInteger, comment="cost: of the tokens, those written")


class UnanalysedPart(Table):
    """Something that the review did not look at."""

    __tablename__ = "unanalysed_parts"

    review_id: Mapped[OfReview]
    position: Mapped[int] = mapped_column(Integer, primary_key=True, comment="order in the review, from 0")
    what: Mapped[str] = mapped_column(comment="a test, path or symbol; empty for the review as a whole")
    why: Mapped[str] = mapped_column(comment="the reason")


class Finding(Table):
    """One cause of predicted failures, as a comment on the change would say it."""

    __tablename__ = "findings"

    review_id: Mapped[OfReview]
    position: Mapped[int] = mapped_column(Integer, primary_key=True, comment="order in the review, from 0")
    kind: Mapped[str] = mapped_column(comment="failure or unparsable")
    path: Mapped[str | None] = mapped_column(comment="file of the line at fault")
    line: Mapped[int | None] = mapped_column(Integer, comment="1-based line at fault")
    message: Mapped[str] = mapped_column(comment="what goes wrong: the exception or the reason")
    tests: Mapped[list[Any]] = mapped_column(comment="ids of the tests that would fail by it")
    fingerprint: Mapped[str] = mapped_column(index=True, comment="the same where the finding moves to another line")
