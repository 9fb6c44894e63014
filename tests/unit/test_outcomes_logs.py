"""Logs of jobs: what pytest's short summary in them says, and what others only pretend to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.outcomes import elements, job, loglines, logs
from gatekeeper.simulation import prediction

START = "============================= test session starts =============================="
SUMMARY = "=========================== short test summary info ============================"
FAILURES = "=================================== FAILURES ==================================="
FAIL, ERROR, PASS = prediction.Outcome.FAIL, prediction.Outcome.ERROR, prediction.Outcome.PASS
SKIP, HANG = prediction.Outcome.SKIP, prediction.Outcome.HANG


def end(counts: str) -> str:
    return f"======== {counts} in 3.21s ========="


def read(*lines: str) -> job.Report:
    return logs.read("\n".join(lines).encode())


def outcomes(report: job.Report) -> dict[str, prediction.Outcome]:
    return {f"{test.classname}::{test.name}": test.outcome for test in report.tests}


def test_what_failed_is_named_and_what_passed_is_counted() -> None:
    report = read(
        START,
        "tests/test_a.py .F.E",
        FAILURES,
        "anything",
        SUMMARY,
        "FAILED tests/test_a.py::TestB::test_c - assert 1 == 2",
        "ERROR tests/test_a.py::test_d - ValueError: x",
        end("1 failed, 2 passed, 1 skipped, 1 error"),
    )
    assert report.source is job.Source.SUMMARY
    assert outcomes(report) == {"tests.test_a.TestB::test_c": FAIL, "tests.test_a::test_d": ERROR}
    assert [test.message for test in report.tests] == ["assert 1 == 2", "ValueError: x"]
    assert [test.file for test in report.tests] == ["tests/test_a.py", "tests/test_a.py"]
    assert (report.passed, report.why) == (2, "")


def test_a_run_in_which_all_passed_has_no_section() -> None:
    report = read(START, "tests/test_a.py ...", end("3 passed, 2 warnings"))
    assert (report.source, report.tests, report.passed) == (job.Source.SUMMARY, (), 3)


def test_a_run_without_tests_passes_none() -> None:
    report = read(START, "============ no tests ran in 0.01s ============")
    assert (report.source, report.tests, report.passed) == (job.Source.SUMMARY, (), 0)


def test_a_quiet_run_has_no_rules() -> None:
    report = read("..F  [100%]", FAILURES, "x", SUMMARY, "FAILED a.py::test_b - x", "1 failed, 2 passed in 0.12s")
    assert outcomes(report) == {"a::test_b": FAIL}
    assert report.passed == 2


def test_timestamps_and_colours_of_a_log_are_no_part_of_its_lines() -> None:
    lines = (
        "\ufeff2026-01-02T03:04:05.1234567Z ##[group]Run pytest",
        f"2026-01-02T03:04:05.1234567Z \x1b[1m{START}\x1b[0m",
        f"2026-01-02T03:04:06.1234567Z \x1b[36m\x1b[1m{SUMMARY}\x1b[0m\r",
        "2026-01-02T03:04:06.1234567Z \x1b[31mFAILED\x1b[0m a.py::\x1b[1mtest_b\x1b[0m - x",
        "2026-01-02T03:04:06Z \x1b[31m== \x1b[1m1 failed\x1b[0m, \x1b[32m2 passed\x1b[0m in 61.20s (0:01:01)\x1b[0m ==",
    )
    assert outcomes(read(*lines)) == {"a::test_b": FAIL}


@pytest.mark.parametrize(
    ("line", "name", "message"),
    [
        ("a.py::test_b[x - y] - assert 1", "test_b[x - y]", "assert 1"),
        ("a.py::test_b[x - y]", "test_b[x - y]", ""),
        ("a.py::test_b[[q]] - x", "test_b[[q]]", "x"),
        ("a.py::test_b[a::b] - x", "test_b[a::b]", "x"),
        ("a.py::test_b - x[0] - y", "test_b", "x[0] - y"),
        ("a.py::test_b - KeyError: ['a'] - b", "test_b", "KeyError: ['a'] - b"),
        ("a.py::test_b[] - x", "test_b[]", "x"),
    ],
)
def test_parameters_and_messages_are_told_apart(line: str, name: str, message: str) -> None:
    (test,) = read(START, SUMMARY, f"FAILED {line}", end("1 failed")).tests
    assert (test.name, test.message) == (name, message)


def test_a_module_that_cannot_be_imported_is_named_as_reports_name_it() -> None:
    (test,) = read(
        START,
        SUMMARY,
        "ERROR tests/test_a.py - ImportError",
        "!!!!! Interrupted: 1 error during collection !!!!!",
        end("1 error"),
    ).tests
    assert (test.classname, test.name, test.outcome) == ("", "tests.test_a", ERROR)


def test_a_failure_of_pytest_timeout_is_a_hang() -> None:
    line = "FAILED a.py::test_b - Failed: Timeout (>0.2s) from pytest-timeout."
    assert outcomes(read(START, SUMMARY, line, end("1 failed"))) == {"a::test_b": HANG}


def test_a_run_that_pytest_timeout_ended_is_seen_and_named_as_that() -> None:
    report = read(START, "tests/test_a.py .", "+++++++++ Timeout +++++++++", "stack", "+++++++++ Timeout +++++++++")
    assert (report.source, report.tests, report.passed) == (job.Source.SUMMARY, (), None)
    assert "pytest-timeout" in report.why


@pytest.mark.parametrize(
    "lines",
    [
        ("FAILED a.py::test_b - x", "!!!!!! stopping after 1 failures !!!!!!", end("1 failed, 3 passed")),
        ("FAILED a.py::test_b - x", "!!!!!! KeyboardInterrupt !!!!!!", end("1 failed, 3 passed")),
        ("FAILED a.py::test_b - x", end("1 failed, 3 passed, 5 deselected")),
        ("FAILED a.py::test_b - x", end("1 failed, 3 passed, 2 rerun")),
    ],
)
def test_of_a_run_that_left_tests_out_what_is_not_named_is_not_known(lines: tuple[str, ...]) -> None:
    report = read(START, SUMMARY, *lines)
    assert outcomes(report) == {"a::test_b": FAIL}
    assert (report.passed, report.why) == (None, "")


def test_what_is_named_as_passed_is_not_counted_again() -> None:
    report = read(
        START,
        SUMMARY,
        "PASSED a.py::test_b",
        "PASSED a.py::test_c",
        "XFAIL a.py::test_d - known",
        "XPASS a.py::test_e",
        "SKIPPED [3] a.py:12: no printer",
        "FAILED a.py::test_f - x",
        end("1 failed, 3 passed, 3 skipped, 1 xfailed, 1 xpassed"),
    )
    assert outcomes(report) == {
        "a::test_b": PASS,
        "a::test_c": PASS,
        "a::test_d": SKIP,
        "a::test_e": PASS,
        "a::test_f": FAIL,
    }
    assert report.passed == 1


def test_a_test_that_passed_when_run_again_is_flaky() -> None:
    report = read(
        START,
        SUMMARY,
        "RERUN a.py::test_b",
        "FAILED a.py::test_c - x",
        "RERUN a.py::test_c",
        end("1 failed, 1 passed, 2 rerun"),
    )
    assert {test.name: (test.outcome, test.flaky) for test in report.tests} == {
        "test_b": (PASS, True),
        "test_c": (FAIL, False),
    }
    assert report.passed == 1


def test_a_subtest_that_failed_is_its_test_that_did() -> None:
    report = read(
        START,
        SUMMARY,
        "SUBFAILED[custom message] (i=1) a.py::T::test_b - x",
        "FAILED a.py::T::test_b - contains 1 failed subtest",
        end("2 failed"),
    )
    assert outcomes(report) == {"a.T::test_b": FAIL}


def test_a_failure_with_an_error_in_its_teardown_is_one_test() -> None:
    report = read(START, SUMMARY, "FAILED a.py::t - x", "ERROR a.py::t - y", end("1 failed, 1 error"))
    assert outcomes(report) == {"a::t": FAIL}


def test_several_runs_in_one_log_are_read_together() -> None:
    report = read(
        START, end("4 passed"), "tox: next", START, SUMMARY, "FAILED a.py::test_b - x", end("1 failed, 3 passed")
    )
    assert outcomes(report) == {"a::test_b": FAIL}
    assert report.passed == 7


def test_messages_that_span_lines_are_no_names() -> None:
    report = read(
        START,
        SUMMARY,
        "FAILED a.py::test_b - assert 1",
        "  + FAILED a.py::test_c - x",
        "  = 9 failed in 1s =",
        end("1 failed"),
    )
    assert outcomes(report) == {"a::test_b": FAIL}


def test_a_run_within_the_output_of_another_is_that_output() -> None:
    inner = (START, SUMMARY, "FAILED inner.py::test_x - x", end("1 failed"))
    report = read(START, FAILURES, *inner, SUMMARY, "FAILED a.py::test_b - x", end("1 failed, 2 passed"))
    assert outcomes(report) == {"a::test_b": FAIL}
    assert report.passed == 2


def test_a_quiet_run_within_the_output_of_another_is_that_output() -> None:
    inner = (FAILURES, SUMMARY, "FAILED inner.py::test_x - x", "1 failed in 0.01s")
    report = read(START, FAILURES, *inner, SUMMARY, "FAILED a.py::test_b - x", end("1 failed, 2 passed"))
    assert outcomes(report) == {"a::test_b": FAIL}


@pytest.mark.parametrize(
    "lines",
    [
        ("FAILED a.py::test_b - x", "FAILED a.py::test_c - x", end("1 failed, 3 passed")),
        ("FAILED a.py::test_b - x", end("2 failed, 3 passed")),
        ("FAILED a.py::test_b - x", end("1 failed, 3 passed, 1 error")),
        ("PASSED a.py::test_b", "PASSED a.py::test_c", end("1 passed")),
    ],
)
def test_names_that_do_not_fit_the_counts_are_not_believed(lines: tuple[str, ...]) -> None:
    report = read(START, SUMMARY, *lines)
    assert (report.source, report.tests, report.passed) == (job.Source.SUMMARY, (), None)
    assert "do not fit" in report.why


def test_one_run_that_does_not_fit_leaves_nothing_to_say_of_what_is_not_named() -> None:
    report = read(
        START, end("1 failed, 9 passed"), START, SUMMARY, "FAILED a.py::test_b - x", end("1 failed, 3 passed")
    )
    assert outcomes(report) == {"a::test_b": FAIL}
    assert report.passed is None
    assert "1 of 2 runs" in report.why


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("FAILED a.py::test_b - x",),
        (SUMMARY, "FAILED a.py::test_b - x"),
        (START, SUMMARY, "FAILED a.py::test_b - x"),
        ("12 packages in 3.1s", "Ran 3 tests in 0.1s", "2 passed (3s)"),
        ("=== 1 failed ===",),
    ],
)
def test_without_a_line_of_counts_there_is_no_summary(lines: tuple[str, ...]) -> None:
    report = read(*lines)
    assert (report.source, report.tests, report.passed) == (job.Source.NONE, (), None)


def test_names_outside_of_the_section_are_none() -> None:
    report = read(START, "FAILED a.py::test_b - x", "PASSED a.py::test_c", end("3 passed"), "FAILED a.py::test_d - x")
    assert report.tests == ()


def test_a_log_that_begins_within_a_run_is_read_from_there() -> None:
    assert outcomes(read("F [100%]", SUMMARY, "FAILED a.py::test_b - x", end("1 failed"))) == {"a::test_b": FAIL}


def test_the_end_of_a_huge_log_is_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loglines, "BYTES", 2_000)
    monkeypatch.setattr(loglines, "LINES", 20)
    early = (START, SUMMARY, "FAILED a.py::test_b - x", end("1 failed"))
    report = read(*early, *["x" * 50] * 100, START, SUMMARY, "FAILED a.py::test_c - x", end("1 failed"))
    assert outcomes(report) == {"a::test_c": FAIL}


def test_a_huge_line_is_cut() -> None:
    report = read(START, SUMMARY, f"FAILED a.py::test_b - {'x' * 1_000_000}", end("1 failed"))
    assert len(report.tests[0].message) <= 500


def test_more_names_than_are_read_leave_nothing_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "TESTS", 3)
    report = read(START, SUMMARY, *(f"FAILED a.py::test_{number} - x" for number in range(4)), end("4 failed"))
    assert (report.tests, report.passed) == ((), None)
    assert "than are read" in report.why


def test_runs_within_runs_without_end_are_bounded() -> None:
    report = read(*[START] * 10_000, end("1 passed"))
    assert report.passed is None


def test_bytes_that_are_no_text_are_read_over() -> None:
    assert logs.read(b"\xff\xfe\x00" + START.encode() + b"\n\xff\n" + end("2 passed").encode()).passed == 2


LINES = [
    START,
    SUMMARY,
    FAILURES,
    end("1 failed"),
    end("2 passed"),
    end("1 failed, 1 passed"),
    "1 failed in 0.1s",
    "2 passed in 1s",
    "FAILED a.py::test_b - x",
    "FAILED a.py::test_c",
    "PASSED a.py::test_b",
    "ERROR a.py",
    "!!! stopping !!!",
    "+++ Timeout +++",
    "text",
    "SKIPPED [1] a.py: x",
    "RERUN a.py::test_b",
]


@given(st.lists(st.sampled_from(LINES), max_size=25))
def test_whatever_the_lines_names_are_believed_only_with_their_counts(lines: list[str]) -> None:
    report = read(*lines)
    failed = sum(test.outcome.broken for test in report.tests)
    # a line with counts for each test that failed, at least, and a section
    assert failed <= sum(line.count("failed") + line.count("error") for line in lines)
    assert not report.tests or SUMMARY in lines
    assert report.passed is None or not report.why
    assert report.source is not job.Source.NONE or not report.tests


@given(st.binary(max_size=500))
def test_arbitrary_bytes_raise_nothing(content: bytes) -> None:
    assert logs.read(content).source in job.Source
