from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from gatekeeper.diffs import parse
from gatekeeper.repair import culprit, functions, proposal, screening, units
from gatekeeper.simulation import prediction
from tests.fakes import memory_tree
from tests.unit import repair_diffs

_TEST = "tests/test_a.py::test_a"
_BASE = "def one(a, b):\n    x = a\n    y = b\n    return x + y\n\n\nTOP = 1\nEND = 2\n\n\ndef two():\n    return 1\n"
_FAIL = screening.Ended(outcome=prediction.Outcome.FAIL, exception="AssertionError: no")
_PASS = screening.Ended(outcome=prediction.Outcome.PASS)
_OTHER = screening.Ended(outcome=prediction.Outcome.ERROR, exception="NameError: x")


@dataclass(slots=True, kw_only=True)
class ScriptedScreen:
    """Fails where all of some lines are in a version; can be told to know nothing of exchanged functions."""

    changed: units.Changed
    head: Mapping[str, str]
    # each: lines that together make the test fail
    faults: Sequence[Collection[str]]
    exchanging: bool = True
    # lines without which the test cannot even begin
    needs: Collection[str] = ()
    asked: list[str] = field(default_factory=list)

    def exchanged(
        self, tests: Sequence[str], versions: Sequence[screening.Bodies], seconds: float
    ) -> list[tuple[screening.Ended, ...]]:
        self.asked.append("exchanged")
        if not self.exchanging:
            return [(screening.NOTHING,) for _ in versions]
        return [(self._ended("".join(self._with(body) for body in version) or self.head["a.py"]),)
                for version in versions]  # fmt: skip

    def _with(self, body: functions.Body) -> str:
        """Return the file with the function in the place of its own."""
        source = functions.read(body.path, self.head[body.path])
        assert source is not None
        (own,) = (one for one in source.functions if one.name == body.name)
        return "".join((*source.lines[: own.start - 1], body.text.lstrip("\n"), *source.lines[own.end :]))

    def imported(self, test: str, versions: Sequence[screening.Files], seconds: float) -> list[screening.Ended]:
        self.asked.append("imported")
        return [self._ended(version.get("a.py", self.head["a.py"]) or "") for version in versions]

    def _ended(self, content: str) -> screening.Ended:
        if not all(line in content for line in self.needs):
            return _OTHER
        return _FAIL if any(all(line in content for line in fault) for fault in self.faults) else _PASS


def _change(before: Mapping[str, str], after: Mapping[str, str], text: str | None = None) -> units.Change:
    return units.Change(
        diff=parse.parse(repair_diffs.diff(before, after) if text is None else text),
        before=memory_tree.MemoryTree(before),
        after=memory_tree.MemoryTree(after),
        head=memory_tree.MemoryTree(after),
        is_test=lambda path: path.startswith("tests/"),
    )


def _search(base: str, head: str, *faults: Collection[str], **screen: object) -> tuple[culprit.Culprit, ScriptedScreen]:
    before, after = {"a.py": base}, {"a.py": head}
    of = _change(before, after)
    changed = units.read(of)
    scripted = ScriptedScreen(changed=changed, head=after, faults=faults, **screen)  # type: ignore[arg-type]
    fault = proposal.Fault(fingerprint="f", at=None, frames=(), tests=(_TEST,))
    found = culprit.Search(
        fault=fault, test=_TEST, ended=_FAIL, changed=changed, screen=scripted, left=lambda: 1.0
    ).find()
    return found, scripted


def _lines(found: culprit.Culprit) -> list[int]:
    return [unit.start for unit in found.lines]


def test_the_one_block_is_found_in_one_round_where_functions_can_be_exchanged() -> None:
    head = _BASE.replace("x = a", "x = b").replace("return x + y", "return x - y").replace("return 1", "return 2")

    found, scripted = _search(_BASE, head, ["x - y"])

    assert (_lines(found), found.exact, scripted.asked) == ([4], True, ["exchanged"])
    assert found.fingerprint == "f"


def test_two_blocks_that_fail_only_together_are_both_the_culprit() -> None:
    head = _BASE.replace("x = a", "x = b").replace("return x + y", "return x - y").replace("return 1", "return 2")

    found, _ = _search(_BASE, head, ["x = b", "x - y"])

    assert (_lines(found), found.exact) == ([2, 4], True)


def test_one_of_two_that_are_each_enough_is_found() -> None:
    head = _BASE.replace("x = a", "x = b").replace("return x + y", "return x - y").replace("return 1", "return 2")

    found, _ = _search(_BASE, head, ["x = b"], ["x - y"])

    assert found.exact
    assert _lines(found) in ([2], [4])


def test_lines_outside_functions_are_taken_back_by_importing_again() -> None:
    head = _BASE.replace("TOP = 1", "TOP = 9").replace("return 1", "return 2")

    found, scripted = _search(_BASE, head, ["TOP = 9"])

    assert (_lines(found), found.exact) == ([7], True)
    assert scripted.asked[-1] == "imported"


def test_where_exchanging_says_nothing_modules_are_imported_again() -> None:
    head = _BASE.replace("x = a", "x = b").replace("return 1", "return 2")

    found, _ = _search(_BASE, head, ["x = b"], exchanging=False)

    assert (_lines(found), found.exact) == ([2], True)


def test_of_a_block_only_the_lines_that_matter_are_kept() -> None:
    head = _BASE.replace("    x = a\n    y = b\n    return x + y\n", "    x = a * 1\n    y = b * 2\n    return y + x\n")

    found, _ = _search(_BASE, head, ["b * 2"])

    assert [(unit.start, unit.old) for unit in found.lines] == [(3, ("    y = b\n",))]
    assert [(unit.start, unit.length) for unit in found.blocks] == [(2, 3)]


