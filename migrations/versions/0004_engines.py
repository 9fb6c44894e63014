"""Predictions that a model imagined: what they cost, and what controlled them; halting risks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; what was recorded before was run, and without a model."""
    added = (
        sa.Column("cached_tokens", sa.BigInteger(), comment="cost: of the tokens, those read before"),
        sa.Column("completion_tokens", sa.BigInteger(), comment="cost: of the tokens, those written"),
        sa.Column("imagined", sa.Boolean(), comment="whether a model simulated the test instead of running it"),
        sa.Column(
            "control",
            sa.Text(),
            comment="how the outcome before the change was known, where it was imagined: executed, assumed or none",
        ),
        sa.Column("left_out", sa.JSON(), comment="what a model was not shown of what the test may reach, and why"),
    )
    with op.batch_alter_table("predictions") as table:
        for column in added:
            table.add_column(column)
    predictions = sa.table("predictions", *(sa.column(column.name, column.type) for column in added))
    op.execute(predictions.update().values(cached_tokens=0, completion_tokens=0, imagined=sa.false(), left_out=[]))
    with op.batch_alter_table("predictions") as table:
        for name in ("cached_tokens", "completion_tokens", "imagined", "left_out"):
            table.alter_column(name, nullable=False)
    _halting_risks()


def _halting_risks() -> None:
    op.create_table(
        "halting_risks",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in the review, from 0"),
        sa.Column("path", sa.Text(), nullable=False, comment="file of the function"),
        sa.Column("function", sa.Text(), nullable=False, comment="qualified name within the module"),
        sa.Column("line", sa.Integer(), nullable=False, comment="1-based line of the loop"),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="terminates, may not terminate, does not terminate or unknown"
        ),
        sa.Column("probability", sa.Double(), nullable=True, comment="that some call does not end; none if unknown"),
        sa.Column("raw_score", sa.Double(), nullable=True, comment="the probability before calibration"),
        sa.Column("calibrator", sa.Text(), nullable=True, comment="version of the calibrator"),
        sa.Column("reason", sa.Text(), nullable=False, comment="one sentence"),
        sa.Column(
            "evidence", sa.JSON(), nullable=False, comment="what it rests on, the strongest first; each names its form"
        ),
        sa.Column("engine", sa.Text(), nullable=False, comment="the engine that said it"),
        sa.Column("model", sa.Text(), nullable=False, comment="the model served"),
        sa.Column("version", sa.Text(), nullable=False, comment="version of the engine and the model"),
        sa.Column("seconds", sa.Double(), nullable=False, comment="cost: seconds"),
        sa.Column("tokens", sa.BigInteger(), nullable=False, comment="cost: tokens of a model"),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False, comment="cost: of the tokens, those read before"),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False, comment="cost: of the tokens, those written"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_halting_risks_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "position", name=op.f("pk_halting_risks")),
    )
