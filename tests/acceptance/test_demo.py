"""`gatekeeper demo`: what it records was really computed and really run, and its report opens."""

import signal
import socket
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.acceptance import serving
from tests.acceptance.program import COMMAND, Program

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.xdist_group("demo")]

# a feature, a mistake, a rewriting, a mistake, a rewriting under a flaky test, documentation
PULLS = 6
LABELS = {1: "sound", 2: "broken", 3: "sound", 4: "broken", 5: "sound", 6: "sound"}
# seconds, on machines that have other things to do
PATIENCE = 240
_DECIDED = """
FROM decisions d
JOIN predictions p ON p.review_id = d.review_id AND p.position = d.prediction
JOIN reviews r ON r.id = d.review_id
"""
TABLES = ("reviews", "predictions", "decisions", "jobs", "settlements", "scores", "rollups", "test_records", "fixes")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> tuple[Program, Path, str]:
    """The program, the folder of a demo that has been played once, and what was said."""
    program = Program(tmp_path_factory.mktemp("demo") / "user", cache)
    folder = program.folder / "demo"
    ended = program.run("demo", "--folder", folder, "--pulls", str(PULLS), "--no-serve")
    assert (ended.code, ended.err) == (0, "")
    return program, folder, ended.out


def rows(folder: Path, query: str, *given: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "records.sqlite")) as connection:
        return list(connection.execute(query, given))


def head(folder: Path, number: int) -> str:
    words = ["git", "--git-dir", str(folder / "larder.git"), "rev-parse", f"pull/{number}"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def reported(file: Path) -> Mapping[str, str]:
    """Return what pytest itself wrote of each test: its id -> whether it passed."""
    found = {}
    for case in ET.parse(file).iter("testcase"):
        module, *classes = [part for part in case.attrib["classname"].split(".") if part != "tests"]
        name = "::".join([f"tests/{module}.py", *classes, case.attrib["name"]])
        found[name] = "fail" if case.find("failure") is not None else "error" if len(case) else "pass"
    return found


def test_every_pull_request_is_told_with_its_verdict_and_what_ci_did(played: tuple[Program, Path, str]) -> None:
    _, folder, said = played
    for number in range(1, PULLS + 1):
        assert f"{number}/{PULLS}  " in said
    assert "would fail (1 of 3); CI: 2 of 118 red: right" in said
    assert "tell nothing of other" in said
    assert f"gatekeeper serve --open --database sqlite:///{folder / 'records.sqlite'}" in said


@pytest.mark.parametrize("number", LABELS)
def test_a_review_is_labelled_as_ci_found_it(number: int, played: tuple[Program, Path, str]) -> None:
    folder = played[1]
    [(conclusion, label)] = rows(
        folder,
        "SELECT r.conclusion, s.label FROM reviews r JOIN settlements s ON s.review_id = r.id WHERE r.head = ?",
        head(folder, number),
    )
    assert (conclusion, label) == ("would_fail" if label == "broken" else "would_pass", LABELS[number])


@pytest.mark.parametrize("number", LABELS)
def test_real_outcomes_are_those_that_the_native_run_reported(number: int, played: tuple[Program, Path, str]) -> None:
    folder = played[1]
    attempts = sorted((folder / "ci" / f"pull-{number}").glob("junit-*.xml"))
    last = reported(attempts[-1])
    kept = rows(folder, f"SELECT p.test, d.outcome, d.uncounted {_DECIDED} WHERE r.head = ?", head(folder, number))
    assert {test: outcome for test, outcome, why in kept if why != "flaky"} == {
        test: last[str(test)] for test, _, why in kept if why != "flaky"
    }
    assert kept or number == 6


def test_a_test_with_both_results_is_flaky_and_does_not_count(played: tuple[Program, Path, str]) -> None:
    folder = played[1]
    first, second = (reported(folder / "ci/pull-5" / f"junit-{attempt}.xml") for attempt in (1, 2))
    both = {test for test, outcome in first.items() if outcome != second[test]}
    flaky = rows(folder, f"SELECT p.test {_DECIDED} WHERE r.head = ? AND d.uncounted = 'flaky'", head(folder, 5))
    assert {test for (test,) in flaky} == both != set()


def test_the_test_that_is_red_on_base_is_held_against_nobody(played: tuple[Program, Path, str]) -> None:
    kept = rows(played[1], "SELECT uncounted FROM settlements")
    assert len(kept) == PULLS
    assert all("red_on_base" in str(uncounted) for (uncounted,) in kept)


def test_a_second_run_adds_nothing(played: tuple[Program, Path, str]) -> None:
    program, folder, _ = played
    before = {table: rows(folder, f"SELECT * FROM {table}") for table in TABLES}
    assert before["fixes"]
    ended = program.run("demo", "--folder", folder, "--pulls", str(PULLS), "--no-serve")
    assert ended.code == 0
    assert ended.out.count(", as before") == PULLS
    after = {table: rows(folder, f"SELECT * FROM {table}") for table in TABLES}
    assert {table: len(found) for table, found in after.items()} == {
        table: len(found) for table, found in before.items()
    }
    for table in ("reviews", "jobs", "test_records"):
        assert after[table] == before[table]


def test_the_report_opens_and_shows_the_sample(played: tuple[Program, Path, str], tmp_path: Path) -> None:
    program, folder, _ = played
    words = ("demo", "--folder", str(folder), "--pulls", str(PULLS), "--no-browser")
    with serving.serving(tmp_path, program.environment, command=(*COMMAND, *words)) as service:
        service.until(lambda: "demo/larder" in service.ask("/").text, "the report")
        assert "Would fail" in service.ask("/reviews").text


def test_an_address_that_is_taken_is_told_before_the_work(program: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = program.run("demo", "--folder", program.folder / "demo", "--listen", address)
    assert ended.explains(2, f"cannot listen on {address}", "--listen")
    assert not (program.folder / "demo/larder.git").exists()


def test_an_address_that_others_reach_is_refused(program: Program) -> None:
    ended = program.run("demo", "--folder", program.folder / "demo", "--listen", "0.0.0.0:8000")
    assert ended.explains(2, "0.0.0.0:8000", "127.0.0.1")


def test_an_interrupted_demo_goes_on_where_it_ended(program: Program) -> None:
    folder = program.folder / "demo"
    words = [*COMMAND, "demo", "--folder", str(folder), "--pulls", "4", "--no-serve"]
    with subprocess.Popen(
        words, env=program.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert any(line.startswith("1/4  ") for line in process.stdout)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert f"what was finished stays in {folder}" in said
    assert "Traceback" not in said
    recorded = rows(folder, "SELECT id, started FROM reviews ORDER BY started")
    assert program.run("report", "--database", f"sqlite:///{folder / 'records.sqlite'}").code == 0
    ended = program.run("demo", "--folder", folder, "--pulls", "4", "--no-serve")
    assert ended.code == 0
    assert "1/4  Centre a heading (feature): would pass; CI: 1 of " in ended.out
    assert rows(folder, "SELECT id, started FROM reviews ORDER BY started")[: len(recorded)] == recorded
    assert rows(folder, "SELECT count(*) FROM settlements") == [(4,)]
