"""Records: repositories, reviews, affected tests, predictions, decisions, traces, what was not analysed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    _repositories()
    _traces()
    _reviews()
    _affected_tests()
    _predictions()
    _unanalysed_parts()
    _decisions()


def _repositories() -> None:
    op.create_table(
        "repositories",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the repository in these records"),
        sa.Column("name", sa.Text(), nullable=False, comment="owner/name, or the absolute path of its folder"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repositories")),
        sa.UniqueConstraint("name", name=op.f("uq_repositories_name")),
    )


def _traces() -> None:
    op.create_table(
        "traces",
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the uncompressed content, hex"),
        sa.Column(
            "recorded",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="start of the first review with it: for retention",
        ),
        sa.Column(
            "content", sa.LargeBinary(), nullable=False, comment="zlib-compressed JSON of the frames, at most 64 KiB"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_traces")),
    )
    op.create_index(op.f("ix_traces_recorded"), "traces", ["recorded"], unique=False)


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Text(), nullable=False, comment="the review's own id: recording it twice changes nothing"),
        sa.Column("repository_id", sa.Integer(), nullable=False, comment="the repository"),
        sa.Column("base", sa.Text(), nullable=False, comment="SHA of the tip of base"),
        sa.Column("merge_base", sa.Text(), nullable=False, comment="SHA of the merge base of base and head"),
        sa.Column("head", sa.Text(), nullable=False, comment="SHA of the head"),
        sa.Column("judged", sa.Text(), nullable=False, comment="which tree stands for the pull request: merge or head"),
        sa.Column("before_tree", sa.Text(), nullable=False, comment="id of the tree compared against"),
        sa.Column("after_tree", sa.Text(), nullable=False, comment="id of the tree that was judged"),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False, comment="when it began, UTC"),
        sa.Column("seconds", sa.Double(), nullable=False, comment="wall-clock seconds from start to verdict"),
        sa.Column("engine", sa.Text(), nullable=False, comment="name of the engine that was asked"),
        sa.Column("conclusion", sa.Text(), nullable=False, comment="would_pass, would_fail or not_analysed"),
        sa.Column("reason", sa.Text(), nullable=False, comment="the verdict's reason, one sentence"),
        sa.Column("bar", sa.Double(), nullable=False, comment="probability from which a test counted as failing"),
        sa.Column(
            "min_analysed", sa.Double(), nullable=False, comment="share of tests that would_pass asked to be analysed"
        ),
        sa.Column("of", sa.Integer(), nullable=False, comment="tests in the repository"),
        sa.Column(
            "total", sa.Integer(), nullable=False, comment="test functions in the judged tree, parametrisations once"
        ),
        sa.Column("executable", sa.Boolean(), nullable=False, comment="whether the diff touches anything that runs"),
        sa.Column("unaffected", sa.JSON(), nullable=False, comment="selected module -> names of tests left out of it"),
        sa.Column("unreached", sa.JSON(), nullable=False, comment="changed symbols that no test reaches"),
        sa.Column(
            "unparsable", sa.JSON(), nullable=False, comment="module that does not parse -> the parser's message"
        ),
        sa.Column("notes", sa.JSON(), nullable=False, comment="what was neutralised, left out or assumed"),
        sa.Column("timings", sa.JSON(), nullable=False, comment="stage -> seconds"),
        sa.Column(
            "diff", sa.LargeBinary(), nullable=False, comment="zlib-compressed JSON: the diff's text and its files"
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_reviews_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_repository_id"), "reviews", ["repository_id"], unique=False)
    op.create_index(op.f("ix_reviews_started"), "reviews", ["started"], unique=False)


def _affected_tests() -> None:
    op.create_table(
        "affected_tests",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in the review, from 0"),
        sa.Column("path", sa.Text(), nullable=False, comment="the test module"),
        sa.Column("name", sa.Text(), nullable=False, comment="test or Class::test; empty for the whole module"),
        sa.Column("reason", sa.Text(), nullable=False, comment="how the change reaches it, one sentence"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_affected_tests_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "position", name=op.f("pk_affected_tests")),
    )


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in the review, from 0"),
        sa.Column("test", sa.Text(), nullable=False, comment="pytest's node id, parametrisation included"),
        sa.Column(
            "attempt",
            sa.Integer(),
            nullable=False,
            comment="1 for the test's first prediction in the review, then 2, ...",
        ),
        sa.Column("engine", sa.Text(), nullable=False, comment="the engine that said it"),
        sa.Column("model", sa.Text(), nullable=False, comment="the model served, or the interpreter"),
        sa.Column("version", sa.Text(), nullable=False, comment="version of the engine and the model"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="pass, fail, error, hang, skip or unknown"),
        sa.Column(
            "p_fail", sa.Double(), nullable=True, comment="probability that the test does not pass; none if unknown"
        ),
        sa.Column("raw_score", sa.Double(), nullable=True, comment="the engine's score before calibration"),
        sa.Column("calibrator", sa.Text(), nullable=True, comment="version of the calibrator"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it was selected or what went wrong, one sentence"),
        sa.Column(
            "already_failing", sa.Boolean(), nullable=False, comment="whether it does not pass before the change either"
        ),
        sa.Column("exception", sa.Text(), nullable=True, comment="Type: message, first line"),
        sa.Column("at_path", sa.Text(), nullable=True, comment="file of the line at fault"),
        sa.Column("at_line", sa.Integer(), nullable=True, comment="1-based line at fault"),
        sa.Column(
            "traceback", sa.JSON(), nullable=False, comment="[path, line] of each frame of the tree, outermost first"
        ),
        sa.Column("trace_digest", sa.Text(), nullable=True, comment="the trace behind it"),
        sa.Column("seconds", sa.Double(), nullable=False, comment="cost: seconds"),
        sa.Column("fuel", sa.BigInteger(), nullable=False, comment="cost: WebAssembly instructions in wasmtime's unit"),
        sa.Column("tokens", sa.BigInteger(), nullable=False, comment="cost: tokens of a model"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_predictions_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["trace_digest"], ["traces.digest"], name=op.f("fk_predictions_trace_digest_traces"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("review_id", "position", name=op.f("pk_predictions")),
    )
    op.create_index(op.f("ix_predictions_trace_digest"), "predictions", ["trace_digest"], unique=False)


def _unanalysed_parts() -> None:
    op.create_table(
        "unanalysed_parts",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in the review, from 0"),
        sa.Column("what", sa.Text(), nullable=False, comment="a test, path or symbol; empty for the review as a whole"),
        sa.Column("why", sa.Text(), nullable=False, comment="the reason"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_unanalysed_parts_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "position", name=op.f("pk_unanalysed_parts")),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in the review, from 0"),
        sa.Column(
            "prediction", sa.Integer(), nullable=False, comment="position of the deciding prediction in the review"
        ),
        sa.Column("would_fail", sa.Boolean(), nullable=False, comment="whether it is held against the change"),
        sa.ForeignKeyConstraint(
            ["review_id", "prediction"],
            ["predictions.review_id", "predictions.position"],
            name=op.f("fk_decisions_review_id_prediction_predictions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_decisions_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "position", name=op.f("pk_decisions")),
    )
