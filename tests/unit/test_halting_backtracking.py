"""Regular expressions: which texts are hard for them, and what law their effort follows."""

import re
from collections.abc import Callable, Sequence

import pytest

from gatekeeper.halting import backtracking, calls, conclusion, loops, patterns, probing, pumping, risk
from tests.fakes import memory_tree

How = probing.How


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^(a+)+$", "'a' * 5 + '!'"),
        (r"(\w+ ?)+$", "'a' * 5 + '!'"),
        (r"(x+x+)+y", "'xx' * 5 + '!'"),
        (r"id=(\d*)*;", "'id=' + '0' * 5 + '!'"),
        (r"(?:ab|cd)*e", "'cd' * 5 + '!'"),
        (r".*,.*;", "',' * 5 + '!'"),
        (r"[^\"]*\"[^\"]*x", "'\"' * 5 + '!'"),
    ],
)
def test_what_a_repetition_takes_comes_many_times_before_an_end_that_does_not_match(
    pattern: str, expected: str
) -> None:
    assert expected in [pump.text(5) for pump in pumping.of(pattern)]


@pytest.mark.parametrize("pattern", ["", "abc", "a?b{2,3}", "(", "a{5}" * 600, "(?:" * 1500, r"(?P<a>x)(?P=a)"])
def test_what_has_no_repetition_or_cannot_be_parsed_has_no_hard_texts(pattern: str) -> None:
    assert pumping.of(pattern) == ()


def test_the_hard_texts_of_a_pattern_are_few_and_the_deepest_repetition_comes_first() -> None:
    found = pumping.of(r"\s*(?:[a-z]+\s*=\s*(?:\d+|\"[^\"]*\")\s*,?\s*)+(x|y|z)*[a-f]+$")
    assert 0 < len(found) <= pumping.MOST
    assert found[0].again.startswith("a")


def test_a_text_is_as_long_as_it_says() -> None:
    pump = pumping.Pump(before="<", again="ab", after="\n!")
    assert len(eval(pump.text(7))) == pump.length(7)


def test_flags_that_change_how_a_pattern_is_read_are_heeded() -> None:
    assert any(" " in pump.again for pump in pumping.of("(a+ )*"))
    assert not any(" " in pump.again for pump in pumping.of("(a+ )*", re.VERBOSE))


def _patterns(text: str) -> list[patterns.Pattern]:
    known = calls.Calls(memory_tree.MemoryTree({"m.py": text}))
    module = known.module("m.py")
    assert module is not None
    return list(patterns.texts(module.functions["f"][-1].node, module))


def test_a_pattern_is_found_with_its_flags_and_how_it_is_matched() -> None:
    found = _patterns("import re\nP = re.compile('(a+)+', re.I | re.X)\ndef f(x):\n    return P.fullmatch(x)\n")
    assert found == [patterns.Pattern(text="(a+)+", flags=int(re.IGNORECASE | re.VERBOSE), method="fullmatch", line=4)]
    assert [one.method for one in _patterns("import re\ndef f(x):\n    re.sub('(a+)+', '', x)\n")] == ["search"]
    split = _patterns("import re\ndef f(x):\n    re.split('(a+)+', x, 0, re.S)\n")
    assert [one.flags for one in split] == [int(re.DOTALL)]
    assert [one.text for one in _patterns("import re\nT = b'(a+)+'\ndef f(x):\n    re.match(T, x)\n")] == [b"(a+)+"]


def test_a_pattern_that_is_computed_or_of_another_package_is_not_measured() -> None:
    assert _patterns("import re\ndef f(p, x):\n    re.match(p, x)\n") == []
    assert _patterns("import regex\ndef f(x):\n    regex.match('(a+)+', x)\n") == []


