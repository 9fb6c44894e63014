"""The service: deliveries, evaluations, check runs, overrides, commands, workers, fixes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    _deliveries()
    _evaluations()
    _heads()
    _overrides()
    _commands()
    _workers()
    _fixes()


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False, comment="X-GitHub-Delivery, which all attempts share"),
        sa.Column("event", sa.Text(), nullable=False, comment="X-GitHub-Event"),
        sa.Column("action", sa.Text(), nullable=True, comment="the payload's action"),
        sa.Column("installation", sa.BigInteger(), nullable=True, comment="GitHub's number of the installation"),
        sa.Column("repository", sa.BigInteger(), nullable=True, comment="GitHub's number of the repository"),
        sa.Column(
            "received", sa.DateTime(timezone=True), nullable=False, comment="when it was accepted, UTC: for retention"
        ),
        sa.Column(
            "workflow", sa.Text(), nullable=True, comment="id of the work it began; none where there was nothing to do"
        ),
        sa.Column("body", sa.LargeBinary(), nullable=True, comment="zlib-compressed payload; removed by retention"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_received"), "deliveries", ["received"], unique=False)


def _evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Text(), nullable=False, comment="id of the workflow, made of what is reviewed"),
        sa.Column("installation", sa.BigInteger(), nullable=False, comment="GitHub's number of the installation"),
        sa.Column("repository", sa.BigInteger(), nullable=False, comment="GitHub's number of the repository"),
        sa.Column("name", sa.Text(), nullable=False, comment="owner/name when it was asked for"),
        sa.Column("pull", sa.Integer(), nullable=True, comment="number of the pull request; none for a merge group"),
        sa.Column("head", sa.Text(), nullable=False, comment="SHA that is reviewed"),
        sa.Column("head_ref", sa.Text(), nullable=False, comment="what head is fetched by"),
        sa.Column("base", sa.Text(), nullable=False, comment="SHA of base when it was asked for"),
        sa.Column("base_ref", sa.Text(), nullable=False, comment="the branch to merge into"),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=False, comment="when it was asked for, UTC"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="queued, running, done, skipped, superseded, abandoned or failed",
        ),
        sa.Column(
            "reason", sa.Text(), nullable=False, comment="why it is in this state; empty where there is nothing to say"
        ),
        sa.Column("progress", sa.Text(), nullable=False, comment="what it is doing, while it runs"),
        sa.Column("open", sa.Boolean(), nullable=False, comment="whether the pull request is open, as far as is known"),
        sa.Column("superseded_by", sa.Text(), nullable=True, comment="SHA of the newer head"),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True, comment="when it came to an end, UTC"),
        sa.Column("review_id", sa.Text(), nullable=True, comment="the recorded review"),
        sa.Column("traits", sa.Text(), nullable=True, comment="JSON of what kept the pull request out: draft, labels"),
        sa.Column("conclusion", sa.Text(), nullable=True, comment="what the check concludes where it was not reviewed"),
        sa.Column("authority", sa.Text(), nullable=True, comment="shadow, advise or block: what was in force"),
        sa.Column("why_authority", sa.Text(), nullable=False, comment="why that authority, one sentence"),
        sa.Column(
            "fail_not_analysed",
            sa.Boolean(),
            nullable=False,
            comment="whether not_analysed is configured to fail the check",
        ),
        sa.Column("draft", sa.JSON(), nullable=True, comment="the comments to publish"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_evaluations_review_id_reviews"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    op.create_index(op.f("ix_evaluations_asked"), "evaluations", ["asked"], unique=False)
    op.create_index(op.f("ix_evaluations_repository_head"), "evaluations", ["repository", "head"], unique=False)
    op.create_index(op.f("ix_evaluations_state"), "evaluations", ["state"], unique=False)


def _heads() -> None:
    op.create_table(
        "heads",
        sa.Column(
            "repository",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="GitHub's number of the repository",
        ),
        sa.Column("head", sa.Text(), nullable=False, comment="SHA of the commit"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="raised by every change of what is to be shown"),
        sa.Column("shown", sa.Integer(), nullable=False, comment="revision that GitHub shows"),
        sa.PrimaryKeyConstraint("repository", "head", name=op.f("pk_heads")),
    )


def _overrides() -> None:
    op.create_table(
        "overrides",
        sa.Column("id", sa.Text(), nullable=False, comment="the delivery that asked for it"),
        sa.Column("repository", sa.BigInteger(), nullable=False, comment="GitHub's number of the repository"),
        sa.Column("pull", sa.Integer(), nullable=False, comment="number of the pull request"),
        sa.Column("head", sa.Text(), nullable=False, comment="SHA that it holds for"),
        sa.Column("by", sa.Text(), nullable=False, comment="login of who asked for it"),
        sa.Column("reason", sa.Text(), nullable=False, comment="their reason"),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False, comment="when, UTC"),
        sa.Column("cancelled", sa.DateTime(timezone=True), nullable=True, comment="when it was taken back, UTC"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index(op.f("ix_overrides_repository_head"), "overrides", ["repository", "head"], unique=False)


def _commands() -> None:
    op.create_table(
        "commands",
        sa.Column("id", sa.Text(), nullable=False, comment="the delivery"),
        sa.Column("repository", sa.BigInteger(), nullable=False, comment="GitHub's number of the repository"),
        sa.Column("pull", sa.Integer(), nullable=True, comment="number of the pull request"),
        sa.Column("sender", sa.Text(), nullable=False, comment="login of who asked"),
        sa.Column("permission", sa.Text(), nullable=False, comment="their permission on the repository then"),
        sa.Column("command", sa.Text(), nullable=False, comment="what was asked for"),
        sa.Column("answer", sa.Text(), nullable=False, comment="what became of it, one sentence"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when, UTC"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
    )
    op.create_index(op.f("ix_commands_repository"), "commands", ["repository"], unique=False)


def _workers() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.Text(), nullable=False, comment="executor id: its slot"),
        sa.Column("version", sa.Text(), nullable=False, comment="protocol number of the workflows that it runs"),
        sa.Column("host", sa.Text(), nullable=False, comment="machine and process"),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False, comment="its last heartbeat, UTC"),
        sa.Column(
            "since", sa.DateTime(timezone=True), nullable=False, comment="its first heartbeat without a gap since, UTC"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )


def _fixes() -> None:
    op.create_table(
        "fixes",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in the review, the best first"),
        sa.Column("source", sa.Text(), nullable=False, comment="where it comes from"),
        sa.Column("path", sa.Text(), nullable=False, comment="the file it changes"),
        sa.Column("start", sa.Integer(), nullable=False, comment="first line replaced, from 1, at head"),
        sa.Column(
            "end", sa.Integer(), nullable=False, comment="last line replaced; start - 1 where lines are only inserted"
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="the new lines"),
        sa.Column("diff", sa.Text(), nullable=False, comment="unified diff against head"),
        sa.Column("mends", sa.JSON(), nullable=False, comment="fingerprints of the findings that it mends"),
        sa.Column("mended", sa.JSON(), nullable=False, comment="tests that fail without it and pass with it"),
        sa.Column("kept", sa.Integer(), nullable=False, comment="other tests that were run with it and pass"),
        sa.Column("tried_by", sa.Text(), nullable=False, comment="the engine that tried it"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_fixes_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "position", name=op.f("pk_fixes")),
    )
