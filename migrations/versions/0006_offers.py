"""What failures are due to, tests of unreached code, and what became of fixes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables and add the columns; fixes that were offered before are not counted."""
    _fixes()
    _causes()
    _proposed_tests()


def _fixes() -> None:
    added = (
        sa.Column(
            "agreement", sa.Integer(), comment="samples of the model that say the same; 0 for what it did not write"
        ),
        sa.Column("became", sa.Text(), comment="what was done with it: offered, applied or ignored"),
        sa.Column("applied", sa.Text(), comment="SHA of the commit that has it; none where it was not applied"),
        sa.Column("applied_by", sa.Text(), comment="login of who asked for it, where the App applied it"),
        sa.Column("became_at", sa.DateTime(timezone=True), comment="when that was known, UTC"),
        sa.Column(
            "in_ci",
            sa.Text(),
            comment="what real CI then said of the tests that it mends: passed or failed; "
            "none as long as that is not known",
        ),
        sa.Column("repository_id", sa.Integer(), comment="the repository"),
        sa.Column("offered", sa.DateTime(timezone=True), comment="when the review began, UTC"),
        sa.Column(
            "counted", sa.Boolean(), comment="whether it is the one that counts for a finding of its pull request"
        ),
    )
    with op.batch_alter_table("fixes") as table:
        for column in added:
            table.add_column(column)
    fixes = sa.table("fixes", sa.column("review_id"), *(sa.column(column.name, column.type) for column in added))
    reviews = sa.table("reviews", *map(sa.column, ("id", "repository_id", "started")))
    mine = reviews.c.id == fixes.c.review_id
    known = {
        "repository_id": sa.select(reviews.c.repository_id).where(mine).scalar_subquery(),
        "offered": sa.select(reviews.c.started).where(mine).scalar_subquery(),
    }
    op.execute(fixes.update().values(agreement=0, became="offered", counted=False, **known))
    with op.batch_alter_table("fixes") as table:
        for name in ("agreement", "became", "repository_id", "offered", "counted"):
            table.alter_column(name, nullable=False)
        table.create_foreign_key(op.f("fk_fixes_repository_id_repositories"), "repositories", ["repository_id"], ["id"])
        table.create_index(op.f("ix_fixes_applied"), ["applied"])
        table.create_index("ix_fixes_figures", ["counted", "repository_id", "offered", "source", "became", "in_ci"])


def _causes() -> None:
    op.create_table(
        "causes",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in the review, from 0"),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="of the finding"),
        sa.Column("test", sa.Text(), nullable=False, comment="the test that was run"),
        sa.Column(
            "lines",
            sa.JSON(),
            nullable=False,
            comment="[path, first, last, lines before] of the smallest part of the change that causes the failure",
        ),
        sa.Column("exact", sa.Boolean(), nullable=False, comment="whether that was seen by running without them"),
        sa.Column("why", sa.Text(), nullable=False, comment="one sentence"),
        sa.Column(
            "departure",
            sa.JSON(),
            nullable=False,
            comment="[test, path, line, name, before, after] where the run departs from the one before; "
            "empty: not known",
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_causes_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "position", name=op.f("pk_causes")),
    )


def _proposed_tests() -> None:
    op.create_table(
        "proposed_tests",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in the review, from 0"),
        sa.Column("symbol", sa.Text(), nullable=False, comment="the function"),
        sa.Column("path", sa.Text(), nullable=False, comment="file that it would be"),
        sa.Column("text", sa.Text(), nullable=False, comment="content of that file"),
        sa.Column("source", sa.Text(), nullable=False, comment="who wrote it: model, ghostwriter or observed"),
        sa.Column("before", sa.Text(), nullable=True, comment="how it ended before the change; none: no such function"),
        sa.Column(
            "before_exception", sa.Text(), nullable=False, comment="Type: message, first line; empty where it passed"
        ),
        sa.Column("after", sa.Text(), nullable=False, comment="how it ended after the change"),
        sa.Column(
            "after_exception", sa.Text(), nullable=False, comment="Type: message, first line; empty where it passed"
        ),
        sa.Column("found", sa.Text(), nullable=False, comment="what that found, one sentence"),
        sa.Column("tried_by", sa.Text(), nullable=False, comment="the engine that ran it"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_proposed_tests_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "position", name=op.f("pk_proposed_tests")),
    )
