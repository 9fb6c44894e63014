import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import errors
from gatekeeper.accuracy import labels
from gatekeeper.wiring.bench import cases


def entry(package: str = "mini==1.0", **other: Any) -> dict[str, Any]:
    outcome = {"run": "finished", "broken": {}, "collect_errors": []} | other.pop("outcome", {})
    return {
        "package": package,
        "sha256": "00",
        "src": "mini",
        "tests": "tests",
        "file": "mini/__init__.py",
        "operator": "core/AddNot",
        "occurrence": 0,
        "test_requirements": [],
        "passing_at_base": 2,
        "outcome": outcome,
    } | other


def read(folder: Path, content: object) -> list[cases.Numbered]:
    file = folder / "cases.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return cases.read(file)


def test_cases_keep_their_place_and_their_labels(tmp_path: Path) -> None:
    broken = {"tests/test_mini.py::test_one": "timeout"}
    first, second = read(tmp_path, [entry(), entry(outcome={"broken": broken})])
    assert (first.index, second.index) == (0, 1)
    assert not first.truth.breaks
    assert second.truth.hanging == {"tests/test_mini.py::test_one"}
    assert second.case.outcome.broken["tests/test_mini.py::test_one"] is labels.Label.TIMEOUT


def test_whatever_another_change_to_the_package_breaks_passes_before_this_one(tmp_path: Path) -> None:
    known = read(
        tmp_path,
        [entry(outcome={"broken": {"a": "failed"}}), entry(outcome={"broken": {"b": "skipped"}}), entry("other==2")],
    )
    assert [one.truth.passing for one in known] == [{"a", "b"}, {"a", "b"}, frozenset()]


def test_a_run_that_did_not_finish_breaks_something(tmp_path: Path) -> None:
    (crashed,) = read(tmp_path, [entry(outcome={"run": "hung or crashed"})])
    assert crashed.truth.breaks


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[", "Invalid JSON"),
        ({"package": "mini"}, "valid array"),
        ([{"package": "mini==1.0"}], "0.sha256"),
        ([entry(outcome={"broken": {"a": "exploded"}})], "0.outcome.broken.a"),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_place(tmp_path: Path, content: object, named: str) -> None:
    with pytest.raises(errors.UsageError, match=named):
        read(tmp_path, content)


def test_a_file_that_is_absent_is_bad_use(tmp_path: Path) -> None:
    with pytest.raises(errors.UsageError, match="cannot be read"):
        cases.read(tmp_path / "none.json")


def test_a_limit_takes_cases_from_all_over_the_file(tmp_path: Path) -> None:
    known = read(tmp_path, [entry() for _ in range(10)])
    assert [one.index for one in cases.spread(known, 5)] == [0, 2, 4, 6, 8]
    assert [one.index for one in cases.spread(known, 3)] == [0, 3, 6]
    assert cases.spread(known, None) == cases.spread(known, 50) == known
    assert cases.spread(known, 0) == cases.spread([], 5) == []
