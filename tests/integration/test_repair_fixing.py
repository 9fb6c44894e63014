"""Fixes of real reviews, tried in the real sandbox."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper import configuration, settings
from gatekeeper import review as reviews
from gatekeeper.repair import candidate
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings, verdict
from gatekeeper.wiring import carried, progress, review
from tests.git_project import Project

_SAMPLE = Path(__file__).resolve().parent.parent / "samples/pull_request"

# functions with a line between them that no change touches
_SUMS = "".join(
    f'def sum_{n}(a, b):\n    """Return {n} added to the sum."""\n    return a + b + {n}\n\n\n' for n in range(8)
)
_TESTS = "from pack import sums\n\n\n" + "".join(
    f"def test_sum_{n}():\n    assert sums.sum_{n}(3, 4) == {7 + n}\n\n\n" for n in range(8)
)
_LIBRARY = {"pack/__init__.py": "", "pack/sums.py": _SUMS, "pack/other.py": "TEN = 10\n", "tests/test_sums.py": _TESTS}
# the same, written otherwise
_HARMLESS = _SUMS.replace("a + b + ", "b + a + ")
_WRONG = _HARMLESS.replace("b + a + 5", "b - a + 5")

_TEST_RUN = """\
from pack import sums


def test_last():
    assert sums.Run(3).last([4, 5, 6, 7]) == 6


def test_two():
    assert sums.Run(2).last([4, 5, 6]) == 5
