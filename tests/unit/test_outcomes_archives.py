"""Artifacts' zips: what is looked into, and what is refused."""

import io
import random
import stat
import struct
import warnings
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import errors
from gatekeeper.outcomes import archives, elements, job, reading
from gatekeeper.simulation import prediction

REPORT = b'<testsuite><testcase classname="tests.test_a" name="test_b"/></testsuite>'
FAILED = b'<testsuite><testcase classname="tests.test_a" name="test_b"><failure/></testcase></testsuite>'


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression=method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(name, content, compress_type=method)
    return file.getvalue()


def read(archive: bytes) -> list[str]:
    return [one.name for one in archives.reports(archive) if isinstance(one, archives.Member)]


def refused(archive: bytes) -> str:
    assert read(archive) == []
    (one,) = [one for one in archives.reports(archive) if isinstance(one, archives.LeftOut)]
    return one.why


def declaring(size: int) -> bytes:
    """Return a zip whose member says that it has that many bytes, in both headers."""
    archive = bytearray(zipped(("report.xml", REPORT)))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = archive.index(signature) + offset
        archive[at : at + 4] = struct.pack("<I", size)
    return bytes(archive)


def test_xml_is_read_in_its_order_and_all_else_is_passed_over() -> None:
    archive = zipped(
        ("b.xml", REPORT), ("log.txt", b"x"), ("folder/", b""), ("folder/A.XML", FAILED), ("in.zip", zipped())
    )
    assert [one.content for one in archives.reports(archive) if isinstance(one, archives.Member)] == [REPORT, FAILED]
    assert read(archive) == ["b.xml", "folder/A.XML"]


def test_a_file_is_read_as_bytes_are() -> None:
    archive = zipped(("a.xml", REPORT))
    assert list(archives.reports(io.BytesIO(archive))) == list(archives.reports(archive))


@pytest.mark.parametrize(
    "name",
    ["../report.xml", "a/../../report.xml", "/etc/report.xml", "..\\report.xml", "C:\\report.xml", "\\\\host\\a.xml"],
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    assert "leads out" in refused(zipped((name, REPORT)))


@pytest.mark.parametrize("name", ["nul.xml", "a/CON.xml", "com1.report.xml", "aux/report.xml"])
def test_the_name_of_a_device_is_refused(name: str) -> None:
    assert "device" in refused(zipped((name, REPORT)))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_what_is_no_file_is_refused(kind: int) -> None:
    info = zipfile.ZipInfo("report.xml")
    info.external_attr = (kind | 0o777) << 16
    assert "link or a device" in refused(zipped((info, b"/etc/passwd")))


def test_an_encrypted_member_is_refused() -> None:
    archive = bytearray(zipped(("report.xml", REPORT)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(signature) + offset] |= 1
    assert "encrypted" in refused(bytes(archive))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_whose_size_has_no_bound_is_refused(method: int) -> None:
    assert "deflate" in refused(zipped(("report.xml", REPORT), method=method))


def test_a_member_of_200_megabytes_is_refused_by_what_it_declares() -> None:
    assert "209,715,200 bytes" in refused(declaring(200 * 1024 * 1024))


def test_a_member_that_lies_about_its_size_is_refused() -> None:
    assert "damaged" in refused(declaring(10))
    assert "damaged" in refused(declaring(100_000))


def test_a_zip_bomb_that_declares_its_size_is_refused_unread() -> None:
    assert "zip bomb" in refused(zipped(("report.xml", b"\0" * (8 * 1024 * 1024))))


def test_a_large_report_of_equal_tests_is_no_bomb() -> None:
    cases = "".join(f'<testcase classname="tests.test_a" name="test_{number}"/>' for number in range(40_000))
    archive = zipped(("report.xml", f"<testsuite>{cases}</testsuite>".encode()))
    assert len(reading.of_archive(archive).tests) == 40_000


def test_members_that_share_their_bytes_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "TOTAL", 3 * len(REPORT))
    found = list(archives.reports(zipped(*((f"{number}.xml", REPORT) for number in range(5)))))
    assert sum(isinstance(one, archives.Member) for one in found) == 3
    assert all("together" in one.why for one in found if isinstance(one, archives.LeftOut))


def test_an_archive_with_too_many_files_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MEMBERS", 10)
    assert "11 files" in refused(zipped(*((f"{number}.txt", b"") for number in range(11))))


def test_files_are_counted_wherever_the_pieces_of_the_archive_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_CHUNK", 7)
    monkeypatch.setattr(archives, "MEMBERS", 9)
    assert "10 files" in refused(zipped(*((f"{number}.txt", b"") for number in range(10))))


def test_of_many_reports_the_first_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "READ", 2)
    found = list(archives.reports(zipped(*((f"{number}.xml", REPORT) for number in range(3)))))
    assert [one.name for one in found] == ["0.xml", "1.xml", ""]


