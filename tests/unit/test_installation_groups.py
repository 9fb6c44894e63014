import pytest

from gatekeeper.sandbox.installation import groups


def _group(name: str, *lines: str, extra: bool = False) -> groups.Group:
    return groups.Group(
        origin="pyproject.toml", name=name, purpose=groups.purpose(name), extra=name if extra else None, lines=lines
    )


@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        ("test", groups.Purpose.TEST),
        ("requirements-test", groups.Purpose.TEST),
        ("py311-tests", groups.Purpose.TEST),
        ("dev", groups.Purpose.DEVELOPMENT),
        ("py311", groups.Purpose.DEVELOPMENT),
        ("docs", groups.Purpose.OTHER),
        ("dev-docs", groups.Purpose.OTHER),
        ("typing", groups.Purpose.OTHER),
        ("socks", groups.Purpose.OTHER),
    ],
)
def test_a_group_is_for_what_its_name_says(name: str, purpose: groups.Purpose) -> None:
    assert groups.purpose(name) is purpose


def test_an_extra_that_the_tests_ask_for_counts_as_theirs_through_other_extras() -> None:
    declared, _ = groups.collect(
        [
            _group("socks", "pysocks", extra=True),
            _group("all", "mine[socks]", extra=True),
            _group("test", "-e .[all]", "pytest"),
            _group("http2", "h2", extra=True),
        ],
        frozenset({"mine"}),
    )

    purposes = {item.requirement.name: item.purpose for item in declared}
    assert purposes == {
        "pytest": groups.Purpose.TEST,
        "pysocks": groups.Purpose.TEST,
        "h2": groups.Purpose.OTHER,
    }


def test_what_is_refused_is_told_for_tests_and_not_for_documents() -> None:
    _, notes = groups.collect([_group("test", "x @ file:///x"), _group("docs", "y @ file:///y")], frozenset())

    assert notes == ("pyproject.toml: 'x @ file:///x' is left out: URLs and version control are not followed",)


def test_extras_that_ask_for_each_other_end() -> None:
    declared, _ = groups.collect(
        [_group("a", "mine[b]", "one", extra=True), _group("b", "mine[a]", "two", extra=True), _group("test", ".[a]")],
        frozenset({"mine"}),
    )

    assert {item.requirement.name: item.purpose for item in declared} == {
        "one": groups.Purpose.TEST,
        "two": groups.Purpose.TEST,
    }
