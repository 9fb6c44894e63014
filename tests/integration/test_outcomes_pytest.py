"""Reports and logs that pytest really wrote, read and matched to the node ids that it really collected."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.outcomes import job, judging, junit, logs, matching, settlement
from gatekeeper.simulation import prediction

PROJECT = Path(__file__).parents[1] / "assets" / "outcomes" / "project"
MANY = "backend/tests/test_many.py"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
PASS, FAIL, ERROR = prediction.Outcome.PASS, prediction.Outcome.FAIL, prediction.Outcome.ERROR
HANG, SKIP = prediction.Outcome.HANG, prediction.Outcome.SKIP


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    tests: tuple[job.Reported, ...]
    log: bytes


def pytest_in(folder: Path, *words: str, ci: bool = True) -> bytes:
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "BUILD_NUMBER", "PYTEST_ADDOPTS"}}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:cov", *words],
        cwd=folder,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8", **({"CI": "1"} if ci else {})},
        capture_output=True,
        check=False,
        timeout=120,
    )
    return b"".join(b"2026-03-01T10:00:00.0000000Z " + line + b"\n" for line in done.stdout.splitlines())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outcomes") / "project"
    shutil.copytree(PROJECT, folder)
    return folder


@pytest.fixture(scope="module")
def ids(project: Path) -> list[str]:
    """Return the node ids that pytest collects, from the top of the repository."""
    listed = pytest_in(project, "--collect-only", "-q").decode()
    found = [line.partition("Z ")[2] for line in listed.splitlines() if "::" in line]
    assert len(found) == 31
    return [*found, "backend/tests/test_unimportable.py::test_never"]


def ran(folder: Path, tmp_path: Path, *words: str) -> Ran:
    report = tmp_path / "junit.xml"
    log = pytest_in(folder, f"--junitxml={report}", "--continue-on-collection-errors", *words)
    return Ran(tests=junit.read(report.read_bytes()), log=log)


def outcomes(matched: Mapping[str, tuple[job.Reported, ...]]) -> dict[str, prediction.Outcome]:
    return {node_id: one.outcome for node_id, (one, *_) in matched.items()}


EXPECTED = {
    f"{MANY}::test_good": PASS,
    f"{MANY}::test_bad": FAIL,
    f"{MANY}::test_raises": FAIL,
    f"{MANY}::test_value[q]": PASS,
    f"{MANY}::test_value[a - b]": FAIL,
    f"{MANY}::test_skipped": SKIP,
    f"{MANY}::test_expected": SKIP,
    f"{MANY}::test_unexpected": FAIL,
    f"{MANY}::TestOuter::TestInner::test_deep": FAIL,
    f"{MANY}::test_setup": ERROR,
    f"{MANY}::test_teardown": ERROR,
    f"{MANY}::test_endless": HANG,
    f"{MANY}::test_grouped": FAIL,
    "backend/tests/test_cases.py::CartCase::test_good": PASS,
    "backend/tests/test_cases.py::CartCase::test_bad": FAIL,
    "backend/tests/test_cases.py::CartCase::test_printer": SKIP,
    "backend/tests/test_cases.py::CartCase::test_parts": FAIL,
    "backend/tests/test_unimportable.py::test_never": ERROR,
    "backend/shop/cart.py::shop.cart.total": PASS,
    "backend/GUIDE.rst::GUIDE.rst": FAIL,
}


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "junit_family=xunit2"),
        ("-o", "junit_family=xunit1"),
        ("-o", "junit_logging=all", "--color=yes"),
        ("-n", "2"),
        ("-n", "1", "--dist", "loadgroup"),
    ],
    ids=" ".join,
)
def test_every_test_of_a_report_is_matched(
    project: Path, ids: list[str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    tests = ran(project, tmp_path, *words).tests
    found = matching.Index(ids).match(tests)
    assert (found.ambiguous, found.unmatched, found.unselected) == ((), (), ())
    assert set(found.matched) == set(ids)
    seen = outcomes(found.matched)
    assert {node_id: seen[node_id] for node_id in EXPECTED} == EXPECTED
    assert seen[f"{MANY}::test_both"].broken
    assert not any(test.flaky for test in tests)


def test_every_test_of_a_run_in_a_folder_of_the_repository_is_matched(
    project: Path, ids: list[str], tmp_path: Path
) -> None:
    tests = ran(project / "backend", tmp_path, "--rootdir=.", "-c", "/dev/null", "--doctest-modules").tests
    inside = [node_id for node_id in ids if "rst" not in node_id and "cart.py" not in node_id]
    found = matching.Index(inside).match(tests)
    assert (found.ambiguous, found.unmatched) == ((), ())
    seen = outcomes(found.matched)
    assert {node_id: seen[node_id] for node_id in EXPECTED if node_id in seen} == {
        node_id: outcome for node_id, outcome in EXPECTED.items() if "tests/" in node_id
    }


@pytest.mark.parametrize(
    ("words", "ci"),
    [
        ((), True),
        ((), False),
        (("-q", "--tb=no"), False),
        (("-v", "--color=yes"), True),
        (("-n", "2", "-ra"), True),
    ],
    ids=str,
)
def test_a_log_names_what_its_report_says_broke(
    project: Path, ids: list[str], tmp_path: Path, words: tuple[str, ...], *, ci: bool
) -> None:
    # whose own message looks like the summary's lines: see below
    words = (*words, "--deselect", f"{MANY}::test_raises", "-o", "addopts=")
    report = tmp_path / "junit.xml"
    log = pytest_in(project, f"--junitxml={report}", "--continue-on-collection-errors", *words, ci=ci)
    said = logs.read(log)
    assert (said.source, said.why) == (job.Source.SUMMARY, "")
    read = outcomes(matching.Index(ids).match(junit.read(report.read_bytes())).matched)
    named = outcomes(matching.Index(ids).match(said.tests).matched)
    assert {test for test, one in named.items() if one.broken} == {test for test, one in read.items() if one.broken}
    assert named[f"{MANY}::test_endless"] is HANG


def test_a_message_that_looks_like_the_summary_is_not_believed(project: Path) -> None:
    said = logs.read(pytest_in(project, MANY, "-k", "test_raises or test_good"))
    assert said.source is job.Source.SUMMARY
    assert {test.name for test in said.tests} <= {"test_raises"}


def test_a_log_in_which_all_are_named_says_what_its_report_says(project: Path, ids: list[str], tmp_path: Path) -> None:
    of = ran(project, tmp_path, "-rA", "--no-fold-skipped", "--deselect", f"{MANY}::test_raises")
    read, named = matching.Index(ids).match(of.tests), matching.Index(ids).match(logs.read(of.log).tests)
    assert outcomes(named.matched) == outcomes(read.matched)


def test_a_run_that_stops_at_the_first_failure_says_nothing_of_the_rest(project: Path) -> None:
    said = logs.read(pytest_in(project, MANY, "-x"))
    assert ([test.name for test in said.tests], said.passed) == (["test_bad"], None)


def test_a_run_that_pytest_timeout_ended_is_seen(project: Path) -> None:
    said = logs.read(pytest_in(project, MANY, "-k", "endless or good", "--timeout-method=thread"))
    assert (said.source, said.tests) == (job.Source.SUMMARY, ())
    assert "pytest-timeout" in said.why


def test_a_report_and_a_log_of_one_run_settle_a_review_alike(project: Path, ids: list[str], tmp_path: Path) -> None:
    of = ran(project, tmp_path, "--deselect", f"{MANY}::test_raises", "-o", "addopts=")
    predicted = [judging.Predicted(test=test, outcome=PASS) for test in ids if "test_raises" not in test]
    settled = [
        judging.settle(
            predicted,
            [
                job.Job(
                    id="one", sha="a" * 40, tested=job.Tested.MERGE, name="tests", conclusion=job.Conclusion.FAILURE,
                    report=report, known=NOW,
                )
            ],
            tree=job.Tested.MERGE,
        )
        for report in (job.Report(source=job.Source.REPORT, tests=of.tests), logs.read(of.log))
    ]  # fmt: skip
    assert [one.label for one in settled] == [settlement.Label.BROKEN] * 2
    broken = [{test for test, one in each.outcomes.items() if one.outcome.broken} for each in settled]
    assert broken[0] == broken[1]
    assert len(broken[0]) > 20
