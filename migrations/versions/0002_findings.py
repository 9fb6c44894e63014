"""Findings: the causes of predicted failures."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "findings",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in the review, from 0"),
        sa.Column("kind", sa.Text(), nullable=False, comment="failure or unparsable"),
        sa.Column("path", sa.Text(), nullable=True, comment="file of the line at fault"),
        sa.Column("line", sa.Integer(), nullable=True, comment="1-based line at fault"),
        sa.Column("message", sa.Text(), nullable=False, comment="what goes wrong: the exception or the reason"),
        sa.Column("tests", sa.JSON(), nullable=False, comment="ids of the tests that would fail by it"),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="the same where the finding moves to another line"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_findings_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "position", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_fingerprint"), "findings", ["fingerprint"], unique=False)
