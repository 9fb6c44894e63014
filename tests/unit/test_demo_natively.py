"""What the demo's changes are said to do, they do: the sample's own tests say so, run natively."""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gatekeeper.outcomes import job
from gatekeeper.wiring.demo import changes, ci, edits, harmless, mutations, repository, sample

pytestmark = pytest.mark.slow

RED = "tests.test_tables::test_a_wide_character_takes_two_columns"
REGION = "tests.test_prices::test_a_price_is_written_as_in_the_region_of_this_machine"
# seconds: beyond what the whole suite takes on a machine that has other things to do
LIMIT = 20.0
# for a loop that never ends, in tests of one module
SHORT = 5.0


def native(
    wanted: Mapping[str, bytes] | repository.Merge, kept: Path, limit: float = LIMIT, **weather: bool
) -> list[ci.Ran]:
    def unpack(folder: Path) -> None:
        if isinstance(wanted, repository.Merge):
            repository.Repository(kept.parent / "larder.git").unpack(wanted.tree, folder)
            return
        for path, content in wanted.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)

    return ci.run(ci.Job(unpack=unpack, limit=limit, **weather), kept, lambda: False)


def outcomes(ran: ci.Ran) -> dict[str, bool]:
    """Return whether each test passed."""
    assert ran.report is not None
    cases = ET.fromstring(ran.report).iter("testcase")
    return {f"{case.get('classname')}::{case.get('name')}": not len(case) for case in cases}


def broken(ran: ci.Ran) -> set[str]:
    return {test for test, passed in outcomes(ran).items() if not passed}


def test_one_test_is_red_on_base(tmp_path: Path) -> None:
    [ran] = native(sample.files(), tmp_path / "base")
    assert (ran.conclusion, broken(ran)) == (job.Conclusion.FAILURE, {RED})
    assert len(outcomes(ran)) > 40


@pytest.mark.parametrize("number", range(1, 25))
def test_a_pull_request_does_what_its_kind_says(number: int, tmp_path: Path) -> None:
    change = changes.drawn(number)
    merge = repository.Repository(tmp_path / "larder.git").propose(change)
    *first, last = native(
        merge,
        tmp_path / "kept",
        cancelled=change.weather is changes.Weather.CANCELLED,
        left_over=change.weather is changes.Weather.LEFT_OVER,
    )
    assert len(first) == (change.weather is changes.Weather.LEFT_OVER)
    if change.weather is changes.Weather.CANCELLED:
        assert (last.conclusion, last.report) == (job.Conclusion.CANCELLED, None)
        return
    if change.weather is changes.Weather.LEFT_OVER:
        assert [test.partition("::")[0] for test in broken(first[0]) - {RED}] == ["tests.test_spool"]
    match change.kind:
        case changes.Kind.ENDLESS:
            assert (last.conclusion, last.report) == (job.Conclusion.TIMED_OUT, None)
        case changes.Kind.HARMLESS | changes.Kind.DOCS:
            assert broken(last) == {RED}
        case changes.Kind.FEATURE:
            assert broken(last) == {RED}
            assert of_new_module(change, set(outcomes(last)))
        case changes.Kind.UNFINISHED:
            assert broken(last) - {RED} == of_new_module(change, broken(last))
            assert broken(last) - {RED}
        case changes.Kind.BREAKING | changes.Kind.COMPOUND:
            assert broken(last) > {RED}
        case changes.Kind.REGIONAL:
            assert broken(last) == {RED, REGION}


def of_new_module(change: changes.Change, tests: set[str]) -> set[str]:
    """Return those of the tests that the change adds."""
    modules = {path.removesuffix(".py").replace("/", ".") for path in change.files if path not in sample.files()}
    return {test for test in tests if test.partition("::")[0] in modules}


@pytest.mark.parametrize("number", range(31, 80, 18))
def test_a_later_unfinished_feature_fails_its_own_tests(number: int, tmp_path: Path) -> None:
    change = changes.drawn(number)
    assert change.kind is changes.Kind.UNFINISHED
    [ran] = native(repository.Repository(tmp_path / "larder.git").propose(change), tmp_path / "kept")
    assert of_new_module(change, broken(ran)) == broken(ran) - {RED}
    assert broken(ran) - {RED}


@pytest.mark.parametrize("rewriting", harmless.Rewriting)
def test_all_rewritings_of_a_kind_together_break_nothing(rewriting: harmless.Rewriting, tmp_path: Path) -> None:
    files = dict(sample.files())
    for path, content in sample.files().items():
        if path.startswith("src/"):
            spots = harmless.spots(edits.Source(path, content), rewriting)
            files[path] = edits.applied(content, [edit for spot in spots for edit in spot.edits])
    [ran] = native(files, tmp_path / "kept")
    assert broken(ran) == {RED}


@pytest.mark.parametrize("mistake", mutations.Mistake)
def test_every_spot_for_a_mistake_is_found_by_the_samples_tests(mistake: mutations.Mistake, tmp_path: Path) -> None:
    files = sample.files()
    sources = [edits.Source(path, content) for path, content in files.items() if path.startswith("src/")]
    for place, spot in enumerate(one for source in sources for one in mutations.spots(source, mistake)):
        own = f"tests/test_{Path(spot.path).stem}.py"
        kept = {path: content for path, content in files.items() if not path.startswith("tests/test_") or path == own}
        endless = mistake is mutations.Mistake.ENDLESS
        changed = {**kept, spot.path: edits.applied(files[spot.path], spot.edits)}
        [ran] = native(changed, tmp_path / str(place), SHORT if endless else LIMIT)
        expected = job.Conclusion.TIMED_OUT if endless else job.Conclusion.FAILURE
        assert ran.conclusion is expected, (spot.path, spot.function, spot.edits)
        assert endless or broken(ran) - {RED}, (spot.path, spot.function, spot.edits)


def test_what_ci_did_is_remembered_and_not_done_again(tmp_path: Path) -> None:
    first = native(sample.files(), tmp_path / "base")
    assert native({}, tmp_path / "base") == first


def test_of_a_job_that_is_stopped_nothing_is_remembered(tmp_path: Path) -> None:
    wanted = ci.Job(unpack=lambda folder: folder.mkdir(), limit=LIMIT)
    assert ci.run(wanted, tmp_path / "kept", lambda: True) == []
    assert not (tmp_path / "kept").exists()
