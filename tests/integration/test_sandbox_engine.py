"""The real engine on small trees: after first, before as the control."""

from gatekeeper.simulation import prediction
from gatekeeper.simulation import trace as traces
from tests.integration import sandbox_runs

Outcome = prediction.Outcome
Run = sandbox_runs.Run

SHOP = "def total(prices):\n    result = 0\n    for price in prices:\n        result += price\n    return result\n"
BROKEN = SHOP.replace("+=", "-=")
TESTS = (
    "import pytest, shop\n"
    "@pytest.mark.parametrize('prices', [[1], [1, 2], []])\n"
    "def test_total(prices):\n    assert shop.total(prices) == sum(prices)\n"
    "def test_other():\n    assert shop\n"
    "@pytest.mark.xfail(strict=True)\ndef test_known():\n    assert shop.total([1]) == 2\n"
    "@pytest.mark.skip(reason='not here')\ndef test_skipped():\n    pass\n"
)


def outcomes(said: dict[str, prediction.Prediction]) -> dict[str, Outcome]:
    return {test: one.outcome for test, one in said.items()}


def test_each_parametrisation_is_predicted_by_itself(run: Run) -> None:
    said = run({"shop.py": SHOP, "test_shop.py": TESTS}, {"shop.py": BROKEN, "test_shop.py": TESTS})
    assert outcomes(said) == {
        "test_shop.py::test_total[prices0]": Outcome.FAIL,
        "test_shop.py::test_total[prices1]": Outcome.FAIL,
        "test_shop.py::test_total[prices2]": Outcome.PASS,
        "test_shop.py::test_other": Outcome.PASS,
        "test_shop.py::test_known": Outcome.SKIP,
        "test_shop.py::test_skipped": Outcome.SKIP,
    }
    assert said["test_shop.py::test_total[prices0]"].exception == "AssertionError: assert -1 == 1"


def test_a_failure_in_setup_is_an_error(run: Run) -> None:
    fixture = "import pytest\n@pytest.fixture\ndef shop():\n    return {0}\n"
    test = "def test_it(shop):\n    assert shop\n"
    before = {"conftest.py": fixture.format("1"), "test_it.py": test}
    after = {"conftest.py": fixture.format("1 / 0"), "test_it.py": test}
    said = run(before, after)["test_it.py::test_it"]
    assert (said.outcome, said.exception) == (Outcome.ERROR, "ZeroDivisionError: division by zero")


def test_a_module_that_no_longer_imports_is_an_error_of_each_test_that_it_had(run: Run) -> None:
    after = {"shop.py": "def total(prices:\n", "test_shop.py": TESTS, "test_far.py": "def test_far():\n    pass\n"}
    said = run({**after, "shop.py": SHOP}, after)
    broken = {test for test, one in said.items() if one.outcome is Outcome.ERROR}
    assert broken == {f"test_shop.py::{name}" for name in ("test_other", *(f"test_total[prices{n}]" for n in range(3)))}
    assert said["test_far.py::test_far"].outcome is Outcome.PASS
    error = said["test_shop.py::test_other"]
    assert (error.exception or "").startswith("SyntaxError")
    assert error.at == prediction.Location(path="shop.py", line=1)


def test_a_conftest_that_no_longer_imports_breaks_its_folder_alone(run: Run) -> None:
    test = "def test_it():\n    pass\n"
    before = {"near/conftest.py": "", "near/test_near.py": test, "far/test_far.py": test}
    said = run(before, {**before, "near/conftest.py": "import nothing_like_it.at_all\nraise ValueError\n"})
    assert said["far/test_far.py::test_it"].outcome is Outcome.PASS
    assert said["near/test_near.py::test_it"].outcome is not Outcome.PASS


def test_a_test_that_fails_on_both_sides_is_already_failing(run: Run) -> None:
    test = "def test_it():\n    assert False\n"
    said = run({"test_it.py": test}, {"test_it.py": test + "\n"})["test_it.py::test_it"]
    assert said.already_failing


def test_new_tests_are_predicted_without_a_control(run: Run) -> None:
    said = run({"a.py": ""}, {"test_new.py": "def test_good():\n    pass\ndef test_bad():\n    assert 0\n"})
    assert outcomes(said) == {"test_new.py::test_good": Outcome.PASS, "test_new.py::test_bad": Outcome.FAIL}


def test_a_hang_costs_its_neighbours_nothing(run: Run) -> None:
    names = [f"def test_{n}():\n    pass\n" for n in range(5)]
    before = {"test_it.py": "".join(names)}
    after = {"test_it.py": "".join([*names[:2], "def test_2():\n    while True:\n        pass\n", *names[3:]])}
    said = run(before, after, fuel=3)
    assert said.pop("test_it.py::test_2").outcome is Outcome.HANG
    assert set(outcomes(said).values()) == {Outcome.PASS}


def test_a_hang_during_import_is_a_hang_of_the_modules_tests(run: Run) -> None:
    test = "import shop\ndef test_it():\n    assert shop\n"
    far = "def test_far():\n    pass\n"
    before = {"shop.py": "", "test_it.py": test, "test_far.py": far}
    said = run(before, {**before, "shop.py": "while True:\n    pass\n"}, fuel=1)
    assert outcomes(said) == {"test_it.py::test_it": Outcome.HANG, "test_far.py::test_far": Outcome.PASS}


