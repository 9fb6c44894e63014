from dataclasses import replace

import pytest

from gatekeeper.halting import calls
from gatekeeper.unreached import observed, targets, trials, writing
from gatekeeper.unreached.observed import How, Seen
from tests.fakes import memory_tree

_ALL = frozenset({"ValueError", "ZeroDivisionError", "Refused", "TypeError", "SystemExit"})


def _returned(value: str) -> Seen:
    return Seen(how=How.RETURNED, value=value, fuel=1000)


def _raised(said: str) -> Seen:
    return Seen(how=How.RAISED, said=said)


_LACKING = Seen(how=How.LACKING, said="needs threads")


def _pins(before: list[Seen] | None, after: list[Seen], *, guessed: bool = False) -> tuple[observed.Pin, ...]:
    tried = [trials.Trial(text=f"f({number})", guessed=guessed) for number in range(len(after))]
    return observed.pins(tried, before, after, _ALL)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (_returned("1"), _returned("1")),
        (_returned("1"), _returned("1.0")),
        (_returned("0.1"), _returned("0.10000000000000002")),
        (_returned("{1, 2}"), _returned("{2, 1}")),
        (_returned("<Shop 0x…>"), _returned("<Shop of 2>")),
        (_returned("None"), _returned("None")),
        (_raised("ValueError: a"), _raised("ValueError: b")),
    ],
)
def test_calls_do_the_same(was: Seen, now: Seen) -> None:
    assert observed.same(was, now)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (_returned("1"), _returned("2")),
        (_returned("True"), _returned("1")),
        (_returned("0.1"), _returned("0.11")),
        (_returned("0.5"), _returned("'0.5'")),
        (_returned("[1]"), _returned("None")),
        (_returned("None"), _returned("<Shop>")),
        (_returned("1"), _raised("ValueError")),
        (_raised("ValueError: a"), _raised("KeyError: a")),
        (_returned("1"), Seen(how=How.UNENDED)),
    ],
)
def test_calls_do_not_do_the_same(was: Seen, now: Seen) -> None:
    assert not observed.same(was, now)


def test_what_differs_comes_first() -> None:
    before, after = [_returned("1"), _returned("2"), _returned("3")], [_returned("1"), _returned("2"), _returned("4")]
    first, *others = _pins(before, after)
    assert (first.call, first.instead) == ("f(2)", _returned("4"))
    assert [one.instead for one in others] == [None, None]


def test_each_shape_of_value_has_its_turn() -> None:
    seen = [_returned(value) for value in ("[1]", "[2]", "[3]", "[]", "[1]", "[1, 2]")]
    assert [pin.seen.value for pin in _pins(seen, seen)] == ["[1]", "[]", "[1, 2]", "[2]", "[3]", "[1]"]


def test_no_more_is_held_than_somebody_reads() -> None:
    seen = [_returned(str(number)) for number in range(50)] + [_raised("ValueError: no")] * 9
    pins = _pins(seen, seen)
    assert sum(pin.seen.how is How.RETURNED for pin in pins) == observed.MOST
    assert sum(pin.seen.how is How.RAISED for pin in pins) == observed.RAISING


@pytest.mark.parametrize(
    "seen",
    [
        _returned("<Shop>"),
        _returned("None"),
        _returned(f"'{'a' * 300}'"),
        _returned("nan"),
        _raised("TypeError: no"),
        _raised("SystemExit: 1"),
        _raised("KeyError: not one that a test can name"),
        _LACKING,
        Seen(how=How.UNENDED),
        Seen(how=How.UNLOADED, said="KeyError: 1"),
    ],
)
def test_what_no_line_can_hold_is_left_out(seen: Seen) -> None:
    assert _pins([seen], [seen]) == ()
    assert _pins(None, [seen]) == ()


def test_what_the_sandbox_lacks_after_the_change_is_no_difference() -> None:
    assert _pins([_returned("1")], [_LACKING]) == ()


def test_what_is_raised_of_guessed_arguments_is_left_out() -> None:
    seen = [_raised("ValueError: no"), _returned("1")]
    assert [pin.seen for pin in _pins(seen, seen, guessed=True)] == [_returned("1")]
    assert len(_pins(seen, seen)) == 2


def test_where_all_is_raised_as_before_there_is_nothing_to_hold() -> None:
    seen = [_raised("ValueError: no")] * 3
    assert _pins(seen, seen) == ()
    assert _pins(None, seen) == ()
    assert len(_pins(seen, [*seen[:2], _returned("1")])) == 3


def test_what_cannot_be_written_down_is_held_to_return_where_it_raises_now() -> None:
    (pin,) = _pins([_returned("<Shop>")], [_raised("ValueError: no")])
    assert pin.instead == _raised("ValueError: no")


