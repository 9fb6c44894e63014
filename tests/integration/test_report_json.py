import json

from hypothesis import HealthCheck, given, settings

from gatekeeper import review
from gatekeeper.report import jsonform
from tests.integration import report_samples


def test_the_object_has_what_programs_look_for() -> None:
    done = jsonform.as_json(report_samples.realistic())

    assert (done["verdict"], done["selected"], done["of"]) == ("would_fail", 23, 214)
    assert done["base"].startswith("4f2a9c1e")
    assert done["head"].startswith("b81c07d3")
    assert (done["engine"], done["seconds"]) == ("sandbox", 6.84)
    failing = next(test for test in done["tests"] if test["id"] == "tests/test_split.py::test_nobody")
    assert {name: failing[name] for name in ("outcome", "p_fail", "exception", "at", "already_failing")} == {
        "outcome": "fail",
        "p_fail": 1.0,
        "exception": "ZeroDivisionError: nobody to pay",
        "at": "src/ledger/split.py:26",
        "already_failing": False,
    }
    assert {"what": "docs/logo.png", "why": "binary file"} in done["not_analysed"]
    assert done["would_fail"] == sum(test["would_fail"] for test in done["tests"]) == 7


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(done=report_samples.REVIEWS)
def test_any_review_is_ascii_json_that_reads_back_the_same(done: review.Review) -> None:
    text = json.dumps(jsonform.as_json(done))

    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text) == jsonform.as_json(done)