def test_runaway_recursion_is_a_failure_not_a_hang(run: Run) -> None:
    before = "def f(n):\n    return n and f(n - 1)\ndef test_it():\n    assert f(3) == 0\n"
    said = run({"test_it.py": before}, {"test_it.py": before.replace("n - 1", "n + 1")})["test_it.py::test_it"]
    assert said.outcome is Outcome.FAIL
    assert (said.exception or "").startswith("RecursionError")


def test_what_a_neighbour_leaves_behind_is_not_held_against_the_change(run: Run) -> None:
    test = "import shop\ndef test_one():\n    shop.seen.append(1)\ndef test_two():\n    assert not shop.seen\n"
    before = {"shop.py": "seen = []\n", "test_it.py": test.replace("shop.seen.append(1)", "pass")}
    said = run(before, {**before, "test_it.py": test})["test_it.py::test_two"]
    assert said.outcome is Outcome.UNKNOWN
    assert "depends on which tests run before it" in said.reason


def test_a_module_that_cannot_be_had_costs_only_the_tests_that_use_it(run: Run) -> None:
    test = "import numpy\ndef test_with():\n    assert numpy.zeros(3)\ndef test_without():\n    pass\n"
    said = run({"test_it.py": test}, {"test_it.py": test + "\n"})
    assert outcomes(said) == {"test_it.py::test_with": Outcome.UNKNOWN, "test_it.py::test_without": Outcome.PASS}


def test_a_module_that_the_change_brings_in_gets_no_stand_in(run: Run) -> None:
    test = "def test_it():\n    pass\n"
    said = run({"test_it.py": test}, {"test_it.py": f"import numpy\n{test}"})["test_it.py::test_it"]
    assert said.outcome is Outcome.UNKNOWN


def test_a_library_that_does_without_a_module_sees_that_it_is_not_there(run: Run) -> None:
    shop = "try:\n    import numpy\nexcept ImportError:\n    numpy = None\n"
    test = "import shop\ndef test_it():\n    assert shop.numpy is None\n"
    said = run({"shop.py": shop, "test_it.py": test}, {"shop.py": shop, "test_it.py": test + "\n"})
    assert said["test_it.py::test_it"].outcome is Outcome.PASS


def test_unittest_and_async_tests_run(run: Run) -> None:
    test = (
        "import asyncio, unittest\n"
        "class TestIt(unittest.TestCase):\n    def test_sum(self):\n        self.assertEqual(1 + 1, 2)\n"
        "class TestLater(unittest.IsolatedAsyncioTestCase):\n"
        "    async def test_sleep(self):\n        await asyncio.sleep(0)\n"
        "def test_run():\n    assert asyncio.run(asyncio.sleep(0, 7)) == 7\n"
    )
    said = run({}, {"test_it.py": test})
    assert set(outcomes(said).values()) == {Outcome.PASS}
    assert len(said) == 3


def test_the_same_run_burns_the_same_fuel(run: Run) -> None:
    files = {"test_it.py": "def test_it():\n    assert sum(range(10 ** 6)) > 0\n"}
    spent = [run({}, files)["test_it.py::test_it"].cost.fuel for _ in range(2)]
    assert abs(spent[0] - spent[1]) <= 1e-3 * spent[0]


def test_a_trace_shows_what_changed_line_by_line(run: Run) -> None:
    files = {"shop.py": SHOP, "test_shop.py": "import shop\ndef test_it():\n    assert shop.total([2, 3]) == 5\n"}
    trace = run.trace(files, "test_shop.py::test_it")
    shop = [frame for frame in trace.head if frame.path == "shop.py"]
    assert [frame.event for frame in shop[:2]] == [traces.Event.CALL, traces.Event.LINE]
    assert shop[0].locals == {"prices": "[2, 3]"}
    assert [frame.locals["result"] for frame in shop if frame.line == 3][:3] == ["0", "2", "5"]
    assert shop[2].locals["prices"] == traces.UNCHANGED
    assert (shop[-1].event, shop[-1].value) == (traces.Event.RETURN, "5")
    assert trace.left_out == 0


def test_a_long_trace_keeps_its_ends(run: Run) -> None:
    body = (
        "def test_it():\n    total = 0\n    for number in range(1000):\n        total += number\n    assert total < 0\n"
    )
    trace = run.trace({"test_it.py": body}, "test_it.py::test_it")
    assert (len(trace.head), len(trace.tail)) == (50, 200)
    assert trace.left_out > 1000
    assert trace.tail[-1].event in {traces.Event.EXCEPTION, traces.Event.RETURN}


def test_a_trace_holds_no_secret_and_no_address(run: Run) -> None:
    body = "def test_it():\n    password = 'hunter2'\n    thing = object()\n    assert password and thing\n"
    trace = run.trace({"test_it.py": body}, "test_it.py::test_it")
    values = [value for frame in trace.head for value in frame.locals.values()]
    assert not any("hunter2" in value for value in values)
    assert any("0x…" in value for value in values)


def test_a_slow_test_that_gets_slower_is_given_ten_times_what_it_needed(run: Run) -> None:
    test = "def test_it():\n    for _ in range({}):\n        pass\n"
    before = {"test_it.py": test.format("2 * 10 ** 6")}
    slower = run(before, {"test_it.py": test.format("4 * 10 ** 6")}, fuel=1)["test_it.py::test_it"]
    assert slower.outcome is Outcome.PASS
    endless = run(before, {"test_it.py": test.format("iter(int, 1)").replace("range", "")}, fuel=1)[
        "test_it.py::test_it"
    ]
    assert endless.outcome is Outcome.HANG
