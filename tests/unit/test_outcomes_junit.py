"""JUnit's XML as its writers write it, and as somebody writes it who means harm."""

import importlib
import sys
import types
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import errors
from gatekeeper.outcomes import elements, job, junit, names
from gatekeeper.simulation import prediction

SAMPLES = Path(__file__).parents[1] / "assets" / "outcomes"
FAIL, ERROR, HANG = prediction.Outcome.FAIL, prediction.Outcome.ERROR, prediction.Outcome.HANG
PASS, SKIP = prediction.Outcome.PASS, prediction.Outcome.SKIP


def suite(cases: str, attributes: str = "") -> bytes:
    return f"<testsuites><testsuite {attributes}>{cases}</testsuite></testsuites>".encode()


def one(cases: str) -> job.Reported:
    (read,) = junit.read(suite(cases))
    return read


def outcomes(content: bytes) -> dict[str, prediction.Outcome]:
    return {test.name: test.outcome for test in junit.read(content)}


def test_surefire_is_read_with_its_reruns() -> None:
    tests = {test.name: test for test in junit.read((SAMPLES / "surefire.xml").read_bytes())}
    assert {name: (test.outcome, test.flaky) for name, test in tests.items()} == {
        "adds": (PASS, False),
        "settles": (PASS, True),
        "removes": (FAIL, False),
        "ships": (ERROR, False),
        "prints": (SKIP, False),
    }
    assert tests["adds"].seconds == 1202.25
    assert tests["removes"].message == "no such item"


def test_jest_is_read() -> None:
    tests = junit.read((SAMPLES / "jest.xml").read_bytes())
    assert [test.outcome for test in tests] == [PASS, FAIL, SKIP]
    assert tests[1].message == "Error: expect(received).toBe(expected)"


def test_unittest_xml_reporting_is_read_with_its_files() -> None:
    tests = junit.read((SAMPLES / "xmlrunner.xml").read_bytes())
    assert [(test.classname, test.name, test.file, test.outcome) for test in tests] == [
        ("tests.test_cart.CartTest", "test_adds", "tests/test_cart.py", FAIL),
        ("tests.test_cart.CartTest", "test_prints", "tests/test_cart.py", SKIP),
    ]


def test_suites_lie_in_suites() -> None:
    content = b"""<testsuites><testcase name="a"/><testsuites><testsuite><testcase name="b"/>
      <testsuite><testcase name="c"><failure/></testcase></testsuite></testsuite></testsuites></testsuites>"""
    assert outcomes(content) == {"a": PASS, "b": PASS, "c": FAIL}


def test_a_namespace_changes_nothing() -> None:
    content = b'<j:testsuite xmlns:j="urn:j"><j:testcase name="a"><j:error message="m"/></j:testcase></j:testsuite>'
    assert outcomes(content) == {"a": ERROR}


def test_an_expected_failure_is_skipped() -> None:
    assert one('<testcase name="a"><skipped type="pytest.xfail" message="known"/></testcase>').outcome is SKIP


def test_a_strict_pass_that_was_expected_to_fail_is_a_failure() -> None:
    assert one('<testcase name="a"><failure message="[XPASS(strict)] known"/></testcase>').outcome is FAIL


@pytest.mark.parametrize(
    ("element", "message"),
    [
        ("failure", "Failed: Timeout (&gt;0.2s) from pytest-timeout."),
        ("failure", "Failed: Timeout &gt;1.0s"),
        ("error", "failed on setup with &quot;Failed: Timeout (&gt;5.0s) from pytest-timeout.&quot;"),
    ],
)
def test_a_failure_of_pytest_timeout_is_a_hang(element: str, message: str) -> None:
    assert one(f'<testcase name="a"><{element} message="{message}">long</{element}></testcase>').outcome is HANG


@pytest.mark.parametrize("message", ["TimeoutError: Timeout", "assert 'Timeout (&gt;0.2s) from pytest-timeout.' == 1"])
def test_a_failure_that_only_speaks_of_a_timeout_is_a_failure(message: str) -> None:
    assert one(f'<testcase name="a"><failure message="{message}"/></testcase>').outcome is FAIL


def test_what_is_reported_with_both_results_is_flaky_and_keeps_the_last() -> None:
    test = one('<testcase classname="m" name="a"><failure message="x"/></testcase><testcase classname="m" name="a"/>')
    assert (test.outcome, test.flaky) == (PASS, True)
    test = one('<testcase classname="m" name="a"/><testcase classname="m" name="a"><failure message="x"/></testcase>')
    assert (test.outcome, test.flaky, test.message) == (FAIL, True, "x")


def test_a_failure_with_an_error_in_its_teardown_is_one_broken_test() -> None:
    test = one('<testcase name="a"><failure message="x"/></testcase><testcase name="a"><error message="y"/></testcase>')
    assert test.outcome.broken
    assert not test.flaky


def test_tests_of_one_name_in_two_classes_are_two() -> None:
    assert len(junit.read(suite('<testcase classname="m.A" name="a"/><testcase classname="m.B" name="a"/>'))) == 2


@pytest.mark.parametrize("time", ["", "soon", "nan", "inf", "-1", "1e999"])
def test_a_time_that_is_none_is_not_known(time: str) -> None:
    assert one(f'<testcase name="a" time="{time}"/>').seconds is None


