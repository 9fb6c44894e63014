"""Outcomes of real CI, accuracy, authority that is earned, and who may look."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables and add the columns; of what was recorded before, nothing is known of real CI."""
    _existing()
    _people()
    _summaries()
    _api_tokens()
    _authority_changes()
    _calibrators()
    _days()
    _jobs()
    _rollups()
    _sign_ins()
    _standings()
    _test_records()
    _scores()
    _settlements()


def _existing() -> None:
    with op.batch_alter_table("repositories") as table:
        table.add_column(
            sa.Column(
                "number",
                sa.BigInteger(),
                nullable=True,
                comment="GitHub's number, which survives a rename; none for what is not there",
            )
        )
        table.create_unique_constraint(op.f("uq_repositories_number"), ["number"])
    _decisions()
    _evaluations()
    _reviews()


def _decisions() -> None:
    with op.batch_alter_table("decisions") as table:
        table.add_column(
            sa.Column(
                "last_outcome",
                sa.Text(),
                nullable=True,
                comment="the test's last outcome in CI as known when it was predicted; none where none was",
            )
        )
        table.add_column(
            sa.Column(
                "failure_rate",
                sa.Double(),
                nullable=True,
                comment="share of its runs in CI that did not pass, as known then; none where none was",
            )
        )
        table.add_column(
            sa.Column(
                "outcome",
                sa.Text(),
                nullable=True,
                comment="what real CI made of it; none as long as that is not known",
            )
        )
        table.add_column(
            sa.Column("uncounted", sa.Text(), nullable=True, comment="why its outcome is not scored; none where it is")
        )


def _evaluations() -> None:
    with op.batch_alter_table("evaluations") as table:
        table.add_column(
            sa.Column(
                "held_until",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="until when a finished review waits for CI to end before it is published, UTC; "
                "none where it does not",
            )
        )
        table.add_column(
            sa.Column(
                "sought",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="when GitHub was last asked for what CI did on its head, UTC; none before the first time",
            )
        )
        table.add_column(
            sa.Column(
                "ci_ended",
                sa.Boolean(),
                nullable=True,
                comment="whether all of CI on its head had ended then; none before the first time",
            )
        )
        table.add_column(
            sa.Column(
                "held_to",
                sa.JSON(),
                nullable=True,
                comment="of base's configuration what holds after the review: ceiling, earn, earning, checks; "
                "none before it",
            )
        )
        table.create_index(op.f("ix_evaluations_review_id"), ["review_id"])
        table.create_index("ix_evaluations_pull_repository", ["pull", "repository"])


def _reviews() -> None:
    added = (
        sa.Column("selected", sa.Integer(), comment="tests that were predicted, each once"),
        sa.Column("would_fail", sa.Integer(), comment="of these, those held against the change"),
        sa.Column(
            "result",
            sa.Text(),
            comment="how the verdict compares with real CI: right, false_alarm, miss, abstained or unsettled; "
            "written with the settlement",
        ),
    )
    filters = ["engine", "conclusion", "result"]
    with op.batch_alter_table("reviews") as table:
        for column in added:
            table.add_column(column)
        table.drop_index(op.f("ix_reviews_repository_id"))
        table.drop_index(op.f("ix_reviews_started"))
        table.create_index(op.f("ix_reviews_head"), ["head"])
        table.create_index("ix_reviews_listed", ["started", "id", "repository_id", *filters])
        table.create_index("ix_reviews_listed_of_repository", ["repository_id", "started", "id", *filters])
    reviews = sa.table("reviews", sa.column("id", sa.Text()), *(sa.column(one.name, one.type) for one in added))
    decided = sa.table("decisions", sa.column("review_id", sa.Text()), sa.column("would_fail", sa.Boolean()))
    mine = sa.select(sa.func.count()).where(decided.c.review_id == reviews.c.id)
    failing = mine.where(decided.c.would_fail)
    counted = {"selected": mine.scalar_subquery(), "would_fail": failing.scalar_subquery()}
    op.execute(reviews.update().values(**counted, result="unsettled"))
    with op.batch_alter_table("reviews") as table:
        for column in added:
            table.alter_column(column.name, nullable=False)


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False, comment="GitHub's number"),
        sa.Column("login", sa.Text(), nullable=False, comment="name on GitHub when they last signed in"),
        sa.Column("token", sa.LargeBinary(), nullable=False, comment="their token, encrypted"),
        sa.Column("refresh", sa.LargeBinary(), nullable=True, comment="what renews it, encrypted; none where it lasts"),
        sa.Column(
            "expires",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the token ends, UTC; none where it lasts",
        ),
        sa.Column("repositories", sa.JSON(), nullable=False, comment="GitHub's number -> read, write or admin"),
        sa.Column(
            "checked", sa.DateTime(timezone=True), nullable=False, comment="when GitHub was asked for these, UTC"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )


