"""Closed programs are run, and must end as pytest's tests do."""

import shutil
import subprocess
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gatekeeper.simulation.program import closing, program, project
from tests import program_cases
from tests.fakes import memory_tree
from tests.integration import program_running

_SAMPLES = Path(__file__).resolve().parent.parent / "samples"
_SHOWN = frozenset({".py", ".toml", ".cfg", ".ini"})


def _files(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.suffix in _SHOWN and path.name != "told_outcomes.py")
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def _closed(before: Path, after: Path, tests: Sequence[str]) -> list[program.Closed]:
    """Return the programs of all tests of the modules `tests`, each group held against its rules."""
    earlier, later = _files(before), _files(after)
    trees = project.Trees(memory_tree.MemoryTree(earlier), memory_tree.MemoryTree(later))
    found: list[program.Closed] = []
    for test in tests:
        group = list(closing.close([program_cases.affected(test)], trees, program_cases.count, program_cases.LARGE))
        if not any(
            "masked" in left.why for item in group if isinstance(item, program.Closed) for left in item.after.left_out
        ):
            program_cases.check_group(group, earlier, later)
        found += [item for item in group if isinstance(item, program.Closed)]
    return found


def _disagreeing(root: Path, native: Mapping[str, str], programs: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the tests whose programs end otherwise: how each ended."""
    ended = program_running.run(programs, list(_files(root)), root)
    both = {test: (native[test], ended[test]) for test in programs}
    return {test: how for test, how in both.items() if not program_running.agree(*how)}


def test_programs_of_a_sample_end_as_its_tests_do(tmp_path: Path) -> None:
    root = Path(shutil.copytree(_SAMPLES / "halving", tmp_path / "halving"))
    native = program_running.natively(root, ["tests"])

    found = _closed(root, root, ["tests/test_halving.py"])

    assert {item.test for item in found} == native.keys()
    assert _disagreeing(root, native, {item.test: item.after.text for item in found}) == {}


def test_programs_of_a_pull_request_end_as_its_tests_do_on_both_sides(tmp_path: Path) -> None:
    before, after = (
        Path(shutil.copytree(_SAMPLES / "pull_request/library", tmp_path / name)) for name in ("before", "after")
    )
    change = (_SAMPLES / "pull_request/change.diff").read_text()
    subprocess.run(["git", "apply", "-"], cwd=after, input=change, text=True, check=True)
    # the change makes those of test_retrying.py run for ever
    tests = [f"tests/test_{name}.py" for name in ("listing", "paging", "slugs", "spans", "summaries")]

    found = _closed(before, after, tests)

    failing: set[str] = set()
    for root, programs in (
        (before, {item.test: item.before.text for item in found if item.before}),
        (after, {item.test: item.after.text for item in found}),
    ):
        native = program_running.natively(root, tests, "src")
        failing.update(test for test, how in native.items() if how == "failed")
        assert programs.keys() == native.keys()
        assert _disagreeing(root, native, programs) == {}
    assert failing


def test_programs_of_a_library_end_as_its_tests_do(source_archive: Callable[[str], Path], tmp_path: Path) -> None:
    with tarfile.open(source_archive("itsdangerous-2.2.0")) as archive:
        archive.extractall(tmp_path, filter="data")
    root = tmp_path / "itsdangerous-2.2.0"
    # the other modules need packages that are not here
    tests = [f"tests/test_itsdangerous/test_{name}.py" for name in ("encoding", "serializer", "signer")]
    native = program_running.natively(root, tests, "src")

    found = _closed(root, root, tests)

    assert {item.test for item in found} == native.keys()
    assert len(native) > 60
    masked = {item.test for item in found if any("masked" in left.why for left in item.after.left_out)}
    other = _disagreeing(root, native, {item.test: item.after.text for item in found})
    # where a key is masked, what is signed with it has another signature
    assert other.keys() <= masked
    assert len(other) <= 2


def test_programs_of_a_library_share_what_a_change_leaves(
    source_archive: Callable[[str], Path], tmp_path: Path
) -> None:
    with tarfile.open(source_archive("itsdangerous-2.2.0")) as archive:
        archive.extractall(tmp_path, filter="data")
    before = _files(tmp_path / "itsdangerous-2.2.0")
    path = "src/itsdangerous/signer.py"
    after = {**before, path: before[path].replace(b"return base64_encode(sig)", b"return base64_encode(sig[:-1])")}
    assert after != before

    found = program_cases.close(before, after, "tests/test_itsdangerous/test_serializer.py")

    programs = [item for item in found if isinstance(item, program.Closed) and item.before]
    assert len(programs) == len(found) > 25
    for item in programs:
        assert item.before is not None
        start = program_cases.unchanged(item.after)
        assert start == program_cases.unchanged(item.before)
        assert len(start) > len(item.after.text) / 3
        assert item.before.pieces[: item.before.shared] == programs[0].before.pieces[: programs[0].before.shared]  # type: ignore[union-attr]
        assert item.after.pieces[: item.after.shared] == programs[0].after.pieces[: programs[0].after.shared]