@pytest.mark.parametrize(("fuel", "kept"), [(1_000, 1), (500_000_000, 0)])
def test_what_was_slow_before_is_not_said_to_be_without_an_end(fuel: int, kept: int) -> None:
    was, now = replace(_returned("1"), fuel=fuel), Seen(how=How.UNENDED, fuel=2_000_000_000)
    assert len(_pins([was], [now])) == kept


def _target(*, new: bool) -> targets.Target:
    code = "class Refused(Exception):\n    pass\n\n\nclass Big:\n    def fIt(self):\n        return 1\n"
    tree = memory_tree.MemoryTree({"shop.py": code})
    known, nothing = calls.Calls(tree), calls.Calls(memory_tree.MemoryTree({}))
    (found,) = targets.find(["shop.py::Big.fIt"], nothing if new else known, known, lambda _: "shop")
    assert isinstance(found, targets.Target)
    return found


def _pin(call: str, seen: Seen, instead: Seen | None = None) -> observed.Pin:
    return observed.Pin(call=call, seen=seen, instead=instead)


def test_each_kind_of_value_has_the_line_that_holds_it() -> None:
    pins = [
        _pin("Big().fIt(1)", _returned("[1]")),
        _pin("Big().fIt(2)", _returned("True")),
        _pin("Big().fIt(3)", _returned("0.3")),
        _pin("Big().fIt(4)", _returned("None"), _returned("1")),
        _pin("Big().fIt(5)", _returned("<Shop>"), _raised("ValueError: no")),
        _pin("Big().fIt(6)", _raised("Refused: 6")),
        _pin("Big().fIt(7)", _raised("ValueError")),
    ]
    assert writing.text(_target(new=False), pins) == (
        "import pytest\n\nfrom shop import Big, Refused\n\n\n"
        "def test_big_f_it():\n"
        "    assert Big().fIt(1) == [1]\n"
        "    assert Big().fIt(2) is True\n"
        "    assert Big().fIt(3) == pytest.approx(0.3)\n"
        "    assert Big().fIt(4) is None\n"
        "    Big().fIt(5)\n\n\n"
        "def test_big_f_it_raises():\n"
        "    with pytest.raises(Refused):\n        Big().fIt(6)\n"
        "    with pytest.raises(ValueError):\n        Big().fIt(7)\n"
    )


_SAID = {
    "f(0) returns 2 after the change; before it returned 1": [_pin("f(0)", _returned("1"), _returned("2"))],
    "f(0) raises ValueError: no after the change; before it returned 1; 1 more of 3 calls differs": [
        _pin("f(0)", _returned("1"), _raised("ValueError: no")),
        _pin("f(1)", _returned("1"), _returned("2")),
        _pin("f(2)", _returned("1")),
    ],
    "f(0) returns [] after the change; before it raised ValueError: no": [
        _pin("f(0)", _raised("ValueError: no"), _returned("[]"))
    ],
    "f(0) does not end within its budget after the change; before it returned 1": [
        _pin("f(0)", _returned("1"), Seen(how=How.UNENDED))
    ],
    "passes on both: 1 call does what it did before the change": [_pin("f(0)", _returned("1"))],
    "passes on both: 2 calls do what they did before the change": [_pin(f"f({n})", _returned("1")) for n in range(2)],
}


@pytest.mark.parametrize("said", _SAID)
def test_it_says(said: str) -> None:
    assert writing.found(_target(new=False), _SAID[said]) == said


def test_of_a_new_function_it_says_what_it_raises() -> None:
    pins = [_pin("f(0)", _returned("1")), _pin("f([])", _raised("ZeroDivisionError: division by zero"))]
    assert writing.found(_target(new=True), pins) == (
        "was not there before; f([]) raises ZeroDivisionError: division by zero; "
        "the test holds what 2 calls of it did after the change"
    )


def test_a_sentence_is_bounded() -> None:
    pins = [_pin(f"f('{'a' * 900}')", _returned(f"'{'b' * 900}'"), _raised(f"ValueError: {'c' * 900}"))]
    assert len(writing.found(_target(new=False), pins)) < 300


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        ("f(1)", _returned(f"'ghp_{'a' * 30}'")),
        ("api_key()", _returned("'hunter2'")),
        (f"f('ghp_{'a' * 30}')", _returned("1")),
        ("f(1)", _raised(f"ValueError: AKIA{'A' * 16}")),
    ],
)
def test_what_looks_like_a_secret_is_not_shown(call: str, seen: Seen) -> None:
    assert observed.shown(seen, call) == Seen(how=How.LACKING, said="it looks like a secret")


def test_what_does_not_look_like_a_secret_is_shown() -> None:
    assert observed.shown(_returned("[1, 2]"), "f(1)") == _returned("[1, 2]")