def _summaries() -> None:
    op.create_table(
        "summaries",
        sa.Column("scope", sa.Text(), nullable=False, comment="number of the repository in these records, or all"),
        sa.Column("window", sa.Text(), nullable=False, comment="how far back: 7, 30, 90 or 365 days"),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False, comment="when, UTC"),
        sa.Column("figures", sa.JSON(), nullable=False, comment="the figures with their intervals"),
        sa.PrimaryKeyConstraint("scope", "window", name=op.f("pk_summaries")),
    )


def _api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Text(), nullable=False, comment="random, not secret: names it on pages and in logs"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the token, hex"),
        sa.Column(
            "person_id", sa.BigInteger(), nullable=True, comment="whose it is; none for one made by the operator"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="what its owner calls it"),
        sa.Column("scopes", sa.JSON(), nullable=False, comment="read, outcomes:write"),
        sa.Column(
            "repository_id",
            sa.Integer(),
            nullable=True,
            comment="the only repository that it is good for; none: all its owner's",
        ),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False, comment="when, UTC"),
        sa.Column(
            "expires", sa.DateTime(timezone=True), nullable=True, comment="when it ends, UTC; none: when it is revoked"
        ),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True, comment="when it was used last, UTC, to the hour"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_api_tokens_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_api_tokens_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    op.create_index(op.f("ix_api_tokens_person_id"), "api_tokens", ["person_id"])


