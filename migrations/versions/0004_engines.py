"""Predictions that a model imagined: what they cost, and what controlled them."""

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
    )
    with op.batch_alter_table("predictions") as table:
        for column in added:
            table.add_column(column)
    predictions = sa.table("predictions", *(sa.column(column.name) for column in added))
    op.execute(predictions.update().values(cached_tokens=0, completion_tokens=0, imagined=sa.false()))
    with op.batch_alter_table("predictions") as table:
        for name in ("cached_tokens", "completion_tokens", "imagined"):
            table.alter_column(name, nullable=False)