def test_of_many_refused_files_few_are_told() -> None:
    found = list(archives.reports(zipped(*((f"../{number}.xml", REPORT) for number in range(200)))))
    assert len(found) == archives.TOLD + 1


@pytest.mark.parametrize(
    "archive", [b"", b"PK", b"no zip", zipped(("a.xml", REPORT))[:-30], b"PK\x05\x06" + b"\xff" * 18]
)
def test_a_damaged_archive_is_told(archive: bytes) -> None:
    assert refused(archive)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=40))
def test_an_archive_with_any_bytes_changed_raises_nothing(seed: int, changes: int) -> None:
    chance = random.Random(seed)
    archive = bytearray(zipped(("report.xml", REPORT), ("b.xml", FAILED * 20)))
    for _ in range(changes):
        archive[chance.randrange(len(archive))] = chance.randrange(256)
    for one in archives.reports(bytes(archive)):
        assert isinstance(one, archives.LeftOut) or len(one.content) <= elements.BYTES


@given(st.binary(max_size=400))
def test_arbitrary_bytes_raise_nothing(content: bytes) -> None:
    assert all(isinstance(one, archives.LeftOut) for one in archives.reports(content))


@pytest.mark.parametrize(
    "name",
    [
        "junit",
        "test-results-ubuntu-latest-3.12",
        "pytest-report",
        "TEST-xml",
        "results (macos, 3.13)",
        "surefire-reports",
        "unit-tests",
        "xunit",
        "Unit Test Results (py311)",
        "nox-reports",
    ],
)
def test_artifacts_that_are_called_as_results_are_downloaded(name: str) -> None:
    assert archives.artifact_is_worth(name, 10 * 1024 * 1024)


@pytest.mark.parametrize(
    "name",
    ["wheels", "dist", "docs", "coverage-html", "test-coverage", "screenshots", "build", "artifact", "test-docs"],
)
def test_large_artifacts_that_are_called_otherwise_are_not(name: str) -> None:
    assert not archives.artifact_is_worth(name, 10 * 1024 * 1024)
    assert archives.artifact_is_worth(name, 10 * 1024), "a small one costs nothing to look into"


@pytest.mark.parametrize("size", [-1, 0, archives.ARTIFACT + 1, 200 * 1024 * 1024])
def test_empty_and_huge_artifacts_are_not(size: int) -> None:
    assert not archives.artifact_is_worth("junit", size)


def test_the_tests_of_an_archive_are_those_of_all_its_reports() -> None:
    report = reading.of_archive(zipped(("3.11.xml", REPORT), ("3.12.xml", FAILED)))
    assert report.source is job.Source.REPORT
    assert [test.outcome for test in report.tests] == [prediction.Outcome.PASS, prediction.Outcome.FAIL]
    assert report.why == ""


def test_files_are_read_together_and_none_in_part() -> None:
    report = reading.of_files([REPORT, FAILED])
    assert (report.source, len(report.tests), report.why) == (job.Source.REPORT, 2, "")
    with pytest.raises(errors.ReportError):
        reading.of_files([REPORT, b"no XML"])


def test_files_with_too_many_tests_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "TESTS", 1)
    with pytest.raises(errors.ReportError, match="more than 1 tests together"):
        reading.of_files([REPORT, REPORT])


def test_of_much_that_is_left_out_the_first_is_told() -> None:
    report = reading.of_archive(zipped(*((f"../{number}.xml", REPORT) for number in range(9))))
    assert "../2.xml" in report.why
    assert report.why.endswith("6 more were left out.")


def test_what_an_archive_withholds_is_told_beside_what_it_has() -> None:
    bomb = b"<!DOCTYPE t [<!ENTITY a 'b'>]><testsuite/>"
    report = reading.of_archive(zipped(("a.xml", REPORT), ("b.xml", bomb), ("../c.xml", REPORT)))
    assert len(report.tests) == 1
    assert "b.xml: The report declares" in report.why
    assert "../c.xml: Its name leads out" in report.why


def test_xml_of_another_kind_is_neither_a_report_nor_a_loss() -> None:
    coverage = b"<?xml version='1.0'?><!DOCTYPE coverage SYSTEM 'http://x/coverage-04.dtd'><coverage/>"
    assert reading.of_archive(zipped(("coverage.xml", coverage))) == job.Report(source=job.Source.NONE)


def test_a_damaged_archive_has_no_report_and_says_why() -> None:
    report = reading.of_archive(b"no zip")
    assert report.source is job.Source.NONE
    assert "cannot be read" in report.why


def test_tests_of_an_archive_beyond_the_bound_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "TESTS", 1)
    report = reading.of_archive(zipped(("a.xml", REPORT), ("b.xml", REPORT)))
    assert len(report.tests) == 1
    assert "more than 1 tests" in report.why