def _authority_changes() -> None:
    op.create_table(
        "authority_changes",
        sa.Column("id", sa.Text(), nullable=False, comment="made of what changed and when: noted once"),
        sa.Column("repository_id", sa.Integer(), nullable=False, comment="the repository"),
        sa.Column(
            "basis",
            sa.Text(),
            nullable=False,
            comment="executed, or the engine that imagined; configuration for a ceiling",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when, UTC"),
        sa.Column("before", sa.Text(), nullable=False, comment="shadow, advise or block"),
        sa.Column("after", sa.Text(), nullable=False, comment="shadow, advise or block"),
        sa.Column("why", sa.Text(), nullable=False, comment="one sentence"),
        sa.Column("figures", sa.JSON(), nullable=False, comment="what was measured then, and what it was held to"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_authority_changes_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority_changes")),
    )
    op.create_index("ix_authority_changes_repository_id_at", "authority_changes", ["repository_id", "at"])


def _calibrators() -> None:
    op.create_table(
        "calibrators",
        sa.Column("version", sa.Text(), nullable=False, comment="names it; predictions carry it"),
        sa.Column("engine", sa.Text(), nullable=False, comment="the engine whose scores it takes"),
        sa.Column("model", sa.Text(), nullable=False, comment="its model"),
        sa.Column(
            "repository_id", sa.Integer(), nullable=True, comment="the repository; none where several are pooled"
        ),
        sa.Column("fitted", sa.DateTime(timezone=True), nullable=False, comment="when, UTC"),
        sa.Column(
            "until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="outcomes known before this were fitted, later ones judged it",
        ),
        sa.Column("method", sa.Text(), nullable=False, comment="isotonic or sigmoid"),
        sa.Column("points", sa.JSON(), nullable=False, comment="[score, probability], ascending; lines between"),
        sa.Column("pulls", sa.Integer(), nullable=False, comment="pull requests fitted on"),
        sa.Column("judged_pulls", sa.Integer(), nullable=False, comment="pull requests that judged it"),
        sa.Column("brier", sa.Double(), nullable=False, comment="its Brier score on the later outcomes"),
        sa.Column("brier_before", sa.Double(), nullable=False, comment="that of what was in use before, on the same"),
        sa.Column("kept", sa.Boolean(), nullable=False, comment="whether it was better, and so came into use"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_calibrators_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calibrators")),
    )
    op.create_index("ix_calibrators_engine_repository_id", "calibrators", ["engine", "repository_id"])
    op.create_index("ix_calibrators_repository_id_fitted", "calibrators", ["repository_id", "fitted"])


def _days() -> None:
    op.create_table(
        "days",
        sa.Column("repository_id", sa.Integer(), autoincrement=False, nullable=False, comment="the repository"),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day on which the reviews began"),
        sa.Column("reviews", sa.Integer(), nullable=False, comment="reviews recorded"),
        sa.Column("settled", sa.Integer(), nullable=False, comment="of these, those with a label"),
        sa.Column("totals", sa.JSON(), nullable=False, comment="sums over the reviews: verdicts, seconds, tokens"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_days_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "day", name=op.f("pk_days")),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False, comment="where it is from, and its number there"),
        sa.Column("repository_id", sa.Integer(), nullable=False, comment="the repository"),
        sa.Column("sha", sa.Text(), nullable=False, comment="SHA of the commit that CI names"),
        sa.Column("tested", sa.Text(), nullable=False, comment="which tree was tested: merge, head or group"),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="name of the job with its matrix, of the check run or of the status",
        ),
        sa.Column("workflow", sa.Text(), nullable=False, comment="name of its workflow; empty where there is none"),
        sa.Column("attempt", sa.Integer(), nullable=False, comment="counted from 1: a re-run is a new attempt"),
        sa.Column("conclusion", sa.Text(), nullable=False, comment="how it ended"),
        sa.Column(
            "started", sa.DateTime(timezone=True), nullable=True, comment="when it began, UTC; none where it never ran"
        ),
        sa.Column("completed", sa.DateTime(timezone=True), nullable=True, comment="when it ended, UTC"),
        sa.Column("remarks", sa.JSON(), nullable=False, comment="what the runner said of how it ended"),
        sa.Column("failed_steps", sa.JSON(), nullable=False, comment="names of the steps that failed"),
        sa.Column(
            "known", sa.DateTime(timezone=True), nullable=False, comment="when it became known here, UTC: for retention"
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="where its tests' outcomes are known from: report, summary or none",
        ),
        sa.Column("why", sa.Text(), nullable=False, comment="why there are none, or not all; empty where all is well"),
        sa.Column("reported", sa.Integer(), nullable=False, comment="tests that it reported by name"),
        sa.Column("passed", sa.Integer(), nullable=True, comment="tests that passed, where a summary names them not"),
        sa.Column(
            "tests",
            sa.LargeBinary(),
            nullable=True,
            comment="zlib-compressed JSON of the tests reported; removed by retention",
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_jobs_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_known"), "jobs", ["known"])
    op.create_index("ix_jobs_repository_id_sha", "jobs", ["repository_id", "sha"])


def _rollups() -> None:
    op.create_table(
        "rollups",
        sa.Column("repository_id", sa.Integer(), autoincrement=False, nullable=False, comment="the repository"),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day on which the outcomes were known"),
        sa.Column("engine", sa.Text(), nullable=False, comment="as in scores"),
        sa.Column("model", sa.Text(), nullable=False, comment="as in scores"),
        sa.Column("version", sa.Text(), nullable=False, comment="as in scores"),
        sa.Column("unit", sa.Text(), nullable=False, comment="as in scores"),
        sa.Column("pulls", sa.Integer(), nullable=False, comment="pull requests that have a part in it"),
        sa.Column("counts", sa.JSON(), nullable=False, comment="as in scores"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_rollups_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "day", "engine", "model", "version", "unit", name=op.f("pk_rollups")),
    )


def _sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the cookie's secret, hex"),
        sa.Column("person_id", sa.BigInteger(), nullable=False, comment="who"),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False, comment="when, UTC"),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False, comment="when it ends, UTC"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_expires"), "sign_ins", ["expires"])
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"])


def _standings() -> None:
    op.create_table(
        "standings",
        sa.Column("repository_id", sa.Integer(), autoincrement=False, nullable=False, comment="the repository"),
        sa.Column("basis", sa.Text(), nullable=False, comment="executed, or the engine that imagined"),
        sa.Column(
            "level", sa.Text(), nullable=False, comment="shadow, advise or block: what is earned, whatever the ceiling"
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="when it came to that, UTC"),
        sa.Column("checked", sa.DateTime(timezone=True), nullable=False, comment="when it was looked at last, UTC"),
        sa.Column("terms", sa.JSON(), nullable=False, comment="what it was held to"),
        sa.Column("figures", sa.JSON(), nullable=False, comment="what was measured then"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_standings_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "basis", name=op.f("pk_standings")),
    )


def _test_records() -> None:
    op.create_table(
        "test_records",
        sa.Column("repository_id", sa.Integer(), autoincrement=False, nullable=False, comment="the repository"),
        sa.Column("key", sa.Text(), nullable=False, comment="dotted module and classes, ::, name with parameters"),
        sa.Column("runs", sa.Integer(), nullable=False, comment="outcomes counted"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="of these, those that did not pass"),
        sa.Column("flaky", sa.Integer(), nullable=False, comment="commits on which it had both results"),
        sa.Column("last_outcome", sa.Text(), nullable=False, comment="the outcome known last"),
        sa.Column("known", sa.DateTime(timezone=True), nullable=False, comment="when that became known, UTC"),
        sa.Column("seconds", sa.Double(), nullable=False, comment="its mean time in CI; 0 where that is not known"),
        sa.Column("predicted", sa.Integer(), nullable=False, comment="predictions of it that were scored"),
        sa.Column("wrong", sa.Integer(), nullable=False, comment="of these, those that were wrong"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_test_records_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "key", name=op.f("pk_test_records")),
    )
    op.create_index("ix_test_records_repository_id_flaky", "test_records", ["repository_id", "flaky"])
    op.create_index("ix_test_records_repository_id_seconds", "test_records", ["repository_id", "seconds"])
    op.create_index("ix_test_records_repository_id_wrong", "test_records", ["repository_id", "wrong"])


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("engine", sa.Text(), nullable=False, comment="an engine, gate, parrot or historical"),
        sa.Column("model", sa.Text(), nullable=False, comment="the model; empty for what has none"),
        sa.Column("version", sa.Text(), nullable=False, comment="version of engine and model, or empty"),
        sa.Column("unit", sa.Text(), nullable=False, comment="test or pull_request"),
        sa.Column("repository_id", sa.Integer(), nullable=False, comment="the repository"),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day on which the outcome was known"),
        sa.Column("counts", sa.JSON(), nullable=False, comment="histogram of scores by label, and counts beside it"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_scores_repository_id_repositories")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_scores_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "engine", "model", "version", "unit", name=op.f("pk_scores")),
    )
    op.create_index("ix_scores_repository_id_day", "scores", ["repository_id", "day"])


def _settlements() -> None:
    op.create_table(
        "settlements",
        sa.Column("review_id", sa.Text(), nullable=False, comment="the review"),
        sa.Column("repository_id", sa.Integer(), nullable=False, comment="the repository"),
        sa.Column(
            "known", sa.DateTime(timezone=True), nullable=False, comment="when the last of its jobs became known, UTC"
        ),
        sa.Column("label", sa.Text(), nullable=False, comment="broken, sound, or none where it does not count"),
        sa.Column("why", sa.Text(), nullable=False, comment="why it is labelled so, one sentence"),
        sa.Column("engine", sa.Text(), nullable=False, comment="name of the engine that was asked, as in reviews"),
        sa.Column("conclusion", sa.Text(), nullable=False, comment="the verdict's, as in reviews"),
        sa.Column(
            "p_fail",
            sa.Double(),
            nullable=True,
            comment="probability that the change breaks a test: the greatest of its tests; none where not analysed",
        ),
        sa.Column(
            "basis",
            sa.Text(),
            nullable=True,
            comment="what would have blocked: executed, or the engine that imagined it; none where nothing would have",
        ),
        sa.Column("tests", sa.JSON(), nullable=False, comment="counts of its tests, predicted and real"),
        sa.Column("uncounted", sa.JSON(), nullable=False, comment="[kind, what, why] of outcomes that do not count"),
        sa.Column("verdict_seconds", sa.Double(), nullable=True, comment="from the request to the verdict"),
        sa.Column("ci_seconds", sa.Double(), nullable=True, comment="from the request to the end of CI"),
        sa.Column("job_seconds", sa.Double(), nullable=False, comment="that all its jobs ran"),
        sa.Column(
            "saved_seconds",
            sa.Double(),
            nullable=False,
            comment="of these, those after a verdict that was right to fail",
        ),
        sa.Column("cpu_seconds", sa.Double(), nullable=False, comment="cost of the review: seconds of the sandbox"),
        sa.Column("gpu_seconds", sa.Double(), nullable=False, comment="cost of the review: seconds of model servers"),
        sa.Column("tokens", sa.BigInteger(), nullable=False, comment="cost of the review: tokens of models"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_settlements_repository_id_repositories")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_settlements_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_settlements")),
    )
    op.create_index(op.f("ix_settlements_known"), "settlements", ["known"])
    op.create_index("ix_settlements_repository_id_known", "settlements", ["repository_id", "known"])
