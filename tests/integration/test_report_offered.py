"""What is offered beyond a verdict: in the terminal, as JSON, on the page, and read back from the records."""

import html as escaping
import io
import json
from dataclasses import replace
from pathlib import Path

from rich.console import Console, RenderableType

from gatekeeper import offers
from gatekeeper.repair import fate
from gatekeeper.report import beyond, html, jsonform
from gatekeeper.report import offered as words
from gatekeeper.store import database, records
from gatekeeper.store import offers as kept
from gatekeeper.verdicts import verdict
from gatekeeper.wiring import report
from tests import web_samples
from tests.integration import offer_samples

_REVIEW = offer_samples.review_with_halting()
_OFFERED = offer_samples.offered(_REVIEW)
_UNREACHED = replace(
    _REVIEW,
    predictions=(),
    selection=replace(_REVIEW.selection, unparsable={}),
    verdict=verdict.Verdict(conclusion=verdict.Conclusion.NOT_ANALYSED, reason="no test reaches ledger.split.settle"),
)
_TESTS = offers.Offers(tests=_OFFERED.tests)


def _shown(drawn: RenderableType, width: int = 200) -> str:
    file = io.StringIO()
    Console(file=file, width=width, color_system=None).print(drawn)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def test_the_terminal_shows_for_each_finding_its_lines_and_where_its_run_departs() -> None:
    shown = _shown(beyond.render(_REVIEW, _OFFERED))

    assert "Where the fault is\n  tests/test_split.py::test_shares_add_up[weights0]" in shown
    assert "    src/ledger/split.py:20\n    -    return parts\n    +    return parts[:index]\n" in shown
    assert "src/ledger/split.py:20  base: return [34, 33, 33] \N{MIDDLE DOT} head: return [34]" in shown


def test_the_terminal_sets_undoing_apart_from_what_keeps_the_authors_meaning() -> None:
    shown = _shown(beyond.render(_REVIEW, _OFFERED))
    mending, _, undoing = shown.partition("The last resort (1)")

    assert "Fixes that were tried and hold (2)" in mending
    assert "an edit: mends 3 of the failing tests and breaks none of 17 others, run in the sandbox" in mending
    assert "written by the model, 3 samples agree: mends 3" in mending
    assert "undoing what the change did, as a last resort: mends 3" in undoing
    alone = _shown(beyond.render(_REVIEW, replace(_OFFERED, fixes=_OFFERED.fixes[2:])))
    assert alone.index("No fix was found that holds") < alone.index("The last resort (1)")


def test_proposed_tests_come_first_only_where_there_is_no_verdict_for_want_of_them() -> None:
    lacking = _shown(beyond.render(_UNREACHED, _OFFERED))
    beside = _shown(beyond.render(_REVIEW, _OFFERED))

    assert lacking.splitlines()[1] == "Tests for what no test reaches (2)"
    assert lacking.index("Tests for what") < lacking.index("Where the fault is")
    assert beside.index("Tests for what") > beside.index("The last resort")
    assert "before the change: pass; after it: fail (AssertionError: assert [1] == [])" in lacking
    assert "before the change: the function was not there; after it: pass" in lacking
    assert "tests/test_net_proposed.py, written by hypothesis from the signature, tried with sandbox" in lacking
    assert "    def test_settle():\n        assert split.settle({}) == []" in lacking


def test_hostile_text_stays_visible_in_the_terminal_and_as_json() -> None:
    hostile = web_samples.poisoned(_OFFERED)
    shown = _shown(beyond.render(_REVIEW, hostile), 2_000)

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert r"{{ 7 * 7 }}\x1b\u202e" in shown
    assert json.dumps(jsonform.as_json(_REVIEW, hostile)).isascii()


def test_nothing_offered_is_nothing_shown() -> None:
    assert _shown(beyond.render(_REVIEW, offers.Offers())) == ""
    assert not {"causes", "fixes", "proposed_tests"} & set(jsonform.as_json(_REVIEW))


def test_json_holds_causes_fixes_and_proposed_tests() -> None:
    told = json.loads(json.dumps(jsonform.as_json(_REVIEW, _OFFERED)))

    assert told["causes"][0]["lines"][0] == {
        "path": "src/ledger/split.py", "start": 20, "end": 20, "old": ["    return parts\n"],
    }  # fmt: skip
    assert told["causes"][0]["departure"]["after"] == "[34]"
    assert [(fix["source"], fix["agreement"]) for fix in told["fixes"]] == [("edit", 0), ("model", 3), ("undo", 0)]
    assert told["proposed_tests"][0]["after"] == {"outcome": "fail", "exception": "AssertionError: assert [1] == []"}
    assert told["proposed_tests"][1]["before"] is None


def test_the_page_shows_causes_fixes_tests_and_how_effort_grows() -> None:
    page = html.render([_REVIEW], {_REVIEW.id: _OFFERED})

    assert "Where the fault is: without these lines the test passes" in page
    assert (
        '<span class="removed">-    return parts\n</span><span class="added">+    return parts[:index]\n</span>' in page
    )
    assert "base: return [34, 33, 33] \N{MIDDLE DOT} head: return [34]" in page
    assert "The last resort: undoing" in page
    assert "def test_settle():" in page
    assert 'aria-label="Effort of pairs: quadratic in the size of the arguments' in page
    assert '<strong class="slow">slow</strong> <code>match</code>' in page
    assert 'class="fate' not in page


def test_a_page_of_a_review_that_lacks_tests_begins_with_them() -> None:
    page = html.render([_UNREACHED], {_UNREACHED.id: _TESTS})

    assert page.index("Tests for what no test reaches") < page.index("Functions that can loop")
    assert "What would break" not in page


def test_hostile_offers_stay_text_on_the_page() -> None:
    page = html.render([_REVIEW], {_REVIEW.id: web_samples.poisoned(_OFFERED)})

    assert "<script" not in page
    assert "<img" not in page
    assert escaping.escape("{{ 7 * 7 }}") in page
    assert "\x1b" not in page


def test_what_was_recorded_is_in_every_form_of_the_report(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.sqlite'}"
    opened = database.open_database(url)
    records.record(opened, _REVIEW)
    kept.record(opened, _REVIEW.id, _OFFERED)
    console = Console(width=200, record=True, file=io.StringIO())

    report.print_review(console, url, _REVIEW.id)
    report.write_page(url, None, tmp_path / "page.html")
    told = report.as_json(url, _REVIEW.id)

    assert "Fixes that were tried and hold (2)" in console.export_text()
    assert "def test_settle():" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert isinstance(told, dict)
    assert len(told["proposed_tests"]) == 2


def test_what_became_of_a_fix_is_said() -> None:
    applied = offer_samples.fates()[0]

    assert words.became(applied) == "applied at c0ffee1234 by ada; CI passed with it"
    assert (
        words.became(replace(applied, by=None, after=fate.After.FAILED)) == "applied at c0ffee1234; CI failed with it"
    )
    assert words.became(fate.Fate(became=fate.Became.APPLIED)) == "applied; CI has not said what comes of it"
    assert [words.became(one) for one in offer_samples.fates()[1:]] == ["ignored", "offered"]
