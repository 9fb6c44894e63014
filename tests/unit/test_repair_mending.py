from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gatekeeper.diffs import parse, tree
from gatekeeper.impact import selection
from gatekeeper.repair import candidate, mending, proposal, screening, trial, units
from gatekeeper.simulation import prediction
from tests.fakes import memory_tree
from tests.unit import repair_diffs

Outcome = prediction.Outcome

_BASE = "def one(a):\n    x = a\n    return x + 1\n\n\ndef two(b):\n    return b\n"
_FIRST, _SECOND, _KEPT = (f"tests/test_a.py::test_{name}" for name in ("first", "second", "kept"))
_PREDICTION = prediction.Prediction(
    test="", outcome=Outcome.PASS, p_fail=None, reason="", engine="fake", model="", version=""
)


@dataclass(slots=True, kw_only=True)
class Interpreter:
    """Really runs `one` and `two` of a version; implements both ports."""

    head: str
    # test -> an expression of the module that must hold
    tests: Mapping[str, str]
    name: str = "fake"
    now: float = 0.0
    # seconds that each run of all tests takes
    takes: float = 0.0
    tried: list[str] = field(default_factory=list)

    def edited(self, path: str, content: bytes) -> tree.Tree:
        return memory_tree.MemoryTree({path: content})

    def run(self, patched: tree.Tree, tests: selection.Selection, seconds: float) -> Iterator[prediction.Prediction]:
        self.now += self.takes
        content = patched.read("a.py").decode()
        self.tried.append(content)
        if self.takes > seconds:
            return
        for test in self.tests:
            path, _, name = test.partition("::")
            if path not in tests.modules or name in tests.unaffected.get(path, frozenset()):
                continue
            yield replace(_PREDICTION, test=test, outcome=self.ended(content, test).outcome)

    def exchanged(
        self, tests: Sequence[str], versions: Sequence[screening.Bodies], seconds: float
    ) -> list[tuple[screening.Ended, ...]]:
        contents = ["\n".join([self.head, *(body.text for body in version)]) for version in versions]
        return [tuple(self.ended(content, test) for test in tests) for content in contents]

    def imported(self, test: str, versions: Sequence[screening.Files], seconds: float) -> list[screening.Ended]:
        return [self.ended(version.get("a.py", self.head) or "", test) for version in versions]

    def ended(self, content: str, test: str) -> screening.Ended:
        names: dict[str, object] = {}
        try:
            exec(content, names)
            assert eval(self.tests[test], names)
        except Exception as problem:  # noqa: BLE001 - as a test may end
            return screening.Ended(outcome=Outcome.FAIL, exception=type(problem).__name__)
        return screening.Ended(outcome=Outcome.PASS)


def _search(
    head: str, tests: Mapping[str, str], *, base: str = _BASE, takes: float = 0.0, cancelled: bool = False
) -> tuple[mending.Found, Interpreter]:
    before, after = ({"a.py": content} for content in (base, head))
    interpreter = Interpreter(head=head, tests=tests, takes=takes)
    said = []
    for test in tests:
        ended = interpreter.ended(head, test)
        said.append(replace(_PREDICTION, test=test, outcome=ended.outcome, exception=ended.exception or None))
    faults = [
        proposal.Fault(fingerprint=one.test, at=None, frames=(), tests=(one.test,))
        for one in said
        if one.outcome.broken
    ]
    affected = (selection.AffectedTest(path="tests/test_a.py", name="", reason=""),)
    found = mending.Mending(
        judged=trial.Judged(
            tests=selection.Selection(affected=affected, unaffected={}, total=3, unparsable={}),
            said=said,
            faults=faults,
        ),
        of=units.Change(
            diff=parse.parse(repair_diffs.diff(before, after)),
            before=memory_tree.MemoryTree(before),
            after=memory_tree.MemoryTree(after),
            head=memory_tree.MemoryTree(after),
            is_test=lambda path: path.startswith("tests/"),
        ),
        screen=interpreter,
        executor=interpreter,
        now=lambda: interpreter.now,
        cancelled=lambda: cancelled,
    ).search()
    return found, interpreter


def test_an_edit_that_keeps_what_the_author_meant_comes_before_undoing() -> None:
    # the author writes it otherwise, and slips
    head = _BASE.replace("return x + 1", "return 2 + x")

    found, _ = _search(head, {_FIRST: "one(1) == 2", _SECOND: "one(5) == 6", _KEPT: "two(1) == 1"})

    (fix,) = found.fixes
    assert (fix.source, fix.replacement.text) == (candidate.Source.EDIT, "    return 1 + x\n")
    assert (fix.mended, fix.kept) == ((_FIRST, _SECOND), 1)
    assert found.screened > 0


def test_where_no_edit_mends_the_block_is_undone() -> None:
    head = _BASE.replace("    return x + 1\n", "    return unheard_of(x)\n")

    found, _ = _search(head, {_FIRST: "one(3) == 4", _SECOND: "one(6) == 7", _KEPT: "two(1) == 1"})

    (fix,) = found.fixes
    assert (fix.source, fix.replacement.text) == (candidate.Source.UNDO, "    return x + 1\n")


