import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from alembic import autogenerate, command, config, migration, script
from hypothesis import HealthCheck, given, settings

from gatekeeper import errors, review
from gatekeeper.store import database, models, records, schema
from tests import databases
from tests.integration import report_samples

_ROOT = Path(__file__).parents[2]


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


def test_a_new_file_is_private_and_its_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "some" / "where" / "records.sqlite"

    opened = database.open_database(_url(file))
    records.record(opened, report_samples.realistic())

    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}
    assert file.parent.stat().st_mode & 0o777 == 0o700
    with opened.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
    assert pragmas == ["wal", 1]


def test_opening_again_keeps_what_was_recorded(file: Path) -> None:
    records.record(database.open_database(_url(file)), report_samples.realistic())

    assert records.find(database.open_database(_url(file)), "0198") == report_samples.realistic()


def test_every_revision_has_a_migration_and_the_last_is_the_schema() -> None:
    scripts = script.ScriptDirectory(str(schema.folder()))

    assert tuple(step.revision for step in scripts.walk_revisions())[::-1] == models.REVISIONS


def test_the_schema_created_at_once_is_the_migrated_one(file: Path) -> None:
    created = database.open_database(_url(file))
    migrated = _at(file.with_name("migrated.sqlite"), "head")

    assert _differences(created) == []
    assert _differences(migrated) == []
    assert _tables(created) == _tables(migrated)


def test_a_program_that_imports_nothing_else_makes_every_table(file: Path) -> None:
    alone = "import sys; from gatekeeper.store import database; database.open_database(sys.argv[1])"
    subprocess.run([sys.executable, "-c", alone, _url(file)], check=True)

    made = sqlalchemy.inspect(database.open_database(_url(file))).get_table_names()

    assert set(models.Table.metadata.tables) <= set(made)


def test_fixes_of_an_older_file_are_kept_and_not_counted(file: Path) -> None:
    with _at(file, "0005").begin() as connection:
        connection.exec_driver_sql("INSERT INTO repositories (id, name) VALUES (3, 'octo/hello')")
    _with_older_fix(file, "f" * 32)

    with database.session(database.open_database(_url(file))) as session:
        (row,) = session.execute(sqlalchemy.text("SELECT repository_id, counted, became, agreement FROM fixes"))

    assert tuple(row) == (3, 0, "offered", 0)


def test_every_column_says_what_it_holds() -> None:
    without = [
        f"{table.name}.{column.name}"
        for table in models.Table.metadata.tables.values()
        for column in table.columns
        if not column.comment
    ]

    assert without == []


def test_an_older_file_is_copied_and_migrated(file: Path) -> None:
    _older(file)

    opened = database.open_database(_url(file))

    with opened.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM repositories").scalar() == "kept"
    assert _tables(opened) == _tables(database.open_database(_url(file.with_name("new.sqlite"))))
    copy = file.with_name("records.sqlite.before-0001.bak")
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert connection.execute("SELECT name FROM repositories").fetchall() == [("kept",)]


def test_a_migration_that_fails_changes_nothing(file: Path) -> None:
    _older(file)
    with closing(sqlite3.connect(file)) as connection:
        # in the way of the second statement of a migration
        connection.execute("CREATE TABLE other (fingerprint TEXT)")
        connection.execute("CREATE INDEX ix_findings_fingerprint ON other (fingerprint)")

    with pytest.raises(errors.StoreError, match="index ix_findings_fingerprint already exists"):
        database.open_database(_url(file))

    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'findings'").fetchone() == (0,)


def test_a_newer_file_is_refused_and_left_alone(file: Path) -> None:
    database.open_database(_url(file))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    content = file.read_bytes()

    with pytest.raises(errors.StoreError, match=r"has the schema 0999.* written by a newer one; upgrade Gatekeeper"):
        database.open_database(_url(file))
    assert file.read_bytes() == content


def test_another_programs_tables_in_the_file_are_left_alone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE queue (id INTEGER)")
        connection.execute("INSERT INTO queue VALUES (7)")

    opened = database.open_database(_url(file))

    with opened.connect() as again:
        assert again.exec_driver_sql("SELECT id FROM queue").scalar() == 7


def test_an_up_to_date_file_is_opened_without_importing_alembic(file: Path) -> None:
    code = (
        "import sys; from gatekeeper.store import database; "
        f"database.open_database({_url(file)!r}); sys.exit('alembic' in sys.modules)"
    )

    for _ in ("created", "opened"):
        assert subprocess.run([sys.executable, "-c", code], check=False, cwd=_ROOT).returncode == 0


def test_an_installed_package_finds_its_migrations_beside_it(tmp_path: Path, file: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(_ROOT / "gatekeeper", site / "gatekeeper", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(_ROOT / "migrations", site / "gatekeeper/store/migrations")
    _older(file)
    code = f"from gatekeeper.store import database; database.open_database({_url(file)!r})"

    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)})

    assert file.with_name("records.sqlite.before-0001.bak").exists()


def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    file.write_text("a text that is longer than the header of a database" * 20)

    with pytest.raises(errors.StoreError, match=r"records\.sqlite: file is not a database: the file is something else"):
        database.open_database(_url(file))


def test_a_damaged_file_is_refused(file: Path) -> None:
    database.open_database(_url(file))
    content = file.read_bytes()
    file.write_bytes(content[:100] + b"\xff" * (len(content) - 100))

    with pytest.raises(errors.StoreError, match=r"malformed: the file is damaged: restore a copy"):
        database.open_database(_url(file))


