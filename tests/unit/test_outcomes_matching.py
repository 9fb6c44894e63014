"""Names in reports, in the ways in which they differ from node ids, and what they are matched to."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.outcomes import job, matching, nodeids
from gatekeeper.simulation import prediction

PASS, ERROR, SKIP = prediction.Outcome.PASS, prediction.Outcome.ERROR, prediction.Outcome.SKIP


def reported(classname: str, name: str, *, file: str | None = None, outcome: prediction.Outcome = PASS) -> job.Reported:
    return job.Reported(classname=classname, name=name, file=file, outcome=outcome)


def matched(test: job.Reported, *ids: str) -> list[str]:
    """Return the ids that a test alone in its job is matched to."""
    return sorted(matching.Index(ids).match([test]).matched)


def test_a_name_as_pytest_writes_it_is_matched() -> None:
    for node_id in (
        "tests/test_a.py::test_b",
        "tests/test_a.py::TestC::TestD::test_b[1-x]",
        "tests/test_a.py::test_b[a::b]",
        "tests/test_a.py::test_b[x/y.py]",
        "test_a.py::test_b[[q]]",
        "src/pkg/mod.py::pkg.mod.function",
        "README.rst::README.rst",
    ):
        parts = nodeids.split(node_id)
        assert matched(reported(parts.classname, parts.name), node_id) == [node_id]


def test_names_that_differ_in_parameters_alone_are_kept_apart() -> None:
    ids = ["tests/test_a.py::test_b[1]", "tests/test_a.py::test_b[2]", "tests/test_a.py::test_b"]
    assert matched(reported("tests.test_a", "test_b[2]"), *ids) == ["tests/test_a.py::test_b[2]"]


@pytest.mark.parametrize(
    ("test", "node_id"),
    [
        # CI ran in a folder of the repository, or with `src` as its root
        (reported("tests.test_a", "test_b"), "backend/tests/test_a.py::test_b"),
        (reported("test_a.TestC", "test_b"), "backend/tests/test_a.py::TestC::test_b"),
        (reported("pkg.test_a", "test_b"), "src/pkg/test_a.py::test_b"),
        # or around it, with a prefix, on what is installed
        (reported("work.tests.test_a", "test_b"), "tests/test_a.py::test_b"),
        (reported("py311.tests.test_a", "test_b"), "tests/test_a.py::test_b"),
        (reported("venv.lib.python3.site-packages.pkg.test_a", "test_b"), "pkg/test_a.py::test_b"),
        (reported("......venv.lib.site-packages.pkg.test_a", "test_b"), "src/pkg/test_a.py::test_b"),
        # names that other runners give
        (reported("TestC", "test_b", file="tests/test_a.py"), "tests/test_a.py::TestC::test_b"),
        (reported("", "test_b", file="tests/test_a.py"), "tests/test_a.py::test_b"),
        (reported("", "tests/test_a.py::TestC::test_b[x]"), "tests/test_a.py::TestC::test_b[x]"),
        (reported("tests.test_a.TestC.()", "test_b"), "tests/test_a.py::TestC::test_b"),
        (reported("tests/test_a.py", "test_b"), "tests/test_a.py::test_b"),
        (reported("tests/test_a.py::TestC", "test_b"), "tests/test_a.py::TestC::test_b"),
        # a group of pytest-xdist
        (reported("tests.test_a", "test_b@slow"), "tests/test_a.py::test_b"),
        (reported("tests.test_a", "test_b[x@y]@slow"), "tests/test_a.py::test_b[x@y]"),
        # parameters in XML: what it cannot hold, blanks that a writer changed, letters that pytest escapes
        (reported("tests.test_a", "test_b[#x07#x1B]"), "tests/test_a.py::test_b[\x07\x1b]"),
        (reported("tests.test_a", "test_b[x y]"), "tests/test_a.py::test_b[x\ny]"),
        (reported("tests.test_a", "test_b[é]"), "tests/test_a.py::test_b[\\xe9]"),
        (reported("tests.test_a", "test_b[\\xe9]"), "tests/test_a.py::test_b[é]"),
        (reported("tests.test_a", "test_b[x@y]"), "tests/test_a.py::test_b[x@y]"),
    ],
)
def test_known_variations_are_matched(test: job.Reported, node_id: str) -> None:
    assert matched(test, node_id, "tests/test_other.py::test_other") == [node_id]


@pytest.mark.parametrize(
    ("test", "node_id"),
    [
        (reported("tests.test_z", "test_b"), "tests/test_a.py::test_b"),
        (reported("tests.test_a.TestC", "test_b"), "tests/test_a.py::test_b"),
        (reported("tests.test_a", "test_b"), "tests/test_a.py::TestC::test_b"),
        # a class alone, or a function alone, is in too many files
        (reported("TestC", "test_b"), "tests/test_a.py::TestC::test_b"),
        (reported("", "test_b"), "tests/test_a.py::test_b"),
        # the like of a file at the top is in too many folders
        (reported("sub.test_a", "test_b"), "test_a.py::test_b"),
        # an end of a word is no end of a name
        (reported("my_tests.test_a", "test_b"), "tests/test_a.py::test_b"),
        (reported("a", "test_b"), "tests/test_a.py::test_b"),
    ],
)
def test_other_tests_are_not_matched(test: job.Reported, node_id: str) -> None:
    found = matching.Index([node_id]).match([test])
    assert not found.matched
    assert found.unselected == (test,)


def test_what_fits_several_is_counted_and_not_guessed() -> None:
    test = reported("tests.test_a", "test_b")
    found = matching.Index(["one/tests/test_a.py::test_b", "two/tests/test_a.py::test_b"]).match([test])
    assert (found.matched, found.ambiguous) == ({}, (test,))


def test_a_file_tells_of_several_which_it_is() -> None:
    ids = ["one/tests/test_a.py::test_b", "two/tests/test_a.py::test_b"]
    assert matched(reported("tests.test_a", "test_b", file="two/tests/test_a.py"), *ids) == ids[1:]


def test_the_name_as_it_is_goes_before_one_whose_end_it_is() -> None:
    ids = ["tests/test_a.py::test_b", "backend/tests/test_a.py::test_b"]
    assert matched(reported("tests.test_a", "test_b"), *ids) == ids[:1]


def test_ends_of_names_are_not_looked_at_where_the_run_began_at_the_top() -> None:
    tests = [reported("tests.test_a", "test_b"), reported("tests.test_c", "test_d")]
    found = matching.Index(["tests/test_a.py::test_b", "backend/tests/test_c.py::test_d"]).match(tests)
    assert list(found.matched) == ["tests/test_a.py::test_b"]
    assert found.unselected == (tests[1],)


def test_two_names_for_one_id_are_counted_and_not_guessed() -> None:
    tests = (reported("tests.test_a", "test_b"), reported("work.backend.tests.test_a", "test_b"))
    found = matching.Index(["backend/tests/test_a.py::test_b"]).match(tests)
    assert (found.matched, found.ambiguous) == ({}, tests)


def test_one_name_in_several_reports_gives_several_results() -> None:
    tests = (reported("tests.test_a", "test_b"), reported("tests.test_a", "test_b", outcome=ERROR))
    found = matching.Index(["tests/test_a.py::test_b"]).match(tests)
    assert found.matched == {"tests/test_a.py::test_b": tests}


def test_a_module_that_failed_as_a_whole_is_all_its_tests() -> None:
    module = reported("", "tests.test_a", outcome=ERROR)
    ids = ["tests/test_a.py::test_b", "tests/test_a.py::TestC::test_d", "tests/test_z.py::test_b"]
    found = matching.Index(ids).match([module])
    assert found.matched == {ids[0]: (module,), ids[1]: (module,)}


def test_a_module_that_was_told_of_twice_gives_its_tests_both_results() -> None:
    modules = (reported("", "tests.test_a", outcome=ERROR), reported("", "tests.test_a", outcome=SKIP))
    found = matching.Index(["tests/test_a.py::test_b"]).match(modules)
    assert found.matched == {"tests/test_a.py::test_b": modules}


def test_a_module_in_a_folder_that_ci_ran_in_is_all_its_tests() -> None:
    module = reported("", "tests.test_a", outcome=SKIP)
    assert matched(module, "backend/tests/test_a.py::test_b") == ["backend/tests/test_a.py::test_b"]


def test_a_test_that_is_called_as_a_module_is_none() -> None:
    found = matching.Index(["tests/test_a.py::test_b"]).match([reported("", "tests.test_a")])
    assert not found.matched


def test_a_test_with_a_result_of_its_own_keeps_it_where_its_module_failed() -> None:
    test, module = reported("tests.test_a", "test_b"), reported("", "tests.test_a", outcome=ERROR)
    found = matching.Index(["tests/test_a.py::test_b"]).match([module, test])
    assert found.matched == {"tests/test_a.py::test_b": (test,)}


def test_a_predicted_test_with_other_parameters_is_unmatched_and_its_neighbour_unselected() -> None:
    other, neighbour = reported("tests.test_a", "test_b[3]"), reported("tests.test_a", "test_c")
    found = matching.Index(["tests/test_a.py::test_b[1]", "tests/test_a.py::test_b[2]"]).match([other, neighbour])
    assert (found.unmatched, found.unselected) == ((other,), (neighbour,))


@pytest.mark.parametrize(
    ("node_id", "key"),
    [
        ("tests/unit/test_a.py::TestB::test_c[1-x]", "tests.unit.test_a.TestB::test_c[1-x]"),
        ("test_a.py::test_b", "test_a::test_b"),
        ("tests/test_a.py", "tests.test_a"),
        ("tests/test_a.py::test_b[a::b]", "tests.test_a::test_b[a::b]"),
        ("../tests/test_a.py::test_b[\x07]", "tests.test_a::test_b[#x07]"),
    ],
)
def test_a_key_is_the_same_of_the_id_and_of_what_is_reported(node_id: str, key: str) -> None:
    parts = nodeids.split(node_id)
    assert matching.key(node_id) == key
    assert matching.reported_key(reported(parts.classname, parts.name)) == key
    assert matching.reported_key(reported(parts.classname, parts.name, file=parts.path)) == key


def test_a_key_has_no_group_of_pytest_xdist() -> None:
    assert matching.reported_key(reported("tests.test_a", "test_b@slow")) == "tests.test_a::test_b"


def test_the_shorter_forms_of_a_key_end_with_the_file() -> None:
    assert matching.suffixes("tests.unit.test_a.TestB::test_c[x.y]") == (
        "tests.unit.test_a.TestB::test_c[x.y]",
        "unit.test_a.TestB::test_c[x.y]",
        "test_a.TestB::test_c[x.y]",
    )
    assert matching.suffixes("test_a::test_c") == ("test_a::test_c",)
    assert matching.suffixes("") == ("",)


SEGMENT = st.sampled_from(["a", "b", "tests", "test_x", "src"])
IDS = st.builds(
    lambda folders, classes, name: "/".join(folders) + ".py::" + "::".join([*classes, name]),
    st.lists(SEGMENT, min_size=1, max_size=3),
    st.lists(st.sampled_from(["TestA", "TestB"]), max_size=1),
    st.sampled_from(["t", "t[1]", "t[a::b]", "u", "t@g"]),
)
REPORTED = st.builds(
    lambda dotted, name, file, outcome: reported(".".join(dotted), name, file=file, outcome=outcome),
    st.lists(st.sampled_from(["a", "b", "tests", "test_x", "src", "TestA", "TestB"]), max_size=4),
    st.sampled_from(["t", "t[1]", "t[a::b]", "u", "t@g", "t[2]", "tests.test_x"]),
    st.sampled_from([None, "tests/test_x.py", "a.py"]),
    st.sampled_from([PASS, ERROR, SKIP]),
)


@given(st.lists(REPORTED, max_size=8), st.lists(IDS, max_size=8))
def test_every_report_is_counted_once_and_no_id_has_two_names(tests: list[job.Reported], ids: list[str]) -> None:
    found = matching.Index(ids).match(tests)
    assert found.matched.keys() <= set(ids)
    for each in found.matched.values():
        assert len({(one.classname, one.name) for one in each}) == 1
    matched = [one for each in found.matched.values() for one in each]
    told = [*matched, *found.ambiguous, *found.unmatched, *found.unselected]
    assert _of_tests(told) == _of_tests(tests)


def _of_tests(some: Iterable[job.Reported]) -> list[str]:
    """Return all but those of a whole module, which speak for any number of tests: for none that has its own."""
    return sorted(repr(one) for one in some if one.classname or one.name != "tests.test_x")


@given(st.lists(REPORTED, max_size=6), st.lists(IDS, max_size=6))
def test_the_order_of_ids_and_reports_matters_to_nothing(tests: list[job.Reported], ids: list[str]) -> None:
    found = matching.Index(ids).match(tests)
    again = matching.Index(ids[::-1]).match(tests[::-1])
    assert found.matched.keys() == again.matched.keys()
    assert sorted(map(repr, found.ambiguous)) == sorted(map(repr, again.ambiguous))
    assert sorted(map(repr, found.unmatched)) == sorted(map(repr, again.unmatched))


@given(st.lists(IDS, unique=True, max_size=8))
def test_what_pytest_reports_of_all_tests_is_matched_to_all(ids: list[str]) -> None:
    parts = [nodeids.split(node_id) for node_id in ids]
    found = matching.Index(ids).match([reported(one.classname, one.name) for one in parts])
    # `a/TestA.py` with a test and `a.py` with a class `TestA` have one name in reports; the samples have no such files
    assert set(found.matched) == set(ids)
