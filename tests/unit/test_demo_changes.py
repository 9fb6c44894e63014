"""The demo draws the same pull requests each time, and shows every kind of them."""

import ast
from pathlib import Path

import pygit2
import pytest

from gatekeeper import errors
from gatekeeper.wiring.demo import changes, edits, harmless, mutations, repository, sample

ONE_OF_EACH = range(1, 19)


def test_a_pull_request_is_the_same_each_time_it_is_drawn() -> None:
    assert [changes.drawn(number) for number in ONE_OF_EACH] == [changes.drawn(number) for number in ONE_OF_EACH]


def test_another_seed_draws_others() -> None:
    assert [changes.drawn(number, 1).files for number in ONE_OF_EACH] != [
        changes.drawn(number, 2).files for number in ONE_OF_EACH
    ]


def test_the_first_pull_requests_show_every_kind_and_every_weather() -> None:
    drawn = [changes.drawn(number) for number in ONE_OF_EACH]
    assert {one.kind for one in drawn} == set(changes.Kind)
    assert {one.weather for one in drawn} == set(changes.Weather)


def test_every_pull_request_changes_something() -> None:
    tip = sample.files()
    for number in range(1, 100):
        change = changes.drawn(number)
        assert change.title
        assert all(content != tip.get(path) for path, content in change.files.items())


def test_mistakes_of_a_demo_are_in_different_places() -> None:
    made = [changes.drawn(number) for number in range(1, 37)]
    mistakes = [tuple(one.files.items()) for one in made if one.kind is changes.Kind.BREAKING]
    assert len(mistakes) == len(set(mistakes)) > 5


def test_base_grows_commit_by_commit_to_the_whole_sample() -> None:
    history = sample.history()
    assert [set(one.files) for one in history] == sorted((set(one.files) for one in history), key=len)
    assert history[-1].files == sample.files()
    assert len(history) == 12


def test_the_red_test_comes_with_the_last_commit() -> None:
    *before, last = sample.history()
    assert b"wide_character" in last.files["tests/test_tables.py"]
    assert not any(b"wide_character" in content for commit in before for content in commit.files.values())


def test_compiled_files_are_no_part_of_the_sample() -> None:
    assert not [path for path in sample.files() if "__pycache__" in path or path.endswith(".pyc")]


def test_repositories_made_twice_hold_the_same_commits(tmp_path: Path) -> None:
    made = [repository.Repository(tmp_path / name / "larder.git") for name in ("one", "other")]
    assert made[0].base == made[1].base
    assert [made[0].propose(changes.drawn(number)) for number in ONE_OF_EACH] == [
        made[1].propose(changes.drawn(number)) for number in ONE_OF_EACH
    ]


def test_a_repository_that_is_opened_again_is_left_as_it_was(tmp_path: Path) -> None:
    made = repository.Repository(tmp_path / "larder.git")
    proposed = made.propose(changes.drawn(1))
    again = repository.Repository(tmp_path / "larder.git")
    assert (again.base, again.propose(changes.drawn(1))) == (made.base, proposed)


def test_a_folder_of_another_version_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    repository.Repository(tmp_path / "larder.git")
    git = pygit2.Repository(str(tmp_path / "larder.git"))
    other = git.revparse_single("main~1").id
    git.references["refs/heads/main"].set_target(other)
    with pytest.raises(errors.UsageError, match="another version"):
        repository.Repository(tmp_path / "larder.git")
    assert git.revparse_single("main").id == other


def test_ci_tests_the_merge_of_base_and_head(tmp_path: Path) -> None:
    made = repository.Repository(tmp_path / "larder.git")
    behind = next(one for one in map(changes.drawn, ONE_OF_EACH) if one.behind)
    made.unpack(made.propose(behind).tree, tmp_path / "merged")
    assert b"wide_character" in (tmp_path / "merged/tests/test_tables.py").read_bytes()
    for path, content in behind.files.items():
        assert (tmp_path / "merged" / path).read_bytes() == content


def test_edits_leave_everything_else_as_it_was_written() -> None:
    found = (edits.Edit(start=4, end=5, text=b"long"), edits.Edit(start=0, end=1, text=b""))
    assert edits.applied(b"a = b  # why", found) == b" = long  # why"


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="two edits"):
        edits.applied(b"abc", (edits.Edit(start=0, end=2, text=b""), edits.Edit(start=1, end=3, text=b"")))


def test_places_are_counted_in_bytes() -> None:
    source = edits.Source("a.py", 'def f(a):\n    return "…", a < 1\n'.encode())
    spot = mutations.spots(source, mutations.Mistake.COMPARISON)[0]
    assert edits.applied(source.content, spot.edits).decode() == 'def f(a):\n    return "…", a > 1\n'


@pytest.mark.parametrize(
    ("code", "mistake", "wrong"),
    [
        ("while n < 9:\n        n += 1", mutations.Mistake.ENDLESS, "while n < 9:\n        n = n"),
        ("if not n:\n        raise ValueError\n    return 1", mutations.Mistake.GUARD, "return 1"),
        ("return n[1:]", mutations.Mistake.OFF_BY_ONE, "return n[2:]"),
        ("return n <= 1", mutations.Mistake.BOUNDARY, "return n < 1"),
        ("return n == 1", mutations.Mistake.COMPARISON, "return n != 1"),
    ],
)
def test_a_mistake_is_made(code: str, mistake: mutations.Mistake, wrong: str) -> None:
    source = edits.Source("a.py", f"def f(n):\n    {code}\n".encode())
    [spot] = mutations.spots(source, mistake)
    assert edits.applied(source.content, spot.edits).decode() == f"def f(n):\n    {wrong}\n"


@pytest.mark.parametrize(
    "code",
    [
        # ends by another name
        "while n < 9 and left:\n        left.pop()\n        n += 1",
        # does not decide about the end
        "while left:\n        n += 1\n        left = left[1:]",
    ],
)
def test_a_loop_that_would_end_all_the_same_is_not_taken_for_endless(code: str) -> None:
    source = edits.Source("a.py", f"def f(n, left):\n    {code}\n".encode())
    assert mutations.spots(source, mutations.Mistake.ENDLESS) == []


def test_names_that_a_lambda_takes_are_not_renamed() -> None:
    code = b"def f(all):\n    found = [one for one in all]\n    return sorted(found, key=lambda one: one)\n"
    titles = {spot.title for spot in harmless.spots(edits.Source("a.py", code), harmless.Rewriting.RENAMED)}
    assert titles == {"Call it found_here in f"}


@pytest.mark.parametrize("kind", [*harmless.Rewriting, *mutations.Mistake])
def test_every_spot_of_the_sample_leaves_valid_python(kind: harmless.Rewriting | mutations.Mistake) -> None:
    sources = [edits.Source(path, content) for path, content in sample.files().items() if path.startswith("src/")]
    found = 0
    for source in sources:
        spots = harmless.spots(source, kind) if isinstance(kind, harmless.Rewriting) else mutations.spots(source, kind)
        for spot in spots:
            assert ast.dump(ast.parse(edits.applied(source.content, spot.edits))) != ast.dump(source.tree)
            found += 1
    assert found >= 3