def test_a_folder_in_which_nothing_can_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("")

    with pytest.raises(errors.StoreError, match="a file is where a folder is needed: name another place"):
        database.open_database(_url(tmp_path / "text" / "records.sqlite"))


def test_a_folder_in_the_place_of_the_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError, match=r"unable to open database file: check the URL"):
        database.open_database(_url(tmp_path))


def test_a_locked_file_is_explained(file: Path) -> None:
    opened = database.open_database(f"{_url(file)}?timeout=0.01")

    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(errors.StoreError, match=r"database is locked: another program is writing to it: try again"):
            records.record(opened, report_samples.realistic())


def test_a_file_that_cannot_be_written_is_explained(file: Path) -> None:
    opened = database.open_database(_url(file))

    @sqlalchemy.event.listens_for(opened, "connect")
    def _(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    with pytest.raises(errors.StoreError, match=r"attempt to write a readonly database: give write permission"):
        records.record(opened, report_samples.realistic())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "the database's URL is not one: write it as sqlite:///path/to/file"),
        ("sqlite://", "records need a file"),
        ("sqlite:///:memory:", "records need a file"),
        ("sqlite:///file:records?uri=true", "records need a file"),
        ("postgresql+nodriver://host/name", "the database's URL is not one"),
        ("mysql+pymysql://host/name", "only SQLite and PostgreSQL"),
    ],
)
def test_a_url_that_cannot_be_used_is_explained(url: str, words: str) -> None:
    with pytest.raises(errors.StoreError, match=words):
        database.open_database(url)


def test_a_password_is_never_shown() -> None:
    url = sqlalchemy.make_url("postgresql://user:secret@host/name")

    with pytest.raises(errors.StoreError) as caught, database.explained(url):
        raise sqlalchemy.exc.OperationalError("SELECT 1", {}, OSError("connection refused"))

    assert "secret" not in str(caught.value)
    assert "user:***@host/name: connection refused" in str(caught.value)


@pytest.fixture(name="postgres")
def _postgres() -> Iterator[str]:
    with databases.postgresql() as url:
        yield url


@pytest.mark.enable_socket
def test_postgresql_is_brought_up_to_date_only_when_asked(postgres: str) -> None:
    with pytest.raises(errors.StoreError, match="run `gatekeeper db upgrade`"):
        database.open_database(postgres)

    assert database.upgrade(postgres) == models.REVISIONS[-1]

    opened = database.open_database(postgres)
    records.record(opened, report_samples.realistic())
    assert records.find(opened, "0198") == report_samples.realistic()
    assert _differences(opened) == []
    opened.dispose()


@pytest.mark.enable_socket
def test_any_review_comes_back_from_postgresql_as_it_was(postgres: str) -> None:
    database.upgrade(postgres)
    opened = database.open_database(postgres)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=30)
    @given(done=report_samples.REVIEWS)
    def comes_back(done: review.Review) -> None:
        with opened.begin() as connection:
            connection.execute(sqlalchemy.delete(models.Review))
        records.record(opened, done)
        assert records.find(opened, done.id) == done

    comes_back()
    opened.dispose()


@pytest.mark.enable_socket
def test_postgresql_migrates_to_the_same_schema(postgres: str) -> None:
    older = sqlalchemy.create_engine(postgres, poolclass=sqlalchemy.pool.NullPool)
    _migrate(older, models.REVISIONS[0])

    database.upgrade(postgres)

    assert _differences(older) == []


def _url(file: Path) -> str:
    return f"sqlite:///{file}"


def _at(file: Path, revision: str) -> sqlalchemy.Engine:
    engine = sqlalchemy.create_engine(_url(file), poolclass=sqlalchemy.pool.NullPool)
    _migrate(engine, revision)
    return engine


def _migrate(engine: sqlalchemy.Engine, revision: str) -> None:
    configuration = config.Config()
    configuration.set_main_option("script_location", str(_ROOT / "migrations"))
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)


def _older(file: Path) -> None:
    with _at(file, models.REVISIONS[0]).begin() as connection:
        connection.exec_driver_sql("INSERT INTO repositories (name) VALUES ('kept')")


def _with_older_fix(file: Path, review: str) -> None:
    """Write a review and a fix as the fifth revision keeps them, whatever their other columns say."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for table, given in (("reviews", {"id": review, "repository_id": 3}), ("fixes", {"review_id": review})):
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            row = {name: given.get(name, _any(kind)) for _, name, kind, *_ in columns}
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def _any(kind: str) -> object:
    if kind in {"INTEGER", "FLOAT", "BOOLEAN"}:
        return 0
    return {"JSON": "[]", "DATETIME": "2026-11-21 12:00:00", "BLOB": b""}.get(kind, "")


def _differences(engine: sqlalchemy.Engine) -> list[object]:
    with engine.connect() as connection:
        context = migration.MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(autogenerate.compare_metadata(context, models.Table.metadata))


def _tables(engine: sqlalchemy.Engine) -> list[tuple[str, ...]]:
    """Return every table's and index's SQL, without what a migration sets differently: spaces, commas, quotes."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        return [(name, "".join(sorted("".join(sql.split()).replace(",", "").replace('"', "")))) for name, sql in rows]