class Matcher:
    """Answers each probe by the length of the text that it matches."""

    def __init__(self, effort: Callable[[int], float]) -> None:
        self.effort, self.asked = effort, list[str]()

    def probe(self, probes: Sequence[probing.Probe], seconds: float) -> Sequence[probing.Probed]:
        self.asked += [one.call for one in probes]
        return [self._one(probe) for probe in probes]

    def _one(self, probe: probing.Probe) -> probing.Probed:
        found = re.search(r"\.search\((.*)\) and None$", probe.call, re.DOTALL)
        assert found is not None
        fuel = 1_000_000 + int(min(self.effort(len(eval(found[1]))), 1e12))
        how = How.UNENDED if fuel > probe.fuel else How.RETURNED
        return probing.Probed(how=how, fuel=min(fuel, probe.fuel))


PATTERN = patterns.Pattern(text="(a+)+$", flags=0, method="search", line=3)


def test_a_pattern_that_explodes_is_evidence_with_the_law_and_the_text_that_shows_it() -> None:
    (found,) = backtracking.measure([PATTERN], Matcher(lambda length: 1000 * 2.0 ** min(length, 60)), lambda: 60.0)
    assert (found.law, found.line, found.pattern) == (risk.Law.EXPONENTIAL, 3, "'(a+)+$'")
    assert found.factor == pytest.approx(2.0, abs=0.1)
    assert found.text == "'a' * 17 + '!'"
    assert [length for length, _ in found.points] == sorted(length for length, _ in found.points)


def test_a_pattern_whose_hardest_text_is_cheap_is_linear_and_asked_no_more() -> None:
    matcher = Matcher(lambda length: 50 * length)
    (found,) = backtracking.measure([PATTERN], matcher, lambda: 60.0)
    assert found.law is risk.Law.LINEAR
    assert len(matcher.asked) <= 1 + pumping.MOST


def test_nothing_is_measured_where_no_time_is_left_or_nothing_can_be_tried() -> None:
    lacking = Matcher(lambda length: 0)
    lacking.probe = lambda probes, seconds: [probing.Probed(how=How.LACKING, fuel=0) for _ in probes]  # type: ignore[method-assign]
    assert backtracking.measure([PATTERN], lacking, lambda: 60.0) == ()
    assert backtracking.measure([PATTERN], Matcher(lambda length: 0), lambda: 0.0) == ()


def _said(*evidence: risk.Evidence) -> risk.HaltingRisk:
    text = "import re\ndef f(x: Text):\n    return re.search('(a+)+$', x)\n"
    known = calls.Calls(memory_tree.MemoryTree({"m.py": text}))
    module = known.module("m.py")
    assert module is not None
    suspect = loops.named(module, "f", known)
    assert suspect is not None
    tried = probing.Tried(evidence=evidence, why="no input for it can be made from its annotations")
    return conclusion.conclude(suspect, tried, None, engine="sandbox", version="1")


def _measured(law: risk.Law, factor: float) -> risk.Backtracking:
    points = ((17.0, 1_000_000), (18.0, 2_000_000))
    return risk.Backtracking(pattern="'(a+)+$'", line=3, law=law, factor=factor, text="'a' * 17 + '!'", points=points)


def test_a_pattern_that_explodes_makes_a_function_slow_not_endless() -> None:
    said = _said(_measured(risk.Law.EXPONENTIAL, 2.1))
    assert (said.kind, said.slow) == (risk.Kind.TERMINATES, True)
    assert said.reason == (
        "slow, not endless: exponential backtracking in the regular expression on line 3: "
        "2.1 x per further character, as with 'a' * 17 + '!'"
    )


def test_patterns_that_take_linear_effort_are_no_reason_not_to_end() -> None:
    said = _said(_measured(risk.Law.LINEAR, 2.0))
    assert (said.kind, said.slow) == (risk.Kind.TERMINATES, False)


def test_what_explodes_says_nothing_beside_a_call_that_did_not_end() -> None:
    ends = risk.Unended(call="f('a')", small=True, fuel=1_000_000_000)
    said = _said(ends, _measured(risk.Law.EXPONENTIAL, 2.1))
    assert (said.kind, said.slow) == (risk.Kind.MAY_NOT_TERMINATE, False)
