import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from sqlalchemy import event

from gatekeeper import errors, review
from gatekeeper.simulation import prediction
from gatekeeper.store import database, models, packing, records
from gatekeeper.verdicts import verdict
from tests.integration import report_samples


@pytest.fixture(name="records_file")
def _records_file(tmp_path: Path) -> sqlalchemy.Engine:
    return database.open_database(f"sqlite:///{tmp_path / 'records.sqlite'}")


@pytest.fixture(name="shared", scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> sqlalchemy.Engine:
    return database.open_database(f"sqlite:///{tmp_path_factory.mktemp('store') / 'records.sqlite'}")


def test_a_recorded_review_comes_back_as_it_was(records_file: sqlalchemy.Engine) -> None:
    done = report_samples.realistic()

    records.record(records_file, done)

    assert records.find(records_file, done.id) == done


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(done=report_samples.REVIEWS)
def test_any_review_comes_back_as_it_was(shared: sqlalchemy.Engine, done: review.Review) -> None:
    with shared.begin() as connection:
        connection.execute(sqlalchemy.delete(models.Review))

    records.record(shared, done)

    assert records.find(shared, done.id) == done


def test_recording_a_review_twice_changes_nothing(records_file: sqlalchemy.Engine) -> None:
    done = report_samples.realistic()
    records.record(records_file, done)

    records.record(records_file, replace(done, predictions=()))

    assert records.find(records_file, done.id) == done
    assert len(records.reviews(records_file)) == 1


def test_what_two_engines_say_of_a_test_is_two_attempts_of_which_one_decided(records_file: sqlalchemy.Engine) -> None:
    ran = report_samples.said("tests/test_a.py::test")
    imagined = replace(
        ran, engine="cwm", imagined=True, control=prediction.Control.ASSUMED, cost=prediction.Cost(tokens=900)
    )
    done = replace(report_samples.realistic(), predictions=(replace(imagined, attempts=(ran,)),))
    records.record(records_file, done)

    with records_file.connect() as connection:
        rows = connection.execute(sqlalchemy.select(models.Prediction.engine, models.Prediction.attempt)).all()

    assert sorted(map(tuple, rows)) == [("cwm", 2), (ran.engine, 1)]
    found = records.find(records_file, done.id)
    assert found is not None
    assert found.predictions == done.predictions


def test_halting_risks_come_back_with_their_evidence(records_file: sqlalchemy.Engine) -> None:
    done = report_samples.two_engines()
    records.record(records_file, done)

    found = records.find(records_file, done.id)

    assert found is not None
    assert found.halting == done.halting


def test_the_cost_of_a_test_is_known_by_how_it_was_predicted(records_file: sqlalchemy.Engine) -> None:
    done = report_samples.two_engines()
    assert records.seconds_of_a_test(records_file, done.subject.repository) == {}

    records.record(records_file, done)

    assert records.seconds_of_a_test(records_file, done.subject.repository) == {False: 0.021, True: 0.021}


def test_equal_traces_are_stored_once(records_file: sqlalchemy.Engine) -> None:
    done = report_samples.realistic()
    records.record(records_file, done)
    records.record(records_file, replace(done, id="another"))

    with records_file.connect() as connection:
        assert connection.scalar(sqlalchemy.select(sqlalchemy.func.count()).select_from(models.Trace)) == 1


def test_a_review_outlives_its_traces(records_file: sqlalchemy.Engine) -> None:
    done = report_samples.realistic()
    records.record(records_file, done)

    with records_file.begin() as connection:
        connection.execute(sqlalchemy.delete(models.Trace))

    without = tuple(replace(said, trace=None) for said in done.predictions)
    assert records.find(records_file, done.id) == replace(done, predictions=without)


def test_a_trace_too_long_to_store_loses_frames_in_its_middle() -> None:
    run = report_samples.run_of_shares()
    # text that does not compress: every value differs
    noisy = tuple(
        replace(run.head[0], locals={f"v{value}": f"{(number * 977 + value * 7919) ** 9:x}" for value in range(40)})
        for number in range(250)
    )
    long = replace(run, head=noisy[:50], tail=noisy[50:])

    _, content = packing.pack_trace(long)

    kept = packing.unpack_trace(content)
    assert len(content) <= packing.TRACE_LIMIT
    assert kept.head == noisy[: len(kept.head)]
    assert kept.tail == noisy[250 - len(kept.tail) :]
    assert len(kept.tail) > 0
    assert len(kept.head) + kept.left_out + len(kept.tail) == 250 + run.left_out


def test_nothing_is_left_of_a_review_whose_recording_fails_midway(records_file: sqlalchemy.Engine) -> None:
    done = report_samples.realistic()

    def full_disk(connection: sqlite3.Connection, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(records_file, "connect", full_disk)
    with pytest.raises(errors.StoreError, match=r"database or disk is full: free some space"):
        records.record(records_file, replace(done, notes=("long " * 20_000,)))
    event.remove(records_file, "connect", full_disk)

    with records_file.connect() as connection:
        for table in models.Table.metadata.tables.values():
            assert connection.execute(sqlalchemy.select(table)).all() == []


def test_the_list_has_the_newest_review_first_with_its_numbers(records_file: sqlalchemy.Engine) -> None:
    done = report_samples.realistic()
    empty = replace(
        done,
        id="empty",
        started=done.started + timedelta(days=1),
        predictions=(),
        verdict=verdict.Verdict(conclusion=verdict.Conclusion.WOULD_PASS, reason="nothing changed"),
    )
    records.record(records_file, empty)
    records.record(records_file, done)

    listed = records.reviews(records_file)

    assert [(row.id, row.selected, row.of, row.would_fail) for row in listed] == [
        ("empty", 0, 214, 0),
        (done.id, 23, 214, 7),
    ]
    assert listed[1].conclusion is verdict.Conclusion.WOULD_FAIL
    assert records.reviews(records_file, limit=1) == listed[:1]


def test_a_review_is_found_by_the_start_of_its_id(records_file: sqlalchemy.Engine) -> None:
    done = report_samples.realistic()
    for name in ("abc", "abcd", "a%c"):
        records.record(records_file, replace(done, id=name))

    assert records.find(records_file, "abcd").id == "abcd"
    assert records.find(records_file, "abc").id == "abc"
    assert records.find(records_file, "a%").id == "a%c"
    with pytest.raises(errors.UsageError, match="several reviews' ids start with 'a'"):
        records.find(records_file, "a")
    with pytest.raises(errors.UsageError, match="no recorded review's id starts with 'x'"):
        records.find(records_file, "x")