def test_a_report_in_another_encoding_is_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?><testsuite><testcase name="größe"/></testsuite>'
    for encoding in ("utf-16", "iso-8859-1", "windows-1252"):
        assert outcomes(text.format(encoding).encode(encoding)) == {"größe": PASS}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not XML",
        b"<testsuite>",
        b"<testsuite><testcase name='a\x00b'/></testsuite>",
        b"<testsuite><testcase name='&#xD800;'/></testsuite>",
        b"<testsuite><testcase name='\xed\xa0\x80'/></testsuite>",
        b"<html/>",
        b'<?xml version="1.0" encoding="utf-7"?><testsuite/>',
        b'<?xml version="1.0" encoding="no such"?><testsuite/>',
        b'<?xml version="1.0" encoding="punycode"?><testsuite/>',
        b"<a>" * 5 + b"</a>" * 5,
    ],
)
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(errors.ReportError, match=r"\w.*\."):
        junit.read(content)


def test_a_billion_laughs_are_refused_before_they_are_many() -> None:
    laughs = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    bomb = f'<!DOCTYPE t [<!ENTITY l0 "ha">{laughs}]><testsuite><testcase name="&l9;"/></testsuite>'
    with pytest.raises(errors.ReportError, match="document type or entities"):
        junit.read(bomb.encode())


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE t SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE t [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]>',
        "<!DOCTYPE t>",
    ],
)
def test_nothing_outside_of_the_report_is_read(declared: str) -> None:
    with pytest.raises(errors.ReportError, match="document type or entities"):
        junit.read(f'{declared}<testsuite><testcase name="&x;"/></testsuite>'.encode())


def test_a_report_that_is_too_large_is_refused() -> None:
    with pytest.raises(errors.ReportError, match="at most"):
        junit.read(b" " * (elements.BYTES + 1))


def test_a_report_with_too_many_tests_is_refused() -> None:
    with pytest.raises(errors.ReportError, match="50,000 tests"):
        junit.read(suite("<testcase/>" * (elements.TESTS + 1)))


def test_a_report_with_too_many_results_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "ELEMENTS", 100)
    with pytest.raises(errors.ReportError, match="100 results"):
        junit.read(suite(f'<testcase name="a">{"<rerunFailure/>" * 100}</testcase>'))


def test_a_report_with_too_many_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "MET", 100)
    with pytest.raises(errors.ReportError, match="100 elements"):
        junit.read(suite("<x/>" * 100))


@pytest.mark.parametrize("tag", ["testsuite", "x"])
def test_a_report_that_is_too_deep_is_refused(tag: str) -> None:
    content = b"<testsuite>" + f"<{tag}>".encode() * elements.DEPTH + f"</{tag}>".encode() * elements.DEPTH
    with pytest.raises(errors.ReportError, match="nested more than"):
        junit.read(content + b"</testsuite>")


def test_what_lies_in_output_is_no_test() -> None:
    assert outcomes(suite('<system-out><testcase name="evil"/></system-out><testcase name="a"/>')) == {"a": PASS}


def test_texts_are_bounded_and_names_that_differ_stay_different() -> None:
    long = "x" * 10_000
    tests = junit.read(
        suite(
            f'<testcase name="{long}a"/><testcase name="{long}b"><failure message="{long}">{long}</failure></testcase>'
        )
    )
    assert len({test.name for test in tests}) == 2
    assert all(len(test.name) <= names.NAME for test in tests)
    assert len(tests[1].message) == names.MESSAGE


def test_lxml_does_not_read_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    # which junitparser would take for its own reading; it makes an empty element with it, and no more
    lxml = types.ModuleType("lxml")
    reader = types.SimpleNamespace(Element=ET.Element)
    monkeypatch.setattr(lxml, "etree", reader, raising=False)
    monkeypatch.setitem(sys.modules, "lxml", lxml)
    for name in [name for name in sys.modules if name.partition(".")[0] == "junitparser"]:
        monkeypatch.delitem(sys.modules, name)
    anew = importlib.import_module("junitparser.junitparser")
    assert anew.etree is reader
    monkeypatch.setattr(junit, "xunit2", importlib.import_module("junitparser.xunit2"))
    monkeypatch.setattr(junit, "junitparser", anew)
    assert outcomes(b'<testsuite><testcase name="a"><error/></testcase></testsuite>') == {"a": ERROR}


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    for given_ in (content, b"<testsuite>" + content + b"</testsuite>"):
        try:
            junit.read(given_)
        except errors.ReportError:
            continue


PARTS = """<testsuite> </testsuite> <testsuites> </testsuites> <testcase/> </testcase> <testcase\xa0name="a"> <failure>
</failure> <skipped\xa0message="x"/> <testcase\xa0time="1,0"/> text <![CDATA[x]]> <!--x--> &amp; <?pi?> <flakyError/>"""


@given(st.lists(st.sampled_from([part.replace("\xa0", " ") for part in PARTS.split(" ")]), max_size=30))
def test_arbitrary_elements_are_read_or_refused(parts: list[str]) -> None:
    try:
        tests = junit.read("".join(parts).encode())
    except errors.ReportError:
        return
    assert len({(test.classname, test.name, test.file) for test in tests}) == len(tests)