def test_an_edit_that_is_base_again_is_no_edit() -> None:
    found, _ = _search(_BASE.replace("x + 1", "x - 1"), {_FIRST: "one(3) == 4 and one(-9) == -8 and one(0) == 1"})

    (fix,) = found.fixes
    assert fix.source is candidate.Source.UNDO


def test_faults_of_one_cause_are_mended_by_one_fix() -> None:
    head = _BASE.replace("return x + 1", "return 2 + x")

    found, interpreter = _search(head, {_FIRST: "one(1) == 2", _SECOND: "one(5) == 6"})

    assert [fix.mends for fix in found.fixes] == [(_FIRST, _SECOND)]
    assert len(found.culprits) == 2
    assert all(culprit.exact and [unit.start for unit in culprit.lines] == [3] for culprit in found.culprits)
    # once for the failing tests, once for the others
    assert len(set(interpreter.tried)) == 1


def test_an_edit_that_is_right_for_some_tests_by_chance_gives_way_to_undoing() -> None:
    base, head = (f"def both(a, b):\n    return a {sign} b\n" for sign in "+-")

    found, _ = _search(head, {_FIRST: "both(2, 2) == 4", _SECOND: "both(3, 4) == 7"}, base=base)

    (fix,) = found.fixes
    assert (fix.source, fix.mended) == (candidate.Source.UNDO, (_FIRST, _SECOND))


def test_edits_of_one_line_that_mend_all_tests_only_together_give_way_to_undoing() -> None:
    base, head = (f"def both(a, b):\n    return str(a {sign} b)\n" for sign in "+*")

    # as `-` would, and as `//` would
    found, _ = _search(head, {_FIRST: "both(5, 0) == '5'", _SECOND: "both(-4, 2) == '-2'"}, base=base)

    (fix,) = found.fixes
    assert (fix.source, fix.mended) == (candidate.Source.UNDO, (_FIRST, _SECOND))


def test_a_line_that_no_frame_comes_by_is_undone_where_it_is_known_to_be_at_fault() -> None:
    base = "LIMIT = 2 + 3\n\n" + "".join(f"v{number} = 0\n\n" for number in range(8))
    head = base.replace("2 + 3", "str(2)").replace("v", "w")

    found, _ = _search(head, {_FIRST: "LIMIT == 5", _KEPT: "LIMIT"}, base=base)

    (fix,) = found.fixes
    assert (fix.source, fix.replacement.text) == (candidate.Source.UNDO, "LIMIT = 2 + 3\n")


def test_lines_without_which_another_failure_passes_are_not_searched_for_again() -> None:
    head = _BASE.replace("    return x + 1\n", "    return unheard_of(x)\n")

    found, _ = _search(head, {_FIRST: "one(3) == 4", _SECOND: "one(6) == 7"})

    first, second = found.culprits
    assert (first.exact, second.exact, first.lines) == (True, True, second.lines)
    assert (first.fingerprint, second.fingerprint, second.test) == (_FIRST, _SECOND, _SECOND)
    assert first.runs > second.runs == 0
    assert second.why == "without these lines the test passes"


def test_faults_of_two_causes_have_a_fix_each() -> None:
    head = _BASE.replace("return x + 1", "return 2 + x").replace("return b", "return 1 + b")

    found, _ = _search(head, {_FIRST: "one(1) == 2 and one(5) == 6", _SECOND: "two(1) == 1 and two(7) == 7"})

    assert sorted(fix.mends for fix in found.fixes) == [(_FIRST,), (_SECOND,)]
    assert sorted(unit.start for culprit in found.culprits for unit in culprit.lines) == [3, 7]


def test_nothing_is_searched_once_it_was_cancelled() -> None:
    found, interpreter = _search(_BASE.replace("x + 1", "x - 1"), {_FIRST: "one(3) == 4"}, cancelled=True)

    assert (found.culprits, found.fixes, interpreter.tried) == ((), (), [])


def test_what_is_not_tried_in_time_is_no_fix() -> None:
    found, interpreter = _search(
        _BASE.replace("x + 1", "x - 1"), {_FIRST: "one(3) == 4", _KEPT: "two(1) == 1"}, takes=31
    )

    assert found.fixes == ()
    assert len(interpreter.tried) == 1, "nothing more was begun"


def test_undoing_comes_after_what_mends_less_and_small_fixes_before_large_ones() -> None:
    diff = "--- a/a.py\n+++ b/a.py\n-old\n+new\n"
    fix = candidate.FixCandidate(
        source=candidate.Source.EDIT,
        replacement=candidate.Replacement(path="a.py", start=1, end=1, text="new\n"),
        diff=diff,
        mends=("f",),
        mended=("t",),
        kept=0,
        tried_by="sandbox",
    )
    more = replace(fix, mended=("t", "u"))
    large = replace(fix, diff=diff + "+more\n")
    written = replace(fix, source=candidate.Source.MODEL)
    agreed = replace(written, agreement=3)
    undone = replace(more, source=candidate.Source.UNDO)

    assert sorted([undone, large, written, agreed, fix, more], key=mending.ranked) == [
        more, agreed, fix, written, large, undone,
    ]  # fmt: skip