def test_a_changed_line_is_told_apart_from_those_that_were_added_below_it() -> None:
    added = "def three(a):\n    found = 0\n    for one in a:\n        found += one\n    return found\n"
    head = _BASE.replace("    return x + y\n", f"    return x - y\n\n\n{added}")

    found, _ = _search(_BASE, head, ["x - y"])

    assert [(unit.start, unit.length, unit.old) for unit in found.lines] == [(4, 1, ("    return x + y\n",))]


def test_what_cannot_do_without_any_block_has_no_exact_culprit() -> None:
    head = _BASE.replace("return 1", "return 2").replace("x = a", "x = b")

    found, _ = _search(_BASE, head, ["return 2"], needs=["return 2"])

    assert not found.exact
    assert found.lines == ()


@pytest.mark.parametrize("back", [[], [0], [1], [0, 1, 2]])
def test_blocks_taken_back_give_the_text_of_base_there_and_of_head_elsewhere(back: list[int]) -> None:
    head = _BASE.replace("x = a\n", "x = b\n    z = 3\n").replace("TOP = 1\n", "").replace("return 1", "return 2")
    before, after = {"a.py": _BASE}, {"a.py": head}
    of = units.Change(
        diff=parse.parse(repair_diffs.diff(before, after)),
        before=memory_tree.MemoryTree(before),
        after=memory_tree.MemoryTree(after),
        head=memory_tree.MemoryTree(after),
        is_test=lambda _path: False,
    )
    changed = units.read(of)
    expected = head
    if 0 in back:
        expected = expected.replace("x = b\n    z = 3\n", "x = a\n")
    if 1 in back:
        expected = expected.replace("END", "TOP = 1\nEND")
    if 2 in back:
        expected = expected.replace("return 2", "return 1")

    assert changed.files([changed.units[at] for at in back]).get("a.py", head) == expected


@dataclass(slots=True, kw_only=True)
class FilesScreen:
    """Fails on a condition of the files of a version; knows nothing of exchanged functions."""

    head: Mapping[str, str]
    fails: Callable[[Mapping[str, str]], bool]

    def exchanged(
        self, tests: Sequence[str], versions: Sequence[screening.Bodies], seconds: float
    ) -> list[tuple[screening.Ended, ...]]:
        return [(screening.NOTHING,) for _ in versions]

    def imported(self, test: str, versions: Sequence[screening.Files], seconds: float) -> list[screening.Ended]:
        there = [{**self.head, **version} for version in versions]
        made = [{path: content for path, content in files.items() if content is not None} for files in there]
        return [_FAIL if self.fails(files) else _PASS for files in made]


_MOVED = """\
diff --git a/old.py b/new.py
similarity index 100%
rename from old.py
rename to new.py
"""


@pytest.mark.parametrize(
    ("before", "after", "moved", "fails", "expected"),
    [
        pytest.param({}, {"new.py": "N = 1\n"}, "", lambda files: "new.py" in files, ("new.py", "added"), id="added"),
        pytest.param({"old.py": "O = 1\n"}, {}, "", lambda files: "old.py" not in files, ("old.py", "deleted"),
                     id="deleted"),
        pytest.param({"old.py": "O = 1\n"}, {"new.py": "O = 1\n"}, _MOVED, lambda files: "old.py" not in files,
                     ("new.py", "moved"), id="moved"),
    ],
)  # fmt: skip
def test_a_file_that_was_added_deleted_or_moved_is_found_among_changed_lines(
    before: dict[str, str],
    after: dict[str, str],
    moved: str,
    fails: Callable[[Mapping[str, str]], bool],
    expected: tuple[str, str],
) -> None:
    head = _BASE.replace("TOP = 1", "TOP = 9").replace("return 1", "return 2").replace("x = a", "x = b")
    lines = repair_diffs.diff({"a.py": _BASE} | ({} if moved else before), {"a.py": head} | ({} if moved else after))
    changed = units.read(_change({"a.py": _BASE, **before}, {"a.py": head, **after}, lines + moved))
    fault = proposal.Fault(fingerprint="f", at=None, frames=(), tests=(_TEST,))
    screen = FilesScreen(head={"a.py": head, **after}, fails=fails)

    found = culprit.Search(
        fault=fault, test=_TEST, ended=_FAIL, changed=changed, screen=screen, left=lambda: 1.0
    ).find()

    (unit,) = found.lines
    assert unit.whole is not None
    assert (unit.path, unit.whole.kind, found.exact) == (*expected, True)


def test_what_installs_a_project_is_no_part_that_can_be_taken_back() -> None:
    changed = units.read(_change({"setup.py": "S = 1\n"}, {"pyproject.toml": "[project]\n"}))

    assert changed.units == ()


def test_a_moved_file_is_taken_back_with_its_changed_lines() -> None:
    unit = units.Unit(path="new.py", start=1, length=0, old=(), whole=units.Whole(kind="moved", source="old.py"))
    line = units.Unit(path="new.py", start=1, length=1, old=("O = 1\n",))
    changed = units.Changed(sources={"new.py": "O = 2\n"}, units=(unit, line))

    assert changed.files([unit, line]) == {"old.py": "O = 1\n", "new.py": None}
    assert changed.files([unit]) == {"old.py": "O = 2\n", "new.py": None}
