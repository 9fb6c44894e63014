import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging import requirements

from gatekeeper.sandbox.installation import requirement


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("freezegun", "freezegun"),
        ("Typing_Extensions >= 4.1, < 5", "typing-extensions>=4.1,<5"),
        ("uvicorn [standard,HTTP_2]~=0.3", "uvicorn[http-2,standard]~=0.3"),
        ("django (>=4.2)", "django>=4.2"),
        ('tomli ; python_version  <  "3.11"', 'tomli ; python_version < "3.11"'),
        ("numpy==1.*", "numpy==1.*"),
    ],
)
def test_names_extras_specifiers_and_markers_are_read(line: str, written: str) -> None:
    assert str(requirement.parse(line)) == written


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("--index-url https://example.org/simple", "options are not passed on"),
        ("-e git+https://example.org/x.git", "editable entries are not installed"),
        ("evil @ https://example.org/evil.whl", "URLs and version control are not followed"),
        ("git+ssh://git@example.org/x", "URLs and version control are not followed"),
        ("../elsewhere", "paths are not installed"),
        ("./vendored/thing.whl", "paths are not installed"),
        ("foo --global-option=x", "not a requirement"),
        ("foo\n--index-url=x", "not a requirement"),
        ("x" * 600, "not a requirement"),
    ],
)
def test_everything_else_is_refused_with_the_reason(line: str, why: str) -> None:
    refused = requirement.parse(line)

    assert isinstance(refused, requirement.Refused)
    assert refused.why == why


@pytest.mark.parametrize(
    ("line", "extras"),
    [(".", ()), ("-e .", ()), ("-e .[test,Dev]", ("dev", "test")), (".[socks]", ("socks",)), ("-e '.[a]'", ("a",))],
)
def test_the_project_itself_stands_for_its_extras(line: str, extras: tuple[str, ...]) -> None:
    assert requirement.parse(line) == requirement.Own(extras=extras)


@given(st.text(alphabet="abZ09._-[]<>=!~,;() @/:\n'\"", max_size=40))
def test_whatever_is_accepted_is_one_line_that_packaging_reads_as_the_same_name(line: str) -> None:
    found = requirement.parse(line)

    if isinstance(found, requirement.Requirement) and not found.marker:
        written = str(found)
        assert "\n" not in written
        try:
            read = requirements.Requirement(written)
        except requirements.InvalidRequirement:
            # a version that is none is found out when it is resolved
            assert found.specifier
        else:
            assert requirement.canonical(read.name) == found.name
            assert read.url is None