"""

_CarryOut = Callable[[Project], carried.Carried]


@pytest.fixture
def carry_out(compiled: Path) -> _CarryOut:
    """Return what reviews the branch `work`; a test that hangs is known to after a tenth of the usual fuel."""
    chosen = replace(settings.read(os.environ), fuel=6, offline=True, workers=2)

    def carry(project: Project) -> carried.Carried:
        request = review.Request(
            repository=project.folder,
            base="main",
            head="work",
            judged=reviews.Judged.MERGE,
            id="review/1",
            name="owner/name",
        )
        return review.carry_out(request, chosen, progress.Progress(), searching=20.0)

    return carry


def _change(project: Project, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> None:
    project.commit(before)
    project.branch("work")
    project.commit(after)


def _fingerprints(done: reviews.Review) -> set[str]:
    return {found.fingerprint for found in findings.find(done.predictions, done.selection, done.policy)}


def test_both_faults_of_the_sample_are_mended_by_diffs_that_git_applies(project: Project, carry_out: _CarryOut) -> None:
    shutil.copytree(_SAMPLE / "library", project.folder, dirs_exist_ok=True)
    project.commit({})
    project.branch("work")
    project.git("apply", str(_SAMPLE / "change.diff"))
    project.commit({})

    done = carry_out(project)
    for fix in done.offered.fixes:
        project.git("apply", "-", given=fix.diff.encode())

    paging, retrying = done.offered.fixes
    assert (len(paging.mended), paging.replacement.path) == (7, "src/waypost/paging.py")
    assert retrying.mended == ("tests/test_retrying.py::test_growing_gently",)
    assert {*paging.mends, *retrying.mends} == _fingerprints(done.review)
    assert (paging.kept, paging.tried_by) == (18, "sandbox")
    assert project.git("diff", "main") == ""
    assert "fix" in done.review.timings


def test_only_the_line_at_fault_is_edited_in_its_authors_words_where_base_has_moved_on(
    project: Project, carry_out: _CarryOut
) -> None:
    _change(project, _LIBRARY, {"pack/sums.py": _WRONG, "pack/other.py": "TEN = 10\nELEVEN = 11\n"})
    project.switch("main")
    project.commit({"pack/other.py": "ONE = 1\nTWO = 2\nTEN = 10\n", "pack/new.py": "NEW = 1\n"})
    project.switch("work")

    done = carry_out(project)
    (fix,) = done.offered.fixes
    project.git("apply", "-", given=fix.diff.encode())

    assert fix.mended == ("tests/test_sums.py::test_sum_5",)
    assert fix.kept == 7
    # not base's text, which would undo what else the author did in the line
    assert (fix.source, (project.folder / "pack/sums.py").read_text()) == (candidate.Source.EDIT, _HARMLESS)
    assert [(part.start, part.end) for found in done.offered.causes for part in found.lines] == [(28, 28)]
    assert all(found.exact for found in done.offered.causes)
    assert [str(one.departure) for one in done.offered.causes] == [
        "base: return 12 \N{MIDDLE DOT} head: return 6",
    ]
    assert done.review.subject.repository == "owner/name"
    assert done.review.id == "review/1"
    assert [file.path for file in done.head_diff.files] == ["pack/other.py", "pack/sums.py"]
    assert [done.to_head("pack/other.py", line) for line in (1, 3, 4)] == [None, 1, 2]
    assert done.to_head("pack/sums.py", 3) == 3
    assert done.to_head("pack/new.py", 1) is None


def test_a_fix_that_would_break_an_added_test_is_dropped(project: Project, carry_out: _CarryOut) -> None:
    new = "from pack import sums\n\n\ndef test_new():\n    assert sums.sum_5(1, 3) == 7\n"
    _change(project, _LIBRARY, {"pack/sums.py": _WRONG, "tests/test_new.py": new})

    done = carry_out(project)

    assert [said.test for said in done.review.predictions if verdict.fails(said, done.review.policy)] == [
        "tests/test_sums.py::test_sum_5"
    ]
    assert done.offered.fixes == ()


def test_a_fix_that_would_break_another_test_is_dropped(project: Project, carry_out: _CarryOut) -> None:
    caller = "from pack import sums\n\n\ndef ten():\n    return sums.sum_5({})\n"
    test = "from pack import other\n\n\ndef test_ten():\n    assert other.ten() == 10\n"
    library = _LIBRARY | {"pack/other.py": caller.format("2, 3"), "tests/test_other.py": test}
    # the caller goes along with what is wrong with the other
    _change(project, library, {"pack/sums.py": _WRONG, "pack/other.py": caller.format("1, 6")})

    done = carry_out(project)

    assert done.review.verdict.reason == "1 of 9 affected tests would fail"
    assert done.offered.fixes == ()


def test_a_module_that_no_longer_parses_is_mended_with_all_its_tests(project: Project, carry_out: _CarryOut) -> None:
    _change(project, _LIBRARY, {"pack/sums.py": _HARMLESS.replace("b + a + 5", "b + a +")})

    (fix,) = carry_out(project).offered.fixes

    assert (len(fix.mended), fix.kept) == (8, 0)
    assert fix.replacement.text == "    return a + b + 5\n"


def test_a_change_that_is_sound_has_no_fixes(project: Project, carry_out: _CarryOut) -> None:
    _change(project, _LIBRARY, {"pack/sums.py": _HARMLESS})

    done = carry_out(project)

    assert done.review.verdict.conclusion is verdict.Conclusion.WOULD_PASS
    assert done.offered.fixes == ()


def test_a_review_that_is_cancelled_tries_no_more(project: Project, compiled: Path) -> None:
    class Steps(progress.Progress):
        def step(self, what: str) -> None:
            self.last = what

    shown = Steps()
    _change(project, _LIBRARY, {"pack/sums.py": _WRONG})
    request = review.Request(repository=project.folder, base="main", head="work", judged=reviews.Judged.MERGE)

    done = review.carry_out(
        request,
        settings.read(os.environ),
        shown,
        cancelled=lambda: getattr(shown, "last", "") == "trying fixes",
        searching=20.0,
    )

    assert done.review.verdict.conclusion is verdict.Conclusion.WOULD_FAIL
    assert done.offered.fixes == ()


def test_what_does_not_merge_still_says_by_which_configuration(project: Project, carry_out: _CarryOut) -> None:
    _change(project, _LIBRARY | {configuration.PATH: "ignore: ['*.md']\n"}, {"pack/other.py": "TEN = 11\n"})
    project.switch("main")
    project.commit({"pack/other.py": "TEN = 12\n"})

    done = carry_out(project)

    assert done.review.verdict.conclusion is verdict.Conclusion.NOT_ANALYSED
    assert (done.review.id, done.review.subject.repository) == ("review/1", "owner/name")
    assert done.configuration.ignore == ("*.md",)
    assert (done.offered.fixes, done.head_diff.files, done.to_head("pack/other.py", 1)) == ((), (), None)


def test_what_a_module_computes_when_it_is_imported_is_searched_by_importing_it_again(
    project: Project, carry_out: _CarryOut
) -> None:
    table = "def _made(n):\n    return n {} 1\n\n\nTABLE = [_made(n) for n in range(3)]\n"
    test = "from pack import table\n\n\ndef test_table():\n    assert table.TABLE == [1, 2, 3]\n"
    before = _LIBRARY | {"pack/table.py": table.format("+"), "tests/test_table.py": test}
    wrong = {"pack/table.py": table.format("-"), "pack/sums.py": _HARMLESS, "pack/other.py": "TEN = 10 * 1\n"}
    _change(project, before, wrong)

    done = carry_out(project)

    (found,) = done.offered.causes
    assert (found.exact, [(unit.path, unit.start) for unit in found.lines]) == (True, [("pack/table.py", 2)])
    assert [fix.mended for fix in done.offered.fixes] == [("tests/test_table.py::test_table",)]


def test_a_fault_among_added_lines_is_mended_where_undoing_would_break_the_added_tests(
    project: Project, carry_out: _CarryOut
) -> None:
    added = (
        _SUMS
        + "class Run:\n    def __init__(self, n):\n        self.n = n\n\n"
        + "    def last(self, items):\n        kept = items[: self.n]\n        return kept[len(kept) - 2]\n"
    )
    test = _TEST_RUN
    _change(project, _LIBRARY, {"pack/sums.py": added, "tests/test_run.py": test})

    (fix,) = carry_out(project).offered.fixes

    assert fix.source is candidate.Source.EDIT
    assert fix.replacement.text == "        return kept[len(kept) - 1]\n"
    assert len(fix.mended) == 2


def test_the_line_by_which_a_test_hangs_is_found_and_mended(project: Project, carry_out: _CarryOut) -> None:
    loop = "def down(n):\n    while n > 0:\n        n {} 1\n    return n\n"
    test = "from pack import loop\n\n\ndef test_down():\n    assert loop.down(3) == 0\n"
    before = {
        "pack/__init__.py": "",
        "pack/loop.py": loop.format("-="),
        "tests/test_loop.py": test,
        "pack/b.py": "B = 1\n",
    }
    _change(project, before, {"pack/loop.py": loop.format("+="), "pack/b.py": "B = 2\n"})

    done = carry_out(project)

    assert [said.outcome for said in done.review.predictions] == [prediction.Outcome.HANG]
    assert [(unit.path, unit.start) for found in done.offered.causes for unit in found.lines] == [("pack/loop.py", 3)]
    assert [fix.mended for fix in done.offered.fixes] == [("tests/test_loop.py::test_down",)]


def test_a_version_that_never_ends_costs_its_own_fuel_and_not_the_search(
    project: Project, carry_out: _CarryOut
) -> None:
    # with another sign, and with another comparison, the loop has no end
    added = (
        _SUMS
        + "def down(n):\n    seen = []\n    while n > 0:\n        seen.append(n)\n        n -= 1\n    return seen[1:]\n"
    )
    test = "from pack import sums\n\n\ndef test_down():\n    assert sums.down(3) == [3, 2, 1]\n"
    _change(project, _LIBRARY, {"pack/sums.py": added, "tests/test_down.py": test})

    (fix,) = carry_out(project).offered.fixes

    assert fix.mended == ("tests/test_down.py::test_down",)
    assert fix.replacement.text == "    return seen[0:]\n"


def test_a_file_that_was_deleted_is_the_culprit_among_harmless_lines(project: Project, carry_out: _CarryOut) -> None:
    late = _TESTS + "def test_late():\n    from pack import other\n\n    assert other.TEN == 10\n"
    _change(project, {**_LIBRARY, "tests/test_sums.py": late}, {"pack/sums.py": _HARMLESS, "pack/other.py": None})

    (cause,) = carry_out(project).offered.causes

    assert cause.exact
    assert [(lines.path, lines.start, lines.end, lines.old) for lines in cause.lines] == [
        ("pack/other.py", 1, 0, ("TEN = 10\n",))
    ]
    assert "deletion" in cause.why


def test_a_run_that_departs_in_frames_that_no_trace_keeps_is_explained(project: Project, carry_out: _CarryOut) -> None:
    body = (
        "def add(n):\n    total = 0\n    for i in range(n):\n        total += i if i < 60 else {}\n    return total\n"
    )
    test = "from pack import sums\n\n\ndef test_add():\n    assert sums.add(300) == 44850\n"
    before = {"pack/__init__.py": "", "pack/sums.py": body.format("i"), "tests/test_sums.py": test}
    _change(project, before, {"pack/sums.py": body.format("i + 1")})

    done = carry_out(project)

    (trace,) = (said.trace for said in done.review.predictions if said.trace)
    (cause,) = done.offered.causes
    assert trace.left_out
    assert cause.departure is not None
    assert str(cause.departure) == "base: total = 1830 \N{MIDDLE DOT} head: total = 1831"
